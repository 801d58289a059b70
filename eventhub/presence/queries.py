"""Named reads of who was there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select

from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.presence.models import Presence
from eventhub.registration.models import Registration


def presences_of(registration_ids: Collection[int]) -> dict[int, list[Presence]]:
    """Return when these people were there, day by day and slot by slot, by the key of the registration."""
    found: dict[int, list[Presence]] = {}
    for row in db.session.scalars(
        select(Presence)
        .where(Presence.registration_id.in_(registration_ids))
        .order_by(Presence.day, Presence.slot_id.is_not(None), Presence.at, Presence.id)
    ):
        found.setdefault(row.registration_id, []).append(row)
    return found


def number_by_day(edition: Edition) -> dict[date, int]:
    """Count who was there on each day of an edition."""
    rows = db.session.execute(
        select(Presence.day, func.count())
        .join(Registration, Registration.id == Presence.registration_id)
        .where(Registration.edition_id == edition.id, Presence.slot_id.is_(None))
        .group_by(Presence.day)
        .order_by(Presence.day)
    )
    return {row[0]: row[1] for row in rows}


def number_by_slot(slot_ids: Sequence[int]) -> dict[int, int]:
    """Count who was in each of these slots."""
    rows = db.session.execute(
        select(Presence.slot_id, func.count())
        .where(Presence.slot_id.in_(slot_ids))
        .group_by(Presence.slot_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}
