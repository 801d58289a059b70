"""Versions of an agenda: what has changed since the last one, the next one, and any two compared."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from eventhub.database import transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.fields import at_most, stripped
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.programme_changes import releases
from eventhub.programme_changes.comparing import differences
from eventhub.programme_changes.models import AgendaVersion
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to


class VersionForm(Form):
    """The next version."""

    note = TextAreaField(
        _l("What is new, in a sentence"),
        description=_l("Stands on the public list of changes"),
        filters=[stripped],
        validators=[at_most(500)],
        render_kw={"rows": 2},
    )


@pages.route("/<series>/<edition>/agenda/versions", methods=["GET", "POST"])
@needs(Capability.LOOK, Capability.AGENDA)
def agenda_versions(series: str, edition: str) -> ResponseReturnValue:
    """List the versions; a POST makes the next one of what the agenda is now."""
    found = found_edition(series, edition)
    form = VersionForm()
    if not form.validate_on_submit():
        return _show(found, form)
    try:
        with transaction():
            version, told = releases.release(found, form.note.data or "")
            number = version.number
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(found, form)
    words = _("This is version %(num)s.", num=number)
    if told:
        words += " " + ngettext("%(num)s person gets a mail.", "%(num)s people get a mail.", told)
    flash(words, "ok")
    return redirect(path_to("desk.agenda_versions", series=series, edition=edition), 303)


def _show(edition: Edition, form: VersionForm) -> ResponseReturnValue:
    versions, now = releases.versions_of(edition), releases.state_of(edition)
    older = _numbered(versions, request.args.get("from")) or (versions[0] if versions else None)
    newer = _numbered(versions, request.args.get("to"))
    page = render_template(
        "desk/agenda/versions.html",
        edition=edition,
        form=form,
        versions=versions,
        older=older,
        newer=newer,
        found=differences(older.programme, newer.programme if newer else now) if older else [],
        held=releases.are_held(edition),
    )
    return page, 422 if form.errors else 200


def _numbered(versions: Sequence[AgendaVersion], number: str | None) -> AgendaVersion | None:
    return next((one for one in versions if str(one.number) == number), None)


@pages.post("/<series>/<edition>/agenda/versions/hold")
@needs(Capability.AGENDA)
def hold_changes(series: str, edition: str) -> ResponseReturnValue:
    """Let mails about changes wait for the next version, or not any more."""
    found = found_edition(series, edition)
    with transaction():
        if request.form.get("hold") == "1":
            releases.hold(found)
        else:
            releases.let_go(found)
    flash(_("Saved."), "ok")
    return redirect(path_to("desk.agenda_versions", series=series, edition=edition), 303)
