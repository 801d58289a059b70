"""What becomes of places in sessions when somebody else comes instead: they go along, and no line moves."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from eventhub.extensions import db
from eventhub.facts import PlaceHandedOver
from eventhub.registration.models import SlotChoice
from eventhub.signups import mails
from eventhub.signups.models import Signup, Wish


def follow_handed_over(fact: PlaceHandedOver) -> None:
    """Give whoever comes instead the places in sessions, the spots in their lines, and the wishes."""
    before, after = fact.registration.id, fact.successor.id
    held = db.session.scalars(select(Signup.slot_id).where(Signup.registration_id == before)).all()
    in_calendar = SlotChoice.slot_id.in_(held)
    db.session.execute(delete(SlotChoice).where(SlotChoice.registration_id == after, in_calendar))
    for mine in (
        update(Signup).where(Signup.registration_id == before),
        update(Wish).where(Wish.registration_id == before),
        update(SlotChoice).where(SlotChoice.registration_id == before, in_calendar),
    ):
        db.session.execute(mine.values(registration_id=after).execution_options(synchronize_session=False))
    if held:
        mails.programme(fact.successor)
