"""The row of somebody who comes in: filled with what they said, entered, noted and acknowledged."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from eventhub import clock, tokens
from eventhub.database import note_lock
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import SlotsChosen, announce
from eventhub.history.service import PARTICIPANT, record
from eventhub.registration import answers, days, mails, needs, places, rules
from eventhub.registration.admission import Decision
from eventhub.registration.applicants import Applicant
from eventhub.registration.models import (
    ENDED,
    TAKES_PLACE,
    Attendance,
    QuotaKind,
    Registration,
    RegistrationState,
)


def once(edition: Edition, applicant: Applicant, once_key: str) -> str:
    """Return what the database keeps of a form's key: a corrected address makes it another form."""
    words = f"{edition.id}\0{rules.address_key(applicant.email)}\0{once_key}"
    return hashlib.sha256(words.encode()).hexdigest()


def write_down(
    edition: Edition,
    quotas: needs.Quotas,
    registration: Registration,
    applicant: Applicant,
    once_key: str,
    claimed: frozenset[int],
    decision: Decision,
    words: str = "",
) -> None:
    """Let somebody have what was decided, in a new row or in the one that had ended.

    A place that they take is counted afterwards, with `count_in` or `places.count_last`: only that needs the
    lock of the edition.
    """
    again = registration.state in ENDED
    _fill_in(edition, quotas, registration, applicant, claimed)
    registration.once_key = once_key
    if again:
        registration.ended_because = None
        registration.version += 1
    else:
        _make_new(edition, registration)
    if quotas:
        places.claim_quotas(registration, claimed)
    confirmed_by = clock.now() + timedelta(hours=rules.HOURS_TO_CONFIRM)
    registration.expires_at = confirmed_by if decision.unconfirmed else None
    if decision.state in TAKES_PLACE:
        places.bring_into(registration, decision.state)
    else:
        places.enter(edition, quotas, registration, decision.state, decision.missing)
    if decision.state is RegistrationState.CONFIRMED:
        registration.last_sequence = mails.first_or_after_cancel(registration)  # in the same INSERT
    db.session.flush()  # history and mail name its key
    answers.keep(registration, applicant.answers, again=again)
    record(
        "registration.renewed" if again else "registration.created",
        edition_id=edition.id,
        registration_id=registration.id,
        actor=PARTICIPANT,
        state=decision.state,
    )
    mails.acknowledge(registration, words, sequence=registration.last_sequence)


def count_in(
    edition: Edition, quotas: needs.Quotas, registration: Registration, applicant: Applicant
) -> None:
    """Count somebody who was written down under the lock of the edition, and let them settle in."""
    if registration.takes_place:
        places.count(edition, quotas, registration, 1)
    settle_in(edition, registration, applicant)


def settle_in(edition: Edition, registration: Registration, applicant: Applicant) -> None:
    """Do what follows once somebody is counted: they get the slots that they chose."""
    note_lock(registration)  # ours by now: new, or changed when it was flushed
    if registration.state is not RegistrationState.CONFIRMED:
        return
    mails.tell_when_full(edition)
    if applicant.slots:
        announce(SlotsChosen(registration, applicant.slots))


def _fill_in(
    edition: Edition,
    quotas: needs.Quotas,
    registration: Registration,
    applicant: Applicant,
    claimed: frozenset[int],
) -> None:
    registration.name = applicant.name
    registration.email = applicant.email
    registration.email_key = rules.address_key(applicant.email)
    registration.organisation = applicant.organisation
    registration.note = applicant.note
    registration.language = applicant.language
    registration.consent_version = applicant.consent_version
    registration.consented_at = clock.now()
    chosen = {quotas[key].kind: quotas[key].reference for key in claimed}
    attendance, role = chosen.get(QuotaKind.ATTENDANCE), chosen.get(QuotaKind.ROLE)
    registration.attendance = Attendance(attendance) if attendance else None
    registration.role_id = int(role) if role else None
    registration.days = (
        days.kept_as(applicant.days, days.number_of(edition)) if applicant.days else days.EVERY
    )
    registration.days_changed_at = None


def renew_link(registration: Registration) -> None:
    registration.token_seed = tokens.new_seed()
    registration.token_hash = tokens.fingerprint(tokens.derive("manage", registration.token_seed))


def _make_new(edition: Edition, registration: Registration) -> None:
    registration.edition = edition
    registration.last_sequence = -1
    registration.code = tokens.new_code()
    renew_link(registration)
    db.session.add(registration)
