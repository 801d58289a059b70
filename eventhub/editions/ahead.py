"""Editions that a series gets by its rule, so many ahead; never one a second time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition, Series, SeriesRule
from eventhub.editions.planning import When, planned
from eventhub.editions.public_holidays import reason_against
from eventhub.editions.queries import last_edition, taken_numbers
from eventhub.editions.recurrence import Recurrence, occurrences
from eventhub.editions.service import Planned, create_several, next_number
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.web.times import local


def recurrence(rule: SeriesRule) -> Recurrence:
    return Recurrence(
        frequency=rule.frequency,
        start=rule.from_day,
        day_of_week=rule.day_of_week,
        interval=rule.every,
        week=rule.week,
        until=rule.until,
    )


def coming_days(rule: SeriesRule, today: date) -> tuple[list[date], list[tuple[date, str]]]:
    """Return the dates of the rule that are to be there, and those between them that are left out.

    A rule whose dates are all left out is given up after some.
    """
    against = reason_against(rule.holidays_of, map(date.fromisoformat, rule.left_out))
    days: list[date] = []
    left_out = []
    for day in islice((day for day in occurrences(recurrence(rule)) if day >= today), 20 * rule.ahead):
        if reason := against(day):
            left_out.append((day, reason))
        else:
            days.append(day)
        if len(days) == rule.ahead:
            break
    return days, left_out


def due_days(rule: SeriesRule, today: date) -> list[date]:
    """Return the dates that nobody has dealt with yet."""
    days, _left_out = coming_days(rule, today)
    return [day for day in days if rule.made_through is None or day > rule.made_through]


def items(rule: SeriesRule, days: list[date], first_number: int, taken: set[int], zone: str) -> list[Planned]:
    """Give dates of the rule their hours and numbers; raises RuleBroken for a time that doesn't exist."""
    hours = rule.start_time, rule.end_time
    return planned([When(day) for day in days], hours, first_number, taken, zone, rule.nights)


def today_in(series: Series) -> date:
    return local(clock.now(), series.zone).date()


def rule_of(series: Series) -> SeriesRule | None:
    return db.session.get(SeriesRule, series.id)


def set_rule(series: Series, values: Mapping[str, Any]) -> list[Edition]:
    """Keep the rule of a series and make what is due at once."""
    lock(series)
    rule = rule_of(series) or SeriesRule(series=series)
    for name, value in values.items():
        setattr(rule, name, value)
    db.session.add(rule)
    db.session.flush()
    history.record("series.rule_set", series_id=series.id)
    return make_due(rule)


def drop_rule(series: Series) -> None:
    """Make no editions by a rule any more; those that are there stay."""
    lock(series)
    rule = rule_of(series)
    if rule is not None:
        db.session.delete(rule)
        history.record("series.rule_dropped", series_id=series.id)


def make_due(rule: SeriesRule) -> list[Edition]:
    """Make a draft for each date that is due, from the last edition; a day that has an edition needs none."""
    series = rule.series
    lock(series)
    lock(rule)
    days = due_days(rule, today_in(series))
    if not days:
        return []
    dated = set(db.session.scalars(select(Edition.start_date).where(Edition.series_id == series.id)))
    made = [edition for day in days if day not in dated and (edition := _make(rule, day))]
    rule.made_through = days[-1]
    db.session.flush()
    if made:
        titles = ", ".join(edition.title for edition in made)
        history.record("series.planned", series_id=series.id, title=titles)
    return made


def _make(rule: SeriesRule, day: date) -> Edition | None:
    """Make the draft of one date; where the clocks jump over its hours, say so and leave it out."""
    series = rule.series
    last = last_edition(series)
    zone = last.zone if last else series.zone
    try:
        planned_items = items(rule, [day], next_number(series), taken_numbers(series), zone)
    except RuleBroken as broken:
        history.record("series.date_left_out", series_id=series.id, reason=str(broken.message))
        return None
    return create_several(series, planned_items, last, with_agenda=True)[0]
