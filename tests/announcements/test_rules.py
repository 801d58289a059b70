"""When a timed mail is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventhub.announcements.models import Anchor
from eventhub.announcements.rules import PATIENCE, due_at, is_due

START = datetime(2026, 4, 1, 13, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.integers(0, 2160), MOMENTS)
def test_it_moves_with_its_edition(hours: int, start: datetime) -> None:
    end = start + timedelta(hours=2)
    before, after = (
        due_at(Anchor.BEFORE_START, hours, start, end),
        due_at(Anchor.AFTER_END, hours, start, end),
    )
    assert before is not None
    assert after is not None
    assert before <= start < end <= after
    assert start - before == after - end == timedelta(hours=hours)


def test_without_hours_there_is_no_moment() -> None:
    assert due_at(Anchor.BEFORE_START, 1, None, None) is None
    assert due_at(Anchor.AFTER_END, 1, START, None) is None
    assert not is_due(None, START, START)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_nothing_leaves_early_late_or_for_a_time_before_it_was_set_up(
    due: datetime, now: datetime, since: datetime
) -> None:
    assert is_due(due, now, since) == (since <= due and timedelta(0) <= now - due < PATIENCE)
