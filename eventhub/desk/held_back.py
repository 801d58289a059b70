"""Seats held back: for whom, how many are left, until when; their link, and how they are released."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired, NumberRange, Optional, StopValidation

from eventhub.agenda.forms import line
from eventhub.calendars.zones import to_local
from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.capacity import MOST_PLACES
from eventhub.desk.moving_up import ask_first, went_back, would_move_up
from eventhub.desk.needs import needs
from eventhub.desk.registrations import state_name
from eventhub.desk.stale import last_author
from eventhub.desk.words import who
from eventhub.editions.checks import local_to_utc
from eventhub.editions.fields import Moment, Number, at_most
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.registration import held_back, queries, rules
from eventhub.registration.held_back import Terms
from eventhub.registration.models import Quota
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import link_to, path_to
from eventhub.web.seen import SeenForm, Stale

LONGEST_DOMAINS = 500
MOST_LISTED = 200


def _are_domains(form: HeldBackForm, field: Any) -> None:
    try:
        form.read_domains = " ".join(rules.mail_domains(field.data or ""))
    except ValueError as wrong:
        words = _("“%(text)s” is no mail domain. Enter one like city.example", text=str(wrong)[:60])
        raise StopValidation(words) from None


class HeldBackForm(SeenForm):
    """For whom seats are held back, and how."""

    read_domains = ""

    label = line(_l("For whom"), 200, required=_l("Enter for whom they are held back"))
    number = Number(
        _l("How many seats"),
        validators=[
            InputRequired(_l("Enter how many seats are held back")),
            NumberRange(1, MOST_PLACES, message=_l("Enter a number from %(min)d to %(max)d")),
        ],
    )
    until = Moment(
        _l("Until"),
        description=_l("Then what is left goes to all. Empty: until you release them"),
        validators=[Optional()],
    )
    domains = StringField(
        _l("Mail domains"),
        description=_l(
            "Whoever has an address there gets such a seat once they confirm it: bund.example, city.example"
        ),
        validators=[at_most(LONGEST_DOMAINS), _are_domains],
    )

    def terms(self, zone: str) -> Terms:
        """Return what the organiser wants; raises RuleBroken for a local time that does not exist."""
        until = self.until.data
        if until is not None and not 1970 < until.year < 2199:
            raise RuleBroken(_("Choose a year between 1970 and 2199"), field="until")
        moment = None if until is None else local_to_utc(zone, until.date(), until.time(), "until")
        return Terms(self.label.data, self.number.data, moment, self.read_domains)


@pages.route("/<series>/<edition>/held-back/", methods=["GET", "POST"])
@needs(Capability.EDIT)
def seats_held_back(series: str, edition: str) -> ResponseReturnValue:
    """List what is held back, and hold more back."""
    found = found_edition(series, edition)
    form = HeldBackForm()
    if form.validate_on_submit():
        try:
            with transaction():
                held_back.hold_back(found, form.terms(found.zone))
        except RuleBroken as broken:
            _refuse(form, broken)
        else:
            flash(_("The seats are held back. Give the link to those they are for."), "ok")
            return _back(found)
    return _show(found, form)


@pages.route("/<series>/<edition>/held-back/<int:key>", methods=["GET", "POST"])
@needs(Capability.EDIT)
def edit_seats(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Change for whom seats are held back, how many, and until when."""
    found = found_edition(series, edition)
    quota = held_back.reserve_of(found, key) or abort(404)
    stale = None
    form = HeldBackForm(data=_shown(found, quota))

    def change() -> bool:
        lock(found)
        lock(quota)
        form.require_unchanged(_shown(found, quota))
        return held_back.change(found, quota, form.terms(found.zone))

    if form.validate_on_submit() and not went_back():
        try:
            moving_up = would_move_up([found], change)
            if moving_up:
                here = _address("desk.edit_seats", found, key=key)
                return ask_first(moving_up, here, edition=found, tab="registrations")
            with transaction():
                changed = change()
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            _refuse(form, broken)
        else:
            flash(_("Saved.") if changed else _("Nothing has changed."), "ok")
            return _back(found)
    return _show(found, form, quota, stale)


@pages.post("/<series>/<edition>/held-back/<int:key>/release")
@needs(Capability.EDIT)
def release_seats(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Give what is left of them to all; the waitlist moves up."""
    found = found_edition(series, edition)
    quota = held_back.reserve_of(found, key) or abort(404)
    moving_up = would_move_up([found], lambda: held_back.release(quota))
    if moving_up:
        here, back = (_address(page, found, key=key) for page in ("desk.release_seats", "desk.edit_seats"))
        return ask_first(moving_up, here, back, edition=found, tab="registrations")
    with transaction():
        held_back.release(quota)
    flash(_("The seats are released to all."), "ok")
    return _back(found)


def _shown(edition: Edition, quota: Quota) -> dict[str, object]:
    until = quota.release_at
    return {
        "label": quota.label,
        "number": quota.capacity,
        "until": None if until is None else to_local(edition.zone, until).replace(tzinfo=None),
        "domains": quota.domains,
    }


def _refuse(form: HeldBackForm, broken: RuleBroken) -> None:
    """Show why not; what limits are about stands at their number."""
    form.refuse(RuleBroken(broken.message, field="number" if broken.field == "capacity" else broken.field))


def _back(edition: Edition) -> ResponseReturnValue:
    return redirect(_address("desk.seats_held_back", edition), 303)


def _address(endpoint: str, edition: Edition, **values: int) -> str:
    return path_to(endpoint, series=edition.series.slug, edition=edition.key, **values)


def _show(
    edition: Edition, form: HeldBackForm, quota: Quota | None = None, stale: Stale | None = None
) -> ResponseReturnValue:
    address = {"series": edition.series.slug, "edition": edition.key}
    link = link_to("registration.register", code=quota.reference, **address) if quota else ""
    by = last_author("seats.changed", edition.zone, edition_id=edition.id, row=quota.id) if quota else ""
    page = render_template(
        "desk/held_back.html",
        edition=edition,
        reserves=held_back.reserves(edition),
        form=form,
        quota=quota,
        people=queries.with_right(quota, MOST_LISTED) if quota else (),
        state_name=state_name,
        who=who,
        link=link,
        stale=stale,
        stale_by=by if stale else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors or form.form_errors else 200
