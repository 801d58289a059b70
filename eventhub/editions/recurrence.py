"""Dates of several editions from a rule, computed in local time; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import islice

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

MOST = 60
"""No rule and no pasted list makes more editions than this at once."""
LAST_WEEK = -1


class Frequency(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """Every n-th week on a weekday, or every n-th month on its first, second, … or last weekday.

    Exactly one of `count` and `until` says where it ends.
    """

    frequency: Frequency
    start: date
    day_of_week: int
    """Monday is 0."""
    interval: int = 1
    week: int = 1
    """For monthly rules: 1 to 5, or -1 for the last. Months without a fifth one are left out."""
    count: int | None = None
    until: date | None = None


def occurrences(rule: Recurrence) -> list[date]:
    """Return the dates of a rule in order, at most MOST of them."""
    return list(islice(_dates(rule), min(rule.count or MOST, MOST)))


def is_cut(rule: Recurrence) -> bool:
    """Tell whether the rule would go on beyond MOST dates."""
    return len(list(islice(_dates(rule), MOST + 1))) > MOST


def _dates(rule: Recurrence) -> Iterator[date]:
    weekly = rule.frequency is Frequency.WEEKLY
    day = weekday(rule.day_of_week) if weekly else weekday(rule.day_of_week)(rule.week)
    last = datetime.combine(rule.until, time(23, 59)) if rule.until else None
    found = rrule(
        WEEKLY if weekly else MONTHLY,
        interval=rule.interval,
        dtstart=datetime.combine(rule.start, time()),
        until=last or datetime(2199, 12, 31),  # noqa: DTZ001  # local dates have no zone
        byweekday=day,
    )
    return (moment.date() for moment in found)
