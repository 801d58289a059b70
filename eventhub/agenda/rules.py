"""What can't all be true of a programme, or should not be. Clashes are warnings, never locks; pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

MOMENT = timedelta(minutes=1)
"""How long a slot takes its room and people at least, where its end is not known."""
LONGEST = timedelta(hours=3)
"""How long people listen at most before they need a break."""
PAUSE = timedelta(minutes=10)
"""What counts as a break."""


class ClashKind(StrEnum):
    ROOM = "room"
    PERSON = "person"
    OUTSIDE = "outside"
    HOURS = "hours"
    BREAK = "break"
    CAPACITY = "capacity"
    ORDER = "order"
    UNCONFIRMED = "unconfirmed"
    DECLINED = "declined"


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
    rests: bool = False
    """People rest or move about meanwhile."""
    capacity: int | None = None
    """The places of the slot, where it has its own."""
    seats: int | None = None
    """What the room holds."""
    needs_id: int | None = None
    """The slot in which one must have been before."""
    unconfirmed: frozenset[str] = field(default_factory=frozenset)
    """Names of those among its people who were asked and have not answered."""
    declined: frozenset[str] = field(default_factory=frozenset)
    """Names of those among its people who have said that they do not come."""

    @property
    def until(self) -> datetime | None:
        """The end, or shortly after the start where the end is open."""
        return self.ends_at or (self.starts_at + MOMENT if self.starts_at else None)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two slots that need the same at the same time, or one with which something else is wrong."""

    kind: ClashKind
    slot_id: int
    other_id: int | None = None
    name: str = ""
    """The room or the person."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    numbers: tuple[int, int] | None = None
    """Places of the slot and seats of its room."""


@dataclass(frozen=True, slots=True)
class Frame:
    """When the edition takes place, as far as that is known."""

    first: date | None = None
    last: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


NO_FRAME = Frame()


def clashes(bookings: Iterable[Booking], frame: Frame = NO_FRAME) -> list[Clash]:
    """Return every clash of a programme."""
    planned = list(bookings)
    found = [clash for booking in planned for clash in _outside(booking, frame)]
    found += _twice(planned)
    found += [clash for booking in planned for clash in _of_itself(booking)]
    found += _wrong_order(planned)
    found += _without_break(planned)
    return found


def _twice(planned: Sequence[Booking]) -> Iterator[Clash]:
    timed = sorted(
        ((one.starts_at, one.slot_id, one) for one in planned if one.starts_at), key=lambda row: row[:2]
    )
    running: list[Booking] = []
    for _start, _id, booking in timed:
        running = [one for one in running if _overlap(one, booking)]
        for one in running:
            yield from _between(one, booking)
        running.append(booking)


def _of_itself(booking: Booking) -> Iterator[Clash]:
    """Tell what is wrong with a slot whatever the others are like."""
    places, seats = booking.capacity, booking.seats
    if places is not None and seats is not None and places > seats:
        yield Clash(ClashKind.CAPACITY, booking.slot_id, name=booking.room or "", numbers=(places, seats))
    for kind, names in ((ClashKind.DECLINED, booking.declined), (ClashKind.UNCONFIRMED, booking.unconfirmed)):
        for name in sorted(names):
            yield Clash(kind, booking.slot_id, name=name)


def _wrong_order(planned: Sequence[Booking]) -> Iterator[Clash]:
    """Find slots that begin before that on which they build has ended."""
    by_id = {one.slot_id: one for one in planned}
    for booking in planned:
        needed = by_id.get(booking.needs_id) if booking.needs_id is not None else None
        if needed is not None and _overlap(needed, booking):
            yield Clash(ClashKind.ORDER, needed.slot_id, booking.slot_id)


def _without_break(planned: Sequence[Booking]) -> list[Clash]:
    """Find where people who stay in one room get no break; what has no room is for everybody."""
    wholes = {one.parent_id for one in planned}
    sitting = sorted(
        (one for one in planned if one.starts_at and not one.rests and one.slot_id not in wholes),
        key=lambda one: (one.starts_at, one.slot_id),
    )
    found: dict[tuple[int, ...], Clash] = {}
    rooms: list[str | None] = [*sorted({one.room for one in sitting if one.room})]
    for room in rooms or [None]:
        for run in _runs([one for one in sitting if one.room in (room, None)]):
            start, end = run[0].starts_at, max(one.until for one in run if one.until)
            if start is not None and end - start > LONGEST:
                tired = next(one for one in run if one.until and one.until - start > LONGEST)
                used = room if any(one.room for one in run) else None
                clash = Clash(ClashKind.BREAK, tired.slot_id, None, used or "", start, end)
                found.setdefault(tuple(one.slot_id for one in run), clash)
    return list(found.values())


def _runs(sitting: Sequence[Booking]) -> Iterator[list[Booking]]:
    """Divide slots in the order of their starts wherever a break lies between them."""
    run: list[Booking] = []
    end: datetime | None = None
    for one in sitting:
        if run and end and one.starts_at and one.starts_at - end >= PAUSE:
            yield run
            run, end = [], None
        run.append(one)
        end = max(filter(None, (end, one.until)))
    if run:
        yield run


def _outside(booking: Booking, frame: Frame) -> Iterator[Clash]:
    if booking.day is None or frame.first is None:
        return
    if not frame.first <= booking.day <= (frame.last or frame.first):
        yield Clash(ClashKind.OUTSIDE, booking.slot_id)
    elif _outside_hours(booking, frame):
        end = booking.ends_at or booking.starts_at
        yield Clash(ClashKind.HOURS, booking.slot_id, starts_at=booking.starts_at, ends_at=end)


def _outside_hours(booking: Booking, frame: Frame) -> bool:
    """Tell whether it begins before the edition, or ends after it; between its days nothing is said."""
    early = booking.starts_at and frame.starts_at and booking.starts_at < frame.starts_at
    late = booking.until and frame.ends_at and booking.until > frame.ends_at
    return bool(early or late)


def _overlap(early: Booking, late: Booking) -> bool:
    return early.until is not None and late.starts_at is not None and early.until > late.starts_at


def _between(early: Booking, late: Booking) -> Iterator[Clash]:
    """A part shares room and people with what it is part of."""
    if early.slot_id == late.parent_id or late.slot_id == early.parent_id:
        return
    shared = [(ClashKind.PERSON, name) for _key, name in sorted(early.people & late.people)]
    if early.room and early.room == late.room:
        shared.insert(0, (ClashKind.ROOM, early.room))
    for kind, name in shared:
        end = min(one.until for one in (early, late) if one.until)
        yield Clash(kind, early.slot_id, late.slot_id, name, late.starts_at, end)


def concerned(found: Sequence[Clash]) -> dict[int, list[Clash]]:
    """Return the clashes of each slot."""
    slots: dict[int, list[Clash]] = {}
    for clash in found:
        for slot_id in (clash.slot_id, clash.other_id):
            if slot_id is not None:
                slots.setdefault(slot_id, []).append(clash)
    return slots
