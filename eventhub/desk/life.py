"""Steps of an edition's life: publish, cancel, complete, and their way back."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields import StringField
from wtforms.validators import DataRequired

from eventhub.database import transaction
from eventhub.desk import undo
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.editions import overview
from eventhub.desk.needs import needs
from eventhub.editions import service
from eventhub.editions.fields import LongText, at_most, stripped
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.undo import Version
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to


class CancelForm(Form):
    """Asks what participants are to be told."""

    reason = LongText(
        _l("What do you tell the participants?"),
        most=2000,
        rows=4,
        description=_l("It stands in their mail and on the public page"),
    )

    def __init__(self, *args: object, **rest: object) -> None:
        super().__init__(*args, **rest)
        self.reason.validators = [
            DataRequired(_l("Say in a sentence why it does not take place")),
            *self.reason.validators,
        ]


class PostponeForm(Form):
    """Asks for when it is planned, as far as that is known."""

    planned = StringField(
        _l("Planned for"),
        description=_l("A month such as 2026-05, or words such as autumn 2026. Empty: nothing is known yet"),
        filters=[stripped],
        validators=[at_most(200)],
    )


def _step(found: Edition, take: Callable[[Edition], None], done: str) -> ResponseReturnValue:
    try:
        with transaction():
            take(found)
    except RuleBroken as broken:
        return overview(found, refused=broken)
    flash(done, "ok")
    return redirect(path_to("desk.edition", series=found.series.slug, edition=found.key), 303)


@pages.get(
    "/<series>/<edition>/<any(publish, unpublish, complete, reopen, reinstate, detach, attach, undo):step>"
)
@needs(Capability.LOOK)
def step(series: str, edition: str, step: str) -> ResponseReturnValue:  # noqa: ARG001
    """Lead back to the overview from a page that refused a step, when it is loaded again."""
    found = found_edition(series, edition)
    return redirect(path_to("desk.edition", series=found.series.slug, edition=found.key))


@pages.post("/<series>/<edition>/publish")
@needs(Capability.EDIT)
def publish(series: str, edition: str) -> ResponseReturnValue:
    """Show the edition to the public."""
    found = found_edition(series, edition)
    return _step(found, service.publish, _("Published. The page is open to everybody now."))


@pages.post("/<series>/<edition>/unpublish")
@needs(Capability.EDIT)
def unpublish(series: str, edition: str) -> ResponseReturnValue:
    """Make a draft of it again."""
    found = found_edition(series, edition)
    return _step(found, service.unpublish, _("It is a draft again. Only your team sees it."))


@pages.post("/<series>/<edition>/complete")
@needs(Capability.EDIT)
def complete(series: str, edition: str) -> ResponseReturnValue:
    """Close what has taken place."""
    found = found_edition(series, edition)
    return _step(found, service.complete, _("Completed. It stays in the archive."))


@pages.post("/<series>/<edition>/reopen")
@needs(Capability.EDIT)
def reopen(series: str, edition: str) -> ResponseReturnValue:
    """Take the completion back."""
    found = found_edition(series, edition)
    return _step(found, service.reopen, _("It is open again."))


@pages.post("/<series>/<edition>/reinstate")
@needs(Capability.EDIT)
def reinstate(series: str, edition: str) -> ResponseReturnValue:
    """Let it take place after all."""
    found = found_edition(series, edition)
    done = _told(_("It takes place after all."), found.taken_count + found.waiting_count)
    return _step(found, service.reinstate, done)


@pages.route("/<series>/<edition>/cancel", methods=["GET", "POST"])
@needs(Capability.EDIT)
def cancel(series: str, edition: str) -> ResponseReturnValue:
    """Ask for a reason, say how many will be told, then call the meeting off."""
    found = found_edition(series, edition)
    people = found.taken_count + found.waiting_count
    form = CancelForm()
    if not form.validate_on_submit():
        page = render_template("desk/cancel.html", form=form, edition=found, people=people)
        return page, 422 if form.errors else 200
    reason = form.reason.data
    return _step(
        found, lambda one: service.cancel(one, reason), _told(_("The edition is cancelled."), people)
    )


@pages.route("/<series>/<edition>/postpone", methods=["GET", "POST"])
@needs(Capability.EDIT)
def postpone(series: str, edition: str) -> ResponseReturnValue:
    """Take the day away as long as no new one is known, after saying how many will be told."""
    found = found_edition(series, edition)
    people = found.taken_count + found.waiting_count
    form = PostponeForm()
    if not form.validate_on_submit():
        page = render_template("desk/postpone.html", form=form, edition=found, people=people)
        return page, 422 if form.errors else 200
    try:
        with transaction():
            changes = service.postpone(found, form.planned.data or "")
    except RuleBroken as broken:
        return overview(found, refused=broken)
    undo.remember(found, [Version(found.id, found.version)])
    told = people if changes and found.state is EditionState.PUBLISHED else 0
    flash(_told(_("Postponed. Enter the new day as soon as you know it."), told), "ok")
    return redirect(path_to("desk.edition", series=found.series.slug, edition=found.key), 303)


@pages.post("/<series>/<edition>/detach")
@needs(Capability.EDIT)
def detach(series: str, edition: str) -> ResponseReturnValue:
    """Let no change of several editions reach this one."""
    found = found_edition(series, edition)
    return _step(found, service.detach, _("Detached. Changes of several editions leave this one as it is."))


@pages.post("/<series>/<edition>/attach")
@needs(Capability.EDIT)
def attach(series: str, edition: str) -> ResponseReturnValue:
    """Let changes of several editions reach it again."""
    found = found_edition(series, edition)
    return _step(found, service.attach, _("Changes of several editions reach this one again."))


@pages.route("/<series>/<edition>/delete", methods=["GET", "POST"])
@needs(Capability.EDIT)
def delete(series: str, edition: str) -> ResponseReturnValue:
    """Ask, then delete a draft."""
    found = found_edition(series, edition)
    if request.method == "GET":
        return render_template("desk/delete_edition.html", edition=found)
    slug, title = found.series.slug, found.title
    try:
        with transaction():
            service.delete(found)
    except RuleBroken as broken:
        return overview(found, refused=broken)
    flash(_("“%(title)s” is deleted. All other numbers stay as they are.", title=title), "ok")
    return redirect(path_to("desk.series", series=slug), 303)


def _told(done: str, people: int) -> str:
    if not people:
        return done
    return f"{done} " + ngettext(
        "%(num)s person is being told by mail.", "%(num)s people are being told by mail.", people
    )
