"""Dates from a rule: weekdays, months without a fifth one, clock changes, ends."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.editions.planning import When, planned
from eventhub.editions.recurrence import MOST, Frequency, Recurrence, is_cut, occurrences
from eventhub.editions.times import span
from eventhub.errors import RuleBroken

DAYS = st.dates(date(1971, 1, 1), date(2150, 12, 31))
BERLIN = ZoneInfo("Europe/Berlin")


def weekly(start: date, **values: object) -> Recurrence:
    return Recurrence(**{"frequency": Frequency.WEEKLY, "start": start, "day_of_week": 1} | values)  # type: ignore[arg-type]


def monthly(start: date, **values: object) -> Recurrence:
    return Recurrence(**{"frequency": Frequency.MONTHLY, "start": start, "day_of_week": 1} | values)  # type: ignore[arg-type]


def test_every_second_tuesday() -> None:
    found = occurrences(weekly(date(2026, 3, 2), interval=2, count=3))
    assert found == [date(2026, 3, 3), date(2026, 3, 17), date(2026, 3, 31)]


def test_the_last_friday_of_a_month_ends_in_february_too() -> None:
    found = occurrences(monthly(date(2026, 1, 1), day_of_week=4, week=-1, count=3))
    assert found == [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 27)]


def test_months_without_a_fifth_friday_are_left_out() -> None:
    found = occurrences(monthly(date(2026, 1, 1), day_of_week=4, week=5, count=4))
    assert found == [date(2026, 1, 30), date(2026, 5, 29), date(2026, 7, 31), date(2026, 10, 30)]


def test_the_last_day_counts() -> None:
    assert occurrences(weekly(date(2026, 3, 3), until=date(2026, 3, 10))) == [
        date(2026, 3, 3),
        date(2026, 3, 10),
    ]
    assert occurrences(weekly(date(2026, 3, 4), until=date(2026, 3, 9))) == []


def test_a_rule_makes_no_more_than_the_most() -> None:
    endless = weekly(date(2026, 3, 3), until=date(2030, 1, 1))
    assert len(occurrences(endless)) == MOST
    assert is_cut(endless)
    assert not is_cut(weekly(date(2026, 3, 3), until=date(2026, 4, 1)))


@given(DAYS, st.integers(0, 6), st.integers(1, 8), st.integers(1, MOST))
def test_weeks_keep_weekday_and_distance(start: date, day: int, interval: int, count: int) -> None:
    found = occurrences(weekly(start, day_of_week=day, interval=interval, count=count))
    assert len(found) == count
    assert found[0] >= start
    assert found[0] - start < timedelta(weeks=1) * interval
    assert {one.weekday() for one in found} == {day}
    gaps = {later - earlier for earlier, later in pairwise(found)}
    assert gaps <= {timedelta(weeks=interval)}


@given(DAYS, st.integers(0, 6), st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(1, 24))
def test_months_keep_weekday_and_week(start: date, day: int, week: int, count: int) -> None:
    found = occurrences(monthly(start, day_of_week=day, week=week, count=count))
    assert found == sorted(set(found))
    for one in found:
        assert one >= start
        assert one.weekday() == day
        assert (one + timedelta(weeks=1)).month != one.month if week == -1 else (one.day - 1) // 7 + 1 == week


@pytest.mark.parametrize("start", [date(2026, 3, 23), date(2026, 10, 19)])
def test_the_wall_clock_stays_across_both_clock_changes(start: date) -> None:
    days = occurrences(weekly(start, day_of_week=0, count=3))
    moments = [span("Europe/Berlin", day, time(15)).starts_at for day in days]
    assert [moment.astimezone(BERLIN).time() for moment in moments if moment] == [time(15)] * 3
    assert len({moment.time() for moment in moments if moment}) == 2, "in UTC the hour moves"


def test_an_hour_that_the_clocks_jump_over_is_refused() -> None:
    with pytest.raises(RuleBroken) as refused:
        planned([When(date(2026, 3, 29))], (time(2, 30), None), 1, set(), "Europe/Berlin")
    assert refused.value.field == "start_time"
    assert planned([When(date(2026, 10, 25))], (time(2, 30), None), 1, set(), "Europe/Berlin")


@given(st.lists(DAYS, unique=True, max_size=20), st.sets(st.integers(1, 30)), st.integers(0, 20))
def test_numbers_go_up_and_leave_out_those_that_are_taken(
    days: list[date], taken: set[int], first: int
) -> None:
    found = planned([When(day) for day in days], (None, None), first, taken, "Europe/Berlin")
    assert [one.day for one in found] == sorted(days)
    numbers = [one.number for one in found]
    assert numbers == sorted(set(numbers))
    assert taken.isdisjoint(numbers)
    assert all(number >= first for number in numbers)


def test_the_hours_of_a_line_come_before_those_of_the_form() -> None:
    day = date(2026, 5, 5)
    found = planned(
        [When(day, time(9), time(12)), When(day + timedelta(1))], (time(15), time(18)), 1, set(), "UTC"
    )
    assert [(one.start, one.end) for one in found] == [(time(9), time(12)), (time(15), time(18))]


def test_an_end_before_the_start_names_the_day() -> None:
    with pytest.raises(RuleBroken) as refused:
        planned([When(date(2026, 5, 5))], (time(15), time(14)), 1, set(), "UTC")
    assert refused.value.field == "end_time"
    assert "5 May" in refused.value.message.replace("\u00a0", " ")
