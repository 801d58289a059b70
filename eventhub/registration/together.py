"""Registering several people in one go: each gets a place, mails and a link of their own."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RegistrationClosed, RuleBroken
from eventhub.questionnaires.queries import kept_definition
from eventhub.registration import choices, queries, service
from eventhub.registration.blueprint import pages
from eventhub.registration.forms import (
    LONGEST_CODE,
    LONGEST_ONCE_KEY,
    TogetherForm,
    consent_text_for_others,
    together_form,
)
from eventhub.registration.paging import Page, page_of, turned, wrong_page
from eventhub.registration.service import Way
from eventhub.registration.views import (
    LAST,
    Sent,
    closed_page,
    edition_of,
    is_full,
    limit_mails,
    sent_by,
    try_later,
)
from eventhub.web.kept_forms import new_once_key
from eventhub.web.links import path_to

FIRST_SHOWN = 3


@pages.route("/<series>/<edition>/register/together", methods=["GET", "POST"])
def register_together(series: str, edition: str) -> ResponseReturnValue:
    """Ask for several people, as many as wanted also without JavaScript, and register them as a party."""
    asks = queries.asks_at(series, edition)
    form = together_form(kept_definition(asks.questionnaire_id))()
    if request.method == "GET":
        form.show(FIRST_SHOWN)
        form.code.data = request.args.get("code", "")
        found = edition_of(series, edition)
        return closed_page(found) or _page(found, form, page_of(form))
    if "more" in request.form:
        form.show(len(form.people.entries) + 1)
        return _page(edition_of(series, edition), form, page_of(form))
    form.leave_out_empty()
    for part in form.parts:
        part.ask_by_role(asks.roles)
    return _take(series, edition, form)


def _take(series: str, edition: str, form: TogetherForm) -> ResponseReturnValue:
    """Register everybody, or show the form again with what is wrong."""
    form.validate()
    page = turned(form) if form.errors or "page" in request.form else None
    status = 422 if form.errors else 200
    if page is None:
        status = 422
        try:
            session[LAST] = _register(series, edition, form)
            return redirect(path_to("registration.registered", series=series, edition=edition), 303)
        except RegistrationClosed:
            status = 409
        except RuleBroken as broken:
            form.refuse(broken)
        except TooManyRequests as refused:
            form.refuse(RuleBroken(try_later(refused)))
            status = 429
    found = edition_of(series, edition)
    return closed_page(found, 409) or (_page(found, form, page or wrong_page(form)), status)


def _register(series: str, edition: str, form: TogetherForm) -> Sent:
    once_key = (form.once_key.data or "")[:LONGEST_ONCE_KEY] or new_once_key()
    people = [part.applicant() for part in form.parts]
    way = Way(code=(form.code.data or "")[:LONGEST_CODE])
    for one in people:
        limit_mails(f"{series}/{edition}", one.email, once_key)
    with transaction():
        found = queries.locked_edition(series, edition) or abort(404)
        if request.form.get("website"):  # only machines fill in what nobody sees
            full, unconfirmed = is_full(found), False
        else:
            outcomes = service.register_party(found, people, once_key, way)
            full, unconfirmed = any(one.full for one in outcomes), any(one.unconfirmed for one in outcomes)
        emails = ", ".join(one.email for one in people)
        return sent_by(found, emails, full=full, unconfirmed=unconfirmed)


def _page(edition: Edition, form: TogetherForm, page: Page) -> str:
    form.once_key.data = form.once_key.data or new_once_key()
    form.consent.label.text = consent_text_for_others()
    return render_template(
        "registration/together.html",
        edition=edition,
        form=form,
        full=is_full(edition),
        offered=choices.offer_on(page, edition, *form.parts),
        page=page,
    )
