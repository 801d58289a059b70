"""Several slots at once from pasted lines: first a look at what was understood, then the slots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices, people, service
from eventhub.agenda.forms import ROLES, PasteForm, offered
from eventhub.agenda.models import Kind, SpeakerRole
from eventhub.agenda.pasted import Line, read_lines
from eventhub.agenda.service import Person
from eventhub.agenda.steps import one_step
from eventhub.database import transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.exchange.kinds import kind_of
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the preview shows it."""

    line: Line
    people: list[tuple[str, str, bool]]
    """Name, role in words, and whether the series does not know the person yet."""


@pages.route("/<series>/<edition>/agenda/paste", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def paste_agenda(series: str, edition: str) -> ResponseReturnValue:
    """Take a programme as text."""
    found = found_edition(series, edition)
    form = PasteForm(data={"day": found.start_date, "close_gaps": True})
    form.room_id.choices = offered([(room.id, room.name) for room in choices.rooms(found)], _("All or none"))
    if not form.validate_on_submit():
        return _show(found, form, [])
    lines = read_lines(form.lines.data, form.close_gaps.data)
    _note_errors(form, lines)
    if form.errors or "create" not in request.form:
        return _show(found, form, lines)
    try:
        with transaction(), one_step(found):
            _create(found, form, lines)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(found, form, lines)
    flash(ngettext("%(num)s slot is in the agenda.", "%(num)s slots are in the agenda.", len(lines)), "ok")
    day = form.day.data.isoformat() if form.day.data else None
    return redirect(path_to("desk.agenda", series=series, edition=edition, day=day), 303)


def _note_errors(form: PasteForm, lines: list[Line]) -> None:
    """Say at the field which lines can't be used."""
    errors = [
        _("Line %(line)s: %(error)s", line=line.number, error=line.error) for line in lines if line.error
    ]
    if any(line.start for line in lines) and form.day.data is None:
        form.day.errors = [_("Choose the day")]
    if errors:
        form.lines.errors = errors


def _show(edition: Edition, form: PasteForm, lines: list[Line]) -> ResponseReturnValue:
    known = {name.casefold() for _key, name in choices.speaker_names(edition.series)}
    rows = [
        Row(line, [(name, str(ROLES[role]), name.casefold() not in known) for name, role in line.people])
        for line in lines
    ]
    page = render_template("desk/agenda/paste.html", edition=edition, form=form, rows=rows)
    return page, 422 if form.errors else 200


def _create(edition: Edition, form: PasteForm, lines: list[Line]) -> None:
    """Add all slots, and the people whom the series does not know yet."""
    keys = {name.casefold(): key for key, name in choices.speaker_names(edition.series)}
    for line in lines:
        for name, _role in line.people:
            if name.casefold() not in keys:
                keys[name.casefold()] = _new_speaker(edition, name)
        try:
            service.create_slot(edition, _values(form, line), _people(line, keys))
        except RuleBroken as broken:
            words = _("Line %(line)s: %(error)s", line=line.number, error=broken.message)
            raise RuleBroken(words, field="lines") from None


def _new_speaker(edition: Edition, name: str) -> int:
    return people.create_speaker(edition.series, {"name": name}).id


def _people(line: Line, keys: dict[str, int]) -> list[Person]:
    found: dict[int, SpeakerRole] = {}
    for name, role in line.people:
        found.setdefault(keys[name.casefold()], role)
    return [Person(key, role) for key, role in found.items()]


def _values(form: PasteForm, line: Line) -> dict[str, object]:
    """Return what the service takes; an end at midnight is on the next day."""
    day = form.day.data
    after_midnight = day is not None and line.start and line.end is not None and line.end <= line.start
    return {
        "title": line.title,
        "kind": _kind(line),
        "day": day,
        "start_time": line.start,
        "end_time": line.end,
        "end_day": day + timedelta(days=1) if after_midnight else None,
        "room_id": form.room_id.data,
    }


def _kind(line: Line) -> Kind:
    """Guess the kind from the first word of the title."""
    words = line.title.replace(":", " ").split()
    found = next(
        (kind for word in words[:1] if (kind := kind_of(word)) is not Kind.OTHER), kind_of(line.title)
    )
    return Kind.TALK if found is Kind.OTHER and line.people else found
