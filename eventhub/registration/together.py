"""Registering several people in one go: each gets a place, mails and a link of their own."""

from __future__ import annotations

from typing import Any

from flask import abort, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import TooManyRequests

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RegistrationClosed, RuleBroken
from eventhub.facts import FormShown, announce
from eventhub.questionnaires.queries import kept_definition
from eventhub.registration import choices, drafts, queries, rules, service
from eventhub.registration.applicants import Way
from eventhub.registration.blueprint import pages
from eventhub.registration.forms import (
    LONGEST_CODE,
    LONGEST_ONCE_KEY,
    TogetherForm,
    consent_text_for_others,
    together_form,
)
from eventhub.registration.paging import Page, page_of, shown_again, turned, wrong_page
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
from eventhub.registration.wanted import Wanted
from eventhub.web.kept_forms import new_once_key
from eventhub.web.links import path_to

FIRST_SHOWN = 3


@pages.route("/<series>/<edition>/register/together", methods=["GET", "POST"])
def register_together(series: str, edition: str) -> ResponseReturnValue:
    """Ask for several people, as many as wanted also without JavaScript, and register them as a party."""
    asks = queries.asks_at(series, edition)
    base = together_form(kept_definition(asks.questionnaire_id))
    typed = drafts.kept() if request.method == "GET" else ()
    if request.method == "GET" and not typed:
        return _empty_form(series, edition, base())
    form = base(formdata=MultiDict(typed)) if typed else base()
    if "more" in request.form:
        form.show(len(form.people.entries) + 1)
        answer = make_response(_page(edition_of(series, edition), form, page_of(form)))
        drafts.follow(answer, 1)
        return answer
    form.leave_out_empty()
    for part in form.parts:
        part.ask_by_role(asks.roles)
    form.validate()
    return _resumed(series, edition, form, typed) if typed else _take(series, edition, form)


def _empty_form(series: str, edition: str, form: TogetherForm) -> ResponseReturnValue:
    form.show(FIRST_SHOWN)
    form.code.data = request.args.get("code", "")
    found = edition_of(series, edition)
    return closed_page(found) or _page(found, form, page_of(form))


def _resumed(series: str, edition: str, form: TogetherForm, typed: drafts.Typed) -> ResponseReturnValue:
    """Show the form as it was put aside."""
    found = edition_of(series, edition)
    form.code.data = request.args.get("code") or form.code.data
    page = _as_typed(form, dict(typed).get("page", "1"))
    return closed_page(found) or _page(found, form, page, "kept")


def _as_typed(form: TogetherForm, number: str) -> Page:
    """Return a page as it was typed; on the first, which asks who comes, there is room for more people."""
    page = shown_again(form, number)
    if not page.is_first:
        return page
    form.show(FIRST_SHOWN)
    return page_of(form)


def _take(series: str, edition: str, form: TogetherForm) -> ResponseReturnValue:
    """Register everybody, put the form aside, or show it again with what is wrong."""
    if request.form.get("go") in drafts.ASIDE:
        found, aside = edition_of(series, edition), _as_typed(form, request.form.get("page", "1"))
        return drafts.put_aside(aside.number, lambda how: _page(found, form, aside, how))
    page = turned(form) if form.errors or "page" in request.form else None
    status = 422 if form.errors else 200
    if page is None:
        status = 422
        try:
            session[LAST] = _register(series, edition, form)
            return _done(series, edition)
        except RegistrationClosed:
            status = 409
        except RuleBroken as broken:
            form.refuse(broken)
        except TooManyRequests as refused:
            form.refuse(RuleBroken(try_later(refused)))
            status = 429
    found = edition_of(series, edition)
    page = page or wrong_page(form)
    answer = make_response(_page(found, form, page), status)
    drafts.follow(answer, page.number)
    return closed_page(found, 409) or answer


def _done(series: str, edition: str) -> ResponseReturnValue:
    answer = make_response(redirect(path_to("registration.registered", series=series, edition=edition), 303))
    drafts.forget(answer)
    return answer


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


def _page(edition: Edition, form: TogetherForm, page: Page, put_aside: str = "") -> str:
    form.once_key.data = form.once_key.data or new_once_key()
    form.consent.label.text = consent_text_for_others()
    return render_template(
        "registration/together.html",
        edition=edition,
        form=form,
        full=is_full(edition),
        offered=choices.offer_on(page, edition, *form.parts),
        page=page,
        parts=_parts(edition) if page.is_last else [],
        put_aside=put_aside or ("kept" if drafts.kept() else ""),
        hours=drafts.HOURS,
        confirm_hours=rules.HOURS_TO_CONFIRM,
    )


def _parts(edition: Edition) -> list[tuple[str, dict[str, Any]]]:
    """Return what other features have to say to people who come together."""
    fact = FormShown(edition, False, Wanted(), {}, [], together=True)
    announce(fact)
    return fact.parts
