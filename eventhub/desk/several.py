"""Several editions at once, from a rule, single dates or a list, shown before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import lock, transaction
from eventhub.desk import queries
from eventhub.desk.blueprint import found_series, pages
from eventhub.desk.months import Mark, Month, Note, Notes, months, note_span
from eventhub.desk.needs import needs
from eventhub.editions import service
from eventhub.editions.models import Edition, Series
from eventhub.editions.planning import When, planned
from eventhub.editions.planning_forms import SeveralForm
from eventhub.editions.queries import last_edition, taken_numbers
from eventhub.editions.recurrence import Frequency, Proposal
from eventhub.editions.rule_words import rule_words
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to
from eventhub.web.times import time_range

NO_RULE = Proposal([], [])


@pages.route("/<series>/several", methods=["GET", "POST"])
@needs(Capability.EDIT)
def several(series: str) -> ResponseReturnValue:
    """Ask for dates, show what would be made, make it."""
    found = found_series(series)
    last = last_edition(found)
    form = _form(found, last)
    if request.form.keys() & {"back", "more"} or not form.validate_on_submit():
        return _show(form, found, last)
    try:
        proposal = form.proposal() if form.way.data == "rule" else NO_RULE
        dates = [When(day) for day in proposal.days] or form.typed_dates()
        items = _planned(form, found, dates, last)
        if "confirmed" not in request.form:
            return _preview(form, found, last, items, proposal)
        with transaction():
            lock(found)
            service.create_several(found, _planned(form, found, dates, last), last)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(form, found, last)
    number = len(items)
    flash(ngettext("%(num)s draft is made.", "%(num)s drafts are made.", number), "ok")
    return redirect(path_to("desk.series", series=found.slug), 303)


def _form(series: Series, last: Edition | None) -> SeveralForm:
    form = SeveralForm(
        data={
            "way": "rule",
            "frequency": Frequency.MONTHLY.value,
            "interval": 1,
            "week": 1,
            "holidays_of": "",
            "first_number": service.next_number(series),
            **usual_times(last),
        }
    )
    form.offer_choices()
    return form


def usual_times(last: Edition | None) -> dict[str, object]:
    """Return weekday, hours and length of the last edition, as a form starts with them."""
    if last is None or last.start_date is None:
        return {"day_of_week": 1, "lasts": 1}
    return {
        "day_of_week": last.start_date.weekday(),
        "start_time": last.start_time,
        "end_time": last.end_time,
        "lasts": ((last.end_date or last.start_date) - last.start_date).days + 1,
    }


def _show(form: SeveralForm, series: Series, last: Edition | None) -> ResponseReturnValue:
    if not form.errors:
        form.offer_rows()
    page = render_template("desk/several.html", form=form, series=series, last=last)
    return page, 422 if form.errors else 200


def _preview(
    form: SeveralForm,
    series: Series,
    last: Edition | None,
    items: list[service.Planned],
    proposal: Proposal,
) -> ResponseReturnValue:
    there = queries.dated_editions(series)
    by_rule = form.way.data == "rule"
    return render_template(
        "desk/several_preview.html",
        series=series,
        last=last,
        items=items,
        rule=rule_words(form.recurrence()) if by_rule else "",
        left_out=proposal.left_out,
        months=calendar_of(items, proposal.left_out, there),
        there={day: edition for edition in there if (day := edition.start_date)},
        fields=fields_again(),
    )


def fields_again() -> list[tuple[str, str]]:
    """Return what was sent, to be sent again with the answer."""
    skipped = ("csrf_token", "confirmed", "back", "more")
    return [(name, value) for name, value in request.form.items(multi=True) if name not in skipped]


def calendar_of(
    items: Sequence[service.Planned], left_out: Sequence[tuple[date, str]], there: Sequence[Edition]
) -> list[Month]:
    """Lay the dates out as months, with what is left out and which editions are there already."""
    notes: Notes = {}
    for edition in there:
        if edition.start_date:
            words = _("%(title)s, there already", title=edition.title)
            note_span(notes, edition.start_date, edition.end_date, Note(Mark.THERE, words))
    for day, why in left_out:
        note_span(notes, day, None, Note(Mark.LEFT_OUT, _("left out: %(reason)s", reason=why)))
    for item in items:
        if item.day:
            note_span(notes, item.day, item.end_day, Note(Mark.NEW, _words(item)))
    return months(notes, [item.day for item in items if item.day])


def _words(item: service.Planned) -> str:
    hours = f", {time_range(item.start, item.end)}" if item.start else ""
    return f"#{item.number}{hours}"


def _planned(
    form: SeveralForm, series: Series, dates: list[When], last: Edition | None
) -> list[service.Planned]:
    zone = last.zone if last else series.zone
    taken = taken_numbers(series)
    return planned(dates, form.hours(), form.first_number.data, taken, zone, form.nights())
