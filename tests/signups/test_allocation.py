"""The allocation of wishes: never too many, as good as can be, and the same for the same lot."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.signups import allocation
from eventhub.signups.allocation import allocate, by_lot, satisfaction

SLOTS = (1, 2, 3)
some_wishes = st.dictionaries(
    st.integers(1, 99), st.lists(st.sampled_from(SLOTS), unique=True, max_size=3), max_size=5
)
some_places = st.fixed_dictionaries({slot: st.integers(0, 3) for slot in SLOTS})
seeds = st.integers(0, 2**32 - 1)


def best(wishes: dict[int, list[int]], places: dict[int, int]) -> tuple[int, int]:
    """Try everything."""
    people = list(wishes)
    found = (0, 0)
    for choice in product(*([None, *wishes[person]] for person in people)):
        given = {person: slot for person, slot in zip(people, choice, strict=True) if slot is not None}
        if all(number <= places[slot] for slot, number in Counter(given.values()).items()):
            found = max(found, satisfaction(wishes, given))
    return found


@given(some_wishes, some_places, seeds)
def test_nobody_gets_what_they_did_not_wish_and_no_slot_is_overbooked(
    wishes: dict[int, list[int]], places: dict[int, int], seed: int
) -> None:
    found = allocate(wishes, places, seed)
    assert all(slot in wishes[person] for person, slot in found.items())
    assert all(number <= places[slot] for slot, number in Counter(found.values()).items())


@given(some_wishes, some_places, seeds)
def test_no_other_allocation_is_better(
    wishes: dict[int, list[int]], places: dict[int, int], seed: int
) -> None:
    assert satisfaction(wishes, allocate(wishes, places, seed)) == best(wishes, places)


@given(some_wishes, some_places, seeds, st.randoms())
def test_the_same_lot_gives_the_same_whatever_the_order(
    wishes: dict[int, list[int]], places: dict[int, int], seed: int, random: object
) -> None:
    shuffled = list(wishes.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert allocate(dict(shuffled), places, seed) == allocate(wishes, places, seed)


@given(st.integers(2, 8), seeds)
def test_among_equals_the_lot_decides(people: int, seed: int) -> None:
    wishes = {person: [1] for person in range(people)}
    assert allocate(wishes, {1: 1}, seed) == {by_lot(wishes, seed)[0]: 1}


def test_every_lot_can_win() -> None:
    wishes = {person: [1, 2] for person in range(4)}
    winners = [
        person
        for seed in range(200)
        for person, slot in allocate(wishes, {1: 1, 2: 3}, seed).items()
        if slot == 1
    ]
    assert min(Counter(winners).values()) > 25
    assert len(set(winners)) == 4


@given(some_wishes, some_places, seeds)
def test_a_crowd_that_goes_by_turns_is_never_overbooked(
    wishes: dict[int, list[int]], places: dict[int, int], seed: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(allocation, "MOST_CELLS", 2)
        found = allocate(wishes, places, seed)
    assert all(slot in wishes[person] for person, slot in found.items())
    assert all(number <= places[slot] for slot, number in Counter(found.values()).items())
