"""A programme as a table: what its columns mean is guessed from their heads and said by a person; pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from eventhub.calendars.reading import Reading
from eventhub.errors import RuleBroken
from eventhub.exchange.schedules.sessions import (
    MOST_SESSIONS,
    Session,
    Unreadable,
    duration,
    read_each,
    session,
)
from eventhub.web.languages import gettext as _
from eventhub.web.tables import unmarked

MOST_COLUMNS = 40
LONGEST_CELL = 100_000
_DELIMITERS = ";,\t"
_BETWEEN = re.compile(r"[|;\n]")
_NUMBERED = re.compile(r"^\s*\d+\s*:\s*")
_GERMAN_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{2,4})?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s*(am|pm|uhr|h)?", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:–|—|-|\bbis\b|\bto\b)\s*")
_MINUTES = re.compile(r"(\d{1,4})\s*(?:min(?:uten|utes|\.)?|m|')?", re.IGNORECASE)


class Column(StrEnum):
    """What a column can mean."""

    TITLE = "title"
    DAY = "day"
    START = "start"
    END = "end"
    DURATION = "duration"
    ROOM = "room"
    TRACK = "track"
    KIND = "kind"
    PEOPLE = "people"
    ABSTRACT = "abstract"
    LANGUAGE = "language"
    LINK = "link"
    NUMBER = "number"
    """What tells one session from the others, also when the table comes again."""


HEADS: dict[Column, str] = {
    Column.TITLE: "title, titel, session, name, session title, talk, vortrag, thema, was, programmpunkt",
    Column.DAY: "date, datum, tag, day, wann",
    Column.START: "start, beginn, anfang, von, starts at, start time, uhrzeit, zeit, time, begin, ab",
    Column.END: "end, ende, bis, ends at, end time, schluss",
    Column.DURATION: "duration, dauer, length, länge, minuten, minutes",
    Column.ROOM: "room, raum, saal, ort, location, venue, wo",
    Column.TRACK: "track, strang, themenstrang, stream, bereich",
    Column.KIND: "kind, type, art, format, typ, session type",
    Column.PEOPLE: (
        "speakers, speaker, sprecher, sprecherin, sprecher:innen, referent, referentin, referenten,"
        " vortragende, people, person, personen, wer, who, presenter, presenters, mitwirkende"
    ),
    Column.ABSTRACT: "abstract, description, beschreibung, kurzbeschreibung, text, inhalt, details",
    Column.LANGUAGE: "language, sprache, lang",
    Column.LINK: "url, link, website, adresse, file url",
    Column.NUMBER: "id, number, nummer, nr, nr., code, kennung, guid",
}
_MEANINGS = {head: column for column, heads in HEADS.items() for head in heads.split(", ")}
_SEVERAL = frozenset({Column.ABSTRACT, Column.PEOPLE})
"""What more than one column may mean."""


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows, each row as long as the heads."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def samples(self, at: int, number: int = 3) -> list[str]:
        """Return the first different values of a column."""
        return list(islice(dict.fromkeys(row[at] for row in self.rows if row[at]), number))


def is_table(text: str) -> bool:
    """Tell whether a text is a table: more than one column, and a head that says something to us."""
    head = next((line for line in text.lstrip("\ufeff").splitlines() if line.strip()), "")
    if head.startswith(("BEGIN:", "<", "{", "[")):
        return False
    return any(_meaning(cell) for cell in next(csv.reader([head], delimiter=_delimiter(head)), []))


def table_of(text: str) -> Table:
    """Read a table; raises RuleBroken where it has no rows or too much."""
    text = text.lstrip("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    try:
        lines = [row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(first)) if any(row)]
    except csv.Error:
        raise RuleBroken(
            _("The table is broken: a cell is too long, or a quotation mark has no end")
        ) from None
    if len(lines) < 2:
        raise RuleBroken(_("The table has no rows below its head"))
    width = len(lines[0])
    if width > MOST_COLUMNS:
        raise RuleBroken(_("The table has more than %(most)s columns", most=MOST_COLUMNS))
    if len(lines) - 1 > MOST_SESSIONS:
        raise RuleBroken(_("The file holds more than %(most)s sessions", most=MOST_SESSIONS))
    heads, *rows = (tuple(cell.strip() for cell in (*row, *[""] * width)[:width]) for row in lines)
    return Table(heads, tuple(rows))


def suggested(heads: Sequence[str]) -> list[Column | None]:
    """Return what each column means by its head; what was said before is not said twice."""
    found: list[Column | None] = []
    for head in heads:
        column = _meaning(head)
        found.append(column if column in _SEVERAL or column not in found else None)
    return found


def read(table: Table, meanings: Sequence[Column | None], first_day: date | None, zone: str) -> Reading:
    """Read the rows as sessions on the clocks of `zone`; without a day they are on the first one.

    Raises RuleBroken where the title is not among the columns, or one is said twice.
    """
    said = [one for one in meanings if one]
    if Column.TITLE not in said:
        raise RuleBroken(_("Say which column holds the title"))
    if any(said.count(one) > 1 for one in set(said) - _SEVERAL):
        raise RuleBroken(_("Two columns can mean the same only where they hold people or text"))
    if Column.START in said and Column.DAY not in said and first_day is None:
        raise RuleBroken(_("Say which column holds the day, or give the edition one"))
    title = meanings.index(Column.TITLE)
    return read_each(
        table.rows,
        lambda at, row: _session(at, _cells(row, meanings), first_day, zone),
        lambda row: str(row[title]),
    )


def source_of(number: str) -> str:
    """Return what a row with this number is known by."""
    return f"table {number}"


def _meaning(head: str) -> Column | None:
    return _MEANINGS.get(" ".join(head.casefold().replace("_", " ").split()).rstrip(":"))


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _cells(row: Sequence[str], meanings: Sequence[Column | None]) -> dict[Column, list[str]]:
    found: dict[Column, list[str]] = {}
    for cell, column in zip(row, meanings, strict=True):
        if column and cell:
            found.setdefault(column, []).append(unmarked(cell[:LONGEST_CELL]))
    return found


def _session(at: int, cells: dict[Column, list[str]], first_day: date | None, zone: str) -> Session:
    def said(column: Column) -> str:
        return next(iter(cells.get(column, ())), "")

    if not said(Column.TITLE):
        raise Unreadable(_("The title is missing"))
    start = end = None
    if said(Column.START):
        start, end = _when(said(Column.DAY), said(Column.START), said(Column.END), first_day, zone)
        if end is None and said(Column.DURATION):
            end = start + _duration(said(Column.DURATION))
    number = said(Column.NUMBER)
    return session(
        source_of(number) if number else f"{at} {said(Column.TITLE)}",
        at,
        said(Column.TITLE),
        start,
        end,
        zone,
        day=day_in(said(Column.DAY), first_day) if said(Column.DAY) else None,
        room=said(Column.ROOM),
        track=said(Column.TRACK),
        kind=said(Column.KIND),
        people=[name for cell in cells.get(Column.PEOPLE, ()) for name in people_in(cell)],
        texts=cells.get(Column.ABSTRACT, ()),
        language=said(Column.LANGUAGE),
        link=said(Column.LINK),
    )


def people_in(cell: str) -> list[str]:
    """Return the names in a cell, without numbers before them."""
    parts = _BETWEEN.split(cell)
    names = (_NUMBERED.sub("", part).strip() for part in (parts if len(parts) > 1 else cell.split(",")))
    return [name for name in names if name]


def _when(
    day_words: str, start_words: str, end_words: str, first_day: date | None, zone: str
) -> tuple[datetime, datetime | None]:
    """Return both ends as the clocks of `zone` show them; an end before the start is of the next day."""
    within, start_words = _split_day(start_words, zone)
    day = day_in(day_words, first_day) if day_words else within or first_day
    if day is None:
        raise Unreadable(_("Its day or its time can’t be read"))
    first, *rest = _RANGE.split(start_words, maxsplit=1)
    start = datetime.combine(day, time_in(first))
    end_day, end_words = _split_day(end_words, zone)
    words = end_words or (rest[0] if rest else "")
    if not words:
        return start, None
    end = datetime.combine(end_day or day, time_in(words))
    return start, end if end > start or end_day else end + timedelta(days=1)


def _split_day(words: str, zone: str) -> tuple[date | None, str]:
    """Take a moment such as 2026-10-05 15:00 apart; one with an offset is meant on the clocks of `zone`."""
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return None, words
    if len(words) <= 10 or ":" not in words[10:]:
        return found.date(), ""
    local = found.astimezone(ZoneInfo(zone)) if found.tzinfo else found
    return local.date(), f"{local:%H:%M}"


def day_in(words: str, first_day: date | None) -> date:
    """Read a day such as 2026-10-05, 5.10.2026, 5.10. (of the first day's year), or the number of a day."""
    words = words.strip()
    try:
        return date.fromisoformat(words[:10])
    except ValueError:
        pass
    if found := _GERMAN_DAY.search(words):
        year = int(found[3] or (first_day.year if first_day else 0))
        return date(year + 2000 if 0 < year < 100 else year, int(found[2]), int(found[1]))
    number = re.search(r"\d{1,2}\Z", words)
    if number and first_day and 1 <= int(number[0]) <= 31:
        return first_day + timedelta(days=int(number[0]) - 1)
    raise Unreadable(_("Its day or its time can’t be read"))


def time_in(words: str) -> time:
    """Read a time of day such as 15:00, 15.00 Uhr, 15 Uhr, 3:00 pm."""
    found = _CLOCK.fullmatch(words.strip())
    if not found:
        raise Unreadable(_("Its day or its time can’t be read"))
    hour, half = int(found[1]), (found[3] or "").lower()
    if half in {"am", "pm"}:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour % 24 if hour == 24 else hour, int(found[2] or 0))


def _duration(words: str) -> timedelta:
    if ":" in words:
        return duration(words)
    found = _MINUTES.fullmatch(words.strip())
    return timedelta(minutes=int(found[1])) if found else timedelta()
