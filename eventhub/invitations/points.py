"""Open questions of the agenda, and the points that invited people add to them beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.agenda.models import Kind, Slot
from eventhub.database import lock
from eventhub.editions.models import Admission, Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.invitations.models import Invitation, Point
from eventhub.invitations.service import require_valid
from eventhub.registration.rules import one_line
from eventhub.web.languages import gettext as _

LONGEST = 300
MOST_EACH = 5
"""So many points one person adds to one question."""


@dataclass(frozen=True, slots=True)
class Open:
    """An open question with what people have added to it."""

    slot: Slot
    points: Sequence[Point]


def open_questions(edition: Edition) -> list[Open]:
    """Return the discussions of a meeting by invitation, each with its points; two reads, however many."""
    slots = _slots(edition)
    found: dict[int | None, list[Point]] = {slot.id: [] for slot in slots}
    for point in db.session.scalars(
        select(Point)
        .where(Point.slot_id.in_(found))
        .order_by(Point.id)
        .options(joinedload(Point.invitation).joinedload(Invitation.registration))
    ):
        found[point.slot_id].append(point)
    return [Open(slot, found[slot.id]) for slot in slots]


def takes_points(edition: Edition) -> bool:
    """Tell whether points can still be added: before a meeting by invitation is over or cancelled."""
    published = edition.state is EditionState.PUBLISHED
    return published and edition.admission is Admission.INVITATION and not is_over(edition, clock.now())


def add(invitation: Invitation, slot_id: int, text: str) -> None:
    """Add a point to an open question of the meeting that somebody is invited to."""
    lock(invitation)
    require_valid(invitation)
    text = one_line(text)
    if not text:
        raise RuleBroken(_("Write a few words"))
    if len(text) > LONGEST:
        raise RuleBroken(_("Use at most %(max)d characters for a point", max=LONGEST))
    if not takes_points(invitation.edition) or slot_id not in {
        slot.id for slot in _slots(invitation.edition)
    }:
        raise RuleBroken(_("This question takes no points any more"))
    own = select(func.count()).where(Point.slot_id == slot_id, Point.invitation_id == invitation.id)
    if (db.session.scalar(own) or 0) >= MOST_EACH:
        raise RuleBroken(_("You have added %(most)s points here already; remove one first", most=MOST_EACH))
    db.session.add(Point(slot_id=slot_id, invitation_id=invitation.id, text=text))


def remove(invitation: Invitation, key: int) -> None:
    """Take back a point of one's own; of others' points nothing happens."""
    found = db.session.get(Point, key)
    if found is not None and found.invitation_id == invitation.id:
        db.session.delete(found)


def _slots(edition: Edition) -> Sequence[Slot]:
    if edition.admission is not Admission.INVITATION:
        return []
    return db.session.scalars(
        select(Slot)
        .where(Slot.edition_id == edition.id, Slot.kind == Kind.DISCUSSION, Slot.cancelled.is_(False))
        .order_by(Slot.day, Slot.start_time, Slot.position, Slot.id)
    ).all()
