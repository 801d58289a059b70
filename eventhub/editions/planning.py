"""From a filled form to the list of editions that are about to be made; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from eventhub.editions.checks import FIRST_DAY, LAST_DAY, local_to_utc
from eventhub.editions.pasted import Line
from eventhub.editions.service import Planned
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _
from eventhub.web.times import day


@dataclass(frozen=True)
class When:
    """A date with its own hours, or None for those of the form; or words, where no day is known."""

    day: date | None
    start: time | None = None
    end: time | None = None
    planned: str = ""


def from_lines(lines: Iterable[Line]) -> list[When]:
    return [When(line.day, line.start, line.end) for line in lines if line.day is not None]


def planned(
    dates: Iterable[When],
    hours: tuple[time | None, time | None],
    first_number: int,
    taken: set[int],
    zone: str,
    nights: int = 0,
) -> list[Planned]:
    """Give each date its hours and the next free number; raises RuleBroken for a time that doesn't exist.

    What has no day comes last. `nights` says on which day after the first each of them ends.
    """
    found = []
    number = first_number
    for when in sorted(dates, key=lambda one: (one.day or date.max, one.start or time())):
        while number in taken:
            number += 1
        found.append(_planned(number, when, hours, zone, nights))
        number += 1
    return found


def _planned(
    number: int, when: When, hours: tuple[time | None, time | None], zone: str, nights: int
) -> Planned:
    if when.day is None:
        return Planned(number, None, None, None, planned=when.planned)
    start, end = (when.start, when.end) if when.start else hours
    last = when.day + timedelta(days=nights)
    _check(when.day, start, last, end, zone)
    return Planned(number, when.day, start, end, end_day=last if nights else None)


def _check(on: date, start: time | None, last: date, end: time | None, zone: str) -> None:
    if not FIRST_DAY <= on <= LAST_DAY:
        raise RuleBroken(_("Choose a year between 1970 and 2199"))
    if start is None:
        if end is not None:
            raise RuleBroken(_("Enter the time at which it starts"), field="start_time")
        return
    starts_at = local_to_utc(zone, on, start, "start_time")
    if end is not None and local_to_utc(zone, last, end, "end_time") <= starts_at:
        raise RuleBroken(_("On %(day)s the end lies before the start", day=day(on)), field="end_time")
