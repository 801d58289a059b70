"""How people are counted, and what of it may be told."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.numbers import rules
from eventhub.numbers.models import FEWEST
from eventhub.numbers.rules import RARE, UNKNOWN, Cell, Count, Day, Spread, Turnout
from eventhub.organisations.models import Level
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Asked, Option, Sense
from eventhub.registration.models import Attendance, RegistrationState

DRINK = Asked(7, Kind.SEVERAL_OF, "Drink?", options=(Option("o1", "Tea"), Option("o2", "Coffee")))


def counted(question: Asked, values: list[tuple[str, int]]) -> Spread:
    return rules.answers(Sense(question, (1,)), values)


numbers = st.lists(st.integers(0, 60), min_size=1, max_size=9)


def spread_of(found: list[int], kind: Kind | None = None, people: int | None = None) -> Spread:
    cells = tuple(Cell(f"o{place}", f"Option {place}", number) for place, number in enumerate(found))
    return Spread("question:1", "Question", kind, sum(found) if people is None else people, cells)


# what may be told ---------------------------------------------------------------------------------------


@given(numbers)
def test_no_number_told_is_about_few(found: list[int]) -> None:
    told = rules.discreet(spread_of(found))
    assert all(cell.number >= FEWEST for cell in told.cells)
    assert told.people == 0 or told.people >= FEWEST


@given(numbers)
def test_what_is_told_sums_up_to_everybody_so_that_nothing_is_found_by_subtracting(found: list[int]) -> None:
    told = rules.discreet(spread_of(found))
    assert sum(cell.number for cell in told.cells) == told.people
    rare = [cell for cell in told.cells if cell.value == RARE]
    alone = {cell.value for cell in told.cells} - {RARE}
    hidden = [number for place, number in enumerate(found) if number and f"o{place}" not in alone]
    assert len(rare) <= 1
    assert not rare or len(hidden) > 1, "a single answer behind it would be told after all"
    assert told.people == 0 or sum(hidden) == sum(cell.number for cell in rare)


@given(numbers)
def test_what_is_told_is_true_and_tells_no_less_when_told_again(found: list[int]) -> None:
    before = spread_of(found)
    told = rules.discreet(before)
    assert all(cell in before.cells for cell in told.cells if cell.value != RARE)
    assert rules.discreet(told) == told


@given(st.lists(st.integers(FEWEST, 60), min_size=1, max_size=9))
def test_what_many_have_in_common_is_told_as_it_is(found: list[int]) -> None:
    assert rules.discreet(spread_of(found)) == spread_of(found)


@given(numbers, st.integers(FEWEST, 99))
def test_options_that_overlap_are_told_one_by_one(found: list[int], people: int) -> None:
    told = rules.discreet(spread_of(found, Kind.SEVERAL_OF, people))
    assert [cell.number for cell in told.cells] == [number for number in found if number >= FEWEST]
    assert told.people == people


def test_of_two_answers_a_rare_one_hides_both() -> None:
    told = rules.discreet(spread_of([40, 3], Kind.YES_NO))
    assert [(cell.value, cell.number) for cell in told.cells] == [(RARE, 43)]


# counting -----------------------------------------------------------------------------------------------


def test_several_options_count_once_each_and_people_once() -> None:
    found = counted(DRINK, [('["o1","o2"]', 3), ('["o2"]', 4)])
    assert (found.people, [cell.number for cell in found.cells]) == (7, [3, 7])


def test_of_a_ranking_the_first_counts() -> None:
    ranking = Asked(7, Kind.RANKING, "Best?", options=DRINK.options)
    found = counted(ranking, [('["o2","o1"]', 3), ('["o1"]', 4)])
    assert [cell.number for cell in found.cells] == [4, 3]


@given(st.lists(st.tuples(st.sampled_from(["ulm", "bund", "", "elsewhere"]), st.integers(1, 9))))
def test_everybody_has_one_level_or_an_unknown_one(organisations: list[tuple[str, int]]) -> None:
    found = rules.levels(organisations, {"ulm": Level.MUNICIPAL, "bund": Level.FEDERAL})
    assert found.people == sum(number for _name, number in organisations)
    assert sum(cell.number for cell in found.cells) == found.people
    assert {cell.value for cell in found.cells} <= {Level.MUNICIPAL, Level.FEDERAL, UNKNOWN}


states = st.sampled_from(list(RegistrationState))
counts = st.lists(
    st.builds(
        lambda state, attendance, number, part: Count(
            1, state, attendance, None, None, number, number * part // 4
        ),
        states,
        st.sampled_from([None, *Attendance]),
        st.integers(1, 50),
        st.integers(0, 4),
    )
)


@given(counts)
def test_every_registration_is_in_one_state(found: list[Count]) -> None:
    assert rules.states(found).all == sum(count.number for count in found)


@given(counts)
def test_who_came_and_who_stayed_away_are_those_expected(found: list[Count]) -> None:
    turnout = rules.turnout(found)
    if turnout is not None:
        assert turnout.present + turnout.missing == turnout.expected
        assert 0 <= turnout.share <= 100


def test_where_nobody_is_noted_nobody_stayed_away() -> None:
    confirmed = RegistrationState.CONFIRMED
    on_site = Count(1, confirmed, Attendance.ON_SITE, None, None, 20, 15)
    online = Count(1, confirmed, Attendance.ONLINE, None, None, 30, 0)
    assert rules.turnout([on_site, online]) == Turnout(20, 15)
    assert rules.turnout([online]) is None
    assert rules.turnout([]) is None


# over time ----------------------------------------------------------------------------------------------

DAY = date(2026, 3, 1)
by_day = st.dictionaries(st.integers(0, 40).map(lambda day: DAY + timedelta(days=day)), st.integers(1, 9))


@given(by_day, by_day)
def test_a_course_ends_with_those_who_came_and_did_not_go(
    came: dict[date, int], went: dict[date, int]
) -> None:
    days = rules.course(came, went)
    assert [day.day for day in days] == sorted({*came, *went})
    assert (days[-1].total if days else 0) == sum(came.values()) - sum(went.values())
    for day in days:
        assert rules.total_on(days, day.day) == day.total
    assert rules.total_on(days, DAY - timedelta(days=1)) == 0


@given(by_day, st.integers(0, 60), st.integers(0, 50))
def test_days_before_the_start_count_down_to_it(came: dict[date, int], start: int, most: int) -> None:
    days = rules.course(came, {})
    at = DAY + timedelta(days=start)
    found = rules.days_before(days, at, most)
    assert [ahead for ahead, _total in found] == list(range(len(found) - 1, -1, -1))
    assert len(found) <= most + 1
    assert found[-1] == (0, rules.total_on(days, at))


def test_a_day_with_both_is_one_day() -> None:
    assert rules.course({DAY: 3}, {DAY: 1}) == [Day(DAY, 3, 1, 2)]
