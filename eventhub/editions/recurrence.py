"""Dates of several editions from a rule, computed in local time; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import count as counted
from typing import Any

from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, WEEKLY, YEARLY, rrule, weekday

MOST = 60
"""No rule and no pasted list makes more editions than this at once."""
LAST_WEEK = -1
LATEST = date(2199, 12, 30)
Reason = Callable[[date], str]
"""Says why a date is left out; empty where nothing is against it."""


class Frequency(StrEnum):
    """What a rule counts in, and whether a weekday or a date is kept."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    MONTHLY_BY_DATE = "monthly_by_date"
    YEARLY = "yearly"
    YEARLY_BY_DATE = "yearly_by_date"


_RRULE: dict[Frequency, Any] = {
    Frequency.WEEKLY: WEEKLY,
    Frequency.MONTHLY: MONTHLY,
    Frequency.YEARLY: YEARLY,
}
_MONTHS = {Frequency.MONTHLY_BY_DATE: 1, Frequency.YEARLY_BY_DATE: 12}


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """Every n-th week on a weekday, every n-th month or year on such a weekday of the month, or on a date.

    By date the day of `start` counts; where a month is too short for it, its last day does. `count` and
    `until` say where it ends; without both it goes on.
    """

    frequency: Frequency
    start: date
    day_of_week: int = 0
    """Monday is 0."""
    interval: int = 1
    week: int = 1
    """For weekdays of a month: 1 to 5, or -1 for the last. Months without a fifth one are left out."""
    count: int | None = None
    """How many dates are wanted; those that are left out do not count."""
    until: date | None = None


@dataclass(frozen=True)
class Proposal:
    """The dates that a rule proposes, at most MOST of them."""

    days: list[date]
    left_out: list[tuple[date, str]]
    """Dates of the rule that something is against, with the reason."""
    cut: bool = False
    """Whether there would be more than MOST."""


def nothing_against(_day: date) -> str:
    return ""


def proposal(rule: Recurrence, reason_against: Reason = nothing_against) -> Proposal:
    """Return the dates of a rule in order, without those that something is against."""
    wanted = min(rule.count or MOST, MOST)
    days: list[date] = []
    left_out: list[tuple[date, str]] = []
    for day in occurrences(rule):
        reason = reason_against(day)
        if reason:
            left_out.append((day, reason))
        elif len(days) == wanted:
            return Proposal(days, left_out, cut=True)
        else:
            days.append(day)
        if len(days) == rule.count:
            break
    return Proposal(days, left_out)


def occurrences(rule: Recurrence) -> Iterator[date]:
    """Generate all dates of a rule up to its last day, whatever `count` says."""
    last = min(rule.until or LATEST, LATEST)
    if rule.frequency in _MONTHS:
        return _by_date(rule, last)
    day = weekday(rule.day_of_week)
    found = rrule(
        _RRULE[rule.frequency],
        interval=rule.interval,
        dtstart=datetime.combine(rule.start, time()),
        until=datetime.combine(last, time(23, 59)),
        bymonth=rule.start.month if rule.frequency is Frequency.YEARLY else None,
        byweekday=day if rule.frequency is Frequency.WEEKLY else day(rule.week),
    )
    return (moment.date() for moment in found)


def _by_date(rule: Recurrence, last: date) -> Iterator[date]:
    """Count from the start each time, so that a short month shortens no later one."""
    for number in counted():
        months = _MONTHS[rule.frequency] * rule.interval * number
        if rule.start.year + months // 12 > last.year + 1:
            return
        day = rule.start + relativedelta(months=months)
        if day > last:
            return
        yield day
