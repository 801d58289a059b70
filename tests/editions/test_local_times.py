"""What holds for local times in every zone: clock changes, long and short days, midnight, other zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eventhub.calendars.zones import NonexistentTime
from eventhub.editions.planning import When, planned
from eventhub.editions.recurrence import Frequency, Recurrence, proposal
from eventhub.editions.times import span
from eventhub.errors import RuleBroken

ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
)
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def rules() -> st.SearchStrategy[Recurrence]:
    return st.builds(
        Recurrence,
        frequency=st.sampled_from(Frequency),
        start=DAYS,
        day_of_week=st.integers(0, 6),
        interval=st.integers(1, 5),
        week=st.sampled_from([1, 2, 3, 4, 5, -1]),
        count=st.integers(1, 20),
    )


@given(rules(), st.sampled_from(ZONES), TIMES)
def test_the_wall_clock_of_a_rule_stays_or_the_date_is_refused(rule: Recurrence, zone: str, at: time) -> None:
    for day in proposal(rule).days:
        try:
            [item] = planned([When(day)], (at, None), 1, set(), zone)
        except RuleBroken:
            assert is_skipped(zone, day, at)
            continue
        starts_at = span(zone, item.day, item.start).starts_at
        assert starts_at is not None
        wall = starts_at.astimezone(ZoneInfo(zone))
        assert (wall.date(), wall.time(), wall.fold) == (day, at, 0)


def is_skipped(zone: str, day: date, at: time) -> bool:
    """Tell whether the clocks jump over this time: the way to UTC and back leads elsewhere."""
    wall = datetime.combine(day, at, ZoneInfo(zone))
    return wall.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(tzinfo=None)


@given(DAYS, TIMES, TIMES, st.integers(0, 3), st.sampled_from(ZONES))
def test_what_ends_later_on_the_wall_ends_later(
    day: date, start: time, end: time, nights: int, zone: str
) -> None:
    last = day + timedelta(days=nights)
    assume((last, end) > (day, start))
    try:
        found = span(zone, day, start, last, end)
    except NonexistentTime:
        return
    assert found.starts_at is not None
    assert found.ends_at is not None
    wall = datetime.combine(last, end) - datetime.combine(day, start)
    # clocks go forward or back by an hour, in some places by half of one, on Samoa once by a day
    assert abs((found.ends_at - found.starts_at) - wall) <= timedelta(days=1)
    if zone in {"UTC", "Asia/Kathmandu"}:
        assert found.ends_at - found.starts_at == wall


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2027, 3, 28), 23),
        ("Europe/Berlin", date(2027, 10, 31), 25),
        ("America/New_York", date(2027, 3, 14), 23),
        ("America/New_York", date(2027, 11, 7), 25),
        ("Australia/Lord_Howe", date(2027, 10, 3), 23.5),
        ("Asia/Kathmandu", date(2027, 3, 28), 24),
    ],
)
def test_days_of_23_and_25_hours_have_their_length(zone: str, day: date, hours: float) -> None:
    found = span(zone, day, time(0), day + timedelta(1), time(0))
    assert found.starts_at is not None
    assert found.ends_at is not None
    assert found.ends_at - found.starts_at == timedelta(hours=hours)


def test_midnight_is_the_next_day() -> None:
    found = span("Europe/Berlin", date(2027, 12, 31), time(20), date(2028, 1, 1), time(0))
    assert found.ends_at == datetime(2027, 12, 31, 23, tzinfo=UTC)


def test_an_hour_that_comes_twice_means_the_first() -> None:
    found = span("Europe/Berlin", date(2027, 10, 31), time(2, 30))
    assert found.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@given(DAYS, TIMES, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_another_zone_keeps_the_wall_clock(day: date, at: time, old: str, new: str) -> None:
    assume(not is_skipped(old, day, at) and not is_skipped(new, day, at))
    moments = [span(zone, day, at).starts_at for zone in (old, new)]
    walls = [
        moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        for moment, zone in zip(moments, (old, new), strict=True)
        if moment
    ]
    assert walls == [datetime.combine(day, at)] * 2
