"""Several editions at once, from a rule or from pasted dates, shown in words before anything is made."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import lock, transaction
from eventhub.desk import queries
from eventhub.desk.blueprint import found_series, pages
from eventhub.editions import service
from eventhub.editions.forms import SeveralForm
from eventhub.editions.models import Edition, Series
from eventhub.editions.pasted import read_lines
from eventhub.editions.planning import When, from_lines, planned
from eventhub.editions.recurrence import MOST, Frequency, Recurrence, is_cut, occurrences
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to


@pages.route("/<series>/several", methods=["GET", "POST"])
def several(series: str) -> ResponseReturnValue:
    """Ask for dates, show what would be made, make it."""
    found = found_series(series)
    last = queries.last_edition(found)
    form = _form(found, last)
    if "back" in request.form or not form.validate_on_submit():
        return _show(form, found, last)
    try:
        dates = _dates(form)
        items = _planned(form, found, dates, last)
        if "confirmed" not in request.form:
            return _preview(found, last, items)
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
            "day_of_week": last.start_date.weekday() if last and last.start_date else 1,
            "start_time": last.start_time if last else None,
            "end_time": last.end_time if last else None,
            "first_number": service.next_number(series),
        }
    )
    form.offer_choices()
    return form


def _show(form: SeveralForm, series: Series, last: Edition | None) -> ResponseReturnValue:
    bad = bool(form.errors) and "back" not in request.form
    return render_template("desk/several.html", form=form, series=series, last=last), 422 if bad else 200


def _preview(series: Series, last: Edition | None, items: list[service.Planned]) -> ResponseReturnValue:
    skipped = ("csrf_token", "confirmed", "back")
    return render_template(
        "desk/several_preview.html",
        series=series,
        last=last,
        items=items,
        fields=[(name, value) for name, value in request.form.items(multi=True) if name not in skipped],
    )


def _planned(
    form: SeveralForm, series: Series, dates: list[When], last: Edition | None
) -> list[service.Planned]:
    zone = last.zone if last else series.zone
    taken = queries.taken_numbers(series)
    return planned(dates, form.hours(), form.first_number.data, taken, zone)


def _dates(form: SeveralForm) -> list[When]:
    return _by_rule(form) if form.way.data == "rule" else _pasted(form)


def _by_rule(form: SeveralForm) -> list[When]:
    if form.from_day.data is None:
        raise RuleBroken(_("Enter the day from which on the rule counts"), field="from_day")
    ends = [end for end in (form.count.data, form.until.data) if end is not None]
    if len(ends) != 1:
        raise RuleBroken(_("Say how many, or until when: one of both"), field="count")
    if form.until.data and form.until.data < form.from_day.data:
        raise RuleBroken(_("The last day lies before the first"), field="until")
    rule = Recurrence(
        frequency=Frequency(form.frequency.data),
        start=form.from_day.data,
        day_of_week=form.day_of_week.data,
        interval=form.interval.data or 1,
        week=form.week.data,
        count=form.count.data,
        until=form.until.data,
    )
    found = occurrences(rule)
    if not found:
        raise RuleBroken(_("The rule meets no day in this time"), field="until")
    if form.until.data and is_cut(rule):
        raise RuleBroken(
            _("These are more than %(most)s editions. Choose an earlier end", most=MOST), field="until"
        )
    return [When(day) for day in found]


def _pasted(form: SeveralForm) -> list[When]:
    lines = read_lines(form.dates.data or "")
    if not lines:
        raise RuleBroken(_("Paste at least one date"), field="dates")
    if len(lines) > MOST:
        raise RuleBroken(_("At most %(most)s editions at once", most=MOST), field="dates")
    wrong = [line for line in lines if line.error]
    for line in wrong[:-1]:
        form.refuse(_line_error(line.number, line.text, line.error))
    if wrong:
        raise _line_error(wrong[-1].number, wrong[-1].text, wrong[-1].error)
    return from_lines(lines)


def _line_error(number: int, text: str, error: str) -> RuleBroken:
    short = text if len(text) <= 40 else text[:39] + "…"
    words = _("Line %(number)s, “%(text)s”: %(error)s", number=number, text=short, error=error)
    return RuleBroken(words, field="dates")
