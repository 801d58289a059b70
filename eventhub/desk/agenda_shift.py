"""The rest of a day by some minutes earlier or later: the speaker before talked too long."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from eventhub.agenda import service
from eventhub.agenda.queries import programme_in_work
from eventhub.database import transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.fields import Clock, at_most, stripped
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to
from eventhub.web.times import day as day_words

MOST_MINUTES = 720


class ShiftForm(Form):
    """From when on, and by how much."""

    day = SelectField(_l("Day"))
    since = Clock(
        _l("From this time on"),
        description=_l("What starts at this time or later on this day moves along, in all rooms."),
        validators=[InputRequired(_l("Enter the time from which on it moves"))],
    )
    minutes = StringField(
        _l("By so many minutes"),
        description=_l("Such as 15 for a quarter of an hour later, or -10 for ten minutes earlier"),
        filters=[stripped],
        validators=[InputRequired(_l("Enter minutes from -720 to 720, but not 0"))],
    )
    reason = StringField(
        _l("Why? (people who chose these sessions read it)"), filters=[stripped], validators=[at_most(300)]
    )

    def validate_minutes(self, _field: StringField) -> None:
        if self.number() == 0:
            raise ValidationError(_("Enter minutes from -720 to 720, but not 0"))

    def number(self) -> int:
        """Return the minutes; 0 for what is no number or too many."""
        text = (self.minutes.data or "").replace("\u2212", "-").removeprefix("+")
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 4):
            return 0
        return int(text) if int(digits) <= MOST_MINUTES else 0


@pages.route("/<series>/<edition>/agenda/shift", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def shift_agenda(series: str, edition: str) -> ResponseReturnValue:
    """Ask from when on, and move it."""
    found = found_edition(series, edition)
    days = sorted({slot.day for slot in programme_in_work(found).slots if slot.day and slot.start_time})
    form = ShiftForm(data={"day": request.args.get("day", "")})
    form.day.choices = [SelectChoice(day.isoformat(), day_words(day)) for day in days]
    if not form.validate_on_submit():
        return _show(form, found, days)
    day = date.fromisoformat(form.day.data)
    try:
        with transaction():
            moved = service.shift_rest(found, day, form.since.data, form.number(), form.reason.data or "")
    except RuleBroken as broken:
        form.refuse(RuleBroken(broken.message, field="since"))
        return _show(form, found, days)
    flash(ngettext("%(num)s slot moved.", "%(num)s slots moved.", moved), "ok")
    return redirect(path_to("desk.agenda", series=series, edition=edition, day=form.day.data), 303)


def _show(form: ShiftForm, found: object, days: list[date]) -> ResponseReturnValue:
    page = render_template("desk/agenda/shift.html", form=form, edition=found, days=days)
    return page, 422 if form.errors else 200
