"""The members of an organisation: who they are, asking others, ending a role."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub.database import transaction
from eventhub.desk.blueprint import pages
from eventhub.desk.needs import needs
from eventhub.desk.team_forms import TeamForm
from eventhub.errors import RuleBroken
from eventhub.organisations.models import Organisation, Role
from eventhub.organisations.queries import organisations_of
from eventhub.organisations.roles import Capability
from eventhub.roles import queries, service
from eventhub.roles.words import ROLE_HINTS, ROLE_NAMES
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to


@pages.route("/organisations/<organisation>/members", methods=["GET", "POST"])
@needs(Capability.OWN)
def members(organisation: str) -> ResponseReturnValue:
    """List the members, and ask somebody else."""
    row = _found(organisation)
    form = TeamForm(data={"role": Role.ORGANISER.value})
    zone = current_app.config["SETTINGS"].default_timezone
    if form.validate_on_submit():
        try:
            with transaction():
                service.invite(row, form.email.data, form.terms(zone, of_edition=False), current_user)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The mail is on its way. The role begins when it is accepted."), "ok")
            return _back(row)
    page = render_template(
        "desk/team/members.html",
        organisation=row,
        form=form,
        members=queries.members_of(row),
        offers=queries.open_offers(row),
        names=ROLE_NAMES,
        hints=ROLE_HINTS,
        zone=zone,
    )
    return page, 422 if form.errors else 200


@pages.post("/organisations/<organisation>/members/<int:user>/end")
@needs(Capability.OWN)
def end_membership(organisation: str, user: int) -> ResponseReturnValue:
    """End somebody's role in the organisation."""
    row = _found(organisation)
    member = next((one for one in queries.members_of(row) if one.user_id == user), None) or abort(404)
    with transaction():
        service.end_membership(member)
    flash(_("The role is ended."), "ok")
    if user == current_user.id:
        return redirect(path_to("desk.organisations"), 303)
    return _back(row)


@pages.post("/organisations/<organisation>/members/offers/<int:key>/withdraw")
@needs(Capability.OWN)
def withdraw_membership(organisation: str, key: int) -> ResponseReturnValue:
    """Take back what was not answered yet."""
    row = _found(organisation)
    offer = queries.offer_in(row, key) or abort(404)
    with transaction():
        service.withdraw(offer)
    flash(_("Withdrawn. The link in the mail opens nothing any more."), "ok")
    return _back(row)


def _found(slug: str) -> Organisation:
    """Return an organisation that the user owns; any other is answered like one that doesn't exist."""
    own = organisations_of(current_user, Capability.OWN)
    return next((one for one in own if one.slug == slug), None) or abort(404)


def _back(row: Organisation) -> ResponseReturnValue:
    return redirect(path_to("desk.members", organisation=row.slug), 303)
