"""The page of an invitation: a look, then accept with a form or decline with one click."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import TooManyRequests

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.rules import Window, window
from eventhub.errors import RuleBroken
from eventhub.invitations import points, queries, rules, service
from eventhub.invitations.mails import paragraphs
from eventhub.invitations.models import Invitation
from eventhub.questionnaires.fields import asking
from eventhub.questionnaires.queries import kept_definition
from eventhub.registration import choices, drafts
from eventhub.registration.forms import LONGEST_ONCE_KEY, RegistrationForm, consent_text
from eventhub.registration.paging import Page, shown_again, turned, wrong_page
from eventhub.registration.queries import asks_of
from eventhub.registration.service import closed_because
from eventhub.registration.views import FORMS_FROM_ONE_PLACE, HOUR, is_full
from eventhub.web.forms import is_key
from eventhub.web.kept_forms import new_once_key
from eventhub.web.languages import gettext as _
from eventhub.web.limits import limit
from eventhub.web.links import path_to
from eventhub.web.security import secret_address

pages = Blueprint("invitations", __name__, url_prefix="/invitations")
ANSWERS_PER_HOUR = 20
POINTS_PER_HOUR = 60


@pages.get("/<token>/")
def show(token: str) -> ResponseReturnValue:
    """Show the invitation. That somebody looked is all that is noted, and only the first time."""
    found = _invitation(token)
    if found is None:
        return _unknown()
    if found.opened_at is None and request.method == "GET" and _is_a_look():
        with transaction():
            service.note_look(found)
    typed = drafts.kept(_address(token))
    if typed:
        form = _filled_in(found, typed)
        return _page(found, form, token, 200, shown_again(form, dict(typed).get("page", "1")), "kept")
    form = _form(found)(formdata=None, data={"name": found.name, "email": found.email})
    return _page(found, form, token)


@pages.post("/<token>/accept")
def accept(token: str) -> ResponseReturnValue:
    """Register whoever was invited."""
    found = _invitation(token)
    if found is None:
        return _unknown()
    form = _filled_in(found)
    if request.form.get("go") in drafts.ASIDE:
        aside = shown_again(form)
        return drafts.put_aside(
            aside.number, lambda how: _page(found, form, token, 200, aside, how)[0], _address(token)
        )
    page = turned(form) if form.errors or "page" in request.form else None
    if page is not None:
        turning = make_response(_page(found, form, token, 422 if form.errors else 200, page))
        drafts.follow(turning, page.number, _address(token))
        return turning
    try:
        limit("form", FORMS_FROM_ONE_PLACE, HOUR)
        limit("invitation", ANSWERS_PER_HOUR, HOUR, who=str(found.id))
        once_key = (form.once_key.data or "")[:LONGEST_ONCE_KEY] or new_once_key()
        with transaction():
            service.accept(found, form.applicant(), once_key)
    except RuleBroken as broken:
        form.refuse(broken)
        return _page(found, form, token, 409)
    except TooManyRequests as refused:
        form.refuse(RuleBroken(_("Too many tries in a short time. Try again later")))
        return _page(found, form, token, 429)[0], 429, {"Retry-After": str(refused.retry_after)}
    answer = make_response(redirect(_address(token), 303))
    drafts.forget(answer, _address(token))
    return answer


@pages.post("/<token>/decline")
def decline(token: str) -> ResponseReturnValue:
    """Keep that somebody will not come."""
    found = _invitation(token)
    if found is None:
        return _unknown()
    try:
        with transaction():
            service.decline(found)
    except RuleBroken as broken:
        flash(broken.message, "danger")
    return redirect(path_to("invitations.show", token=token), 303)


def _form(invitation: Invitation) -> type[RegistrationForm]:
    return asking(RegistrationForm, kept_definition(invitation.edition.asks))


def _filled_in(invitation: Invitation, typed: drafts.Typed | None = None) -> RegistrationForm:
    """Return the form with what was sent now, or is kept, checked by the questions of the edition."""
    base = _form(invitation)
    form = base() if typed is None else base(formdata=MultiDict(typed))
    form.ask_by_role(asks_of(invitation.edition).roles)
    form.validate()
    return form


def _address(token: str) -> str:
    return path_to("invitations.show", token=token)


def _is_a_look() -> bool:
    headers = request.headers
    purpose = f"{headers.get('Sec-Purpose', '')} {headers.get('Purpose', '')}"
    return rules.is_a_look(headers.get("Sec-Fetch-Dest", ""), purpose)


@pages.post("/<token>/points")
def add_point(token: str) -> ResponseReturnValue:
    """Take a point on an open question."""
    found = _invitation(token)
    if found is None:
        return _unknown()
    key = request.form.get("slot", "")
    try:
        limit("point", POINTS_PER_HOUR, HOUR, who=str(found.id))
        with transaction():
            points.add(found, int(key) if is_key(key) else 0, request.form.get("text", ""))
    except RuleBroken as broken:
        flash(broken.message, "danger")
    return redirect(path_to("invitations.show", token=token) + "#questions", 303)


@pages.post("/<token>/points/<int:point>/remove")
def remove_point(token: str, point: int) -> ResponseReturnValue:
    """Take a point back."""
    found = _invitation(token)
    if found is None:
        return _unknown()
    with transaction():
        points.remove(found, point)
    return redirect(path_to("invitations.show", token=token) + "#questions", 303)


@pages.after_request
def _keep_out_of_search(answer: Response) -> Response:
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _invitation(token: str) -> Invitation | None:
    secret_address()
    found = queries.by_token(token)
    if found is not None:
        g.formal = found.edition.series.is_formal
    return found


def _unknown() -> ResponseReturnValue:
    return render_template("invitations/unknown.html"), 404


def _page(
    invitation: Invitation,
    form: RegistrationForm,
    token: str,
    status: int = 200,
    shown: Page | None = None,
    put_aside: str = "",
) -> tuple[str, int]:
    edition = invitation.edition
    shown = shown or wrong_page(form)
    form.once_key.data = form.once_key.data or new_once_key()
    form.consent.label.text = consent_text()
    reason = window(edition, clock.now(), invited=True)
    page = render_template(
        "invitations/show.html",
        invitation=invitation,
        edition=edition,
        form=form,
        offered=choices.offer_on(shown, edition, form),
        page=shown,
        put_aside=put_aside or ("kept" if drafts.kept(_address(token)) else ""),
        hours=drafts.HOURS,
        token=token,
        paragraphs=paragraphs(invitation.words),
        accepted=service.is_accepted(invitation),
        open=reason is Window.OPEN,
        closed="" if reason is Window.OPEN else closed_because(reason),
        opens_at=edition.registration_opens_at if reason is Window.NOT_YET else None,
        full=is_full(edition),
        questions=points.open_questions(edition) if invitation.revoked_at is None else [],
        takes_points=points.takes_points(edition),
        longest_point=points.LONGEST,
    )
    return page, status
