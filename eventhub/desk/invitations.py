"""The organiser's pages of invitations: by list, with a look before anything is sent; then who answered."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.mail_preview import Shown, shown
from eventhub.desk.needs import needs
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.invitations import mails, queries, rules, service
from eventhub.invitations.forms import InviteForm
from eventhub.invitations.models import InvitationState
from eventhub.invitations.pasted import Line, read_lines
from eventhub.invitations.points import open_questions
from eventhub.invitations.rules import Sorted
from eventhub.invitations.service import Terms
from eventhub.mail.states import state_words
from eventhub.organisations.roles import Capability
from eventhub.web.forms import is_key
from eventhub.web.languages import LANGUAGES, ngettext
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.pagination import page_of
from eventhub.web.tables import text_of

PAGE = 100


@pages.get("/<series>/<edition>/invitations/")
@needs(Capability.PEOPLE)
def invitations(series: str, edition: str) -> ResponseReturnValue:
    """List who is invited and what they answered."""
    found = found_edition(series, edition)
    state = next((one for one in InvitationState if one.value == request.args.get("state")), None)
    page = page_of(queries.invitations_of(found, state), PAGE)
    return render_template(
        "desk/invitations/list.html",
        edition=found,
        page=page,
        chosen=state,
        numbers=queries.numbers(found),
        mails=queries.last_mails(page.items) if page.items else {},
        states=list(InvitationState),
        state_name=state_name,
        state_words=state_words,
        accepted=service.is_accepted,
    )


@pages.route("/<series>/<edition>/invitations/new", methods=["GET", "POST"])
@needs(Capability.PEOPLE)
def invite(series: str, edition: str) -> ResponseReturnValue:
    """Take a list, show what was understood and what they will read, and send when that is right."""
    found = found_edition(series, edition)
    form = InviteForm(data={"language": found.language or found.series.language})
    if not form.validate_on_submit():
        return _show(found, form, status=422 if form.errors else 200)
    try:
        lines = _lines(form)
        if "send" not in request.form:
            return _show(found, form, service.look_at(found, lines))
        with transaction():
            number = service.invite(found, lines, _terms(form))
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(found, form, status=422)
    words = ngettext("%(num)s invitation is on its way.", "%(num)s invitations are on their way.", number)
    flash(words, "ok" if number else "warn")
    return redirect(_address(found), 303)


@pages.get("/<series>/<edition>/invitations/points")
@needs(Capability.PEOPLE)
def points(series: str, edition: str) -> ResponseReturnValue:
    """Show what invited people have added to the open questions of the agenda."""
    found = found_edition(series, edition)
    return render_template("desk/invitations/points.html", edition=found, questions=open_questions(found))


@pages.post("/<series>/<edition>/invitations/")
@needs(Capability.PEOPLE)
def change_invitations(series: str, edition: str) -> ResponseReturnValue:
    """Remind or withdraw those that were ticked, or remind all who are silent."""
    found = found_edition(series, edition)
    action = request.form.get("action")
    ticked = queries.chosen(found, [int(key) for key in request.form.getlist("id") if is_key(key)])
    if action == "remind_silent":
        ticked = queries.silent(found)
    elif not ticked or action not in {"remind", "revoke"}:
        flash(_("Tick at least one invitation and choose what to do."), "warn")
        return redirect(_address(found), 303)
    with transaction():
        if action == "revoke":
            number = service.revoke(found, ticked)
            words = ngettext("%(num)s invitation is withdrawn.", "%(num)s invitations are withdrawn.", number)
        else:
            number = service.remind(found, ticked)
            words = _reminded_words(number)
    flash(words, "ok" if number else "warn")
    return redirect(_address(found), 303)


def _reminded_words(number: int) -> str:
    if not number:
        return _(
            "Nobody is reminded. Whoever has answered or registered gets no reminder, nobody gets two within "
            "%(hours)s hours, and nobody more than %(most)s.",
            hours=int(rules.BETWEEN_MAILS.total_seconds() // 3600),
            most=rules.MOST_MAILS - 1,
        )
    return ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", number)


def state_name(state: InvitationState) -> str:
    """Return the word for a state."""
    return {
        InvitationState.SENT: _("Sent"),
        InvitationState.OPENED: _("Opened"),
        InvitationState.ACCEPTED: _("Accepted"),
        InvitationState.REGISTERED: _("Registered by the form"),
        InvitationState.DECLINED: _("Declined"),
        InvitationState.REVOKED: _("Withdrawn"),
    }[state]


def _lines(form: InviteForm) -> list[Line]:
    """Return the lines of the file or the field; a file's text goes into the field, to be corrected there."""
    upload = request.files.get("upload")
    content = upload.read() if upload else b""
    if content:
        form.addresses.data = _text(content)
    lines = read_lines(form.addresses.data or "")
    if not lines:
        raise RuleBroken(_("Enter at least one address"), field="addresses")
    return lines


def _text(content: bytes) -> str:
    try:
        return text_of(content)
    except RuleBroken as broken:
        raise RuleBroken(broken.message, field="upload") from None


def _terms(form: InviteForm) -> Terms:
    return Terms(
        form.language.data,
        form.words.data or "",
        skips_approval=form.skips_approval.data,
        gets_place=form.gets_place.data,
    )


def _show(
    edition: Edition, form: InviteForm, found: Sorted | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "desk/invitations/new.html",
        edition=edition,
        form=form,
        found=found,
        previews=_previews(edition, form) if found else [],
    )
    return page, status


def _previews(edition: Edition, form: InviteForm) -> list[Shown]:
    """Return the mail in each language, the chosen one first."""
    codes = sorted(LANGUAGES, key=lambda code: code != form.language.data)
    return [shown(code, mails.preview("invitation", edition, code, form.words.data or "")) for code in codes]


def _address(edition: Edition) -> str:
    return path_to("desk.invitations", series=edition.series.slug, edition=edition.key)
