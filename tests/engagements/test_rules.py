"""What stands in a speaker's calendar in the end is what should stand there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.engagements.models import Engagement
from eventhub.engagements.rules import Shown, Told, calendar_news, reminder_is_due

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SHOWN = st.builds(
    lambda title, place, hour: Shown(
        title, place, NOON + timedelta(hours=hour), NOON + timedelta(hours=hour + 1)
    ),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["Hall", "Room"]),
    st.integers(0, 2),
)
WANTED = st.dictionaries(st.sampled_from(["u1", "u2", "u3"]), SHOWN)


@given(st.lists(WANTED, max_size=6))
def test_a_calendar_that_follows_the_messages_holds_what_it_should(steps: list[dict[str, Shown]]) -> None:
    told: dict[str, Told] = {}
    calendar: dict[str, tuple[int, Shown | None]] = {}
    for wanted in steps:
        for news in calendar_news(wanted, told):
            before = calendar.get(news.uid, (-1, None))
            assert news.sequence >= before[0]
            if news.method == "CANCEL" or before[1] is None:
                assert news.sequence > before[0]
            calendar[news.uid] = news.sequence, news.shown if news.method == "REQUEST" else None
            told[news.uid] = Told(news.shown, news.sequence, news.method == "CANCEL")
        assert {uid: shown for uid, (_sequence, shown) in calendar.items() if shown} == wanted
        assert list(calendar_news(wanted, told)) == []


def test_a_new_title_needs_no_higher_sequence_and_a_new_hour_does() -> None:
    shown = Shown("A", "Hall", NOON, NOON + timedelta(hours=1))
    told = {"u": Told(shown, 3)}
    later = Shown("A", "Hall", NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    renamed = Shown("B", "Hall", NOON, NOON + timedelta(hours=1))
    assert [news.sequence for news in calendar_news({"u": renamed}, told)] == [3]
    assert [news.sequence for news in calendar_news({"u": later}, told)] == [4]


@pytest.mark.parametrize(("day", "due"), [(6, False), (7, True), (10, True), (11, False)])
def test_who_is_silent_is_reminded_in_the_last_days_before_the_deadline(day: int, due: bool) -> None:
    found = Engagement(answer_by=date(2027, 3, 10), mails=1, mailed_at=datetime(2027, 3, 1, tzinfo=UTC))
    now = datetime(2027, 3, day, 12, tzinfo=UTC)
    assert reminder_is_due(found, now.date(), now) is due
    found.reminded_at = now
    assert reminder_is_due(found, now.date(), now) is False
