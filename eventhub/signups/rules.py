"""Rules about places in slots; none needs a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from eventhub.agenda.models import Kind
from eventhub.signups.models import SignupState

Sessions = Mapping[int, "Session"]


@dataclass(frozen=True, slots=True)
class Session:
    """A slot that takes sign-ups, as the rules see it."""

    id: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    kind: Kind = Kind.OTHER
    parent_id: int | None = None
    alternatives_id: int | None = None
    by_wish: bool = False
    """Whether it takes wishes, which become places later."""
    needs_id: int | None = None
    free: bool = True
    """Whether the next person gets a place; never while somebody waits."""
    closed: bool = False
    """Whether it has begun or does not take place."""


class Why(StrEnum):
    """Why a choice of slots is refused."""

    CLOSED = "closed"
    SECOND = "second"
    CLASH = "clash"
    NEEDS = "needs"
    NEEDS_PLACE = "needs_place"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Problem:
    """What speaks against a slot: another slot, and one that can be taken instead."""

    why: Why
    id: int
    other_id: int | None = None
    instead_id: int | None = None


def is_free(capacity: int | None, taken: int, waiting: int) -> bool:
    """Tell whether the next person gets a place: while somebody waits, nobody else does."""
    return not waiting and (capacity is None or taken < capacity)


def to_promote(capacity: int | None, taken: int, waiting: int) -> int:
    """Return how many of those who wait can have a place now."""
    return waiting if capacity is None else max(0, min(waiting, capacity - taken))


def overlap(one: Session, other: Session) -> bool:
    """Tell whether nobody can attend both. A part belongs to its whole; without times nothing is known."""
    if one.id == other.parent_id or other.id == one.parent_id:
        return False
    if one.starts_at is None or other.starts_at is None:
        return False
    first, second = sorted((one, other), key=lambda session: (session.starts_at, session.id))
    until = first.ends_at or first.starts_at
    return until is not None and second.starts_at is not None and until > second.starts_at


def problems(
    sessions: Sessions,
    held: Mapping[int, SignupState],
    picks: Mapping[int, bool],
    wishes: Collection[int] = (),
) -> Iterator[Problem]:
    """Yield what speaks against a choice, each slot once.

    `held` is what somebody has so far; `picks` maps what they want to have to whether they would wait for it.
    What is named instead also goes together with their wishes.
    """
    instead = Instead(sessions, held, {*picks, *wishes})
    kept = [key for key in picks if key in held]
    for key in picks:
        found = _against_need(sessions, held, picks, key)
        if key not in held:
            found = (
                _against_time(sessions, key, kept, instead)
                or found
                or _against_line(sessions, picks, key, instead)
            )
            kept.append(key)
        if found is not None:
            yield found


def _against_time(sessions: Sessions, key: int, kept: Collection[int], instead: Instead) -> Problem | None:
    session = sessions[key]
    if session.closed:
        return Problem(Why.CLOSED, key, instead_id=instead.of(key))
    for other in map(sessions.__getitem__, kept):
        if _alternative(session, other):
            return Problem(Why.SECOND, key, other.id)
        if overlap(session, other):
            return Problem(Why.CLASH, key, other.id, instead.of(key))
    return None


def _against_need(
    sessions: Sessions, held: Mapping[int, SignupState], picks: Collection[int], key: int
) -> Problem | None:
    needed = sessions[key].needs_id
    if needed is None or needed not in sessions:
        return None
    if needed not in picks:
        return Problem(Why.NEEDS, key, needed)
    has_place = held[needed] is SignupState.CONFIRMED if needed in held else sessions[needed].free
    return None if has_place else Problem(Why.NEEDS_PLACE, key, needed)


def _against_line(
    sessions: Sessions, picks: Mapping[int, bool], key: int, instead: Instead
) -> Problem | None:
    if sessions[key].free or picks[key]:
        return None
    return Problem(Why.FULL, key, instead_id=instead.of(key))


def against_wishes(
    sessions: Sessions,
    held: Mapping[int, SignupState],
    picks: Mapping[int, bool],
    wishes: Collection[int],
) -> Iterator[Problem]:
    """Yield which wishes could not be fulfilled next to what somebody has or wants to have."""
    for key in wishes:
        alone = {**picks, key: True}
        yield from (found for found in problems(sessions, held, alone) if found.id == key)


@dataclass(frozen=True, slots=True)
class Instead:
    """What somebody can take instead of a slot that is refused."""

    sessions: Sessions
    held: Mapping[int, SignupState]
    wanted: Set[int]
    """All that they want to have or wish for."""

    def of(self, key: int) -> int | None:
        """Return an alternative that is free and fits the rest, else a slot of the same kind."""
        session = self.sessions[key]
        kept = self.wanted - {key}
        fitting = [other for other in self.sessions.values() if other.id != key and self._fits(other, kept)]
        alternatives = [other.id for other in fitting if _alternative(session, other)]
        alike = [other.id for other in fitting if other.kind is session.kind and not other.by_wish]
        return next(iter(alternatives + alike), None)

    def _fits(self, other: Session, kept: Collection[int]) -> bool:
        if other.id in kept or other.closed or not other.free:
            return False
        if _against_need(self.sessions, self.held, kept, other.id):
            return False
        rest = [self.sessions[key] for key in kept]
        return not any(overlap(other, one) or _alternative(other, one) for one in rest)


def _alternative(one: Session, other: Session) -> bool:
    return one.alternatives_id is not None and one.alternatives_id == other.alternatives_id


def without_gaps(wishes: Mapping[int, int], sets: Mapping[int, int | None]) -> dict[int, int]:
    """Return wishes in the same order, ranked 1, 2, 3 within each set; `sets` maps slots to theirs."""
    found: dict[int, int] = {}
    given: Counter[int | None] = Counter()
    for key in sorted(wishes, key=lambda key: wishes[key]):
        given[sets[key]] += 1
        found[key] = given[sets[key]]
    return found


def with_dependants(needs: Mapping[int, int | None], keys: Collection[int]) -> set[int]:
    """Return the slots with all that build on them, directly or not."""
    found = set(keys)
    while True:
        more = {key for key, needed in needs.items() if needed in found} - found
        if not more:
            return found
        found |= more


def in_order_of_need(needs: Mapping[int, int | None], keys: Collection[int]) -> list[int]:
    """Return the slots so that what others build on comes first."""

    def depth(key: int) -> int:
        steps, needed = 0, needs.get(key)
        while needed is not None:
            steps, needed = steps + 1, needs.get(needed)
        return steps

    return sorted(keys, key=lambda key: (depth(key), key))


def builds_on(needs: Mapping[int, int | None], key: int, needed: int | None) -> bool:
    """Tell whether a slot would build on itself if it needed another."""
    while needed is not None:
        if needed == key:
            return True
        needed = needs.get(needed)
    return False
