"""Who and what stands on paper: participants on site by surname, rooms with their day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from unicodedata import combining, normalize

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from eventhub.agenda.models import Room, Slot
from eventhub.agenda.queries import PlannedSlot, planned_slots
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.registration.models import Attendance, Registration, RegistrationState
from eventhub.signups.models import Signup, SignupState

_WITHOUT_MARKS = str.maketrans("ıłøđ", "ilod")
"""Letters whose marks are part of them, so that no rule of Unicode takes them off."""
MOST_ON_SIGN = 12
"""What fits on one sheet so that it can be read at a door."""


@dataclass(frozen=True, slots=True)
class RoomDay:
    """What takes place in one room on one day."""

    room: str
    day: date | None
    slots: Sequence[PlannedSlot]


def coming_to(edition: Edition, slot: Slot | None = None) -> list[Registration]:
    """Return who has a place on site, in the edition or in one of its slots, by surname."""
    found = (
        select(Registration)
        .join(Registration.edition)
        .where(*_on_site(edition))
        .options(contains_eager(Registration.edition), joinedload(Registration.role))
    )
    if slot is not None:
        inside = (Signup.slot_id == slot.id, Signup.state == SignupState.CONFIRMED)
        found = found.join(Signup, Signup.registration_id == Registration.id).where(*inside)
    return sorted(db.session.scalars(found), key=by_surname)


def number_coming_to(edition: Edition) -> int:
    """Count who has a place on site."""
    return db.session.scalar(select(func.count(Registration.id)).where(*_on_site(edition))) or 0


def _on_site(edition: Edition) -> tuple[ColumnElement[bool], ...]:
    return (
        Registration.edition_id == edition.id,
        Registration.state == RegistrationState.CONFIRMED,
        Registration.erased_at.is_(None),
        or_(Registration.attendance.is_(None), Registration.attendance == Attendance.ON_SITE),
    )


def by_surname(one: Registration) -> tuple[str, str, int]:
    """Order people as lists at an entrance do: names are one field, so the last word counts first."""
    name = _without_marks(one.name)
    return (name.split() or [""])[-1], name, one.id


def _without_marks(name: str) -> str:
    """Let letters with marks stand where those without do, as in German lists (DIN 5007-1)."""
    letters = normalize("NFKD", name.casefold().translate(_WITHOUT_MARKS))
    return "".join(letter for letter in letters if not combining(letter))


def room_days(edition: Edition) -> Iterator[RoomDay]:
    """Return the signs of each room for each day, several for a full one; an empty room gets one too."""
    rooms = db.session.scalars(
        select(Room).where(Room.edition_id == edition.id).order_by(Room.position, Room.id)
    )
    slots = sorted(
        (one for one in planned_slots(edition.id) if one.start_time and one.day and not one.cancelled),
        key=lambda one: (one.day or date.min, one.starts_at or one.start_time),
    )
    for room in rooms:
        own = [one for one in slots if one.room == room.name]
        if not own:
            yield RoomDay(room.name, None, ())
        for day, listed in groupby(own, key=lambda one: one.day):
            of_day = list(listed)
            for start in range(0, len(of_day), MOST_ON_SIGN):
                yield RoomDay(room.name, day, of_day[start : start + MOST_ON_SIGN])


def dates_of(edition: Edition) -> list[date]:
    """Return the days of an edition, of which a sign-in sheet has one column each."""
    first = edition.start_date
    if first is None:
        return []
    last = edition.end_date or first
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
