"""Dates from a rule: weekdays, months without a fifth one, clock changes, ends."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.editions.planning import When, planned
from eventhub.editions.public_holidays import reason_against
from eventhub.editions.recurrence import MOST, Frequency, Recurrence, proposal
from eventhub.editions.times import span
from eventhub.errors import RuleBroken


def occurrences(rule: Recurrence) -> list[date]:
    return proposal(rule).days


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
    assert len(proposal(endless).days) == MOST
    assert proposal(endless).cut
    assert not proposal(weekly(date(2026, 3, 3), until=date(2026, 4, 1))).cut
    assert not proposal(weekly(date(2026, 3, 3), count=MOST)).cut


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


def rule(frequency: Frequency, start: date, **values: object) -> Recurrence:
    return Recurrence(**{"frequency": frequency, "start": start} | values)  # type: ignore[arg-type]


def test_a_date_that_a_month_lacks_falls_on_its_last_day() -> None:
    found = occurrences(rule(Frequency.MONTHLY_BY_DATE, date(2026, 1, 31), count=4))
    assert found == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_the_29th_of_february_comes_every_year() -> None:
    found = occurrences(rule(Frequency.YEARLY_BY_DATE, date(2028, 2, 29), count=5))
    assert found == [
        date(2028, 2, 29),
        *(date(year, 2, 28) for year in (2029, 2030, 2031)),
        date(2032, 2, 29),
    ]


def test_the_first_tuesday_of_a_month_every_year() -> None:
    found = occurrences(rule(Frequency.YEARLY, date(2026, 12, 1), day_of_week=1, count=3))
    assert found == [date(2026, 12, 1), date(2027, 12, 7), date(2028, 12, 5)]
    assert occurrences(rule(Frequency.YEARLY, date(2026, 12, 2), day_of_week=1, count=1)) == [
        date(2027, 12, 7)
    ]


@given(DAYS, st.sampled_from([Frequency.MONTHLY_BY_DATE, Frequency.YEARLY_BY_DATE]), st.integers(1, 14))
def test_dates_keep_their_day_or_end_with_the_month(start: date, frequency: Frequency, every: int) -> None:
    found = occurrences(
        rule(frequency, start, interval=every, until=min(date(2199, 1, 1), start + timedelta(9_000)))
    )
    assert found[0] == start
    for number, day in enumerate(found):
        months = number * every * (1 if frequency is Frequency.MONTHLY_BY_DATE else 12)
        assert (day.year - start.year) * 12 + day.month - start.month == months
        assert day.day == start.day or (day.day < start.day and (day + timedelta(1)).day == 1)


def test_what_is_left_out_does_not_count_and_says_why() -> None:
    left_out = reason_against("BE", [date(2026, 1, 15)])
    found = proposal(weekly(date(2025, 12, 25), day_of_week=3, count=3), left_out)
    assert found.days == [date(2026, 1, 8), date(2026, 1, 22), date(2026, 1, 29)]
    assert [day for day, _reason in found.left_out] == [
        date(2025, 12, 25),
        date(2026, 1, 1),
        date(2026, 1, 15),
    ]
    assert all(reason for _day, reason in found.left_out)


def test_each_state_has_its_own_holidays() -> None:
    womens_day, epiphany = date(2027, 3, 8), date(2027, 1, 6)
    assert reason_against("BE", [])(womens_day)
    assert not reason_against("BY", [])(womens_day)
    assert reason_against("BY", [])(epiphany)
    assert not reason_against("BE", [])(epiphany)
    assert not reason_against("", [])(date(2027, 1, 1))


def test_a_rule_of_holidays_alone_comes_to_an_end() -> None:
    christmas = rule(Frequency.YEARLY_BY_DATE, date(2026, 12, 25), until=date(2099, 12, 31))
    assert proposal(christmas, reason_against("BE", [])).days == []


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


def test_what_has_no_day_comes_last() -> None:
    dates = [When(None, planned="autumn 2026"), When(date(2026, 5, 5))]
    found = planned(dates, (time(15), time(18)), 7, {8}, "Europe/Berlin")
    assert [(one.number, one.day, one.start, one.planned) for one in found] == [
        (7, date(2026, 5, 5), time(15), ""),
        (9, None, None, "autumn 2026"),
    ]


def test_a_night_ends_on_the_next_day() -> None:
    [found] = planned([When(date(2026, 12, 31))], (time(22), time(0)), 1, set(), "Europe/Berlin", nights=1)
    assert found.end_day == date(2027, 1, 1)


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
