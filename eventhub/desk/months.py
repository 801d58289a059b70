"""Months as calendars show them, with what falls on their days; pure."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class Mark(StrEnum):
    """What a calendar says about a day."""

    NEW = "new"
    THERE = "there"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class Note:
    """What falls on a day, in words."""

    mark: Mark
    words: str


@dataclass
class Cell:
    day: date
    in_month: bool
    notes: list[Note] = field(default_factory=list)


@dataclass
class Month:
    first: date
    weeks: list[list[Cell]]


Notes = dict[date, list[Note]]


def note_span(notes: Notes, first: date, last: date | None, note: Note) -> None:
    """Note something on all days from the first to the last."""
    end = last or first
    for number in range((end - first).days + 1):
        notes.setdefault(first + timedelta(days=number), []).append(note)


def months(notes: Notes, wanted: Iterable[date]) -> list[Month]:
    """Lay out the months of the wanted days, weeks from Monday to Sunday, with all notes that fall there."""
    firsts = sorted({day.replace(day=1) for day in wanted})
    return [_month(first, notes) for first in firsts]


def _month(first: date, notes: Notes) -> Month:
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    return Month(first, [[_cell(day, first, notes) for day in week] for week in weeks])


def _cell(day: date, first: date, notes: Notes) -> Cell:
    if day.month != first.month:
        return Cell(day, in_month=False)
    return Cell(day, in_month=True, notes=notes.get(day, []))
