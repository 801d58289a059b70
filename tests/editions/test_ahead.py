"""Editions made ahead by the rule of a series: copied, numbered, never a second time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions import ahead, service
from eventhub.editions.jobs import plan_editions
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.editions.recurrence import Frequency
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from tests.conftest import FrozenClock
from tests.editions.making import add_slot, make_edition, make_series

pytestmark = pytest.mark.both_databases

TUESDAYS: dict[str, Any] = {
    "frequency": Frequency.WEEKLY,
    "every": 2,
    "day_of_week": 1,
    "week": 1,
    "from_day": date(2026, 3, 10),
    "until": None,
    "holidays_of": "",
    "left_out": [],
    "start_time": time(15),
    "end_time": time(18),
    "nights": 0,
    "ahead": 3,
}


@pytest.fixture
def series(app: Flask, clock: FrozenClock) -> Any:
    """Give a series with one edition that has an agenda."""
    with app.app_context():
        with transaction():
            found = make_series()
            last = make_edition(
                found, 4, start_date=date(2026, 2, 24), state=EditionState.PUBLISHED, capacity=60
            )
            add_slot(last, "welcome", time(15), time(15, 30))
        yield found


def keep(series: Series, **values: Any) -> list[Edition]:
    with transaction():
        return ahead.set_rule(series, TUESDAYS | values)


def dates(series: Series) -> list[tuple[int | None, date | None]]:
    db.session.rollback()
    found = db.session.scalars(select(Edition).where(Edition.series_id == series.id).order_by(Edition.number))
    return [(one.number, one.start_date) for one in found]


FIRST = [
    (4, date(2026, 2, 24)),
    (5, date(2026, 3, 10)),
    (6, date(2026, 3, 24)),
    (7, date(2026, 4, 7)),
]


def test_so_many_are_there_at_once_with_what_the_last_one_had(series: Series) -> None:
    made = keep(series)
    assert dates(series) == FIRST
    assert [(one.state, one.capacity, one.title) for one in made] == [
        (EditionState.DRAFT, 60, f"LabCamp #{number}") for number in (5, 6, 7)
    ]
    entry = db.session.scalars(select(HistoryEntry).filter_by(action="series.planned")).one()
    assert entry.details == {"title": "LabCamp #5, LabCamp #6, LabCamp #7"}


def test_time_brings_the_next_one_and_the_job_makes_it_once(series: Series, clock: FrozenClock) -> None:
    keep(series)
    plan_editions()
    assert dates(series) == FIRST
    clock.set(datetime(2026, 3, 11, tzinfo=UTC))
    plan_editions()
    plan_editions()
    assert dates(series) == [*FIRST, (8, date(2026, 4, 21))]


def test_what_was_deleted_or_moved_is_not_made_again(series: Series, clock: FrozenClock) -> None:
    _fifth, sixth, seventh = keep(series)
    with transaction():
        service.delete(sixth)
        service.update(seventh, {"start_date": date(2026, 4, 8)}, seventh.version)
    for day in range(2, 10):
        clock.set(datetime(2026, 3, day, tzinfo=UTC))
        plan_editions()
    assert dates(series) == [FIRST[0], FIRST[1], (7, date(2026, 4, 8))]


def test_a_day_that_has_an_edition_needs_none(series: Series) -> None:
    with transaction():
        make_edition(series, 9, start_date=date(2026, 3, 24))
    keep(series)
    assert dates(series) == [
        FIRST[0],
        (9, date(2026, 3, 24)),
        (10, date(2026, 3, 10)),
        (11, date(2026, 4, 7)),
    ]


def test_holidays_and_exceptions_are_left_out(series: Series) -> None:
    keep(series, from_day=date(2026, 4, 6), day_of_week=0, every=1, holidays_of="BE", left_out=["2026-04-20"])
    assert [day for _number, day in dates(series)][1:] == [
        date(2026, 4, 13),
        date(2026, 4, 27),
        date(2026, 5, 4),
    ]


def test_where_the_clocks_jump_the_date_is_left_out_and_the_history_says_so(series: Series) -> None:
    keep(series, from_day=date(2026, 3, 22), day_of_week=6, every=1, start_time=time(2, 30), end_time=None)
    assert [day for _number, day in dates(series)][1:] == [date(2026, 3, 22), date(2026, 4, 5)]
    entry = db.session.scalars(select(HistoryEntry).filter_by(action="series.date_left_out")).one()
    assert "29" in entry.details["reason"]


def test_a_changed_rule_counts_for_later_dates(series: Series) -> None:
    keep(series)
    keep(series, day_of_week=3, ahead=5)
    assert dates(series) == [*FIRST, (8, date(2026, 4, 9)), (9, date(2026, 4, 23)), (10, date(2026, 5, 7))]


def test_without_its_rule_a_series_gets_no_more(series: Series, clock: FrozenClock) -> None:
    keep(series)
    with transaction():
        ahead.drop_rule(series)
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    plan_editions()
    assert dates(series) == FIRST


def test_a_rule_ends_with_its_last_day(series: Series, clock: FrozenClock) -> None:
    keep(series, until=date(2026, 3, 30))
    clock.set(datetime(2026, 6, 1, tzinfo=UTC))
    plan_editions()
    assert dates(series) == FIRST[:3]
