"""The organisations of the user."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub.database import lock, transaction
from eventhub.desk.blueprint import pages
from eventhub.desk.needs import needs, needs_no_role
from eventhub.desk.stale import last_author
from eventhub.errors import RuleBroken
from eventhub.organisations import queries
from eventhub.organisations.editing import update_organisation
from eventhub.organisations.forms import OrganisationForm
from eventhub.organisations.models import Level, Organisation
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.pictures import picture_answer, small_picture
from eventhub.web.seen import Stale

PLAIN = ("name", "short_name", "kind", "city", "address", "url")


@pages.get("/organisations/")
@needs_no_role
def organisations() -> ResponseReturnValue:
    """List the organisations that the user may edit."""
    return render_template(
        "desk/organisations/list.html",
        organisations=queries.organisations_of(current_user),
        owned=queries.organisations_of(current_user, Capability.OWN),
    )


@pages.route("/organisations/<organisation>/", methods=["GET", "POST"])
@needs(Capability.EDIT)
def organisation(organisation: str) -> ResponseReturnValue:
    """Change what is said about an organisation."""
    row = _found(organisation)
    form = OrganisationForm(data=_data(row))
    stale = None
    if form.validate_on_submit():
        try:
            with transaction():
                lock(row)
                form.require_unchanged(_data(row))
                update_organisation(row, _values(form))
        except Stale as found:
            stale = found
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(path_to("desk.organisations"), 303)
    page = render_template(
        "desk/organisations/edit.html",
        organisation=row,
        form=form,
        has_logo=queries.has_logo(row),
        stale=stale,
        stale_by=_author(row) if stale else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors else 200


def _author(row: Organisation) -> str:
    zone = current_app.config["SETTINGS"].default_timezone
    return last_author("organisation.changed", zone, organisation=row.slug)


@pages.get("/organisations/<organisation>/logo")
@needs(Capability.EDIT)
def organisation_logo(organisation: str) -> ResponseReturnValue:
    """Send the logo."""
    return picture_answer(_found(organisation).logo) or abort(404)


def _found(slug: str) -> Organisation:
    """Return an organisation of the user's; a foreign one is answered like one that doesn't exist."""
    own = queries.organisations_of(current_user)
    return next((one for one in own if one.slug == slug), None) or abort(404)


def _data(row: Organisation) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PLAIN} | {"level": row.level or ""}


def _values(form: OrganisationForm) -> dict[str, Any]:
    found: dict[str, Any] = {name: form[name].data or "" for name in PLAIN}
    found["level"] = Level(form.level.data) if form.level.data else None
    if form.logo.data:
        found["logo"] = small_picture(form.logo.data.stream, "logo")
    elif form.without_logo.data:
        found["logo"] = None
    return found
