"""The public pages of registration: the form and what follows it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypedDict

from flask import abort, g, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import TooManyRequests

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition
from eventhub.editions.rules import Window, closes_at, erases_on, window
from eventhub.errors import Overtaken, RegistrationClosed, RuleBroken
from eventhub.facts import FormShown, announce
from eventhub.questionnaires.fields import asking
from eventhub.questionnaires.queries import kept_definition
from eventhub.registration import choices, drafts, held_back, queries, rules, service
from eventhub.registration.applicants import Applicant, Outcome, Way
from eventhub.registration.blueprint import pages
from eventhub.registration.forms import LONGEST_ONCE_KEY, AddressForm, RegistrationForm, consent_text
from eventhub.registration.models import Quota
from eventhub.registration.paging import Page, last_page, page_of, shown_again, turned, wrong_page
from eventhub.web.kept_forms import keep_page, kept_page, new_once_key
from eventhub.web.languages import ngettext
from eventhub.web.limits import limit
from eventhub.web.links import path_to

HOUR = 3600
DAY = 24 * HOUR
FORMS_FROM_ONE_PLACE = 600
"""How many forms an hour come from one network address: a full hall registers over its one wireless network.

Against abuse there are narrower limits of each mailbox, which count wherever forms come from.
"""
LAST = "registered"
"""The session's key for the form that was sent last from this browser."""


Verb = Callable[[Edition, Applicant, str, Way], Outcome]


class Sent(TypedDict):
    """What the page after the form shows; nothing in it depends on what was known of the address."""

    edition: int
    email: str
    full: bool
    unconfirmed: bool
    """The address has to be confirmed."""
    link_only: bool
    slots: bool
    """They have chosen sessions as well."""


@pages.route("/<series>/<edition>/register", methods=["GET", "POST"])
def register(series: str, edition: str) -> ResponseReturnValue:
    """Show the form and take it; whatever becomes of it, the next page is the same for everybody."""
    if request.method == "GET":
        typed = drafts.kept()
        return (
            _resumed(series, edition, typed)
            if typed
            else kept_page() or _empty_form(edition_of(series, edition))
        )
    form = _filled_in(series, edition)
    shown = _turned(series, edition, form)
    if shown is not None:
        return shown
    try:
        sent = _register(series, edition, form)
    except RegistrationClosed:
        return closed_page(edition_of(series, edition), 409) or abort(409)
    except RuleBroken as broken:
        form.refuse(broken)
        page = last_page(form) if form.slots.reasons else wrong_page(form)
        return _form(edition_of(series, edition), form, page), 422
    except TooManyRequests as refused:
        form.refuse(RuleBroken(try_later(refused)))
        return _form(edition_of(series, edition), form), 429, {"Retry-After": str(refused.retry_after)}
    answer = make_response(_done(series, edition, sent))
    drafts.forget(answer)
    return answer


def _filled_in(series: str, edition: str, typed: drafts.Typed | None = None) -> RegistrationForm:
    """Return the form with what was sent now, or is kept, checked by the questions of the edition."""
    asks = queries.asks_at(series, edition)
    base = asking(RegistrationForm, kept_definition(asks.questionnaire_id))
    form = base() if typed is None else base(formdata=MultiDict(typed))
    form.ask_by_role(asks.roles)
    form.validate()
    return form


def _turned(series: str, edition: str, form: RegistrationForm) -> ResponseReturnValue | None:
    """Show another page of the form, or what is wrong on one; None where it is complete."""
    if request.form.get("go") in drafts.ASIDE:
        return _put_aside(edition_of(series, edition), form)
    page = turned(form) if form.errors or "page" in request.form else None
    if page is None:
        return None
    found = edition_of(series, edition)
    answer = make_response(_form(found, form, page), 422 if form.errors else 200)
    drafts.follow(answer, page.number)
    return closed_page(found, 409) or answer


def _resumed(series: str, edition: str, typed: drafts.Typed) -> ResponseReturnValue:
    """Show the form as it was put aside."""
    found = edition_of(series, edition)
    form = _filled_in(series, edition, typed)
    form.code.data = request.args.get("code") or form.code.data
    page = shown_again(form, dict(typed).get("page", "1"))
    return closed_page(found) or _form(found, form, page, put_aside="kept")


def _put_aside(edition: Edition, form: RegistrationForm) -> ResponseReturnValue:
    page = shown_again(form)
    return drafts.put_aside(page.number, lambda how: _form(edition, form, page, how))


@pages.get("/<series>/<edition>/registered")
def registered(series: str, edition: str) -> ResponseReturnValue:
    """Say what is on its way, the same for new and for known addresses."""
    found = edition_of(series, edition)
    sent: Sent | None = session.get(LAST)
    if sent is None or sent["edition"] != found.id:
        return redirect(path_to("registration.register", series=series, edition=edition), 303)
    return render_template("registration/registered.html", edition=found, sent=sent)


@pages.post("/<series>/<edition>/register/link")
def send_link(series: str, edition: str) -> ResponseReturnValue:
    """Mail the personal link again, also when registration is closed."""
    found = edition_of(series, edition)
    form = AddressForm()
    if not form.validate():
        return closed_page(found, 422, form) or (
            _form(found, asking(RegistrationForm, kept_definition(found.asks))(formdata=None)),
            422,
        )
    limit("form", FORMS_FROM_ONE_PLACE, HOUR)
    sent = sent_by(found, form.email.data, link_only=True)
    with transaction():
        service.send_link(found, form.address)
    return _done(series, edition, sent)


def edition_of(series: str, edition: str) -> Edition:
    """Find the edition of an address, or say that there is none."""
    found = queries.edition_page(series, edition)
    if found is None:
        abort(404)
    g.formal = found.series.is_formal
    return found


def _register(series: str, edition: str, form: RegistrationForm) -> Sent:
    """Register in one transaction, in which the edition is read as well: nothing is read twice."""
    once_key = (form.once_key.data or "")[:LONGEST_ONCE_KEY] or new_once_key()
    limit_mails(f"{series}/{edition}", form.address, once_key)
    applicant, way = form.applicant(), Way(code=form.seat_code)

    def sent(found: Edition, verb: Verb) -> Sent:
        if request.form.get("website"):  # only machines fill in what nobody sees
            full, unconfirmed = is_full(found), False
        else:
            outcome = verb(found, applicant, once_key, way)
            full, unconfirmed = outcome.full, outcome.unconfirmed
        slots = bool(applicant.slots)
        return sent_by(found, form.email.data, full=full, unconfirmed=unconfirmed, slots=slots)

    with suppress(Overtaken), transaction():
        found = queries.edition_with_places(series, edition)
        if found is not None:
            return sent(found, service.register_newcomer)
        return sent(queries.locked_edition(series, edition) or abort(404), service.register)
    with transaction():
        return sent(queries.locked_edition(series, edition) or abort(404), service.register)


def sent_by(
    edition: Edition,
    email: str,
    *,
    full: bool = False,
    unconfirmed: bool = False,
    link_only: bool = False,
    slots: bool = False,
) -> Sent:
    """Return what the page after a form shows."""
    unconfirmed = unconfirmed or edition.admission is Admission.CONFIRM_ADDRESS
    return {
        "edition": edition.id,
        "email": email,
        "full": full,
        "unconfirmed": unconfirmed,
        "link_only": link_only,
        "slots": slots,
    }


def limit_mails(edition: str, address: str, once_key: str) -> None:
    """Protect a mailbox, whatever alias is typed; a form that is sent twice counts once."""
    limit("form", FORMS_FROM_ONE_PLACE, HOUR)
    mailbox = rules.mailbox(address)
    try:
        limit(f"form {once_key}", 1, HOUR, who=rules.address_key(address))
    except TooManyRequests:
        return
    limit(f"mails of {edition}", rules.MAILS_PER_HOUR, HOUR, who=mailbox)
    limit("mails", rules.MAILS_PER_DAY, DAY, who=mailbox)


def try_later(refused: TooManyRequests) -> str:
    seconds = refused.retry_after if isinstance(refused.retry_after, int) else HOUR
    return ngettext(
        "Too many registrations in a short time. Try again in %(num)s minute",
        "Too many registrations in a short time. Try again in %(num)s minutes",
        -(-seconds // 60),
    )


def _empty_form(edition: Edition) -> ResponseReturnValue:
    form = asking(RegistrationForm, kept_definition(edition.asks))(formdata=None)
    form.once_key.data = new_once_key()
    form.code.data = request.args.get("code", "")
    return closed_page(edition) or keep_page(_form(edition, form), form.once_key.data)


def _form(edition: Edition, form: RegistrationForm, page: Page | None = None, put_aside: str = "") -> str:
    form.once_key.data = form.once_key.data or new_once_key()
    form.consent.label.text = consent_text()
    page = page or page_of(form)
    offered = choices.offer_on(page, edition, form)
    seats = held_back.by_code(edition, form.seat_code)
    full = is_full(edition) and not has_seats(seats)
    return render_template(
        "registration/register.html",
        edition=edition,
        form=form,
        full=full,
        seats=seats,
        erases_on=erases_on(edition),
        offered=offered,
        parts=_parts(edition, form, certain=not full) if page.is_last else [],
        page=page,
        put_aside=put_aside or ("kept" if drafts.kept() else ""),
        hours=drafts.HOURS,
    )


def _parts(edition: Edition, form: RegistrationForm, *, certain: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return what other features ask at the end of the form."""
    certain = certain and edition.admission is Admission.OPEN
    fact = FormShown(edition, certain, form.slots.data, form.slots.reasons, [])
    announce(fact)
    return fact.parts


def closed_page(
    edition: Edition, status: int = 200, form: AddressForm | None = None
) -> ResponseReturnValue | None:
    """Return the page that says why nobody can register now, or None while it is open."""
    reason = window(edition, clock.now())
    if reason is Window.OPEN:
        return None
    page = render_template(
        "registration/closed.html",
        edition=edition,
        reason=reason.value,
        words=service.closed_because(reason),
        opens_at=edition.registration_opens_at,
        closed_at=closes_at(edition),
        form=form or AddressForm(formdata=None),
    )
    return page, status


def _done(series: str, edition: str, sent: Sent) -> ResponseReturnValue:
    session[LAST] = sent
    return redirect(path_to("registration.registered", series=series, edition=edition), 303)


def has_seats(seats: Quota | None) -> bool:
    """Tell whether some of the seats are left that a link opens."""
    return seats is not None and seats.taken_count < (seats.capacity or 0)


def is_full(edition: Edition) -> bool:
    """Tell whether the next person goes onto the waitlist."""
    return rules.is_full(
        rules.Places(edition.capacity, edition.taken_count, edition.waiting_count, edition.held_back_count)
    )
