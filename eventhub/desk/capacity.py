"""How many places there are: in the house, on site and online, by role; and how free ones are passed on."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FieldList, FormField, HiddenField
from wtforms import Form as Rows
from wtforms.validators import NumberRange, Optional

from eventhub.agenda.forms import line
from eventhub.database import transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.fields import Number
from eventhub.editions.models import Edition, Mode
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.registration import planning
from eventhub.registration.models import Attendance
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to

MOST_PLACES = 1_000_000
MOST_ROLES = 20
LONGEST_KEY = 10


def _number(label: Any, least: int, **more: Any) -> Number:
    words = _l("Enter a number from %(min)d to %(max)d")
    return Number(
        label, validators=[Optional(), NumberRange(min=least, max=MOST_PLACES, message=words)], **more
    )


class RoleRow(Rows):  # type: ignore[misc]
    """One role; a row without a title is none."""

    key = HiddenField()
    title = line(_l("Role"), 120)
    title_en = line(_l("The same in English"), 120)
    capacity = _number(_l("Places for this role"), 0)
    remove = BooleanField(_l("Remove this role"))


class PlacesForm(Form):
    """All numbers of places of an edition."""

    capacity = _number(_l("Places in all"), 1, description=_l("Empty means no limit"))
    apart = BooleanField(_l("Count places on site and online separately"))
    on_site = _number(_l("Places on site"), 0, description=_l("Empty means no limit"))
    online = _number(_l("Places online"), 0, description=_l("Empty means no limit"))
    offer_hours = Number(
        _l("Offer free places for so many hours"),
        description=_l(
            "Empty: whoever is first in line gets a free place at once. With a number: they are offered it "
            "by mail, and if they do not accept in time, it goes to the next. In the last half hour before "
            "the start nobody is offered one any more"
        ),
        validators=[Optional(), NumberRange(min=1, max=720, message=_l("Enter 1 to 720 hours"))],
    )
    may_change_place = BooleanField(
        _l("People may change themselves where they take part and what they come as"),
        description=_l(
            "On their own page, as far as places of that kind are left after all who wait. You always can"
        ),
    )
    roles = FieldList(FormField(RoleRow), max_entries=MOST_ROLES)

    def plan(self) -> planning.Plan:
        """Return what the organiser wants."""
        attendance = {Attendance.ON_SITE: self.on_site.data, Attendance.ONLINE: self.online.data}
        return planning.Plan(
            self.capacity.data,
            self.offer_hours.data,
            attendance if self.apart.data else None,
            [_role_plan(row) for row in self.roles if row.title.data],
            bool(self.may_change_place.data),
        )


def _role_plan(row: Any) -> planning.RolePlan:
    key = row.key.data or ""
    return planning.RolePlan(
        int(key) if key.isascii() and key.isdecimal() and len(key) < LONGEST_KEY else None,
        row.title.data,
        row.title_en.data or "",
        row.capacity.data,
        bool(row.remove.data),
    )


@pages.route("/<series>/<edition>/places/", methods=["GET", "POST"])
@needs(Capability.EDIT)
def capacity(series: str, edition: str) -> ResponseReturnValue:
    """Show the numbers of places; before more of them are saved, show who would move up."""
    found = found_edition(series, edition)
    form = PlacesForm() if request.method == "POST" else _filled(found)
    if not form.validate_on_submit():
        return _show(found, form)
    plan = form.plan()
    next_ones = [] if "sure" in request.form else planning.would_move_up(found, plan)
    if next_ones:
        return render_template(
            "desk/capacity_preview.html", edition=found, next_ones=next_ones, sent=_sent(), plan=plan
        )
    try:
        with transaction():
            planning.carry_out(found, plan)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(found, form)
    flash(_("Saved."), "ok")
    return redirect(path_to("desk.capacity", series=series, edition=edition), 303)


def _filled(edition: Edition) -> PlacesForm:
    plan = planning.plan_of(edition)
    attendance = plan.attendance or {}
    values = {
        "capacity": plan.capacity,
        "offer_hours": plan.offer_hours,
        "may_change_place": plan.may_change_place,
        "apart": plan.attendance is not None,
        "on_site": attendance.get(Attendance.ON_SITE),
        "online": attendance.get(Attendance.ONLINE),
        "roles": [
            {"key": role.key, "title": role.title, "title_en": role.title_en, "capacity": role.capacity}
            for role in plan.roles
        ],
    }
    form = PlacesForm(formdata=None, data=values)
    if len(form.roles) < MOST_ROLES:
        form.roles.append_entry()
    return form


def _show(edition: Edition, form: PlacesForm) -> ResponseReturnValue:
    hybrid = edition.mode is Mode.HYBRID or form.apart.data
    page = render_template("desk/capacity.html", edition=edition, form=form, hybrid=hybrid)
    return page, 422 if form.errors or form.form_errors else 200


def _sent() -> list[tuple[str, str]]:
    """Return what was sent, to be sent again with the confirmation."""
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
