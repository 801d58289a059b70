"""Meetings from a file, as editions or as slots; shown before they are taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.calendars.reading import Meeting, Reading, Unread, read
from eventhub.calendars.zones import to_local
from eventhub.database import lock, transaction
from eventhub.desk import table_import
from eventhub.desk.blueprint import found_edition, found_series, pages
from eventhub.desk.needs import needs
from eventhub.desk.words import change_lines
from eventhub.editions.models import Edition, Series
from eventhub.editions.queries import last_edition
from eventhub.errors import RuleBroken
from eventhub.exchange import edition_offers, slot_offers
from eventhub.exchange.forms import LONGEST_PASTED, CalendarForm, ProgrammeForm, packed, unpacked
from eventhub.exchange.offers import MOST_AT_ONCE, Offer, Taken, together
from eventhub.exchange.schedules.kept import text_of
from eventhub.exchange.schedules.reading import is_schedule, read_programme
from eventhub.exchange.schedules.table import is_table
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to

ONE_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class _Target:
    """Where the meetings of a file go."""

    row: Series | Edition
    read: Callable[[str, date, date], Reading]
    offers: Callable[[Sequence[Meeting]], tuple[list[Offer], list[Unread]]]
    take: Callable[[Sequence[Offer], Sequence[str]], Taken]
    days: tuple[date | None, date | None]
    words: Callable[[Taken], list[str]]
    template: str
    back: str
    context: Mapping[str, Any]
    ask_about: Callable[[str], ResponseReturnValue] | None = None
    """Shows what a table holds, where tables are read."""


@pages.route("/<series>/import", methods=["GET", "POST"])
@needs(Capability.EDIT)
def import_editions(series: str) -> ResponseReturnValue:
    """Make editions of the meetings in a calendar."""
    found = found_series(series)
    today = to_local(found.zone, clock.now()).date()
    last = last_edition(found)
    return _answer(
        CalendarForm,
        _Target(
            row=found,
            read=partial(read, zone=found.zone),
            offers=partial(edition_offers.offers_for, found),
            take=partial(edition_offers.take, found, template=last),
            days=(today, today + ONE_YEAR),
            words=_edition_words,
            template="desk/import/series.html",
            back=path_to("desk.series", series=series),
            context={"series": found, "last": last},
        ),
    )


@pages.route("/<series>/<edition>/agenda/import", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def import_slots(series: str, edition: str) -> ResponseReturnValue:
    """Make slots of a programme of another system, or of the meetings in a calendar."""
    found = found_edition(series, edition)
    back = path_to("desk.agenda", series=series, edition=edition)
    target = _Target(
        row=found,
        read=partial(read_programme, zone=found.zone),
        offers=partial(slot_offers.offers_for, found),
        take=partial(slot_offers.take, found),
        days=(found.start_date, found.end_date or found.start_date),
        words=_slot_words,
        template="desk/import/agenda.html",
        back=back,
        context={"edition": found, "news_of": partial(slot_offers.news_of, found)},
        ask_about=partial(table_import.ask, found, back),
    )
    return _of_table(target, found) if request.form.get("table") else _answer(ProgrammeForm, target)


def _of_table(target: _Target, edition: Edition) -> ResponseReturnValue:
    """Show what a table offers, now that it was said what its columns mean."""
    form = ProgrammeForm(data=dict(zip(("from_day", "until"), target.days, strict=True)))
    try:
        text = unpacked(request.form["table"])
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(target, form), 422
    if "again" in request.form:
        form.text.data = text if len(text) <= LONGEST_PASTED else ""
        return _show(target, form)
    try:
        reading = table_import.reading(edition, text)
        return _preview(target, form, reading, text_of(reading.meetings), of_programme=True)
    except RuleBroken as broken:
        return table_import.ask(edition, target.back, text, broken)


def _show(target: _Target, form: CalendarForm, **preview: Any) -> str:
    return render_template(target.template, form=form, back=target.back, **target.context, **preview)


def _answer(ask: type[CalendarForm], target: _Target) -> ResponseReturnValue:
    """Ask for a file, show what it offers, take what is ticked."""
    form = ask(data=dict(zip(("from_day", "until"), target.days, strict=True)))
    show = partial(_show, target, form)
    if "again" in request.form:
        _put_back(form)
        return show()
    if not form.validate_on_submit():
        return show(), 422 if form.errors else 200
    try:
        text, days = form.calendar(), form.days()
        if target.ask_about and is_table(text):
            return target.ask_about(text)
        reading = target.read(text, *days)
        if "confirmed" in request.form:
            return _take(target, reading.meetings)
        kept = text_of(reading.meetings) if is_schedule(text) else text
        return _preview(target, form, reading, kept, of_programme=is_schedule(text))
    except RuleBroken as broken:
        source = "file" if form.file.data else "text"
        _put_back(form)
        form.refuse(RuleBroken(broken.message, field=broken.field or source))
        return show(), 422


def _preview(
    target: _Target, form: CalendarForm, reading: Reading, kept: str, *, of_programme: bool
) -> ResponseReturnValue:
    """Show what is offered; `kept` is what the next step reads again."""
    offers, unread = target.offers(reading.meetings)
    return _show(
        target,
        form,
        offers=offers,
        unread=sorted([*reading.unread, *unread], key=lambda one: one.at),
        kept=packed(kept),
        of_programme=of_programme,
        together=partial(together, offers),
        most=MOST_AT_ONCE,
        change_lines=change_lines,
    )


def _put_back(form: CalendarForm) -> None:
    """Show the calendar in the form again, where it came with a preview and is not too long for that."""
    if form.kept.data:
        with suppress(RuleBroken):
            text = form.calendar()
            form.text.data = "" if len(text) > LONGEST_PASTED or is_schedule(text) else text
        form.kept.data = ""


def _take(target: _Target, meetings: Sequence[Meeting]) -> ResponseReturnValue:
    with transaction():
        lock(target.row)
        offers, _unread = target.offers(meetings)
        taken = target.take(offers, request.form.getlist("take"))
    for words in target.words(taken):
        flash(words, "ok")
    if taken.missed:
        flash(
            ngettext(
                "%(num)s meeting has changed here in the meantime. Import once more to see it.",
                "%(num)s meetings have changed here in the meantime. Import once more to see them.",
                taken.missed,
            ),
            "warn",
        )
    return redirect(target.back, 303)


def _edition_words(taken: Taken) -> list[str]:
    made = ngettext("%(num)s draft is made.", "%(num)s drafts are made.", taken.made)
    changed = ngettext("%(num)s edition is changed.", "%(num)s editions are changed.", taken.changed)
    return _said(taken, made, changed)


def _slot_words(taken: Taken) -> list[str]:
    made = ngettext("%(num)s slot is in the agenda.", "%(num)s slots are in the agenda.", taken.made)
    changed = ngettext("%(num)s slot is changed.", "%(num)s slots are changed.", taken.changed)
    return _said(taken, made, changed)


def _said(taken: Taken, made: str, changed: str) -> list[str]:
    words = [made] if taken.made else []
    words += [changed] if taken.changed else []
    return words or ([] if taken.missed else [_("Nothing was ticked, so nothing was taken.")])
