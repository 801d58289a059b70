"""Versions of an agenda: what the next one changes and whom it tells, its release, and any two compared."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, TextAreaField

from eventhub.agenda import drafts
from eventhub.agenda.comparing import differences
from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.fields import at_most, stripped
from eventhub.editions.models import Edition, EditionState
from eventhub.engagements.calendar import concerned
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.programme_changes import releases
from eventhub.programme_changes.models import AgendaVersion
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to


class VersionForm(Form):
    """The next version."""

    note = TextAreaField(
        _l("What is new, and why, in a sentence"),
        description=_l("Stands on the public list of changes, and in the mails"),
        filters=[stripped],
        validators=[at_most(500)],
        render_kw={"rows": 2},
    )
    quietly = BooleanField(
        _l("Work quietly from now on"),
        description=_l("Then nobody sees a change before the next version. You can go back at any time."),
        default=True,
    )
    seen = HiddenField()


class _Moved(RuleBroken):
    """Somebody else has changed the agenda since it was shown."""

    def __init__(self) -> None:
        words = _(
            "Somebody else has changed the agenda in the meantime. This is what the version would be now."
        )
        super().__init__(words)


@pages.route("/<series>/<edition>/agenda/versions", methods=["GET", "POST"])
@needs(Capability.LOOK, Capability.AGENDA)
def agenda_versions(series: str, edition: str) -> ResponseReturnValue:
    """Show what the next version changes, and all versions; a POST releases the next one."""
    found = found_edition(series, edition)
    form = VersionForm()
    if not form.validate_on_submit():
        return _show(found, form)
    try:
        with transaction():
            words = _release(found, form)
    except _Moved as moved:
        form.refuse(moved)
        return _show(found, form, 409)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(found, form)
    flash(words, "ok")
    return redirect(path_to("desk.agenda_versions", series=series, edition=edition), 303)


def _release(edition: Edition, form: VersionForm) -> str:
    """Release exactly what the page showed, and say what that did."""
    lock(edition)
    if form.seen.data != releases.mark_of(releases.in_work(edition)):
        raise _Moved
    speakers = len(concerned(edition, drafts.news_of(drafts.changes_of(edition))))
    version, people = releases.release(edition, form.note.data or "")
    if version.number == 1 and form.quietly.data and edition.state is not EditionState.DRAFT:
        drafts.begin(edition)
    words = _("This is version %(num)s.", num=version.number)
    if people:
        words += " " + ngettext("%(num)s person gets a mail.", "%(num)s people get a mail.", people)
    if speakers:
        words += " " + ngettext("%(num)s speaker gets a mail.", "%(num)s speakers get a mail.", speakers)
    return words


def _show(edition: Edition, form: VersionForm, status: int = 200) -> ResponseReturnValue:
    versions, now = releases.versions_of(edition), releases.in_work(edition)
    older = _numbered(versions, request.args.get("from")) or (versions[0] if versions else None)
    newer = _numbered(versions, request.args.get("to"))
    names = releases.names_in(edition)
    outlook = releases.outlook(edition, now, names)
    form.seen.data = releases.mark_of(now)
    page = render_template(
        "desk/agenda/versions.html",
        edition=edition,
        form=form,
        versions=versions,
        older=older,
        newer=newer,
        found=differences(older.programme, newer.programme if newer else now, names) if older else [],
        outlook=outlook,
        speakers=len(concerned(edition, outlook.news)),
    )
    return page, 422 if form.errors and status == 200 else status


def _numbered(versions: Sequence[AgendaVersion], number: str | None) -> AgendaVersion | None:
    return next((one for one in versions if str(one.number) == number), None)


@pages.post("/<series>/<edition>/agenda/versions/quietly")
@needs(Capability.AGENDA)
def work_quietly(series: str, edition: str) -> ResponseReturnValue:
    """Keep further changes of the agenda back until they are released, or not any more."""
    found = found_edition(series, edition)
    quietly = request.form.get("quietly") == "1"
    try:
        with transaction():
            (drafts.begin if quietly else drafts.end)(found)
    except RuleBroken as broken:
        flash(str(broken.message), "warn")
    else:
        begun = _("Nobody sees what you change in the agenda now, before you release it.")
        flash(begun if quietly else _("Everybody sees changes of the agenda at once now."), "ok")
    return redirect(path_to("desk.agenda_versions", series=series, edition=edition), 303)


@pages.post("/<series>/<edition>/agenda/versions/discard")
@needs(Capability.AGENDA)
def discard_draft(series: str, edition: str) -> ResponseReturnValue:
    """Forget what was not released."""
    found = found_edition(series, edition)
    with transaction():
        drafts.discard(found)
    flash(_("The agenda is again as everybody sees it."), "ok")
    return redirect(path_to("desk.agenda_versions", series=series, edition=edition), 303)
