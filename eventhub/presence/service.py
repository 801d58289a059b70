"""Noting who is there. Whatever happens twice, or at two doors at once, counts once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, select

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.database import lock
from eventhub.extensions import db
from eventhub.facts import OwnDataAsked
from eventhub.presence.models import Presence, Way
from eventhub.presence.queries import presences_of
from eventhub.registration.models import Registration


def note(
    registration: Registration, day: date, way: Way, *, slot: Slot | None = None, at: datetime | None = None
) -> bool:
    """Note that somebody is there, on a day or in a slot of that day; False where that is known already.

    Who is in a slot is there on that day, too. `at` is given where it was seen before it could be noted.
    """
    lock(registration)
    at = at or clock.now()
    new = _add(registration, day, None, way, at)
    return _add(registration, day, slot.id, way, at) if slot is not None else new


def take_back(registration: Registration, day: date, *, slot: Slot | None = None) -> bool:
    """Forget that somebody was in a slot, or there on a day with all its slots; for what was a mistake."""
    lock(registration)
    which = [Presence.registration_id == registration.id, Presence.day == day]
    if slot is not None:
        which.append(Presence.slot_id == slot.id)
    return bool(db.session.scalars(delete(Presence).where(*which).returning(Presence.id)).all())


def _add(registration: Registration, day: date, slot_id: int | None, way: Way, at: datetime) -> bool:
    same = Presence.slot_id == slot_id if slot_id is not None else Presence.slot_id.is_(None)
    known = select(Presence.id).where(Presence.registration_id == registration.id, same)
    if slot_id is None:
        known = known.where(Presence.day == day)
    if db.session.scalar(known) is not None:
        return False
    db.session.add(Presence(registration_id=registration.id, day=day, slot_id=slot_id, way=way, at=at))
    db.session.flush()
    return True


def add_presences(fact: OwnDataAsked) -> None:
    """Add to somebody's download when they were there."""
    fact.found["presence"] = [
        {"day": row.day, "at": row.at, "way": row.way, "session": _title(row.slot_id)}
        for row in presences_of([fact.registration_id]).get(fact.registration_id, ())
    ]


def _title(slot_id: int | None) -> str | None:
    return db.session.get_one(Slot, slot_id).title if slot_id is not None else None
