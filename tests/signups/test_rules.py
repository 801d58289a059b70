"""Which slots somebody can have together, and what they can take instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.agenda.models import Kind
from eventhub.signups import rules
from eventhub.signups.models import SignupState
from eventhub.signups.rules import Problem, Session, Why

NINE = datetime(2026, 4, 14, 9, tzinfo=UTC)


def session(key: int, start: float = 0, hours: float = 1, **values: object) -> Session:
    starts_at = NINE + timedelta(hours=start)
    return Session(key, starts_at, starts_at + timedelta(hours=hours), **values)  # type: ignore[arg-type]


def found(
    *sessions: Session, picks: tuple[int, ...], held: tuple[int, ...] = (), waits: bool = False
) -> list[Problem]:
    states = dict.fromkeys(held, SignupState.CONFIRMED)
    return list(rules.problems({one.id: one for one in sessions}, states, dict.fromkeys(picks, waits)))


def test_slots_one_after_the_other_go_together() -> None:
    assert found(session(1, 0), session(2, 1), picks=(1, 2)) == []


def test_a_clash_names_what_is_there_already_and_a_free_alternative() -> None:
    sessions = session(1, 0), session(2, 0.5, alternatives_id=7), session(3, 2, alternatives_id=7)
    assert found(*sessions, held=(1,), picks=(2, 1)) == [Problem(Why.CLASH, 2, 1, 3)]


def test_where_no_alternative_is_free_a_slot_of_the_same_kind_at_another_time_is_named() -> None:
    held, wanted = session(1, 0), session(2, 0.5, kind=Kind.GAME, alternatives_id=7)
    full = session(3, 2, kind=Kind.GAME, alternatives_id=7, free=False)
    talk, game = session(4, 2, kind=Kind.TALK), session(5, 2, kind=Kind.GAME)
    assert found(held, wanted, full, talk, game, held=(1,), picks=(1, 2)) == [Problem(Why.CLASH, 2, 1, 5)]
    assert found(held, wanted, full, talk, held=(1,), picks=(1, 2)) == [Problem(Why.CLASH, 2, 1)]
    free = replace(full, free=True)
    assert found(held, wanted, talk, game, free, held=(1,), picks=(1, 2)) == [Problem(Why.CLASH, 2, 1, 3)]


@pytest.mark.parametrize(
    "values",
    [
        {"free": False},
        {"closed": True},
        {"by_wish": True, "alternatives_id": 7},
        {"needs_id": 2},
        {"needs_id": 9},
        {"alternatives_id": 8},
        {"start": 0.5},
        {"start": 3},
        {"start": 5},
    ],
    ids=[
        "full",
        "begun",
        "given by wish",
        "builds on what is refused",
        "builds on what is not wanted",
        "one of a set with one already",
        "at the same time",
        "while something else is wanted",
        "while something is wished for",
    ],
)
def test_what_somebody_could_not_take_is_never_named_instead(values: dict[str, Any]) -> None:
    start = values.pop("start", 2)
    own = session(1, 0), session(3, 3, alternatives_id=8), session(4, 5, by_wish=True, alternatives_id=7)
    other = session(5, start, kind=Kind.GAME, **values)
    sessions = {one.id: one for one in (*own, session(2, 0.5, kind=Kind.GAME), session(9, 8), other)}
    held = {1: SignupState.CONFIRMED}
    refused = list(rules.problems(sessions, held, {1: False, 3: False, 2: False}, wishes={4}))
    assert refused == [Problem(Why.CLASH, 2, 1)]


def test_a_part_goes_together_with_its_whole() -> None:
    assert found(session(1, 0, 8), session(2, 1, parent_id=1), picks=(1, 2)) == []


def test_of_alternatives_there_is_one() -> None:
    sessions = session(1, 0, alternatives_id=7), session(2, 5, alternatives_id=7)
    assert found(*sessions, picks=(1, 2)) == [Problem(Why.SECOND, 2, 1)]


def test_a_game_needs_a_place_in_the_one_before() -> None:
    first, second = session(1), session(2, 2, needs_id=1)
    assert found(first, second, picks=(2,)) == [Problem(Why.NEEDS, 2, 1)]
    assert found(first, second, picks=(1, 2)) == []
    assert found(first, second, held=(1, 2), picks=(2,)) == [Problem(Why.NEEDS, 2, 1)]
    full = session(1, free=False)
    assert found(full, second, picks=(1, 2), waits=True) == [Problem(Why.NEEDS_PLACE, 2, 1)]


def test_nobody_waits_without_saying_so() -> None:
    full, other = session(1, free=False, alternatives_id=7), session(2, alternatives_id=7)
    assert found(full, other, picks=(1,)) == [Problem(Why.FULL, 1, instead_id=2)]
    assert found(full, other, picks=(1,), waits=True) == []
    assert found(full, other, picks=(1,), held=(1,)) == []


def test_what_has_begun_can_be_kept_but_not_chosen() -> None:
    assert found(session(1, closed=True), picks=(1,)) == [Problem(Why.CLOSED, 1)]
    assert found(session(1, closed=True), held=(1,), picks=(1,)) == []


def test_nothing_builds_on_itself() -> None:
    needs = {1: None, 2: 1, 3: 2}
    assert rules.builds_on(needs, 1, 3)
    assert not rules.builds_on(needs, 3, 1)
    assert rules.with_dependants(needs, {2}) == {2, 3}
    assert rules.in_order_of_need(needs, {3, 2, 1}) == [1, 2, 3]


some_sessions = st.lists(
    st.builds(
        session,
        st.integers(1, 8),
        st.integers(0, 6),
        st.integers(1, 3),
        alternatives_id=st.none() | st.integers(1, 2),
        needs_id=st.none() | st.integers(1, 8),
        kind=st.sampled_from([Kind.GAME, Kind.EXCURSION]),
        free=st.booleans(),
        closed=st.booleans(),
    ),
    unique_by=lambda one: one.id,
    min_size=1,
)


@given(some_sessions, st.data())
def test_what_passes_never_clashes_and_what_is_named_instead_can_be_taken(
    sessions: list[Session], data: st.DataObject
) -> None:
    by_key = {one.id: one for one in sessions}
    keys = data.draw(st.lists(st.sampled_from(sorted(by_key)), unique=True))
    picks = {key: data.draw(st.booleans()) for key in keys}
    refused = list(rules.problems(by_key, {}, picks))
    if not refused:
        chosen = [by_key[key] for key in picks]
        pairs = [(one, other) for one in chosen for other in chosen if one.id < other.id]
        assert not any(rules.overlap(one, other) for one, other in pairs)
        assert not any(one.alternatives_id == other.alternatives_id is not None for one, other in pairs)
        assert not any(one.closed for one in chosen)
        assert all(one.free or picks[one.id] for one in chosen)
    for problem in refused:
        if problem.instead_id is not None:
            kept = {key: waits for key, waits in picks.items() if key != problem.id}
            swapped = {**kept, problem.instead_id: False}
            assert problem.instead_id not in {one.id for one in rules.problems(by_key, {}, swapped)}


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 9)), st.data())
def test_wishes_without_gaps_keep_their_order(wishes: dict[int, int], data: st.DataObject) -> None:
    sets = {key: data.draw(st.none() | st.integers(1, 2)) for key in wishes}
    found = rules.without_gaps(wishes, sets)
    assert found.keys() == wishes.keys()
    for one in set(sets.values()):
        own = [key for key in wishes if sets[key] == one]
        assert sorted(found[key] for key in own) == list(range(1, len(own) + 1))
        assert all(found[key] < found[other] for key in own for other in own if wishes[key] < wishes[other])
