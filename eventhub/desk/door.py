"""At the door: who is on the list, who is let in on which day and into which session, and walk-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.desk.print_queries import by_surname, dates_of
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.presence import service as presence
from eventhub.presence.models import Presence, Way
from eventhub.registration import days, joining, tickets
from eventhub.registration import service as registration_service
from eventhub.registration.applicants import Applicant
from eventhub.registration.applicants import Way as WayIn
from eventhub.registration.choices import days_words, role_title
from eventhub.registration.models import Attendance, Registration, RegistrationState
from eventhub.signups import service as signups
from eventhub.signups.models import Signup, SignupState, SlotPlaces
from eventhub.web import times
from eventhub.web.languages import gettext as _

OLDEST = timedelta(days=3)
"""How long a phone may have been without connection for its time to count."""
MOST_FOUND = 50


class Outcome(StrEnum):
    NEW = "new"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Door:
    """Where people are let in: to an edition on one of its days, or into a slot as well."""

    edition: Edition
    day: date
    slot: Slot | None = None
    limited: bool = False
    """Whether the slot takes sign-ups, so that not everybody has a place in it."""

    @property
    def slot_id(self) -> int | None:
        return self.slot.id if self.slot else None


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody on the list of a door."""

    id: int
    name: str
    organisation: str
    code: str
    role: str
    state: RegistrationState
    present: bool
    has_place: bool
    """In the slot of this door, where that takes sign-ups."""
    elsewhere: str = ""
    """Where a place says that they are instead of here, in words: online, or here on other days."""

    @property
    def may_come(self) -> bool:
        return self.state is RegistrationState.CONFIRMED

    @property
    def expected(self) -> bool:
        return self.may_come and self.has_place


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of somebody at the door, and what the desk says about it."""

    outcome: Outcome
    words: str
    registration: Registration | None = None


def day_for(edition: Edition, wanted: str, now: datetime) -> date:
    """Return the day that is wanted, else today, else the nearest day of the meeting."""
    dates = dates_of(edition)
    if not dates:
        raise RuleBroken(_("The date is not set yet, so nobody can be checked in."))
    chosen = next((day for day in dates if day.isoformat() == wanted), None)
    today = times.local(now, edition.zone).date()
    return chosen or min(dates, key=lambda day: abs(day - today))


def is_limited(slot: Slot) -> bool:
    return db.session.get(SlotPlaces, slot.id) is not None


def guests(door: Door, words: str = "", most: int | None = None) -> list[Guest]:
    """Return the people of a door by surname, those whose name, organisation or number has all the words."""
    found = (
        select(Registration, Presence.id.is_not(None), Signup.registration_id.is_not(None))
        .outerjoin(Presence, _is_present(door))
        .outerjoin(
            Signup,
            (Signup.registration_id == Registration.id)
            & (Signup.slot_id == door.slot_id)
            & (Signup.state == SignupState.CONFIRMED),
        )
        .where(Registration.edition_id == door.edition.id, Registration.erased_at.is_(None))
        .options(joinedload(Registration.role))
    )
    for word in words.split():
        pattern = f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        texts = (Registration.name, Registration.organisation, Registration.code)
        found = found.where(or_(*(text.ilike(pattern, escape="!") for text in texts)))
    rows = sorted(db.session.execute(found), key=lambda row: by_surname(row[0]))[:most]
    away = days.away_on(door.edition, door.day)
    return [_guest(door, away, *row) for row in rows]


def _guest(
    door: Door, away: Callable[[Registration], bool], one: Registration, present: bool, signed_up: bool
) -> Guest:
    return Guest(
        id=one.id,
        name=one.name,
        organisation=one.organisation,
        code=one.code,
        role=role_title(one.role) if one.role else "",
        state=one.state,
        present=present,
        has_place=signed_up or not door.limited,
        elsewhere=_elsewhere(one, away(one)),
    )


def _elsewhere(one: Registration, away: bool) -> str:
    if one.attendance is Attendance.ONLINE:
        return _("Takes part online")
    return _("Comes on other days: %(days)s", days=days_words(one)) if away else ""


def _is_present(door: Door) -> Any:
    same = Presence.slot_id == door.slot_id if door.slot else Presence.slot_id.is_(None)
    return (Presence.registration_id == Registration.id) & (Presence.day == door.day) & same


def by_ticket(door: Door, text: str) -> Seen | Registration:
    """Find who shows a ticket, or say what is wrong with it."""
    found = tickets.holder_of(text)
    if found is None:
        return Seen(Outcome.REFUSED, _("This ticket is not valid."))
    if found.edition_id != door.edition.id:
        return Seen(Outcome.REFUSED, _("This ticket is for another meeting."))
    return found


def let_in(door: Door, one: Registration, at: datetime | None = None, *, anyway: bool = False) -> Seen:
    """Note that somebody is there. Whatever comes twice, from one phone or two, counts once.

    Who has no place in the slot of this door gets one where they are let in `anyway`, like a walk-in.
    """
    if one.erased_at is not None or one.state is not RegistrationState.CONFIRMED:
        return Seen(Outcome.REFUSED, _("%(name)s has no confirmed place.", name=one.name), one)
    if door.slot and door.limited and not _has_place_in(door, one):
        if not anyway:
            words = _("%(name)s has no place in “%(slot)s”.", name=one.name, slot=door.slot.title)
            return Seen(Outcome.REFUSED, words, one)
        signups.let_in(one, door.slot, beyond=True)
    moment = max(seen_at(at), one.consented_at)  # clocks of phones may be slow
    if presence.note(one, door.day, Way.CHECK_IN, slot=door.slot, at=moment):
        return Seen(Outcome.NEW, _("%(name)s is present.", name=one.name), one)
    return Seen(Outcome.KNOWN, _("%(name)s was checked in already.", name=one.name), one)


def _has_place_in(door: Door, one: Registration) -> bool:
    found = db.session.get(Signup, (one.id, door.slot_id))
    return found is not None and found.state is SignupState.CONFIRMED


def seen_at(at: datetime | None) -> datetime:
    """Return when somebody was seen: the phone's word, where it can be true."""
    now = clock.now()
    return at if at is not None and now - OLDEST <= at <= now else now


def walk_in(door: Door, person: Applicant, once_key: str, *, beyond: bool) -> Seen:
    """Register somebody who comes unannounced, and let them in, with a place in the slot of this door."""
    way = WayIn(invited=True, approved=True, address_confirmed=True, beyond=beyond, at_the_door=True)
    found = registration_service.register(door.edition, person, once_key, way).registration
    if found.state is not RegistrationState.CONFIRMED:
        raise RuleBroken(_("All places are taken. Tick the box to let them in all the same."), field="beyond")
    if door.slot and door.limited:
        signups.let_in(found, door.slot, beyond=beyond)
    if presence.note(found, door.day, Way.WALK_IN, slot=door.slot):
        return Seen(Outcome.NEW, _("%(name)s is registered and present.", name=found.name), found)
    return Seen(Outcome.KNOWN, _("%(name)s was checked in already.", name=found.name), found)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many are expected and how many are there, in all or in one slot."""

    title: str
    slug: str
    when: str
    expected: int | None
    present: int

    @property
    def missing(self) -> int | None:
        return None if self.expected is None else max(self.expected - self.present, 0)


@dataclass(frozen=True, slots=True)
class Board:
    """How full the house is at this moment."""

    day: date
    expected: int
    present: int
    missing: int
    slots: Sequence[Standing]


def _expected_on(edition: Edition, day: date) -> Iterator[ColumnElement[bool]]:
    """Select those who can be noted on a day: whoever takes part online only where joining counts."""
    yield Registration.edition_id == edition.id
    yield Registration.state == RegistrationState.CONFIRMED
    number = days.number_on(edition, day)
    if number is not None:
        yield days.comes_on(number, days.number_of(edition))
    if not joining.counts(edition):
        yield or_(Registration.attendance.is_(None), Registration.attendance == Attendance.ON_SITE)


def board(edition: Edition, day: date, slots: Iterable[Any]) -> Board:
    """Count who is there on a day, in all and in the slots of that day."""
    expected, found = db.session.execute(
        select(func.count(Registration.id), func.count(Presence.id))
        .select_from(Registration)
        .outerjoin(Presence, _is_present(Door(edition, day)))
        .where(*_expected_on(edition, day))
    ).one()
    rows = db.session.execute(
        select(Presence.slot_id, func.count())
        .join(Registration, Registration.id == Presence.registration_id)
        .where(Registration.edition_id == edition.id, Presence.day == day)
        .group_by(Presence.slot_id)
    )
    inside: dict[int | None, int] = {row[0]: row[1] for row in rows}
    return Board(
        day=day,
        expected=expected,
        present=inside.get(None, 0),
        missing=expected - found,
        slots=[
            Standing(
                title=one.title,
                slug=one.slug,
                when=times.clock(one.start_time) if one.start_time else "",
                expected=getattr(one, "taken", None),
                present=inside.get(one.id, 0),
            )
            for one in slots
            if one.day in (None, day)
        ],
    )
