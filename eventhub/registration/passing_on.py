"""Pages on which somebody passes a place on: to a colleague, or to the next date of the series."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.questionnaires.fields import asking
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.queries import answers_of, kept_definition
from eventhub.registration import choices, handing_over, queries
from eventhub.registration.applicants import Applicant
from eventhub.registration.blueprint import pages
from eventhub.registration.forms import LONGEST_ONCE_KEY, PlaceForm, SubstituteForm, consent_text_for_others
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.paging import Page, page_of, turned, wrong_page
from eventhub.registration.secret_link import opened, unknown
from eventhub.registration.views import limit_mails, try_later
from eventhub.web.kept_forms import new_once_key
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to


@pages.route("/my/<token>/hand-over", methods=["GET", "POST"])
def hand_over(token: str) -> ResponseReturnValue:
    """Ask who comes instead, and give them the place."""
    found = opened(token)
    if found is None:
        return unknown()
    asks = queries.asks_of(found.edition)
    now = {"attendance": found.attendance, "role": str(found.role_id or "")}
    form = asking(SubstituteForm, kept_definition(asks.questionnaire_id))(data=now)
    form.ask_by_role(asks.roles)
    form.consent.label.text = consent_text_for_others()
    if request.method == "POST" and form.validate() and _is_sent_again(found, form):
        return _handed_over(token)
    try:
        handing_over.require_place_to_pass_on(found)
    except RuleBroken as broken:
        return _back(token, broken.message)
    if request.method == "GET":
        return _hand_over_page(found, form, token, page_of(form)), 200
    page = turned(form) if form.errors or "page" in request.form else None
    if page is not None:
        return _hand_over_page(found, form, token, page), 422 if form.errors else 200
    status = _hand_over(found, form)
    return (
        _handed_over(token)
        if status == 200
        else (_hand_over_page(found, form, token, wrong_page(form)), status)
    )


def _is_sent_again(registration: Registration, form: SubstituteForm) -> bool:
    return handing_over.is_handed_over(registration, form.applicant(), form.once_key.data or "")


def _handed_over(token: str) -> ResponseReturnValue:
    flash(_("Your place is passed on. Whoever comes for you has got a mail."), "ok")
    return redirect(path_to("registration.show", token=token), 303)


def _hand_over_page(registration: Registration, form: SubstituteForm, token: str, page: Page) -> str:
    form.once_key.data = form.once_key.data or new_once_key()
    return render_template(
        "registration/hand_over.html",
        edition=registration.edition,
        form=form,
        token=token,
        offered=choices.offer_on(page, registration.edition, form, owner=registration),
        page=page,
    )


@pages.route("/my/<token>/next", methods=["GET", "POST"])
def move(token: str) -> ResponseReturnValue:
    """Offer the next date of the series instead of this one."""
    found = opened(token)
    if found is None:
        return unknown()
    later = queries.later_edition(found.edition)
    if later is None:
        return _back(token, _("There is no later date that takes registrations now."))
    try:
        handing_over.require_place_to_pass_on(found)
    except RuleBroken as broken:
        return _back(token, broken.message)
    form = _form_for(found, later)
    if request.method == "POST" and form.validate() and _move(found, later, form):
        return redirect(path_to("registration.show", token=token), 303)
    waits = _would_wait(found, later, form)
    page = render_template(
        "registration/move.html",
        edition=found.edition,
        later=later,
        form=form,
        offered=choices.offer(later, form),
        waits=waits,
        promise=_promise(later, waits=waits),
        chosen=queries.chosen_slots(found),
        token=token,
    )
    return page, 422 if form.errors or form.form_errors else 200


def _form_for(registration: Registration, later: Edition) -> PlaceForm:
    """Return what the next date asks, filled in with what was said here as far as it asks the same."""
    asks = queries.asks_of(later)
    slug = registration.role.slug if registration.role else None
    role = next((str(key) for key, name in asks.roles.items() if name == slug), "")
    here = {"attendance": registration.attendance, "role": role}
    form = asking(PlaceForm, kept_definition(asks.questionnaire_id))(data=here)
    form.ask_by_role(asks.roles)
    given = answers_of(registration.id) if form.definition else []
    form.fill({one.question.id: one.value for one in given if one.question.kind is not Kind.FILE})
    return form


def _would_wait(registration: Registration, later: Edition, form: PlaceForm) -> bool:
    """Tell whether somebody would wait there, by what stands in the form now."""
    person = Applicant(
        registration.name,
        registration.email,
        attendance=form.chosen_attendance,
        role_id=form.role_id,
        accepts_online=bool(form.accepts_online.data),
        asked=True,
    )
    return handing_over.would_wait(later, person)


def _promise(later: Edition, *, waits: bool) -> str:
    """Return what the form carries along of what it promised: which date, and a place or the waitlist."""
    return f"{later.id} {'waitlist' if waits else 'place'}"


def _is_promised_to_wait(later: Edition) -> bool:
    promise = request.form.get("promise")
    if promise not in (_promise(later, waits=True), _promise(later, waits=False)):
        raise RuleBroken(_("Look at the date once more: the one that you saw takes no registrations now."))
    return promise == _promise(later, waits=True)


def _move(registration: Registration, later: Edition, form: PlaceForm) -> bool:
    """Carry it out; False where the form says why not."""
    person = handing_over.same_person(registration, form.place())
    once_key = f"move {registration.id} {registration.version}"
    try:
        waits = _is_promised_to_wait(later)
        with transaction():
            there = handing_over.move_to(registration, later, person, once_key, waits=waits)
    except RuleBroken as broken:
        form.refuse(broken)
        return False
    flash(_changed_words(there), "ok")
    return True


def _changed_words(there: Registration) -> str:
    if there.state is RegistrationState.WAITLISTED:
        words = _("You are on the waitlist of “%(edition)s” now. The mail about it holds a new link.")
    else:
        words = _("You have changed to “%(edition)s”. The mail about it holds a new link.")
    return words % {"edition": there.edition.title}


def _hand_over(registration: Registration, form: SubstituteForm) -> int:
    """Carry it out; return the status of the page, on which refusals stand."""
    once_key = (form.once_key.data or "")[:LONGEST_ONCE_KEY] or new_once_key()
    try:
        limit_mails(f"{registration.edition_id}", form.address, once_key)
        with transaction():
            handing_over.hand_over(registration, form.applicant(), once_key)
    except TooManyRequests as refused:
        form.refuse(RuleBroken(try_later(refused)))
        return 429
    except RuleBroken as broken:
        form.refuse(broken)
        return 422
    return 200


def _back(token: str, words: str) -> ResponseReturnValue:
    flash(words, "warn")
    return redirect(path_to("registration.show", token=token), 303)
