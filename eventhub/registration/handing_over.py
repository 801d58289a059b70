"""A place goes to somebody else, or to another date: nobody who waits is passed over."""

from __future__ import annotations

from dataclasses import replace

from eventhub.database import lock
from eventhub.editions.models import Admission, Edition
from eventhub.errors import RuleBroken
from eventhub.facts import PlaceGivenUp, PlaceHandedOver, announce
from eventhub.history.service import PARTICIPANT, record
from eventhub.mail.sheets import spoken_name
from eventhub.registration import attending, days, mails, needs, options, places, queries, rules
from eventhub.registration.admission import Decision, find_places
from eventhub.registration.admitting import count_in, once, write_down
from eventhub.registration.applicants import Applicant, Details, Place, Way
from eventhub.registration.models import Ending, QuotaKind, Registration, RegistrationState
from eventhub.registration.service import refuse_address, register, require_future
from eventhub.web.languages import gettext as _


def hand_over(registration: Registration, substitute: Applicant, once_key: str) -> None:
    """Let somebody else have this place: nobody who waits is passed over, as none becomes free."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    if registration.ended_because is Ending.HANDED_OVER:
        return
    require_place_to_pass_on(registration)
    (substitute,) = attending.with_days(edition, [substitute])
    known = queries.by_address(edition, substitute.email)
    if known is not None and known.state is not RegistrationState.CANCELLED:
        refuse_address()
    person = substitute
    if not substitute.asked:
        person = replace(substitute, attendance=registration.attendance, role_id=registration.role_id)
    if not (substitute.asked and days.are_chosen(edition)):
        person = replace(person, days=days.chosen(registration.days, days.number_of(edition)))
    quotas = options.with_quotas(edition, needs.quotas_of(edition), [person.answers])
    claimed = needs.substituted(quotas, registration, person)
    before = needs.claimed_by(registration, quotas)
    options.require_free(edition, quotas, [claimed - before])
    needs.require_places(edition, quotas, claimed - before)
    _require_right(quotas, claimed, substitute)
    _give_up(edition, quotas, registration, Ending.HANDED_OVER)
    successor = known or Registration()
    successor.party_id, successor.accepts_online = None, False
    words = _(
        "%(name)s has passed this place on to you.", name=spoken_name(registration.name) or _("Somebody")
    )
    decision = Decision(RegistrationState.CONFIRMED, None, [claimed])
    write_down(edition, quotas, successor, person, once(edition, person, once_key), claimed, decision, words)
    count_in(edition, quotas, successor, person)
    announce(PlaceHandedOver(registration, successor))
    announce(PlaceGivenUp(registration))
    places.pass_on(edition)  # what only the one before needed is free


def is_handed_over(registration: Registration, substitute: Applicant, once_key: str) -> bool:
    """Tell whether this very form has passed the place on already."""
    if registration.ended_because is not Ending.HANDED_OVER:
        return False
    there = queries.by_address(registration.edition, substitute.email)
    return there is not None and there.once_key == once(registration.edition, substitute, once_key)


def same_person(registration: Registration, place: Place) -> Applicant:
    """Return somebody as they are registered, with what they want elsewhere."""
    return Applicant(
        **{name: getattr(registration, name) for name in Details.__annotations__},
        **place,
        language=registration.language,
        consent_version=registration.consent_version,
    )


def would_wait(edition: Edition, person: Applicant) -> bool:
    """Tell whether somebody who comes now would wait; by the house where they have yet to choose."""
    quotas = needs.quotas_of(edition)
    try:
        wishes = needs.wishes_for(quotas, [person])
    except RuleBroken:
        return rules.is_full(needs.limits_of(edition, quotas)[rules.HOUSE])
    claimed, _missing = find_places(edition, quotas, wishes, person.accepts_online)
    return claimed is None


def move_to(
    registration: Registration, edition: Edition, person: Applicant, once_key: str, *, waits: bool = False
) -> Registration:
    """Register somebody for another edition and free the place they have in this one.

    Nobody loses it for less than they were promised: with `waits` they know that they would wait there.
    """
    here = registration.edition
    for one in sorted((here, edition), key=lambda row: row.id):  # always in this order, or two would block
        lock(one)
    lock(registration)
    require_place_to_pass_on(registration)
    there = register(edition, person, once_key, Way(address_confirmed=True)).registration
    promised = {RegistrationState.CONFIRMED} | ({RegistrationState.WAITLISTED} if waits else set())
    if there.state not in promised:
        raise RuleBroken(_("There is no place left for you there, so you still have the one here."))
    _give_up(here, needs.quotas_of(here), registration, Ending.MOVED)
    announce(PlaceGivenUp(registration))
    places.pass_on(here)
    return there


def require_place_to_pass_on(registration: Registration) -> None:
    """Raise RuleBroken unless somebody has a place that another person, or another date, may have instead."""
    if registration.state is not RegistrationState.CONFIRMED:
        raise RuleBroken(_("You have no place that you could pass on."))
    require_future(registration.edition)
    if registration.edition.admission in {Admission.APPROVAL, Admission.INVITATION}:
        raise RuleBroken(
            _("The organisers choose who comes. Please ask them whether somebody may come for you.")
        )


def _require_right(quotas: needs.Quotas, claimed: frozenset[int], substitute: Applicant) -> None:
    """Refuse to pass a seat on that is held back for certain mail domains, except to one of these."""
    for key in claimed:
        domains = quotas[key].domains.split()
        if quotas[key].kind is QuotaKind.RESERVE and domains and not rules.is_from(substitute.email, domains):
            raise RuleBroken(
                _(
                    "This seat is held back for “%(label)s”. Enter an address at %(domains)s",
                    label=quotas[key].label,
                    domains=", ".join(domains),
                ),
                field="email",
            )


def _give_up(edition: Edition, quotas: needs.Quotas, registration: Registration, because: Ending) -> None:
    """Cancel a place that goes to somebody else or to another date, with the mail about it."""
    places.move(edition, quotas, registration, RegistrationState.CANCELLED, because=because)
    registration.version += 1
    record(
        f"registration.{because}",
        edition_id=edition.id,
        registration_id=registration.id,
        actor=PARTICIPANT,
    )
    mails.cancelled(registration)
