"""The rule by which a series gets its next editions by itself, shown before it is kept."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import lock, transaction
from eventhub.desk import queries
from eventhub.desk.blueprint import found_series, pages
from eventhub.desk.needs import needs
from eventhub.desk.several import calendar_of, fields_again, usual_times
from eventhub.desk.stale import last_author
from eventhub.editions import ahead as service
from eventhub.editions.models import Series, SeriesRule
from eventhub.editions.planning_forms import AheadForm, rule_data
from eventhub.editions.queries import last_edition, taken_numbers
from eventhub.editions.recurrence import Frequency
from eventhub.editions.rule_words import rule_words
from eventhub.editions.service import next_number
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@pages.route("/<series>/ahead", methods=["GET", "POST"])
@needs(Capability.EDIT)
def ahead(series: str) -> ResponseReturnValue:
    """Ask for the rule, show which editions it makes now, keep it."""
    found = found_series(series)
    form = _form(found)
    if "back" in request.form or not form.validate_on_submit():
        return _show(form, found)
    try:
        values = form.values()
        if "confirmed" not in request.form:
            return _preview(found, values)
        with transaction():
            lock(found)
            form.require_unchanged(_stored(found))
            made = service.set_rule(found, values)
    except Stale as stale:
        return _show(form, found, stale)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(form, found)
    flash(
        ngettext(
            "The rule is kept. %(num)s draft is made.",
            "The rule is kept. %(num)s drafts are made.",
            len(made),
        ),
        "ok",
    )
    return redirect(path_to("desk.series", series=found.slug), 303)


@pages.post("/<series>/ahead/stop")
@needs(Capability.EDIT)
def stop_ahead(series: str) -> ResponseReturnValue:
    """Drop the rule; the editions stay."""
    found = found_series(series)
    with transaction():
        service.drop_rule(found)
    flash(_("No more editions are made by themselves. Those that are there stay."), "ok")
    return redirect(path_to("desk.series", series=found.slug), 303)


def _stored(series: Series) -> dict[str, object]:
    rule = service.rule_of(series)
    return _usual(series) if rule is None else rule_data(rule)


def _usual(series: Series) -> dict[str, object]:
    last = last_edition(series)
    today = service.today_in(series)
    first = max(last.start_date, today) + timedelta(days=1) if last and last.start_date else today
    return {
        "frequency": Frequency.MONTHLY.value,
        "interval": 1,
        "week": 1,
        "from_day": first,
        "holidays_of": "",
        "ahead": 3,
        **usual_times(last),
    }


def _form(series: Series) -> AheadForm:
    form = AheadForm(data=_stored(series))
    form.offer_choices()
    return form


def _show(form: AheadForm, series: Series, stale: Stale | None = None) -> ResponseReturnValue:
    page = render_template(
        "desk/ahead.html",
        form=form,
        series=series,
        rule=service.rule_of(series),
        stale=stale,
        stale_by=last_author("series.rule_set", series.zone, series_id=series.id) if stale else "",
    )
    return page, 409 if stale else 422 if form.errors else 200


def _preview(series: Series, values: dict[str, object]) -> ResponseReturnValue:
    kept = service.rule_of(series)
    through = kept.made_through if kept else None
    rule = SeriesRule(**values, made_through=through)
    wanted, left_out = service.coming_days(rule, service.today_in(series))
    there = queries.dated_editions(series)
    dated = {edition.start_date for edition in there}
    days = [day for day in service.due_days(rule, service.today_in(series)) if day not in dated]
    last = last_edition(series)
    zone = last.zone if last else series.zone
    items = service.items(rule, days, next_number(series), taken_numbers(series), zone)
    return render_template(
        "desk/ahead_preview.html",
        series=series,
        last=last,
        zone=zone,
        items=items,
        wanted=wanted,
        rule=rule_words(service.recurrence(rule)),
        left_out=left_out,
        months=calendar_of(items, left_out, there),
        there={},
        fields=fields_again(),
    )
