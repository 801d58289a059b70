"""A programme that comes as a table: first the organiser says what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request

from eventhub.calendars.reading import Reading
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.exchange.forms import packed
from eventhub.exchange.schedules.table import Column, Table, read, suggested, table_of
from eventhub.web.languages import lazy_gettext as _l

MEANINGS = {
    Column.TITLE: _l("Title"),
    Column.DAY: _l("Day"),
    Column.START: _l("Start"),
    Column.END: _l("End"),
    Column.DURATION: _l("Duration"),
    Column.ROOM: _l("Room"),
    Column.TRACK: _l("Track"),
    Column.KIND: _l("Kind"),
    Column.PEOPLE: _l("People"),
    Column.ABSTRACT: _l("Description"),
    Column.LANGUAGE: _l("Language"),
    Column.LINK: _l("Link"),
    Column.NUMBER: _l("Number that stays the same"),
}


def reading(edition: Edition, text: str) -> Reading:
    """Read the rows by what was said of their columns; raises RuleBroken."""
    table = table_of(text)
    return read(table, _meanings(table), edition.start_date, edition.zone)


def _meanings(table: Table) -> list[Column | None]:
    """Return what the organiser has said of each column."""
    said = [request.form.get(f"column-{at}", "") for at in range(len(table.heads))]
    return [Column(one) if one in set(Column) else None for one in said]


def ask(edition: Edition, back: str, text: str, refused: RuleBroken | None = None) -> tuple[str, int]:
    """Ask what the columns mean, with a guess or with what was said before; raises RuleBroken."""
    table = table_of(text)
    chosen: Sequence[Column | None] = _meanings(table) if refused else suggested(table.heads)
    page = render_template(
        "desk/import/columns.html",
        edition=edition,
        table=table,
        chosen=chosen,
        meanings=MEANINGS,
        kept=packed(text),
        back=back,
        refused=refused,
    )
    return page, 422 if refused else 200
