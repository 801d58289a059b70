"""The members of an organisation: who they are, asking others, ending a role."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub.database import lock, transaction
from eventhub.desk.blueprint import pages
from eventhub.desk.needs import needs
from eventhub.desk.team_forms import RoleForm, TeamForm, terms_of
from eventhub.errors import RuleBroken
from eventhub.organisations.models import Member, Organisation, Role
from eventhub.organisations.queries import organisations_of
from eventhub.organisations.roles import Capability
from eventhub.roles import queries, service
from eventhub.roles.words import ROLE_HINTS, ROLE_NAMES
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


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


@pages.route("/organisations/<organisation>/members/<int:user>", methods=["GET", "POST"])
@needs(Capability.OWN)
def change_membership(organisation: str, user: int) -> ResponseReturnValue:
    """Give a member another role, or another end."""
    row = _found(organisation)
    member = _member_of(row, user)
    zone = current_app.config["SETTINGS"].default_timezone
    form, stale = RoleForm(data=terms_of(member, zone)), None
    if form.validate_on_submit():
        try:
            with transaction():
                lock(row)
                lock(member)
                form.require_unchanged(terms_of(member, zone))
                service.change_membership(member, form.terms(zone, of_edition=False))
        except Stale as found:
            stale = found
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return _after(row, user)
    page = render_template(
        "desk/team/role.html",
        organisation=row,
        edition=None,
        form=form,
        stale=stale,
        hints=ROLE_HINTS,
        who=member.user.name or member.user.email,
    )
    return page, 409 if stale else 422 if form.errors else 200


@pages.post("/organisations/<organisation>/members/<int:user>/end")
@needs(Capability.OWN)
def end_membership(organisation: str, user: int) -> ResponseReturnValue:
    """End somebody's role in the organisation."""
    row = _found(organisation)
    member = _member_of(row, user)
    with transaction():
        service.end_membership(member)
    flash(_("The role is ended."), "ok")
    return _after(row, user)


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


def _member_of(row: Organisation, user: int) -> Member:
    return next((one for one in queries.members_of(row) if one.user_id == user), None) or abort(404)


def _after(row: Organisation, user: int) -> ResponseReturnValue:
    """Return to the members; whoever changed their own role may have no business there any more."""
    return redirect(path_to("desk.organisations"), 303) if user == current_user.id else _back(row)


def _back(row: Organisation) -> ResponseReturnValue:
    return redirect(path_to("desk.members", organisation=row.slug), 303)
