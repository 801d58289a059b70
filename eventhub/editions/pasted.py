"""Dates as people paste them, German, English or ISO, one per line; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from eventhub.web.languages import gettext as _
from eventhub.web.times import MONTHS, SHORT_MONTHS, WEEKDAYS, weekday

LONGEST_LINE = 200
EARLIEST_YEAR, LATEST_YEAR = 1970, 2199


@dataclass(frozen=True)
class Line:
    """One line: what it says, or why it can't be understood."""

    number: int
    text: str
    day: date | None = None
    start: time | None = None
    end: time | None = None
    error: str = ""


def _months() -> dict[str, int]:
    found = {}
    for names in (*MONTHS.values(), *SHORT_MONTHS.values()):
        for number, name in enumerate(names, 1):
            found[name.lower().rstrip(".")] = number
            found[name.lower()[:3]] = number
    return found | {"mrz": 3, "maerz": 3, "sept": 9}


def _weekdays() -> dict[str, int]:
    found = {}
    for language, names in WEEKDAYS.items():
        for number, name in enumerate(names):
            found[name.lower()] = number
            found[name.lower()[: 2 if language == "de" else 3]] = number
    return found | {"sonnabend": 5, "tues": 1, "thur": 3, "thurs": 3}


MONTH_NUMBERS = _months()
WEEKDAY_NUMBERS = _weekdays()
_MONTH = "(?P<month>[^\\W\\d_]+)\\.?"
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?=T|\b)"),
    re.compile(r"\b(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4}|\d{2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})\b"),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th)?\s*{_MONTH},?\s*(?P<y>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
)
_CLOCK = r"(?P<h{0}>\d{{1,2}})(?:[:.](?P<m{0}>\d{{2}}))?\s*(?P<p{0}>am|pm|a\.m\.|p\.m\.)?"
_TIMES = re.compile(
    r"(?:\b(?:um|von|ab|at|from)\s+)?"
    + _CLOCK.format(1)
    + r"(?:\s*(?:uhr|h)\b)?(?:\s*(?:-|–|—|bis|to|until|till)\s*"
    + _CLOCK.format(2)
    + r"(?:\s*(?:uhr|h)\b)?)?",
    re.IGNORECASE,
)
_NOISE = re.compile(r"^(?:[\s,;|T()]|uhr|h|den|dem|am|der|on|the|cet|cest|mez|mesz)*$", re.IGNORECASE)


class _Unreadable(ValueError):
    """The message says what to write instead."""


def read_lines(text: str) -> list[Line]:
    """Read every line that is not empty; each carries its own error."""
    found = []
    days: dict[tuple[date, time | None], int] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        words = " ".join(raw.replace("\u00a0", " ").split())
        if not words:
            continue
        line = _read(number, words)
        if line.day is not None:
            first = days.setdefault((line.day, line.start), number)
            if first != number:
                line = Line(number, words, error=_("The same date as in line %(line)s", line=first))
        found.append(line)
    return found


def _read(number: int, words: str) -> Line:
    try:
        day, rest = _day(words[:LONGEST_LINE])
        start, end, rest = _hours(rest)
        _check_rest(day, rest)
    except _Unreadable as problem:
        return Line(number, words[:LONGEST_LINE], error=str(problem))
    return Line(number, words, day, start, end)


def _day(words: str) -> tuple[date, str]:
    for pattern in _DATES:
        for found in pattern.finditer(words):
            parts = found.groupdict()
            month = int(parts["m"]) if parts.get("m") else MONTH_NUMBERS.get(parts["month"].lower(), 0)
            if not month and parts.get("month"):
                continue
            year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
            return _date(year, month, int(parts["d"])), f"{words[: found.start()]} {words[found.end() :]}"
    raise _Unreadable(_("No date found. Write it like 7.12.2026, 7 December 2026 or 2026-12-07"))


def _date(year: int, month: int, day: int) -> date:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise _Unreadable(_("Choose a year between 1970 and 2199"))
    try:
        return date(year, month, day)
    except ValueError:
        raise _Unreadable(_("There is no such day in the calendar")) from None


def _hours(rest: str) -> tuple[time | None, time | None, str]:
    found = _TIMES.search(rest)
    if found is None:
        return None, None, rest
    parts = found.groupdict()
    afternoon = parts["p2"] if parts["p2"] and not parts["p1"] and _hour_fits(parts) else parts["p1"]
    start = _time(parts["h1"], parts["m1"], afternoon)
    end = _time(parts["h2"], parts["m2"], parts["p2"]) if parts["h2"] else None
    return start, end, f"{rest[: found.start()]} {rest[found.end() :]}"


def _hour_fits(parts: dict[str, str | None]) -> bool:
    """In “3 to 6 pm” the first hour is in the afternoon too; in “11 to 1 pm” it is not."""
    return int(parts["h1"] or 0) % 12 < int(parts["h2"] or 0) % 12


def _time(hour: str, minute: str | None, half: str | None) -> time:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise _Unreadable(_("With am and pm the hours go from 1 to 12"))
        number = number % 12 + (12 if half.lower().startswith("p") else 0)
    try:
        return time(number, int(minute or 0))
    except ValueError:
        raise _Unreadable(_("There is no such time of day")) from None


def _check_rest(day: date, rest: str) -> None:
    """Refuse words that were not understood, and a weekday that is not the date's."""
    kept = []
    for word in re.split(r"[\s,;|()]+", rest):
        number = WEEKDAY_NUMBERS.get(word.lower().rstrip("."))
        if number is None:
            kept.append(word)
        elif number != day.weekday():
            raise _Unreadable(_("This day is a %(weekday)s", weekday=weekday(day)))
    left = " ".join(kept).strip()
    if not _NOISE.match(left):
        raise _Unreadable(_("Not understood: “%(words)s”", words=left[:40]))
