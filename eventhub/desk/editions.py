"""Pages about one edition: overview, new, edit, next, preview."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.database import transaction
from eventhub.desk import queries, words
from eventhub.desk.blueprint import found_edition, found_series, pages
from eventhub.editions import rules, service
from eventhub.editions.forms import (
    MODE_NAMES,
    VISIBILITY_NAMES,
    EditionForm,
    NextForm,
    edition_form,
)
from eventhub.editions.models import Edition, EditionState, Series, Visibility
from eventhub.editions.naming import renumbered
from eventhub.editions.readiness import reasons_against
from eventhub.errors import NotReady, RuleBroken
from eventhub.organisations.queries import all_organisations
from eventhub.site.editions import edition_page
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import link_to, path_to
from eventhub.web.times import day_and_time


@pages.get("/<series>/<edition>/")
def edition(series: str, edition: str) -> ResponseReturnValue:
    """Show where an edition stands and what can be done with it."""
    return overview(found_edition(series, edition))


def overview(found: Edition, refused: RuleBroken | None = None) -> ResponseReturnValue:
    """Render the overview, with the reason if a step was refused just now."""
    draft = found.state is EditionState.DRAFT
    copied = queries.copy_of(found) if draft else None
    now = clock.now()
    page = render_template(
        "desk/overview.html",
        edition=found,
        reasons=reasons_against(found) if draft else [],
        copied=words.copied_words(copied.details.get("copied", [])) if copied else [],
        source=copied.details.get("source") if copied else None,
        refused=None if isinstance(refused, NotReady) else refused,
        not_ready=isinstance(refused, NotReady),
        window=rules.window(found, now),
        closes_at=rules.closes_at(found),
        over=rules.is_over(found, now),
        begun=found.starts_at is not None and found.starts_at <= now,
        deletable=draft and not queries.has_registrations(found),
        public_link=link_to("site.edition", series=found.series.slug, edition=found.key),
        modes=MODE_NAMES,
        visibilities=VISIBILITY_NAMES,
    )
    return page, 409 if refused else 200


@pages.route("/<series>/new", methods=["GET", "POST"])
def new_edition(series: str) -> ResponseReturnValue:
    """Make an edition from nothing but the settings of its series."""
    found = found_series(series)
    form = edition_form(_blank(found), all_organisations())
    if form.validate_on_submit():
        try:
            values = form.values()
            with transaction():
                made = service.create(found, values)
                service.set_organisations(made, form.hosts.data, form.supporters.data)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The draft is there. Only you and your team see it."), "ok")
            return redirect(_address(made), 303)
    bad = bool(form.errors)
    return render_template("desk/new_edition.html", form=form, series=found), 422 if bad else 200


def _blank(series: Series) -> Edition:
    """Return what a new edition starts with; it is never stored."""
    number = service.next_number(series)
    return Edition(
        number=number,
        title=f"{series.title} #{number}",
        zone=series.zone,
        mode=series.default_mode,
        capacity=series.default_capacity,
        takes_registrations=True,
        admission=series.default_admission,
        visibility=Visibility.PUBLIC,
        version=1,
    )


@pages.route("/<series>/<edition>/edit", methods=["GET", "POST"])
def edit_edition(series: str, edition: str) -> ResponseReturnValue:
    """Change an edition; asks first where people would get a mail."""
    found = found_edition(series, edition)
    form = edition_form(found, all_organisations())
    if "back" in request.form:
        return _show_edit(form, found, 200)
    if not form.validate_on_submit():
        return _show_edit(form, found, 422 if form.errors else 200)
    try:
        values = form.values()
        impact = service.impact(found, values)
        if impact.people and "confirmed" not in request.form:
            return _ask(found, impact)
        with transaction():
            changes = service.update(found, values, form.seen_version())
            _save_organisations(found, form)
    except service.Stale as stale:
        return _show_stale(form, found, stale)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show_edit(form, found, 422)
    told = impact.people if changes else 0
    flash(_saved(told), "ok")
    return redirect(_address(found), 303)


def _save_organisations(found: Edition, form: EditionForm) -> None:
    if service.set_organisations(found, form.hosts.data, form.supporters.data):
        service.note_organisations(found)


def _saved(told: int) -> str:
    if not told:
        return _("Saved.")
    return ngettext(
        "Saved. %(num)s person is being told by mail.", "Saved. %(num)s people are being told by mail.", told
    )


def _show_edit(form: EditionForm, found: Edition, status: int) -> ResponseReturnValue:
    return render_template("desk/edit_edition.html", form=form, edition=found), status


def _ask(found: Edition, impact: service.Impact) -> ResponseReturnValue:
    """Show what would change and who would be told; nothing is saved yet."""
    return render_template(
        "desk/confirm_edit.html",
        edition=found,
        lines=words.change_lines(impact.changes, found.zone),
        people=impact.people,
        fields=_fields_again(),
    )


def _fields_again() -> list[tuple[str, str]]:
    skipped = ("csrf_token", "confirmed", "back")
    return [(name, value) for name, value in request.form.items(multi=True) if name not in skipped]


def _show_stale(form: EditionForm, found: Edition, stale: service.Stale) -> ResponseReturnValue:
    """Show who changed what; a second save then counts as seen."""
    form.version.data = str(found.version)
    entries = [
        (
            words.author(entry),
            words.phrase(entry),
            day_and_time(entry.at, found.zone),
            words.change_lines(entry.details.get("changes", {}), found.zone),
        )
        for entry in stale.entries
    ]
    return render_template(
        "desk/edit_edition.html", form=form, edition=found, entries=entries, stale=True
    ), 409


@pages.route("/<series>/next", methods=["GET", "POST"])
def next_edition(series: str) -> ResponseReturnValue:
    """Make the next edition from the last one."""
    found = found_series(series)
    last = queries.last_edition(found)
    if last is None:
        return redirect(path_to("desk.new_edition", series=found.slug), 303)
    form = _next_form(found, last)
    if form.validate_on_submit():
        try:
            with transaction():
                made = service.copy(last, form.values(), with_agenda=form.with_agenda.data)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The draft is there. Only you and your team see it."), "ok")
            return redirect(_address(made), 303)
    bad = bool(form.errors)
    page = render_template(
        "desk/next_edition.html", form=form, series=found, last=last, taken_over=_taken_over(last)
    )
    return page, 422 if bad else 200


def _next_form(series: Series, last: Edition) -> NextForm:
    number = service.next_number(series)
    form = NextForm(
        data={
            "number": number,
            "title": renumbered(last.title, last.number, number),
            "start_time": last.start_time,
            "end_time": last.end_time,
            "zone": last.zone,
            "with_agenda": True,
        }
    )
    form.offer_zones(last.zone)
    return form


def _taken_over(last: Edition) -> list[str]:
    codes = [name for name in service.COPIED if getattr(last, name) not in (None, "")]
    return words.copied_words([*codes, *(["organisations"] if last.organisation_links else [])])


@pages.get("/<series>/<edition>/preview/")
def preview(series: str, edition: str) -> ResponseReturnValue:
    """Show the public page as it would be, to the team only."""
    found = found_edition(series, edition)
    args = request.args
    return edition_page(
        found, day=args.get("day"), track=args.get("track"), view=args.get("view"), preview=True
    )


def _address(found: Edition) -> str:
    return path_to("desk.edition", series=found.series.slug, edition=found.key)
