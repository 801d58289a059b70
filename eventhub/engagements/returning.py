"""A slot that was deleted comes back with the files of its speakers, which were theirs all the time."""

from __future__ import annotations

from sqlalchemy import select, update

from eventhub.engagements.models import Slides
from eventhub.extensions import db
from eventhub.facts import SlotLeaving, SlotReturned


def keep_slides(fact: SlotLeaving) -> None:
    """Remember which files belong to the slot."""
    fact.beside["slides"] = list(
        db.session.scalars(select(Slides.id).where(Slides.slot_id == fact.slot.id).order_by(Slides.id))
    )


def give_slides(fact: SlotReturned) -> None:
    """Give the slot those files that nobody has removed since."""
    kept = fact.beside.get("slides", ())
    db.session.execute(
        update(Slides).where(Slides.id.in_(kept), Slides.slot_id.is_(None)).values(slot_id=fact.slot.id)
    )
