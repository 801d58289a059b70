"""The verbs of registration. Every change of places happens here, under the lock of the edition."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypedDict

from eventhub import clock, tokens
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import Window, is_over, window
from eventhub.errors import RegistrationClosed, RuleBroken
from eventhub.extensions import db
from eventhub.facts import CapacityRaised, EditionCancelled, EditionChanged, PlaceGivenUp, announce
from eventhub.history.service import PARTICIPANT, record
from eventhub.registration import mails, queries, rules
from eventhub.registration.models import TRANSITIONS, Ending, Registration, RegistrationState, SlotChoice
from eventhub.web.languages import gettext as _

By = Literal["participant", "organiser"]


class Details(TypedDict):
    """What somebody says about themselves, already checked for its syntax."""

    name: str
    email: str
    organisation: str
    note: str


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to come: their details, and what they agreed to in which language."""

    name: str
    email: str
    organisation: str = ""
    note: str = ""
    language: str = "de"
    consent_version: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a form.

    `full` says whether newcomers went onto the waitlist at that moment. It is the same for an address that
    was known and for one that was not, so a page may show it.
    """

    registration: Registration
    full: bool


def register(edition: Edition, applicant: Applicant, once_key: str, *, invited: bool = False) -> Outcome:
    """Give the applicant a place or a spot on the waitlist; an address that has one keeps it."""
    lock(edition)
    known = queries.by_address(edition, applicant.email)
    once = _once(edition, applicant, once_key)
    if known is not None and known.once_key == once:
        return Outcome(known, full=known.state is RegistrationState.WAITLISTED)
    require_open(edition, invited=invited)
    state = rules.admission(_places(edition))
    outcome = Outcome(known or Registration(), full=state is RegistrationState.WAITLISTED)
    if known is not None and known.state is not RegistrationState.CANCELLED:
        _show_existing(known)
        return outcome
    _admit(edition, outcome.registration, applicant, state, once)
    return outcome


def require_open(edition: Edition, *, invited: bool = False) -> None:
    """Raise RegistrationClosed with the reason unless the edition takes registrations now."""
    found = window(edition, clock.now(), invited=invited)
    if found is not Window.OPEN:
        raise RegistrationClosed(closed_because(found))


def closed_because(reason: Window) -> str:
    """Return why nobody can register, in one sentence."""
    return {
        Window.NOT_YET: _("Registration has not opened yet."),
        Window.CLOSED: _("Registration has closed."),
        Window.OVER: _("This meeting is over."),
        Window.CANCELLED: _("This meeting is cancelled."),
        Window.NO_DATE: _("The date is not set yet, so registration is not open."),
        Window.INVITED_ONLY: _("This meeting is by invitation only."),
        Window.OFF: _("There is no registration here for this meeting."),
    }[reason]


def cancel(registration: Registration, by: By, because: Ending | None = None) -> bool:
    """Give the place back and let the next in line have it; False where it was cancelled already."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    if registration.state is RegistrationState.CANCELLED:
        return False
    if by == "participant":
        _require_future(edition)
    had_place = registration.state is RegistrationState.CONFIRMED
    _move(edition, registration, RegistrationState.CANCELLED)
    registration.ended_because = because or Ending(by)
    registration.version += 1
    _note("registration.cancelled", registration, by, had_place=had_place)
    mails.cancelled(registration, by=by, had_place=had_place)
    if had_place:
        announce(PlaceGivenUp(registration))
    _promote_waiting(edition)
    return True


def fill_free_places(edition: Edition) -> int:
    """Give free places to those who wait, in their order; return how many moved up."""
    lock(edition)
    return _promote_waiting(edition)


def change(registration: Registration, details: Details, by: By = "participant") -> bool:
    """Change what somebody said about themselves; False where nothing is different."""
    lock(registration.edition)
    lock(registration)
    if registration.state is RegistrationState.CANCELLED:
        raise RuleBroken(_("This registration is cancelled, so it can’t be changed."))
    changed = {field: value for field, value in details.items() if getattr(registration, field) != value}
    if not changed:
        return False
    _require_free_address(registration, details["email"])
    for field, value in changed.items():
        setattr(registration, field, value)
    registration.email_key = rules.address_key(details["email"])
    _note("registration.changed", registration, by, fields=sorted(changed))
    if changed.keys() != {"note"}:
        registration.version += 1
        mails.details_changed(registration)
    return True


def choose_slots(registration: Registration, slot_ids: Collection[int]) -> None:
    """Let the personal calendar hold exactly these slots of the programme."""
    offered = {slot.id for slot in queries.slots_to_choose(registration) if not slot.takes_signups}
    wanted = offered.intersection(slot_ids)
    # what is no longer offered stays chosen: the calendar shows that it was cancelled, and
    # what takes sign-ups is chosen by signing up
    kept = [
        choice
        for choice in registration.slot_choices
        if choice.slot_id in wanted or choice.slot_id not in offered
    ]
    chosen = {choice.slot_id for choice in kept}
    kept += [SlotChoice(slot_id=slot_id) for slot_id in sorted(wanted - chosen)]
    registration.slot_choices = kept


def resend(registration: Registration) -> bool:
    """Mail the place and its link again; False where a mail is on its way or the limit is reached."""
    lock(registration)
    return _show_existing(registration)


def send_link(edition: Edition, email: str) -> None:
    """Mail the personal link to an address that has a place or waits; otherwise nothing happens."""
    known = queries.by_address(edition, email)
    if known is not None and known.state is not RegistrationState.CANCELLED:
        lock(known)
        _show_existing(known)


def follow_capacity(fact: CapacityRaised) -> None:
    """Let people move up into the places that were added."""
    fill_free_places(fact.edition)


def follow_change(fact: EditionChanged) -> None:
    """Tell everybody about new times or a new place; an edition that takes place again fills up again."""
    mails.edition_changed(fact.edition, fact.changes)
    fill_free_places(fact.edition)


def follow_cancellation(fact: EditionCancelled) -> None:
    """Tell everybody that the edition does not take place."""
    mails.edition_cancelled(fact.edition)


def _once(edition: Edition, applicant: Applicant, once_key: str) -> str:
    """Return what the database keeps of a form's key: a corrected address makes it another form."""
    words = f"{edition.id}\0{rules.address_key(applicant.email)}\0{once_key}"
    return hashlib.sha256(words.encode()).hexdigest()


def _places(edition: Edition) -> rules.Places:
    return rules.Places(edition.capacity, edition.taken_count, edition.waiting_count)


def _admit(
    edition: Edition, registration: Registration, applicant: Applicant, state: RegistrationState, once: str
) -> None:
    again = registration.state is RegistrationState.CANCELLED
    now = clock.now()
    registration.name = applicant.name
    registration.email = applicant.email
    registration.email_key = rules.address_key(applicant.email)
    registration.organisation = applicant.organisation
    registration.note = applicant.note
    registration.language = applicant.language
    registration.consent_version = applicant.consent_version
    registration.consented_at = now
    registration.once_key = once
    if again:
        registration.ended_because = None
        registration.version += 1
        _move(edition, registration, state)
    else:
        _make_new(edition, registration)
        _enter(edition, registration, state)
    db.session.flush()  # history and mail name its key
    record(
        "registration.renewed" if again else "registration.created",
        edition_id=edition.id,
        registration_id=registration.id,
        actor=PARTICIPANT,
        state=state,
    )
    mails.acknowledge(registration)


def _make_new(edition: Edition, registration: Registration) -> None:
    registration.edition = edition
    registration.code = tokens.new_code()
    registration.token_seed = tokens.new_seed()
    registration.token_hash = tokens.fingerprint(tokens.derive("manage", registration.token_seed))
    db.session.add(registration)


def _move(edition: Edition, registration: Registration, state: RegistrationState) -> None:
    """Bring a registration from its state into another and keep the counters right."""
    if state not in TRANSITIONS[registration.state]:
        raise ValueError(f"a registration that is {registration.state} can't become {state}")
    if registration.state is RegistrationState.CONFIRMED:
        edition.taken_count -= 1
    elif registration.state is RegistrationState.WAITLISTED:
        edition.waiting_count -= 1
        registration.place_in_line = None
    _enter(edition, registration, state)


def _enter(edition: Edition, registration: Registration, state: RegistrationState) -> None:
    registration.state = state
    registration.state_changed_at = clock.now()
    if state is RegistrationState.CONFIRMED:
        edition.taken_count += 1
    elif state is RegistrationState.WAITLISTED:
        edition.waiting_count += 1
        edition.last_in_line += 1
        registration.place_in_line = edition.last_in_line


def _promote_waiting(edition: Edition) -> int:
    number = rules.to_promote(_places(edition))
    if not number or edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        return 0
    promoted = queries.next_in_line(edition, number)
    for registration in promoted:
        _move(edition, registration, RegistrationState.CONFIRMED)
        registration.version += 1
        record("registration.promoted", edition_id=edition.id, registration_id=registration.id)
        mails.promoted(registration)
    return len(promoted)


def _show_existing(registration: Registration) -> bool:
    now = clock.now()
    if not rules.may_mail_again(queries.mails_since(registration, now - timedelta(days=1)), now):
        return False
    registration.version += 1
    mails.existing(registration)
    return True


def _require_future(edition: Edition) -> None:
    if edition.state is EditionState.CANCELLED:
        raise RuleBroken(_("This meeting is cancelled, so there is nothing left to cancel."))
    if is_over(edition, clock.now()):
        raise RuleBroken(_("This meeting is over, so there is nothing left to cancel."))


def _require_free_address(registration: Registration, email: str) -> None:
    if rules.address_key(email) == registration.email_key:
        return
    if queries.by_address(registration.edition, email) is not None:
        raise RuleBroken(
            _("This address can’t be used here. Give another one, or write to the organisers."), field="email"
        )


def _note(action: str, registration: Registration, by: By, **details: Any) -> None:
    record(
        action,
        edition_id=registration.edition_id,
        registration_id=registration.id,
        actor=PARTICIPANT if by == "participant" else None,  # None: the organiser who is signed in
        **details,
    )
