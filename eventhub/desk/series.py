"""Pages about series: list, overview, new, edit, delete."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub import clock
from eventhub.database import lock, transaction
from eventhub.desk import queries
from eventhub.desk.blueprint import found_series, own_rights, pages
from eventhub.desk.needs import needs, needs_no_role
from eventhub.desk.stale import last_author
from eventhub.editions import series as service
from eventhub.editions.forms import MODE_NAMES, SeriesForm, series_data, series_form
from eventhub.editions.models import Series
from eventhub.errors import NotPermitted, RuleBroken
from eventhub.organisations.queries import all_organisations, may_set_up, organisations_of
from eventhub.organisations.roles import Capability
from eventhub.subscriptions.queries import number_of
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.pagination import page_of
from eventhub.web.seen import Stale


@pages.get("/series/")
@needs_no_role
def series_list() -> ResponseReturnValue:
    """List all series of the user."""
    lines = queries.series_lines(current_user, clock.now().date())
    return render_template("desk/series_list.html", lines=lines, may_set_up=may_set_up(current_user))


@pages.get("/<series>/")
@needs(Capability.LOOK)
def series(series: str) -> ResponseReturnValue:
    """Show a series with its editions."""
    found = found_series(series)
    page = page_of(queries.editions_of(found), 50)
    return render_template(
        "desk/series.html", series=found, page=page, modes=MODE_NAMES, waiting=number_of(found)
    )


@pages.route("/series/new", methods=["GET", "POST"])
@needs(Capability.EDIT)
def new_series() -> ResponseReturnValue:
    """Set up a series for one of the user's organisations."""
    own = organisations_of(current_user)
    if not own:
        raise NotPermitted(_("Only owners and organisers of an organisation can set up a series."))
    form = series_form(None, own)
    if request.method == "GET" and len(own) == 1:
        form.organisations.data = [own[0].id]
    if form.validate_on_submit():
        try:
            with transaction():
                made = service.create(form.values(), form.organisations.data)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The series is set up. Now add its first edition."), "ok")
            return redirect(path_to("desk.series", series=made.slug), 303)
    return _show_form(form, None)


@pages.route("/<series>/edit", methods=["GET", "POST"])
@needs(Capability.EDIT)
def edit_series(series: str) -> ResponseReturnValue:
    """Change what a series says about itself."""
    found = found_series(series)
    form = series_form(found, all_organisations())
    if form.validate_on_submit():
        try:
            _require_decided(form, found)
            with transaction():
                lock(found)
                form.require_unchanged(series_data(found))
                service.update(found, form.values(), form.organisations.data)
        except Stale as stale:
            return _show_form(form, found, stale)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(path_to("desk.series", series=found.slug), 303)
    return _show_form(form, found)


@pages.route("/<series>/delete", methods=["GET", "POST"])
@needs(Capability.OWN)
def delete_series(series: str) -> ResponseReturnValue:
    """Ask, then delete a series without editions."""
    found = found_series(series)
    if request.method == "GET":
        empty = not page_of(queries.editions_of(found), 1).total
        return render_template("desk/delete_series.html", series=found, empty=empty)
    with transaction():
        service.delete(found)
    flash(_("The series is deleted."), "ok")
    return redirect(path_to("desk.series_list"), 303)


def _require_decided(form: SeriesForm, series: Series) -> None:
    """Let owners choose among their organisations and those that run the series; others have to accept."""
    running = {link.organisation_id for link in series.organisation_links}
    wanted = set(form.organisations.data)
    if wanted == running:
        return
    if Capability.OWN not in own_rights().in_series():
        raise RuleBroken(_("Owners decide which organisations run the series"), field="organisations")
    own = {organisation.id for organisation in organisations_of(current_user)}
    if not wanted <= running | own:
        raise RuleBroken(
            _("Other organisations are asked on the page “Team”, and run the series once they accept"),
            field="organisations",
        )
    if own.isdisjoint(wanted):
        raise RuleBroken(
            _("Keep at least one organisation of your own, or you could not get back in"),
            field="organisations",
        )


def _show_form(form: SeriesForm, found: Series | None, stale: Stale | None = None) -> ResponseReturnValue:
    by = last_author("series.changed", found.zone, series_id=found.id) if stale and found else ""
    page = render_template("desk/series_form.html", form=form, series=found, stale=stale, stale_by=by)
    if stale is not None:
        return page, 409
    return page, 422 if form.errors else 200
