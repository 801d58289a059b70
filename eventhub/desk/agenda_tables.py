"""The agenda as a table, with heads that an import understands by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time

from flask import Response
from flask.typing import ResponseReturnValue

from eventhub.agenda import queries
from eventhub.agenda.forms import KINDS
from eventhub.agenda.queries import PlannedSlot
from eventhub.desk import spreadsheets
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.desk.table_import import MEANINGS
from eventhub.editions.models import Edition
from eventhub.exchange.schedules.table import Column
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _

COLUMNS = [column for column in MEANINGS if column not in (Column.DURATION, Column.LINK)]


@pages.get("/<series>/<edition>/agenda.csv")
@needs(Capability.LOOK)
def agenda_table(series: str, edition: str) -> ResponseReturnValue:
    """Hand out the agenda as a table."""
    found = found_edition(series, edition)
    return _download(found, "csv", spreadsheets.table(rows(found)), spreadsheets.CONTENT_TYPE)


@pages.get("/<series>/<edition>/agenda.xlsx")
@needs(Capability.LOOK)
def agenda_workbook(series: str, edition: str) -> ResponseReturnValue:
    """Hand out the same as a workbook."""
    found = found_edition(series, edition)
    return _download(found, "xlsx", spreadsheets.workbook(rows(found)), spreadsheets.WORKBOOK_TYPE)


def rows(edition: Edition) -> Iterator[Sequence[str]]:
    """Yield the heads, then each slot in its order."""
    yield [_("Number") if column is Column.NUMBER else str(MEANINGS[column]) for column in COLUMNS]
    programme = queries.programme_in_work(edition)
    tracks = {track.id: track.name for track in programme.tracks}
    for slot in programme.slots:
        said = _said(slot) | {
            Column.TRACK: tracks.get(slot.track_id or 0, ""),
            Column.PEOPLE: " | ".join(one.name for one in programme.people.get(slot.id, ())),
        }
        yield [said[column] for column in COLUMNS]


def _said(slot: PlannedSlot) -> dict[Column, str]:
    later = slot.end_day if slot.end_day and slot.end_day != slot.day else None
    return {
        Column.TITLE: slot.title,
        Column.DAY: slot.day.isoformat() if slot.day else "",
        Column.START: _clock(None, slot.start_time),
        Column.END: _clock(later, slot.end_time),
        Column.ROOM: slot.room or "",
        Column.KIND: slot.kind_label or str(KINDS[slot.kind]),
        Column.ABSTRACT: slot.abstract,
        Column.LANGUAGE: slot.language or "",
        Column.NUMBER: slot.slug,
    }


def _clock(day: date | None, at: time | None) -> str:
    return " ".join(part for part in (day and day.isoformat(), at and f"{at:%H:%M}") if part)


def _download(edition: Edition, ending: str, content: bytes, kind: str) -> Response:
    return spreadsheets.download(f"{edition.series.slug}-{edition.key}-agenda.{ending}", content, kind)
