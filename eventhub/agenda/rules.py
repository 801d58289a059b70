"""What can't all be true of a programme. Clashes are warnings, never locks; pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

MOMENT = timedelta(minutes=1)
"""How long a slot takes its room and people at least, where its end is not known."""


class ClashKind(StrEnum):
    ROOM = "room"
    PERSON = "person"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Booking:
    """When a slot takes which room and whom."""

    slot_id: int
    day: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    room: str | None = None
    people: frozenset[tuple[int, str]] = field(default_factory=frozenset)
    """Key and name of everybody who is needed."""
    parent_id: int | None = None

    @property
    def until(self) -> datetime | None:
        """The end, or shortly after the start where the end is open."""
        return self.ends_at or (self.starts_at + MOMENT if self.starts_at else None)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two slots that need the same at the same time, or one that lies outside of the edition."""

    kind: ClashKind
    slot_id: int
    other_id: int | None = None
    name: str = ""
    """The room or the person."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def clashes(bookings: Iterable[Booking], first: date | None = None, last: date | None = None) -> list[Clash]:
    """Return every clash of a programme; `first` and `last` are the edition's days, where they are known."""
    planned = list(bookings)
    found = [clash for booking in planned for clash in _outside(booking, first, last)]
    timed = sorted(
        ((one.starts_at, one.slot_id, one) for one in planned if one.starts_at), key=lambda row: row[:2]
    )
    running: list[Booking] = []
    for _start, _id, booking in timed:
        running = [one for one in running if _overlap(one, booking)]
        for one in running:
            found.extend(_between(one, booking))
        running.append(booking)
    return found


def _outside(booking: Booking, first: date | None, last: date | None) -> Iterator[Clash]:
    if booking.day is None or first is None:
        return
    if booking.day < first or booking.day > (last or first):
        yield Clash(ClashKind.OUTSIDE, booking.slot_id)


def _overlap(early: Booking, late: Booking) -> bool:
    return early.until is not None and late.starts_at is not None and early.until > late.starts_at


def _between(early: Booking, late: Booking) -> Iterator[Clash]:
    """A part shares room and people with what it is part of."""
    if early.slot_id == late.parent_id or late.slot_id == early.parent_id:
        return
    end = min(one.until for one in (early, late) if one.until)
    if early.room and early.room == late.room:
        yield Clash(ClashKind.ROOM, early.slot_id, late.slot_id, early.room, late.starts_at, end)
    for _key, name in sorted(early.people & late.people):
        yield Clash(ClashKind.PERSON, early.slot_id, late.slot_id, name, late.starts_at, end)


def concerned(found: Sequence[Clash]) -> dict[int, list[Clash]]:
    """Return the clashes of each slot."""
    slots: dict[int, list[Clash]] = {}
    for clash in found:
        for slot_id in (clash.slot_id, clash.other_id):
            if slot_id is not None:
                slots.setdefault(slot_id, []).append(clash)
    return slots
