"""Named reads of slots that take sign-ups; none grows with the number of participants."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import contains_eager

from eventhub import clock
from eventhub.agenda.models import Kind, Room, Slot
from eventhub.database import kept
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.registration.models import Registration, RegistrationState
from eventhub.signups import rules
from eventhub.signups.models import Allotment, Alternatives, Signup, SignupState, SlotPlaces, Wish


@dataclass(frozen=True, slots=True)
class Listed:
    """A slot that takes sign-ups, with what pages and mails show of it."""

    id: int
    slug: str
    title: str
    language: str | None
    kind: Kind
    day: date | None
    start_time: time | None
    end_time: time | None
    starts_at: datetime | None
    ends_at: datetime | None
    parent_id: int | None
    cancelled: bool
    room: str | None
    capacity: int | None
    taken: int
    waiting: int
    alternatives_id: int | None
    by_wish: bool
    needs_id: int | None
    directions: str

    @property
    def free(self) -> bool:
        return rules.is_free(self.capacity, self.taken, self.waiting)

    @property
    def left(self) -> int | None:
        """Places left, or None where there is no limit."""
        return None if self.capacity is None else self.capacity - self.taken

    def session(self, now: datetime) -> rules.Session:
        """Return what the rules want to know."""
        begun = self.starts_at is not None and self.starts_at <= now
        return rules.Session(
            id=self.id,
            kind=self.kind,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            parent_id=self.parent_id,
            alternatives_id=self.alternatives_id,
            by_wish=self.by_wish,
            needs_id=self.needs_id,
            free=self.free,
            closed=begun or self.cancelled,
        )


def takes_signups(edition_id: int) -> bool:
    """Tell whether a slot of an edition takes sign-ups, from memory as long as no slot changes."""

    def read() -> bool:
        found = select(Slot.id).where(Slot.edition_id == edition_id, Slot.takes_signups).limit(1)
        return db.session.scalar(found) is not None

    return kept(("takes sign-ups", edition_id), read)


def listed(edition_id: int) -> dict[int, Listed]:
    """Return the slots of an edition that take sign-ups, in the order of the programme."""
    rows = db.session.execute(_slots(), {"edition": edition_id})
    return {row[0]: Listed(*row) for row in rows}


# Composing these statements costs more than running them, so each is composed once.


@cache
def _slots() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Slot.id,
            Slot.slug,
            Slot.title,
            Slot.language,
            Slot.kind,
            Slot.day,
            Slot.start_time,
            Slot.end_time,
            Slot.starts_at,
            Slot.ends_at,
            Slot.parent_id,
            Slot.cancelled,
            Room.name,
            SlotPlaces.capacity,
            SlotPlaces.taken_count,
            SlotPlaces.waiting_count,
            SlotPlaces.alternatives_id,
            Alternatives.ranked.is_(True) & Alternatives.allocated_at.is_(None),
            SlotPlaces.needs_id,
            SlotPlaces.directions,
        )
        .join(SlotPlaces, SlotPlaces.slot_id == Slot.id)
        .outerjoin(Room, Room.id == Slot.room_id)
        .outerjoin(Alternatives, Alternatives.id == SlotPlaces.alternatives_id)
        .where(Slot.edition_id == bindparam("edition"))
        .order_by(Slot.day, Slot.start_time, Slot.position, Slot.id)
    )


def sessions(rows: Mapping[int, Listed]) -> dict[int, rules.Session]:
    """Return what the rules want to know of these slots now."""
    now = clock.now()
    return {key: one.session(now) for key, one in rows.items()}


def somebody_waits(edition_ids: Collection[int]) -> bool:
    """Tell whether anybody waits for a place in a slot of these editions."""
    found = select(SlotPlaces.slot_id).join(SlotPlaces.slot)
    found = found.where(Slot.edition_id.in_(edition_ids), SlotPlaces.waiting_count > 0)
    return db.session.scalar(found.limit(1)) is not None


def places_of(edition_id: int) -> dict[int, SlotPlaces]:
    """Read the counters as they are now; the edition must be locked."""
    rows = db.session.scalars(_places(), {"edition": edition_id})
    return {row.slot_id: row for row in rows}


@cache
def _places() -> Select[SlotPlaces]:
    return (
        select(SlotPlaces)
        .join(SlotPlaces.slot)
        .where(Slot.edition_id == bindparam("edition"))
        .execution_options(populate_existing=True)
    )


def alternatives_of(edition: Edition) -> Sequence[Alternatives]:
    """Return the sets of alternatives by name."""
    return db.session.scalars(_alternatives(), {"edition": edition.id}).all()


def alternatives_among(edition: Edition, slots: Iterable[Listed | SlotPlaces]) -> Sequence[Alternatives]:
    """Return the sets that any of these slots belongs to, or more; mostly known without a read."""
    return alternatives_of(edition) if any(one.alternatives_id for one in slots) else ()


@cache
def _alternatives() -> Select[Alternatives]:
    found = select(Alternatives).where(Alternatives.edition_id == bindparam("edition"))
    return found.order_by(Alternatives.title)


def states_of(registration: Registration) -> dict[int, SignupState]:
    """Return whether somebody has a place or waits for one, by slot."""
    return {key: one.state for key, one in signups_of(registration).items()}


def signups_of(registration: Registration) -> dict[int, Signup]:
    """Return what somebody has, or waits for, by slot."""
    rows = db.session.scalars(_signups(), {"registration": registration.id})
    return {row.slot_id: row for row in rows}


@cache
def _signups() -> Select[Signup]:
    return select(Signup).where(Signup.registration_id == bindparam("registration"))


def positions_of(registration: Registration, held: Mapping[int, Signup]) -> dict[int, int]:
    """Return how many stand in line up to this participant, by slot; `held` is all that they have."""
    if all(one.state is not SignupState.WAITLISTED for one in held.values()):
        return {}
    rows = db.session.execute(_positions(), {"registration": registration.id})
    return {row[0]: row[1] for row in rows}


@cache
def _positions() -> Select[int, int]:
    own = select(Signup.slot_id, Signup.place_in_line).where(
        Signup.registration_id == bindparam("registration"), Signup.state == SignupState.WAITLISTED
    )
    mine = own.subquery()
    return (
        select(Signup.slot_id, func.count())
        .join(mine, mine.c.slot_id == Signup.slot_id)
        .where(Signup.state == SignupState.WAITLISTED, Signup.place_in_line <= mine.c.place_in_line)
        .group_by(Signup.slot_id)
    )


def next_in_line(places: SlotPlaces, number: int) -> Sequence[Signup]:
    """Return the first of those who wait, in their order."""
    return db.session.scalars(
        select(Signup)
        .join(Signup.registration)
        .where(Signup.slot_id == places.slot_id, Signup.state == SignupState.WAITLISTED)
        .order_by(Signup.place_in_line)
        .limit(number)
        .options(contains_eager(Signup.registration))
    ).all()


def people_in(slot_id: int) -> Sequence[Signup]:
    """Return who has a place by name, then who waits in line."""
    return db.session.scalars(
        select(Signup)
        .join(Signup.registration)
        .where(Signup.slot_id == slot_id)
        .order_by(Signup.state, Signup.place_in_line, func.lower(Registration.name), Registration.id)
        .options(contains_eager(Signup.registration))
    ).all()


def wishes_of(registration: Registration) -> dict[int, int]:
    """Return the rank of each slot that somebody wishes for."""
    rows = db.session.execute(_wishes(), {"registration": registration.id})
    return {row[0]: row[1] for row in rows}


@cache
def _wishes() -> Select[int, int]:
    found = select(Wish.slot_id, Wish.rank).where(Wish.registration_id == bindparam("registration"))
    return found.order_by(Wish.rank)


def all_wishes(alternatives: Alternatives) -> dict[int, dict[int, int]]:
    """Return the slots that each participant wishes for with their ranks, the dearest first."""
    rows = db.session.execute(
        select(Wish.registration_id, Wish.slot_id, Wish.rank)
        .join(Registration, Registration.id == Wish.registration_id)
        .where(Wish.alternatives_id == alternatives.id, Registration.state == RegistrationState.CONFIRMED)
        .order_by(Wish.registration_id, Wish.rank)
    )
    found: dict[int, dict[int, int]] = {}
    for person, slot, rank in rows:
        found.setdefault(person, {})[slot] = rank
    return found


def signups_of_those_who_wish(alternatives: Alternatives) -> dict[int, dict[int, SignupState]]:
    """Return what those who have wishes have in other slots."""
    people = select(Wish.registration_id).where(Wish.alternatives_id == alternatives.id)
    rows = db.session.execute(
        select(Signup.registration_id, Signup.slot_id, Signup.state).where(Signup.registration_id.in_(people))
    )
    found: dict[int, dict[int, SignupState]] = {}
    for person, slot, state in rows:
        found.setdefault(person, {})[slot] = state
    return found


def allotments_of(registration: Registration) -> dict[int, Allotment]:
    """Return what allocations gave somebody, by the set of alternatives."""
    rows = db.session.scalars(select(Allotment).where(Allotment.registration_id == registration.id))
    return {row.alternatives_id: row for row in rows}


def to_allocate() -> Sequence[int]:
    """Return the sets of alternatives whose cut-off has passed."""
    return db.session.scalars(
        select(Alternatives.id)
        .join(Edition, Edition.id == Alternatives.edition_id)
        .where(
            Alternatives.ranked,
            Alternatives.allocated_at.is_(None),
            Alternatives.allocates_at <= clock.now(),
            Edition.state == EditionState.PUBLISHED,
        )
        .order_by(Alternatives.allocates_at, Alternatives.id)
    ).all()


def allotted_by_rank(alternatives: Alternatives) -> dict[int | None, int]:
    """Count who got which wish at the cut-off, the first wish first and nothing last."""
    rows = db.session.execute(
        select(Allotment.rank, func.count())
        .where(Allotment.alternatives_id == alternatives.id)
        .group_by(Allotment.rank)
        .order_by(Allotment.rank.nulls_last())
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many people a slot takes, and in which other slot they must have been."""

    capacity: int | None
    needs_id: int | None


def limits_of(edition_id: int) -> dict[int, Limits]:
    """Return the limits of those slots of an edition that take sign-ups."""
    rows = db.session.execute(
        select(SlotPlaces.slot_id, SlotPlaces.capacity, SlotPlaces.needs_id)
        .join(SlotPlaces.slot)
        .where(Slot.edition_id == edition_id)
    )
    return {slot_id: Limits(capacity, needs_id) for slot_id, capacity, needs_id in rows}
