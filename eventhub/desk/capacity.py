"""How many places there are: in the house, on site and online, by role; and how free ones are passed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, FieldList, FormField, HiddenField
from wtforms import Form as Rows
from wtforms.fields import Field
from wtforms.validators import NumberRange, Optional

from eventhub.agenda.forms import line
from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.moving_up import ask_first, went_back, would_move_up
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.editions.fields import Number
from eventhub.editions.models import Edition, Mode
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.registration import planning
from eventhub.registration.models import Attendance
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to
from eventhub.web.seen import SeenForm, Stale

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


class PlacesForm(SeenForm):
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

    def words(self, field: Field, value: Any) -> str:
        """Name the roles with their places."""
        if field is not self.roles:
            return super().words(field, value)
        return ", ".join(_role_words(row) for row in value) or _("nothing")

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


def _role_words(row: Mapping[str, Any]) -> str:
    title, capacity = row["title"], row["capacity"]
    return title if capacity is None else f"{title} ({capacity})"


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
    if not form.validate_on_submit() or went_back():
        return _show(found, form)
    here = path_to("desk.capacity", series=series, edition=edition)
    try:
        moving_up = would_move_up([found], lambda: _save(found, form))
        if moving_up:
            return ask_first(moving_up, here, edition=found, tab="registrations")
        with transaction():
            _save(found, form)
    except Stale as stale:
        return _show(found, form, stale)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(found, form)
    flash(_("Saved."), "ok")
    return redirect(here, 303)


def _save(edition: Edition, form: PlacesForm) -> None:
    lock(edition)
    form.require_unchanged(_stored(edition))
    planning.carry_out(edition, form.plan())


def _stored(edition: Edition) -> dict[str, Any]:
    plan = planning.plan_of(edition)
    attendance = plan.attendance or {}
    return {
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


def _filled(edition: Edition) -> PlacesForm:
    form = PlacesForm(formdata=None, data=_stored(edition))
    if len(form.roles) < MOST_ROLES:
        form.roles.append_entry()
    return form


def _show(edition: Edition, form: PlacesForm, stale: Stale | None = None) -> ResponseReturnValue:
    hybrid = edition.mode is Mode.HYBRID or form.apart.data
    by = last_author(("edition.places", "edition.changed"), edition.zone, edition_id=edition.id)
    page = render_template(
        "desk/capacity.html",
        edition=edition,
        form=form,
        hybrid=hybrid,
        stale=stale,
        stale_by=by if stale else "",
    )
    return page, 409 if stale else 422 if form.errors or form.form_errors else 200
