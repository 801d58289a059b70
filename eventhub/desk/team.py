"""Who is in the team of a series or an edition; inviting people, and handing over to organisations."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_edition, found_series, pages
from eventhub.desk.needs import needs
from eventhub.desk.team_forms import HandOverForm, RoleForm, TeamForm, terms_of
from eventhub.editions.models import Edition, Series
from eventhub.editions.naming import slug_of
from eventhub.errors import RuleBroken
from eventhub.organisations.models import Grant, Organisation, Role
from eventhub.organisations.queries import all_organisations, by_slug
from eventhub.organisations.roles import Capability
from eventhub.organisations.service import create_organisation
from eventhub.roles import queries, service
from eventhub.roles.service import Terms
from eventhub.roles.words import CHECKLIST, ROLE_HINTS, ROLE_NAMES
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@pages.route("/<series>/team", methods=["GET", "POST"], defaults={"edition": None})
@pages.route("/<series>/<edition>/team", methods=["GET", "POST"])
@needs(Capability.OWN)
def team(series: str, edition: str | None) -> ResponseReturnValue:
    """List who has a role, and ask somebody else."""
    row = _found(series, edition)
    form = TeamForm(data={"role": Role.ORGANISER.value, "with_edition": edition is not None})
    if form.validate_on_submit():
        try:
            with transaction():
                terms = form.terms(row.zone, of_edition=isinstance(row, Edition))
                service.invite(row, form.email.data, terms, current_user)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The mail is on its way. The role begins when it is accepted."), "ok")
            return _back(row)
    page = render_template(
        "desk/team/team.html",
        **_about(row),
        form=form,
        members=queries.members_running(_series_of(row)),
        of_series=queries.grants_in(_series_of(row)) if isinstance(row, Edition) else [],
        grants=queries.grants_in(row),
        offers=queries.open_offers(row),
        names=ROLE_NAMES,
        hints=ROLE_HINTS,
    )
    return page, 422 if form.errors else 200


@pages.route("/<series>/hand-over", methods=["GET", "POST"], defaults={"edition": None})
@pages.route("/<series>/<edition>/hand-over", methods=["GET", "POST"])
@needs(Capability.OWN)
def hand_over(series: str, edition: str | None) -> ResponseReturnValue:
    """Ask an organisation to host an edition, or to own the series together with those who do."""
    row = _found(series, edition)
    form = HandOverForm(data={"organisation": 0, "keeps": "", "sender": _series_of(row).contact_email})
    running = _series_of(row).organisations
    others = [one for one in all_organisations() if one not in running]
    form.offer(others, running)
    if form.validate_on_submit():
        try:
            with transaction():
                receiver = _receiver(form, others)
                service.hand_over(row, receiver, form.email.data or "", _terms(form, row), current_user)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The mail is on its way. Nothing changes before it is accepted."), "ok")
            return _back(row)
    page = render_template("desk/team/hand_over.html", **_about(row), form=form, checklist=CHECKLIST)
    return page, 422 if form.errors else 200


@pages.post("/<series>/team/offers/<int:key>/withdraw", defaults={"edition": None})
@pages.post("/<series>/<edition>/team/offers/<int:key>/withdraw")
@needs(Capability.OWN)
def withdraw_offer(series: str, edition: str | None, key: int) -> ResponseReturnValue:
    """Take back what was not answered yet."""
    row = _found(series, edition)
    offer = queries.offer_in(row, key) or abort(404)
    with transaction():
        service.withdraw(offer)
    flash(_("Withdrawn. The link in the mail opens nothing any more."), "ok")
    return _back(row)


@pages.route("/<series>/team/<int:key>", methods=["GET", "POST"], defaults={"edition": None})
@pages.route("/<series>/<edition>/team/<int:key>", methods=["GET", "POST"])
@needs(Capability.OWN)
def change_role(series: str, edition: str | None, key: int) -> ResponseReturnValue:
    """Give whoever has a role another one, or another end."""
    row = _found(series, edition)
    grant = _grant_in(row, key)
    form, stale = RoleForm(data=terms_of(grant, row.zone)), None
    if form.validate_on_submit():
        try:
            with transaction():
                lock(grant)
                form.require_unchanged(terms_of(grant, row.zone))
                service.change_grant(grant, form.terms(row.zone, of_edition=isinstance(row, Edition)))
        except Stale as found:
            stale = found
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return _after(row, own=grant.user_id == current_user.id)
    page = render_template(
        "desk/team/role.html",
        **_about(row),
        form=form,
        stale=stale,
        hints=ROLE_HINTS,
        who=grant.holder,
    )
    return page, 409 if stale else 422 if form.errors else 200


@pages.post("/<series>/team/<int:key>/end", defaults={"edition": None})
@pages.post("/<series>/<edition>/team/<int:key>/end")
@needs(Capability.OWN)
def end_role(series: str, edition: str | None, key: int) -> ResponseReturnValue:
    """End a role now."""
    row = _found(series, edition)
    grant = _grant_in(row, key)
    with transaction():
        service.end_grant(grant)
    flash(_("The role is ended."), "ok")
    return _back(row)


def _found(series: str, edition: str | None) -> Series | Edition:
    return found_series(series) if edition is None else found_edition(series, edition)


def _grant_in(row: Series | Edition, key: int) -> Grant:
    return next((one for one in queries.grants_in(row) if one.id == key), None) or abort(404)


def _series_of(row: Series | Edition) -> Series:
    return row.series if isinstance(row, Edition) else row


def _terms(form: HandOverForm, row: Series | Edition) -> Terms:
    if isinstance(row, Edition):
        return Terms(Role.ORGANISER, ends_with_edition=True, notes=form.notes())
    giver = next(one for one in row.organisations if one.id == form.giver.data)
    keeps = Role(form.keeps.data) if form.keeps.data else None
    return Terms(Role.OWNER, giver=giver, giver_keeps=keeps, notes=form.notes())


def _receiver(form: HandOverForm, others: list[Organisation]) -> Organisation:
    """Return the chosen organisation, or set the typed one up."""
    if form.organisation.data:
        return next(one for one in others if one.id == form.organisation.data)
    name = form.new_organisation.data
    if not name:
        raise RuleBroken(_("Choose an organisation, or enter the name of a new one"), field="organisation")
    slug = slug_of(name)
    if not slug or by_slug(slug):
        raise RuleBroken(
            _("There is such an organisation already; choose it from the list"), field="new_organisation"
        )
    return create_organisation(name, slug)


def _about(row: Series | Edition) -> dict[str, object]:
    """Return what templates need to know about where they are."""
    if isinstance(row, Edition):
        where = {"series": row.series.slug, "edition": row.key}
        return {"series": row.series, "edition": row, "where": where, "row": row}
    return {"series": row, "edition": None, "where": {"series": row.slug}, "row": row}


def _after(row: Series | Edition, *, own: bool) -> ResponseReturnValue:
    """Return to the team; whoever changed their own role may have no business there any more."""
    return redirect(path_to("desk.dashboard"), 303) if own else _back(row)


def _back(row: Series | Edition) -> ResponseReturnValue:
    if isinstance(row, Edition):
        return redirect(path_to("desk.team", series=row.series.slug, edition=row.key), 303)
    return redirect(path_to("desk.team", series=row.slug), 303)
