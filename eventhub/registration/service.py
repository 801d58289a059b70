"""The verbs of registration. Every change of places happens here, under the lock of the edition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Literal, NoReturn

from sqlalchemy.exc import IntegrityError

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Admission, Edition, EditionState
from eventhub.editions.rules import Window, is_over, window
from eventhub.errors import Overtaken, RegistrationClosed, RuleBroken
from eventhub.extensions import db
from eventhub.facts import (
    CapacityRaised,
    EditionCancelled,
    EditionChanged,
    NameChanging,
    PlaceGivenUp,
    SlotsAsked,
    announce,
)
from eventhub.history.service import PARTICIPANT, SYSTEM, record
from eventhub.registration import (
    attending,
    changing,
    mails,
    needs,
    options,
    places,
    queries,
    rules,
)
from eventhub.registration.admission import Decision, decide, find_places
from eventhub.registration.admitting import count_in, once, renew_link, settle_in, write_down
from eventhub.registration.applicants import BY_THE_FORM, Applicant, Details, Outcome, Place, Way
from eventhub.registration.models import (
    ENDED,
    Ending,
    Party,
    Registration,
    RegistrationState,
    SlotChoice,
)
from eventhub.web.languages import gettext as _

By = Literal["participant", "organiser"]
UNDECIDED = frozenset({RegistrationState.PENDING, RegistrationState.REJECTED})
"""What somebody is whom the organisers may still let in: they may think again about a rejection."""


def register(edition: Edition, applicant: Applicant, once_key: str, way: Way = BY_THE_FORM) -> Outcome:
    """Give the applicant a place or a spot on the waitlist; an address that has one keeps it."""
    return register_party(edition, [applicant], once_key, way)[0]


def register_newcomer(
    edition: Edition, applicant: Applicant, once_key: str, way: Way = BY_THE_FORM
) -> Outcome:
    """Do the same, and lock the edition only for as long as it takes to count a place.

    Where there seems to be one, all else is written before. Raises Overtaken where the place has gone
    meanwhile, or anything else has changed: roll back, and `register`.
    """
    place = _place_for_newcomer(edition, applicant, way)
    if place is None:
        return register(edition, applicant, once_key, way)
    quotas, [applicant], decision = place
    registration = Registration(accepts_online=applicant.accepts_online)
    key, [claimed] = once(edition, applicant, once_key), decision.claimed
    try:
        write_down(edition, quotas, registration, applicant, key, claimed, decision)
        places.count_last(edition, registration)
    except IntegrityError as error:  # the address has come in, or the last place is taken
        raise Overtaken from error
    settle_in(edition, registration, applicant)
    return Outcome(registration, full=False)


def _place_for_newcomer(
    edition: Edition, applicant: Applicant, way: Way
) -> tuple[needs.Quotas, list[Applicant], Decision] | None:
    """Return what somebody nobody knows gets who may come in; None where there is more to it than a place."""
    if window(edition, clock.now(), invited=way.invited) is not Window.OPEN:
        return None
    if queries.by_address(edition, applicant.email) is not None:
        return None
    people = attending.with_days(edition, [applicant])
    quotas = options.with_quotas(edition, needs.quotas_of(edition), [applicant.answers])
    decision = decide(edition, quotas, people, needs.wishes_for(quotas, people, way.code), way)
    [claimed] = decision.claimed
    if decision.state is not RegistrationState.CONFIRMED or needs.has_seat(quotas, claimed):
        return None
    return quotas, people, decision


def register_party(
    edition: Edition,
    applicants: Sequence[Applicant],
    once_key: str,
    way: Way = BY_THE_FORM,
) -> list[Outcome]:
    """Give people who come together their places, or let them wait together.

    Whoever of them is registered already keeps what they have and is no part of the party, unless the way by
    which they come spares them what they wait for. Who was rejected and is invited asks anew.
    """
    lock(edition)
    _require_different(applicants)
    known = [queries.by_address(edition, applicant.email) for applicant in applicants]
    keys = [once(edition, applicant, once_key) for applicant in applicants]
    repeated = [row for row, key in zip(known, keys, strict=True) if row is not None and row.once_key == key]
    if len(repeated) == len(applicants):
        return [_shown_again(row) for row in repeated]
    _require_way_in(edition, way)
    applicants = attending.with_days(edition, applicants)
    quotas = options.with_quotas(edition, needs.quotas_of(edition), [one.answers for one in applicants])
    wishes = needs.wishes_for(quotas, applicants, way.code)
    options.require_free(edition, quotas, [wish.keys for wish in wishes])
    everybody = decide(edition, quotas, applicants, wishes, way)
    new = [at for at, row in enumerate(known) if row is None or _asks_anew(row, way)]
    if everybody.state is RegistrationState.CONFIRMED:  # what newcomers choose is looked at when they have it
        _require_slots(edition, [one for at, one in enumerate(applicants) if at not in new])
    people = [applicants[at] for at in new]
    # who sees the answer must not learn from it whose address is known
    decision = everybody
    if new and len(new) < len(applicants):
        decision = decide(edition, quotas, people, [wishes[at] for at in new], way)
    if way.beyond and new and decision.state is not RegistrationState.PENDING:
        places.make_room(edition, quotas, needs.needs_of(quotas, decision.claimed))
    party = _new_party(edition) if len(new) > 1 else None
    outcomes = []
    claimed = dict(zip(new, decision.claimed, strict=True)) if new else {}
    for at, applicant in enumerate(applicants):
        registration = known[at] or Registration()
        if at in claimed:
            registration.party_id = party
            registration.accepts_online = all(one.accepts_online for one in people)
            write_down(edition, quotas, registration, applicant, keys[at], claimed[at], decision)
            count_in(edition, quotas, registration, applicant)
        elif registration.once_key != keys[at] and not _let_in(registration, quotas, way, keys[at]):
            _show_existing(registration)
        outcomes.append(Outcome(registration, everybody.missing is not None, everybody.unconfirmed))
    return outcomes


def _shown_again(registration: Registration) -> Outcome:
    state = registration.state
    return Outcome(registration, state is RegistrationState.WAITLISTED, state is RegistrationState.HELD)


def _require_way_in(edition: Edition, way: Way) -> None:
    if way.at_the_door:
        _require_decidable(edition)
    else:
        require_open(edition, invited=way.invited)


def _asks_anew(registration: Registration, way: Way) -> bool:
    """Tell whether the form of somebody known counts: they gave up, or were turned away and then invited."""
    if registration.state is RegistrationState.REJECTED:
        return way.invited
    return registration.state is RegistrationState.CANCELLED


def _let_in(registration: Registration, quotas: needs.Quotas, way: Way, key: str) -> bool:
    """Spare somebody who is registered already what they wait for; False where their way does not."""
    lock(registration)
    waits = registration.state is RegistrationState.WAITLISTED
    edition = registration.edition
    approved = way.approved or (way.invited and edition.admission is not Admission.APPROVAL)
    if not (way.beyond if waits else approved and registration.state is RegistrationState.PENDING):
        return way.address_confirmed and (confirm_address(registration) or accept_offer(registration))
    wish = needs.wish_of(quotas, registration)
    claimed, missing = None, None
    if not waits:
        claimed, missing = find_places(edition, quotas, [wish], registration.accepts_online)
    if claimed is not None or way.beyond:
        keys = wish.keys if claimed is None else claimed[0]
        until = None if way.address_confirmed else registration.expires_at
        places.let_in(edition, quotas, registration, keys, until)
    else:
        registration.party_id = None
        state = RegistrationState.WAITLISTED
        places.move(edition, quotas, registration, state, waits_for=missing)
    registration.once_key = key
    registration.version += 1
    record(
        "registration.let_in",
        edition_id=edition.id,
        registration_id=registration.id,
        state=registration.state,
    )
    db.session.flush()  # positions in line are counted from the rows
    mails.acknowledge(registration)
    places.pass_on(edition)  # a party may have been waiting for a place more than it needs now
    return True


def _require_different(applicants: Sequence[Applicant]) -> None:
    if len({rules.address_key(one.email) for one in applicants}) < len(applicants):
        raise RuleBroken(_("Each person needs an email address of their own"))


def _require_slots(edition: Edition, applicants: Sequence[Applicant]) -> None:
    for one in applicants:
        if one.slots:
            announce(SlotsAsked(edition, one.slots))


def _new_party(edition: Edition) -> int:
    party = Party(edition_id=edition.id)
    db.session.add(party)
    db.session.flush()  # its members name its key
    return party.id


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
    """Give the place back and let the next in line have it; False where it was over already."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    if registration.state in ENDED:
        return False
    if by == "participant":
        require_future(edition)
    had_place, was = registration.takes_place, registration.state
    ending = because or Ending(by)
    places.end(edition, needs.quotas_of(edition), registration, ending)
    registration.version += 1
    _note("registration.cancelled", registration, by, had_place=had_place)
    mails.cancelled(registration, by=by, had_place=had_place, was=was)
    if had_place:
        announce(PlaceGivenUp(registration))
    places.pass_on(edition)
    return True


def confirm_address(registration: Registration) -> bool:
    """Note that the address is right: a held place becomes firm, a spot on the waitlist stays."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    if registration.expires_at is None or registration.state is RegistrationState.OFFERED:
        return False
    if registration.state is RegistrationState.HELD:
        places.move(edition, needs.quotas_of(edition), registration, RegistrationState.CONFIRMED)
    registration.expires_at = None
    registration.version += 1
    _note("registration.address_confirmed", registration, "participant", state=registration.state)
    mails.acknowledge(registration)
    return True


def accept_offer(registration: Registration) -> bool:
    """Take the place that is offered; it is there until somebody else was asked, even after the deadline."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    if registration.state is not RegistrationState.OFFERED:
        return False
    places.move(edition, needs.quotas_of(edition), registration, RegistrationState.CONFIRMED)
    registration.version += 1
    _note("registration.accepted", registration, "participant")
    mails.acknowledge(registration)
    return True


def decline_offer(registration: Registration) -> bool:
    """Leave an offered place to the next in line."""
    lock(registration.edition)
    lock(registration)
    if registration.state is not RegistrationState.OFFERED:
        return False
    return cancel(registration, "participant", Ending.DECLINED)


def approve(registration: Registration, words: str = "") -> bool:
    """Let somebody in, with those who came along: they get their places or wait; False if decided already."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    if registration.state not in UNDECIDED:
        return False
    _require_decidable(edition)
    quotas = needs.quotas_of(edition)
    people = [one for one in queries.party_of(registration) if one.state is registration.state]
    wishes = [needs.wish_of(quotas, one) for one in people]
    claimed, missing = find_places(edition, quotas, wishes, all(one.accepts_online for one in people))
    for one, keys in zip(people, claimed or (), strict=bool(claimed)):
        places.take(quotas, one, keys)
    state = RegistrationState.WAITLISTED if claimed is None else RegistrationState.CONFIRMED
    for one in people:
        places.move(edition, quotas, one, state, waits_for=missing)
        one.version += 1
        _note("registration.approved", one, "organiser", state=state)
    db.session.flush()  # positions in line are counted from the rows
    for one in people:
        mails.acknowledge(one, words)
    return True


def reject(registration: Registration, words: str = "") -> bool:
    """Turn somebody away, in words of the organiser's own; False if decided already."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    if registration.state is not RegistrationState.PENDING:
        return False
    places.move(edition, needs.quotas_of(edition), registration, RegistrationState.REJECTED)
    registration.version += 1
    _note("registration.rejected", registration, "organiser")
    mails.rejected(registration, words)
    return True


def expire(edition: Edition, keys: Collection[int]) -> int:
    """End offers and unconfirmed registrations whose time is over, then let the next in line move up."""
    lock(edition)
    quotas, now = needs.quotas_of(edition), clock.now()
    ended = 0
    for registration in queries.by_keys(keys):
        lock(registration)
        if registration.expires_at is None or registration.expires_at > now:
            continue
        offered, had_place = registration.state is RegistrationState.OFFERED, registration.takes_place
        because = Ending.EXPIRED if offered else Ending.UNCONFIRMED
        places.end(edition, quotas, registration, because)
        registration.version += 1
        record("registration.expired", edition_id=edition.id, registration_id=registration.id, actor=SYSTEM)
        mails.expired(registration)
        if had_place:
            announce(PlaceGivenUp(registration))
        ended += 1
    if ended:
        places.pass_on(edition)
    return ended


def change(
    registration: Registration, details: Details, by: By = "participant", place: Place | None = None
) -> bool:
    """Change what somebody said about themselves, and how they take part; False if nothing is different."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    if registration.state in ENDED:
        raise RuleBroken(_("This registration is cancelled, so it can’t be changed."))
    changed = {field: value for field, value in details.items() if getattr(registration, field) != value}
    news = changing.take_part(registration, place) if place is not None else {}
    if not changed and not news:
        return False
    if "name" in changed and by == "participant":
        announce(NameChanging(registration))
    _require_free_address(registration, details["email"])
    if "email" in changed and changing.follow_address(registration, details["email"], by):
        _ask_for_proof(registration, by)
    for field, value in changed.items():
        setattr(registration, field, value)
    registration.email_key = rules.address_key(details["email"])
    _note("registration.changed", registration, by, fields=sorted([*changed, *news]))
    if news or changed.keys() != {"note"}:
        registration.version += 1
        mails.details_changed(registration, news)
    if news or "email" in changed:
        places.pass_on(edition)
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
    places.fill(fact.edition)


def follow_change(fact: EditionChanged) -> None:
    """Tell everybody about new times or a new place; an edition that takes place again fills up again."""
    mails.edition_changed(fact.edition, fact.changes, fact.undoes)
    places.fill(fact.edition)


def follow_cancellation(fact: EditionCancelled) -> None:
    """Tell everybody that the edition does not take place."""
    mails.edition_cancelled(fact.edition)


def _ask_for_proof(registration: Registration, by: By) -> None:
    """Let a participant confirm an address that brings a right along, by a link that only goes there."""
    if by == "organiser" or registration.edition.admission is Admission.APPROVAL:
        return
    registration.expires_at = clock.now() + timedelta(hours=rules.HOURS_TO_CONFIRM)
    renew_link(registration)


def _show_existing(registration: Registration) -> bool:
    now = clock.now()
    if not rules.may_mail_again(queries.mails_since(registration, now - timedelta(days=1)), now):
        return False
    registration.version += 1
    mails.existing(registration)
    return True


def _require_decidable(edition: Edition) -> None:
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        raise RuleBroken(_("This meeting does not take place any more, so nobody can get a place."))


def require_future(edition: Edition) -> None:
    """Raise RuleBroken once nothing can be cancelled any more."""
    if edition.state is EditionState.CANCELLED:
        raise RuleBroken(_("This meeting is cancelled, so there is nothing left to cancel."))
    if is_over(edition, clock.now()):
        raise RuleBroken(_("This meeting is over, so there is nothing left to cancel."))


def _require_free_address(registration: Registration, email: str) -> None:
    if rules.address_key(email) == registration.email_key:
        return
    if queries.by_address(registration.edition, email) is not None:
        refuse_address()


def refuse_address() -> NoReturn:
    """Raise RuleBroken in words that do not tell whether the address is registered."""
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
