"""The division into groups: everyone once, even sizes, even mixture, and as many wishes as that allows."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.groups.rules import Person, crowded, divide, fulfilled, smallest

seeds = st.integers(0, 2**32 - 1)
organisations = st.sampled_from(["", "Bund", "bund ", "Land", "Stadt", "Verein", "Ministerium"])
answers = st.sampled_from(["", "a", "b", "c"])
wishes = st.lists(st.integers(0, 7), unique=True, max_size=3).map(tuple)


def crowd(
    most: int = 40, wishing: st.SearchStrategy[tuple[int, ...]] | None = None
) -> st.SearchStrategy[list[Person]]:
    one = st.tuples(organisations, answers, wishing if wishing is not None else wishes)
    return st.lists(one, min_size=1, max_size=most).map(
        lambda rows: [Person(number, *row) for number, row in enumerate(rows)]
    )


def spread(numbers: Counter[int], groups: int) -> int:
    every = [numbers[group] for group in range(groups)]
    return max(every) - min(every)


@given(crowd(), st.integers(1, 9), seeds, st.none() | st.integers(1, 3))
def test_everyone_is_in_one_group_and_sizes_differ_by_one_at_most(
    people: list[Person], groups: int, seed: int, most: int | None
) -> None:
    found = divide(people, groups, seed, most)
    assert found.keys() == {person.id for person in people}
    assert set(found.values()) <= set(range(groups))
    assert spread(Counter(found.values()), groups) <= 1


@given(crowd(), st.integers(1, 9), seeds, st.none() | st.integers(1, 3))
def test_each_answer_is_spread_evenly_whatever_people_wish(
    people: list[Person], groups: int, seed: int, most: int | None
) -> None:
    found = divide(people, groups, seed, most)
    for answer in {person.answer for person in people}:
        assert spread(Counter(found[one.id] for one in people if one.answer == answer), groups) <= 1


@given(crowd(), st.integers(1, 9), seeds, st.integers(1, 3))
def test_no_group_has_more_of_one_organisation_where_that_is_possible(
    people: list[Person], groups: int, seed: int, most: int
) -> None:
    found = divide(people, groups, seed, most)
    of_one = Counter((person.home, found[person.id]) for person in people)
    if crowded(people, groups, most):
        assert max(of_one.values()) > most
    else:
        assert max(of_one.values()) <= most


@given(crowd(wishing=st.just(())), st.integers(1, 9), seeds)
def test_without_wishes_each_organisation_is_spread_evenly(
    people: list[Person], groups: int, seed: int
) -> None:
    found = divide(people, groups, seed)
    for home in {person.home for person in people}:
        assert spread(Counter(found[one.id] for one in people if one.home == home), groups) <= 1


@given(crowd(), st.integers(1, 9), seeds, st.none() | st.integers(1, 3), st.randoms())
def test_the_same_lot_gives_the_same_groups_whatever_the_order(
    people: list[Person], groups: int, seed: int, most: int | None, random: object
) -> None:
    shuffled = list(people)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert divide(shuffled, groups, seed, most) == divide(people, groups, seed, most)


@given(crowd(7), st.integers(1, 3), seeds)
def test_among_those_who_answered_alike_no_other_exchange_fulfils_more(
    people: list[Person], groups: int, seed: int
) -> None:
    alike = [
        Person(one.id, one.organisation, "a", tuple(w for w in one.wishes if w < groups)) for one in people
    ]
    found = divide(alike, groups, seed)

    def worth(groups_of: dict[int, int]) -> tuple[int, int]:
        ranks = fulfilled(alike, groups_of)
        return sum(ranks.values()) - ranks[0], sum(
            (3 - rank) * number for rank, number in ranks.items() if rank
        )

    places = list(found.values())
    best = max(worth(dict(zip(found, order, strict=True))) for order in set(permutations(places)))
    assert worth(found) == best


def test_wishes_are_fulfilled_even_where_an_organisation_may_send_few_only() -> None:
    people = [Person(0, "Bund", "", (0,)), Person(1, "Bund", "", (0,)), Person(2, "", "", (0,)), Person(3)]
    for seed in range(20):
        found = divide(people, 2, seed, most=1)
        assert found[0] != found[1]
        assert found[2] == 0
        assert fulfilled(people, found) == {1: 2, 0: 1}


def test_another_lot_gives_other_groups() -> None:
    people = [Person(number) for number in range(12)]
    assert len({tuple(divide(people, 3, seed).items()) for seed in range(20)}) > 15


def test_a_crowd_of_a_thousand_is_divided_at_once() -> None:
    people = [Person(number, f"Lab {number % 70}", str(number % 7), (number % 11,)) for number in range(1000)]
    found = divide(people, 100, 1, most=1)
    assert set(Counter(found.values()).values()) == {10}


def test_organisations_that_are_too_large_are_named_as_they_were_written() -> None:
    people = [*(Person(number, "Stadt  Köln") for number in range(5)), Person(8, "Bund"), Person(9)]
    assert crowded(people, 2, 2) == {"Stadt Köln": 5}
    assert crowded(people, 3, 2) == {}
    assert crowded(people, 2, None) == {}


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([[Person(1), Person(2)], [Person(3)]], 1),
        ([[Person(1, "Bund")], [Person(2, "Land")]], 1),
        ([[Person(1, "Land", "a")], [Person(2, "Land", "b")]], 1),
        ([[Person(1)], [Person(2)]], 0),
    ],
)
def test_who_comes_late_goes_where_few_are_like_them(groups: list[list[Person]], expected: int) -> None:
    assert smallest(groups, Person(9, "bund", "a")) == expected
