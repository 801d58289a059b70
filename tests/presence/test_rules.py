"""When joining counts as being there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.calendars.entries import Days, Timed
from eventhub.presence import rules

ZONE = "Europe/Berlin"
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=365)).map(datetime(2026, 1, 1, tzinfo=UTC).__add__)
TIMED = st.builds(
    lambda start, length: Timed(start, start + length, ZONE),
    MOMENTS,
    st.timedeltas(timedelta(0), timedelta(hours=16)),
)
WHOLE = st.builds(
    lambda first, more: Days.through(first, first + timedelta(days=more)),
    st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    st.just(0),
)


@given(st.lists(TIMED | WHOLE, max_size=4), MOMENTS)
def test_joining_counts_for_a_day_of_the_meeting_or_for_none(days: list[Timed | Days], now: datetime) -> None:
    found = rules.day_at(days, ZONE, now)
    assert found is None or found in {rules.day_of(one, ZONE) for one in days}
    if found is not None:
        assert rules.next_begin(days, ZONE, now) is None
        assert not rules.is_past(days, ZONE, now)


@given(TIMED, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_it_never_counts_long_before_or_after(when: Timed, distance: timedelta) -> None:
    before = when.starts_at - rules.COUNTS_BEFORE - distance - timedelta(microseconds=1)
    assert rules.day_at([when], ZONE, before) is None
    assert rules.next_begin([when], ZONE, before) == when.starts_at - rules.COUNTS_BEFORE
    assert rules.day_at([when], ZONE, when.ends_at + distance) is None
    assert rules.next_begin([when], ZONE, when.ends_at + distance) is None


@given(TIMED | WHOLE)
def test_it_counts_from_the_first_moment_on_and_is_told_in_advance(when: Timed | Days) -> None:
    begin, end = rules.span_of(when, ZONE)
    assert begin < end
    assert rules.day_at([when], ZONE, begin) == rules.day_of(when, ZONE)
    assert rules.next_begin([when], ZONE, begin - timedelta(seconds=1)) == begin


def test_a_day_without_hours_counts_from_its_local_midnight() -> None:
    day = Days.through(date(2026, 3, 29), date(2026, 3, 29))  # the clocks change that night
    assert rules.span_of(day, ZONE) == (
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    )
