"""Pages about one edition: overview, new, edit, next, preview."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.database import transaction
from eventhub.desk import queries, undo, words
from eventhub.desk.agenda_warnings import warnings_of
from eventhub.desk.blueprint import found_edition, found_series, own_rights, pages
from eventhub.desk.moving_up import ask_first, would_move_up
from eventhub.desk.needs import needs
from eventhub.editions import rules, service, together
from eventhub.editions.forms import (
    MODE_NAMES,
    VISIBILITY_NAMES,
    EditionForm,
    NextForm,
    edition_form,
)
from eventhub.editions.inheritance import is_detached
from eventhub.editions.models import Edition, EditionState, Series, Visibility
from eventhub.editions.naming import renumbered
from eventhub.editions.queries import editions_of, last_edition
from eventhub.editions.readiness import reasons_against
from eventhub.editions.undo import Version
from eventhub.editions.undo import undo as take_back
from eventhub.engagements.queries import not_asked
from eventhub.errors import NotReady, RuleBroken
from eventhub.organisations.queries import all_organisations
from eventhub.organisations.roles import Capability
from eventhub.registration.moved_up import MovedUp
from eventhub.roles import queries as roles
from eventhub.roles.words import ROLE_NAMES
from eventhub.site.editions import edition_page
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import link_to, path_to
from eventhub.web.times import day_and_time


@pages.get("/<series>/<edition>/")
@needs(Capability.LOOK)
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
        warnings=warnings_of(found) if _may_still_change(found) else [],
        not_asked=not_asked(found) if _may_still_change(found) else 0,
        copied=words.copied_words(copied.details.get("copied", [])) if copied else [],
        source=copied.details.get("source") if copied else None,
        refused=None if isinstance(refused, NotReady) else refused,
        not_ready=isinstance(refused, NotReady),
        window=rules.window(found, now),
        closes_at=rules.closes_at(found),
        over=rules.is_over(found, now),
        begun=found.starts_at is not None and found.starts_at <= now,
        undoable=len(undo.remembered(found)),
        detached=is_detached(found),
        deletable=draft and not queries.has_registrations(found),
        public_link=link_to("site.edition", series=found.series.slug, edition=found.key),
        modes=MODE_NAMES,
        visibilities=VISIBILITY_NAMES,
    )
    return page, 409 if refused else 200


def _may_still_change(edition: Edition) -> bool:
    """Tell whether warnings about the agenda are of use to anybody."""
    lies_ahead = edition.state is EditionState.PUBLISHED and not rules.is_over(edition, clock.now())
    return lies_ahead or edition.state is EditionState.DRAFT


@pages.route("/<series>/new", methods=["GET", "POST"])
@needs(Capability.EDIT)
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
            return redirect(_after(made), 303)
    bad = bool(form.errors)
    return render_template("desk/new_edition.html", form=form, series=found), 422 if bad else 200


def _after(made: Edition) -> str:
    """Return where to go once an edition is made: to its agenda, where that was the wish."""
    if "agenda" in request.form:
        return path_to("desk.start_agenda", series=made.series.slug, edition=made.key)
    return _address(made)


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
@needs(Capability.EDIT)
def edit_edition(series: str, edition: str) -> ResponseReturnValue:
    """Change an edition, or several at once; asks first where people would get a mail or others change."""
    found = found_edition(series, edition)
    form = edition_form(found, all_organisations())
    if "back" in request.form:
        return _show_edit(form, found, 200)
    if not form.validate_on_submit():
        return _show_edit(form, found, 422 if form.errors else 200)
    try:
        return _save_edit(form, found)
    except service.Stale as stale:
        return _show_stale(form, found, stale)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show_edit(form, found, 422)


def _save_edit(form: EditionForm, found: Edition) -> ResponseReturnValue:
    values = form.values()
    scope = form.chosen_scope() if _may_edit_others() else together.Scope.THIS
    shares = together.plan(found, values, scope)

    def carry_out(seen_others: str) -> list[together.Share]:
        return together.carry_out(found, values, scope, form.seen_version(), seen_others)

    def moving_up() -> Sequence[MovedUp]:
        editions = [share.edition for share in shares if share.changes]
        return would_move_up(editions, lambda: carry_out(together.seen(shares)))

    if "confirmed" not in request.form:
        next_ones = moving_up()
        if next_ones or _people(shares) or (len(shares) > 1 and shares[0].changes):
            return _ask(found, shares, next_ones)
    try:
        with transaction():
            changed = carry_out(request.form.get("seen_others", ""))
            _save_organisations(found, form)
    except together.Outdated as outdated:
        shares = together.plan(found, values, scope)
        return _ask(found, shares, moving_up(), outdated)
    if changed:
        undo.remember(found, [Version(share.edition.id, share.edition.version) for share in changed])
    flash(_saved(_people(changed), len(changed)), "ok")
    return redirect(_address(found), 303)


def _may_edit_others() -> bool:
    return Capability.EDIT in own_rights().in_series()


def _people(shares: list[together.Share]) -> int:
    return sum(share.people for share in shares)


@pages.post("/<series>/<edition>/undo")
@needs(Capability.EDIT)
def undo_edit(series: str, edition: str) -> ResponseReturnValue:
    """Bring back what was before the last change, of all editions that it was for."""
    found = found_edition(series, edition)
    versions = undo.remembered(found)
    try:
        moving_up = would_move_up(editions_of(found.series), lambda: take_back(versions))
        if moving_up:
            here = path_to("desk.undo_edit", series=series, edition=edition)
            return ask_first(moving_up, here, _address(found), edition=found, tab="overview")
        with transaction():
            take_back(versions)
    except RuleBroken as broken:
        undo.forget()
        return overview(found, refused=broken)
    undo.forget()
    flash(_("Undone. Whoever had not been told yet hears nothing of it."), "ok")
    return redirect(_address(found), 303)


def _save_organisations(found: Edition, form: EditionForm) -> None:
    if service.set_organisations(found, form.hosts.data, form.supporters.data):
        service.note_organisations(found)


def _saved(told: int, editions: int) -> str:
    done = _("Saved.")
    if editions > 1:
        done = ngettext("%(num)s edition is changed.", "%(num)s editions are changed.", editions)
    if not told:
        return done
    return f"{done} " + ngettext(
        "%(num)s person is being told by mail.", "%(num)s people are being told by mail.", told
    )


def _in_series(found: Edition) -> dict[str, object]:
    """Return what the form says about other editions: whose values this one has, and how many may follow."""
    editions = editions_of(found.series)
    return {
        "origins": words.origins(found, editions),
        "others": len(together.coming_editions(found, editions)) if _may_edit_others() else 0,
    }


def _show_edit(form: EditionForm, found: Edition, status: int) -> ResponseReturnValue:
    page = render_template(
        "desk/edit_edition.html",
        form=form,
        edition=found,
        **_in_series(found),
    )
    return page, status


def _ask(
    found: Edition,
    shares: list[together.Share],
    moving_up: Sequence[MovedUp],
    outdated: RuleBroken | None = None,
) -> ResponseReturnValue:
    """Show what would change where, what stays as it is, and who would be told; nothing is saved yet."""
    page = render_template(
        "desk/confirm_edit.html",
        edition=found,
        shares=shares,
        changed=[share for share in shares if share.changes],
        words=words,
        people=_people(shares),
        moving_up=moving_up,
        outdated=outdated,
        fields=_fields_again(),
        seen_others=together.seen(shares),
    )
    return page, 409 if outdated else 200


def _fields_again() -> list[tuple[str, str]]:
    skipped = ("csrf_token", "confirmed", "back", "seen_others")
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
    page = render_template(
        "desk/edit_edition.html",
        form=form,
        edition=found,
        entries=entries,
        stale=True,
        **_in_series(found),
    )
    return page, 409


@pages.route("/<series>/next", methods=["GET", "POST"])
@needs(Capability.EDIT)
def next_edition(series: str) -> ResponseReturnValue:
    """Make the next edition from the last one."""
    found = found_series(series)
    after = request.args.get("after")
    last = found_edition(series, after) if after else last_edition(found)
    if last is None:
        return redirect(path_to("desk.new_edition", series=found.slug), 303)
    form = _next_form(found, last, between=after is not None)
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
        "desk/next_edition.html",
        form=form,
        series=found,
        last=last,
        taken_over=_taken_over(last),
        members=roles.members_running(found),
        of_series=roles.grants_in(found),
        of_edition=roles.grants_only_in(last),
        names=ROLE_NAMES,
        between=after is not None,
    )
    return page, 422 if bad else 200


def _next_form(series: Series, last: Edition, *, between: bool) -> NextForm:
    number = service.number_after(last) if between else service.next_number(series)
    slug = service.free_slug(series, f"{last.key}-b") if number is None else None
    title = renumbered(last.title, last.number, number)
    form = NextForm(
        data={
            "number": number,
            "slug": slug,
            "title": title if number is not None else _("%(title)s, extra date", title=series.title),
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
@needs(Capability.LOOK)
def preview(series: str, edition: str) -> ResponseReturnValue:
    """Show the public page as it would be, to the team only."""
    found = found_edition(series, edition)
    args = request.args
    return edition_page(
        found, day=args.get("day"), track=args.get("track"), view=args.get("view"), preview=True
    )


def _address(found: Edition) -> str:
    return path_to("desk.edition", series=found.series.slug, edition=found.key)
