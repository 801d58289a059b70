"""The verbs of sign-ups. Every change of places in slots happens here, under the lock of the edition."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Table, bindparam, delete, exists, insert, select

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken, SlotsRefused
from eventhub.extensions import db
from eventhub.facts import EditionChanged, PlaceGivenUp, SlotsAsked, SlotsChosen
from eventhub.history.service import PARTICIPANT, record
from eventhub.registration.models import Registration, RegistrationState, SlotChoice
from eventhub.signups import mails, queries, rules
from eventhub.signups.models import Alternatives, Signup, SignupState, SlotPlaces, Wish
from eventhub.signups.words import problem_words
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

By = Literal["participant", "organiser"]
Places = dict[int, SlotPlaces]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a slot takes sign-ups, as its organiser says it."""

    capacity: int | None
    alternatives: str = ""
    """The name of the set of alternatives it belongs to; empty for none."""
    needs_id: int | None = None
    directions: str = ""


_choices = cast(Table, SlotChoice.__table__)
_REGISTRATION = bindparam("registration", type_=_choices.c.registration_id.type)
_SLOT = bindparam("slot", type_=_choices.c.slot_id.type)
_NOW = bindparam("now", type_=_choices.c.created_at.type)
_is_chosen = exists().where(_choices.c.registration_id == _REGISTRATION, _choices.c.slot_id == _SLOT)
_CHOOSING = insert(_choices).from_select(
    ["registration_id", "slot_id", "created_at"],
    select(_REGISTRATION, _SLOT, _NOW).where(~_is_chosen),
    include_defaults=False,
)


# participants --------------------------------------------------------------------------------------------


def choose(
    registration: Registration, picks: Mapping[int, bool], wishes: Mapping[int, int] | None = None
) -> bool:
    """Let somebody have exactly these slots and wishes; False where nothing changes.

    `picks` maps each slot to whether they would wait for it, `wishes` maps those that are ranked to their
    rank. All of it is done, or SlotsRefused says why not.
    """
    edition = registration.edition
    lock(edition)
    lock(registration)
    _require_place(registration)
    places = queries.places_of(edition.id)
    held = queries.states_of(registration)
    ranked = _ranked(edition, places)
    wanted, ranks = _possible(places, ranked, picks, wishes or {})
    _require_no_problem(edition, held, wanted, ranks)
    ranks = rules.without_gaps(ranks, {key: one.alternatives_id for key, one in places.items()})
    gone, new = held.keys() - wanted.keys(), wanted.keys() - held.keys()
    wished = _wish(registration, places, ranked, ranks)
    if not gone and not new and not wished:
        return False
    _release(registration, places, gone)
    needs = {key: one.needs_id for key, one in places.items()}
    for key in rules.in_order_of_need(needs, new):
        sign_up(registration, places[key])
    record(
        "signup.chosen",
        edition_id=edition.id,
        registration_id=registration.id,
        actor=PARTICIPANT,
        taken=len(new),
        given_up=len(gone),
    )
    mails.programme(registration)
    _promote(edition, [places[key] for key in gone])
    return True


def require_possible(fact: SlotsAsked) -> None:
    """Refuse what somebody could not choose who is about to get a place in the edition."""
    places = queries.places_of(fact.edition.id)
    ranked = _ranked(fact.edition, places)
    wanted, ranks = _possible(places, ranked, fact.wanted.picks, fact.wanted.ranks)
    _require_no_problem(fact.edition, {}, wanted, ranks)


def follow_registration(fact: SlotsChosen) -> None:
    """Let somebody have the slots that they chose while they registered."""
    choose(fact.registration, fact.wanted.picks, fact.wanted.ranks)


def _ranked(edition: Edition, places: Places) -> set[int]:
    """Return the slots that take wishes."""
    undecided = {one.id for one in queries.alternatives_among(edition, places.values()) if one.undecided}
    return {key for key, one in places.items() if one.alternatives_id in undecided}


def _possible(
    places: Places, ranked: Collection[int], picks: Mapping[int, bool], wishes: Mapping[int, int]
) -> tuple[dict[int, bool], dict[int, int]]:
    """Return picks and wishes without those for slots that don't take them."""
    return (
        {key: waits for key, waits in picks.items() if key in places and key not in ranked},
        {key: rank for key, rank in wishes.items() if key in ranked},
    )


def _require_place(registration: Registration) -> None:
    edition = registration.edition
    if registration.state is not RegistrationState.CONFIRMED:
        raise RuleBroken(_("You can choose sessions as soon as you have a place in the meeting."))
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        raise RuleBroken(_("This meeting is over or cancelled, so its sessions can’t be chosen any more."))


def _require_no_problem(
    edition: Edition,
    held: Mapping[int, SignupState],
    picks: Mapping[int, bool],
    ranks: Mapping[int, int],
) -> None:
    rows = queries.listed(edition.id)
    sessions = queries.sessions(rows)
    found = [
        *rules.problems(sessions, held, picks, ranks),
        *rules.against_wishes(sessions, held, picks, ranks),
    ]
    reasons = {problem.id: problem_words(problem, rows) for problem in found}
    given: set[tuple[int | None, int]] = set()
    for key, rank in ranks.items():
        place = rows[key].alternatives_id, rank
        if place in given:
            reasons.setdefault(key, _("Give each rank once: “%(slot)s”", slot=rows[key].title))
        given.add(place)
    if reasons:
        raise SlotsRefused(reasons)


def _wish(
    registration: Registration, places: Places, ranked: Collection[int], ranks: Mapping[int, int]
) -> bool:
    """Keep these wishes for slots that are not decided yet; False where they are the same as before."""
    if not ranked:
        return False
    before = {key: rank for key, rank in queries.wishes_of(registration).items() if key in ranked}
    if before == ranks:
        return False
    db.session.execute(delete(Wish).where(Wish.registration_id == registration.id, Wish.slot_id.in_(ranked)))
    for key, rank in ranks.items():
        own = places[key].alternatives_id
        db.session.execute(
            insert(Wish).values(registration_id=registration.id, slot_id=key, alternatives_id=own, rank=rank)
        )
    return True


def sign_up(registration: Registration, places: SlotPlaces) -> None:
    """Give somebody a place in a slot, or a spot in its line; the edition must be locked."""
    free = rules.is_free(places.capacity, places.taken_count, places.waiting_count)
    signup = Signup(
        registration_id=registration.id,
        slot_id=places.slot_id,
        state=SignupState.CONFIRMED if free else SignupState.WAITLISTED,
    )
    if free:
        _take(registration.id, places)
    else:
        places.waiting_count += 1
        places.last_in_line += 1
        signup.place_in_line = places.last_in_line
    db.session.add(signup)


def _take(registration_id: int, places: SlotPlaces) -> None:
    """Count a place as taken and put the slot into the participant's calendar, unless it is there."""
    places.taken_count += 1
    chosen = {"registration": registration_id, "slot": places.slot_id, "now": clock.now()}
    db.session.connection().execute(_CHOOSING, chosen)


def _release(registration: Registration, places: Places, keys: Collection[int]) -> None:
    """Give up places and spots in line; the calendar follows."""
    if not keys:
        return
    for signup in db.session.scalars(
        select(Signup).where(Signup.registration_id == registration.id, Signup.slot_id.in_(keys))
    ):
        if signup.state is SignupState.CONFIRMED:
            places[signup.slot_id].taken_count -= 1
        else:
            places[signup.slot_id].waiting_count -= 1
        db.session.delete(signup)
    db.session.flush()  # the rows go before somebody else gets their places
    db.session.execute(
        delete(SlotChoice).where(SlotChoice.registration_id == registration.id, SlotChoice.slot_id.in_(keys))
    )


def _promote(edition: Edition, freed: Sequence[SlotPlaces]) -> int:
    """Give free places to those who wait for them, in their order; return how many moved up."""
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        return 0
    return sum(_promote_into(edition, places) for places in freed)


def _promote_into(edition: Edition, places: SlotPlaces) -> int:
    number = rules.to_promote(places.capacity, places.taken_count, places.waiting_count)
    if not number or not _is_ahead(places.slot):
        return 0
    promoted = queries.next_in_line(places, number)
    for signup in promoted:
        signup.state = SignupState.CONFIRMED
        signup.place_in_line = None
        signup.state_changed_at = clock.now()
        places.waiting_count -= 1
        _take(signup.registration_id, places)
        record(
            "signup.promoted",
            edition_id=edition.id,
            registration_id=signup.registration_id,
            slot=places.slot.slug,
        )
        mails.promoted(signup.registration, places.slot)
    return len(promoted)


def _is_ahead(slot: Slot) -> bool:
    return not slot.cancelled and (slot.starts_at is None or slot.starts_at > clock.now())


def follow_given_up(fact: PlaceGivenUp) -> None:
    """Give up the sessions of somebody who no longer comes; their cancellation mail says enough."""
    registration = fact.registration
    db.session.execute(delete(Wish).where(Wish.registration_id == registration.id))
    held = queries.signups_of(registration)
    if not held:
        return
    places = queries.places_of(registration.edition_id)
    _release(registration, places, held.keys())
    _promote(registration.edition, [places[key] for key in held])


def follow_change(fact: EditionChanged) -> None:
    """Fill what became free while the edition was cancelled."""
    _promote(fact.edition, list(queries.places_of(fact.edition.id).values()))


# organisers ----------------------------------------------------------------------------------------------


def take_signups(slot: Slot, settings: Settings) -> int:
    """Let a slot take sign-ups, or change how it does; return how many people moved up."""
    edition = slot.edition
    lock(edition)
    places = queries.places_of(edition.id)
    needs = {key: one.needs_id for key, one in places.items()}
    own = places.get(slot.id)
    if settings.needs_id is not None and (
        settings.needs_id not in places or rules.builds_on(needs, slot.id, settings.needs_id)
    ):
        raise RuleBroken(_("Choose another session: this one would build on itself"), field="needs_id")
    if own is None:
        own = SlotPlaces(slot_id=slot.id, slot=slot, taken_count=0, waiting_count=0, last_in_line=0)
        db.session.add(own)
    elif settings.capacity is not None and settings.capacity < own.taken_count:
        raise RuleBroken(
            ngettext(
                "%(num)s place is taken. Enter at least as many",
                "%(num)s places are taken. Enter at least as many",
                own.taken_count,
            ),
            field="capacity",
        )
    own.capacity = settings.capacity
    own.needs_id = settings.needs_id
    own.directions = settings.directions
    alternatives = _alternatives(edition, settings.alternatives)
    _join(own, alternatives)
    db.session.flush()  # sign-ups refer to the row
    record("signup.settings", edition_id=edition.id, slot=slot.slug, capacity=settings.capacity)
    if not slot.takes_signups:
        slot.takes_signups = True
        _turn_choices_into_signups(slot, own, undecided=alternatives is not None and alternatives.undecided)
    _forget_unused_alternatives(edition)
    return _promote(edition, [own])


def take_no_signups(slot: Slot) -> None:
    """Open a slot to everybody again; who had a place keeps it in their calendar."""
    edition = slot.edition
    lock(edition)
    own = queries.places_of(edition.id).get(slot.id)
    if own is None:
        return
    slot.takes_signups = False
    db.session.execute(delete(Signup).where(Signup.slot_id == slot.id))
    db.session.delete(own)
    db.session.flush()  # unused alternatives are those without slots
    record("signup.ended", edition_id=edition.id, slot=slot.slug)
    _forget_unused_alternatives(edition)


def remove(registration: Registration, slot: Slot) -> bool:
    """Take somebody out of a slot, and of what builds on it; False where they were not in it."""
    edition = registration.edition
    lock(edition)
    lock(registration)
    held = queries.signups_of(registration)
    if slot.id not in held:
        return False
    places = queries.places_of(edition.id)
    needs = {key: one.needs_id for key, one in places.items()}
    gone = rules.with_dependants(needs, {slot.id}) & held.keys()
    _release(registration, places, gone)
    record("signup.removed", edition_id=edition.id, registration_id=registration.id, slot=slot.slug)
    mails.programme(registration)
    _promote(edition, [places[key] for key in gone])
    return True


def let_in(registration: Registration, slot: Slot, *, beyond: bool) -> bool:
    """Give somebody who stands at the door a place in a slot; False where they have one.

    With `beyond` a full slot grows by them. They are here, so they give up what they have instead of it.
    """
    edition = registration.edition
    lock(edition)
    lock(registration)
    places, held = queries.places_of(edition.id), queries.signups_of(registration)
    own = places[slot.id]
    if _has_place(held, slot.id):
        return False
    free = rules.is_free(own.capacity, own.taken_count, own.waiting_count)
    if not beyond:
        _require_free_and_built_on(own, places, held)
    gone = _instead_of(own, places, held)
    _release(registration, places, gone)
    if not free and own.capacity is not None:
        own.capacity += 1
        record("signup.settings", edition_id=edition.id, slot=slot.slug, capacity=own.capacity)
    _take(registration.id, own)
    db.session.add(Signup(registration_id=registration.id, slot_id=slot.id, state=SignupState.CONFIRMED))
    db.session.flush()  # the mail lists what somebody has
    record("signup.let_in", edition_id=edition.id, registration_id=registration.id, slot=slot.slug)
    mails.programme(registration)
    _promote(edition, [places[key] for key in gone])
    return True


def _has_place(held: Mapping[int, Signup], key: int) -> bool:
    return key in held and held[key].state is SignupState.CONFIRMED


def _require_free_and_built_on(own: SlotPlaces, places: Places, held: Mapping[int, Signup]) -> None:
    if not rules.is_free(own.capacity, own.taken_count, own.waiting_count):
        words = _("“%(slot)s” is full. Tick the box to let them in all the same.", slot=own.slot.title)
        raise RuleBroken(words, field="beyond")
    if own.needs_id is not None and not _has_place(held, own.needs_id):
        words = _(
            "“%(slot)s” builds on “%(other)s”, where they have no place. "
            "Tick the box to let them in all the same.",
            slot=own.slot.title,
            other=places[own.needs_id].slot.title,
        )
        raise RuleBroken(words, field="beyond")


def _instead_of(own: SlotPlaces, places: Places, held: Mapping[int, Signup]) -> set[int]:
    """Return what somebody has or waits for that ends with a place here."""
    same = {key for key in held if own.alternatives_id and places[key].alternatives_id == own.alternatives_id}
    needs = {key: one.needs_id for key, one in places.items()}
    return (rules.with_dependants(needs, same - {own.slot_id}) | {own.slot_id}) & held.keys()


def _turn_choices_into_signups(slot: Slot, places: SlotPlaces, *, undecided: bool) -> None:
    """Give those who have the slot in their calendar a place in it, or a spot in line, by time of choice."""
    choices = db.session.scalars(
        select(SlotChoice)
        .where(SlotChoice.slot_id == slot.id)
        .order_by(SlotChoice.created_at, SlotChoice.registration_id)
    ).all()
    for choice in choices:
        registration = choice.registration
        db.session.delete(choice)
        db.session.flush()  # signing up writes the choice anew where there is a place
        if registration.state is RegistrationState.CONFIRMED and not undecided:
            sign_up(registration, places)
            db.session.flush()  # the mail counts who stands before this person
            mails.programme(registration)


def _join(places: SlotPlaces, alternatives: Alternatives | None) -> None:
    """Let a slot be one of several; people sign up for it or rank it, never both."""
    key = alternatives.id if alternatives else None
    if key == places.alternatives_id:
        return
    if alternatives and alternatives.undecided and (places.taken_count or places.waiting_count):
        raise RuleBroken(
            _("People have places in it already, so it can’t join sessions that are ranked"),
            field="alternatives",
        )
    db.session.execute(delete(Wish).where(Wish.slot_id == places.slot_id))
    places.alternatives_id = key


def _alternatives(edition: Edition, title: str) -> Alternatives | None:
    if not title:
        return None
    found = db.session.scalar(select(Alternatives).filter_by(edition_id=edition.id, title=title))
    if found is None:
        found = Alternatives(edition_id=edition.id, title=title)
        db.session.add(found)
        db.session.flush()  # the slot refers to its key
    return found


def _forget_unused_alternatives(edition: Edition) -> None:
    used = select(SlotPlaces.slot_id).where(SlotPlaces.alternatives_id == Alternatives.id).exists()
    db.session.execute(delete(Alternatives).where(Alternatives.edition_id == edition.id, ~used))
