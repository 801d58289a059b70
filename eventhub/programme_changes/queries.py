"""Named reads of changed sessions and of those who hold them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.editions.models import Edition, Series
from eventhub.extensions import db
from eventhub.programme_changes.models import PendingChange
from eventhub.registration.models import Registration, RegistrationState, SlotChoice


def pending(edition: Edition) -> Sequence[PendingChange]:
    """Return what the people of an edition have not been told of, as it is now."""
    return db.session.scalars(
        select(PendingChange)
        .where(PendingChange.edition_id == edition.id)
        .order_by(PendingChange.changed_at, PendingChange.slot_id)
        .options(joinedload(PendingChange.slot).joinedload(Slot.room))
        .execution_options(populate_existing=True)
    ).all()


def to_tell() -> Sequence[int]:
    """Return the editions whose first change was made as long ago as their series wants to gather."""
    rows = db.session.execute(
        select(PendingChange.edition_id, Series.gather_minutes, func.min(PendingChange.changed_at))
        .join(Edition, Edition.id == PendingChange.edition_id)
        .join(Edition.series)
        .group_by(PendingChange.edition_id, Series.gather_minutes)
        .order_by(PendingChange.edition_id)
    )
    now = clock.now()
    return [key for key, minutes, first in rows if first + timedelta(minutes=minutes) <= now]


def holders(edition: Edition, slot_ids: Collection[int]) -> dict[Registration, list[int]]:
    """Return who has which of these slots in their calendar, of those who have a place."""
    rows = db.session.execute(
        select(Registration, SlotChoice.slot_id)
        .join(SlotChoice, SlotChoice.registration_id == Registration.id)
        .join(Slot, Slot.id == SlotChoice.slot_id)
        .where(
            Registration.edition_id == edition.id,
            Registration.state == RegistrationState.CONFIRMED,
            Registration.erased_at.is_(None),
            SlotChoice.slot_id.in_(slot_ids),
        )
        .order_by(Registration.id, Slot.day, Slot.start_time, Slot.position, Slot.id)
    )
    found: dict[Registration, list[int]] = {}
    for registration, slot_id in rows:
        found.setdefault(registration, []).append(slot_id)
    return found


def number_of_holders(slot_id: int) -> int:
    """Count who has a slot in their calendar and a place in the edition."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(SlotChoice)
            .join(SlotChoice.registration)
            .where(SlotChoice.slot_id == slot_id, Registration.state == RegistrationState.CONFIRMED)
        )
        or 0
    )
