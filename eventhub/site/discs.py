"""The time disc of an edition: its programme on the face of a clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from eventhub.editions.models import Edition
from eventhub.site.programme import Day
from eventhub.web import times
from eventhub.web.languages import language

NOON = 12
HALF_A_DAY = 720


@dataclass(frozen=True, slots=True)
class Disc:
    """What stands on the disc; segments are kind, minute of the day, and length in minutes."""

    segments: list[tuple[str, int, int]]
    label: str
    sub: str


def disc_of(edition: Edition, days: Sequence[Day] = ()) -> Disc:
    """Draw the first day that has hours; without a programme the meeting as a whole."""
    segments = next((found for day in days if (found := _segments(day))), None)
    return Disc(segments or _whole(edition), _label(edition), _sub(edition))


def _segments(day: Day) -> list[tuple[str, int, int]]:
    """Take what follows one another; of parallel slots the first stands for all."""
    found: list[tuple[str, int, int]] = []
    free_from = 0
    for item in sorted((one for one in day.items if one.minutes), key=lambda one: one.minute):
        if item.minute >= free_from and item.minutes:
            found.append((item.style, item.minute, item.minutes))
            free_from = item.minute + item.minutes
    return found


def _whole(edition: Edition) -> list[tuple[str, int, int]]:
    if (
        edition.start_time is None
        or edition.end_time is None
        or edition.end_date not in (None, edition.start_date)
    ):
        return []
    start, end = (at.hour * 60 + at.minute for at in (edition.start_time, edition.end_time))
    return [("talk", start, end - start)] if start < end else []


def _label(edition: Edition) -> str:
    if edition.number is not None:
        return f"#{edition.number}"
    start, end = edition.start_date, edition.end_date or edition.start_date
    if start is None or end is None:
        return "?"
    if language() != "de":
        return f"{start.day}" if start == end else f"{start.day}–{end.day}"
    return f"{start.day}." if start == end else f"{start.day}./{end.day}."


def _sub(edition: Edition) -> str:
    one_day = edition.end_date in (None, edition.start_date)
    if edition.start_date is None:
        return ""
    if edition.start_time is not None and one_day:
        return short_hours(edition.start_time, edition.end_time)
    return times.month(edition.start_date, short=True)


def short_hours(start: time, end: time | None) -> str:
    """Return "15–18 Uhr" or "3–6 pm", as short as it can be."""
    if language() == "de":
        hours = _digits(start.hour, start.minute)
        return f"{hours}–{_digits(end.hour, end.minute)} Uhr" if end else f"ab {hours} Uhr"
    first, half = _digits(start.hour % NOON or NOON, start.minute), _half(start)
    if end is None:
        return f"from {first} {half}"
    last = f"{_digits(end.hour % NOON or NOON, end.minute)} {_half(end)}"
    return f"{first}–{last}" if half == _half(end) else f"{first} {half}–{last}"


def _digits(hour: int, minute: int) -> str:
    return f"{hour}:{minute:02}" if minute else str(hour)


def _half(at: time) -> str:
    return "am" if at.hour < NOON else "pm"
