"""Who is really coming: everybody with a place is asked before the start, and answers with one click."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions import rules
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import PARTICIPANT, record
from eventhub.registration import mails, service
from eventhub.registration.models import Attendance, Ending, Registration, RegistrationState
from eventhub.web.languages import gettext as _


def ask(edition: Edition) -> bool:
    """Ask everybody with a place whether they come; False where it is not the time, or done already."""
    lock(edition)
    now = clock.now()
    if not rules.must_ask(edition, now):
        return False
    _ask(edition, now)
    return True


def ask_now(edition: Edition) -> int:
    """Ask the same at once, whatever day was planned; return how many are asked."""
    lock(edition)
    now = clock.now()
    if not rules.may_ask(edition, now):
        raise RuleBroken(_("Everybody is asked already, or the meeting has begun or does not take place."))
    _ask(edition, now)
    return answers_of(edition).asked


def _ask(edition: Edition, now: datetime) -> None:
    edition.asked_to_reconfirm_at = now
    edition.answers_until = rules.answers_until(edition, now)
    mails.ask_whether_they_come(edition)
    record("edition.asked_to_reconfirm", edition_id=edition.id)


def free_silent_places(edition: Edition, number: int) -> bool:
    """Cancel the next `number` people who have not answered in time; False once nobody is left."""
    lock(edition)
    now = clock.now()
    if edition.answers_until is None or now < edition.answers_until:
        return False
    silent = _next_silent(edition, number) if _may_free(edition, now) else []
    for registration in silent:
        service.cancel(registration, "organiser", Ending.RELEASED)
    if not silent:
        edition.answers_until = None
        record("edition.silent_places_freed", edition_id=edition.id)
    return bool(silent)


def come(registration: Registration) -> None:
    """Note that somebody comes, as they say."""
    lock(registration)
    if registration.state is not RegistrationState.CONFIRMED:
        raise RuleBroken(_("You have no place any more, so there is nothing to confirm."))
    if not registration.is_silent:
        return
    registration.reconfirmed_at = clock.now()
    record(
        "registration.reconfirmed",
        edition_id=registration.edition_id,
        registration_id=registration.id,
        actor=PARTICIPANT,
    )


class Said(StrEnum):
    """What somebody who was asked has said so far; whoever does not come has no place any more."""

    NOTHING = "nothing"
    YES = "yes"


class Place(NamedTuple):
    """Where somebody takes part and what they come as, where an edition tells it apart."""

    attendance: Attendance | None
    role_id: int | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What those with a place have said; who got it after the question has just said that they come."""

    confirmed: int
    asked: int
    silent: int

    @property
    def expected(self) -> int:
        return self.confirmed - self.silent

    @property
    def said_yes(self) -> int:
        return self.asked - self.silent


def answers_of(edition: Edition) -> Answers:
    """Count the answers of those who have a place."""
    return total(answers_by_place(edition).values())


def answers_by_place(edition: Edition) -> dict[Place, Answers]:
    """Count the same by where people take part and what they come as, in one read."""
    rows = db.session.execute(
        select(
            Registration.attendance,
            Registration.role_id,
            func.count(),
            func.count(case((_is_asked(), 1))),
            func.count(case((is_silent(), 1))),
        )
        .where(Registration.edition_id == edition.id, Registration.state == RegistrationState.CONFIRMED)
        .group_by(Registration.attendance, Registration.role_id)
    )
    return {Place(attendance, role_id): Answers(*numbers) for attendance, role_id, *numbers in rows}


def total(found: Iterable[Answers]) -> Answers:
    """Return the answers of several together."""
    parts = list(found)
    return Answers(
        sum(one.confirmed for one in parts), sum(one.asked for one in parts), sum(one.silent for one in parts)
    )


def has_said(said: Said) -> ColumnElement[bool]:
    """Select those who were asked for the place they have now, by what they said."""
    return is_silent() if said is Said.NOTHING else and_(_is_asked(), not_(is_silent()))


def is_silent() -> ColumnElement[bool]:
    """Select those who were asked for the place they have now, and have not answered."""
    return and_(
        _is_asked(),
        or_(Registration.reconfirmed_at.is_(None), Registration.reconfirmed_at < Registration.asked_at),
    )


def _is_asked() -> ColumnElement[bool]:
    return and_(
        Registration.state == RegistrationState.CONFIRMED,
        Registration.asked_at >= Registration.state_changed_at,
    )


def _may_free(edition: Edition, now: datetime) -> bool:
    return edition.state is EditionState.PUBLISHED and not rules.is_over(edition, now)


def _next_silent(edition: Edition, number: int) -> Sequence[Registration]:
    """Return silent people whose answer can't come any more: their rows are locked."""
    found = select(Registration).where(Registration.edition_id == edition.id, is_silent())
    return db.session.scalars(found.order_by(Registration.id).limit(number).with_for_update()).all()


def to_free() -> Select[int]:
    """Select the editions whose people have had the time to answer that they were promised."""
    return select(Edition.id).where(Edition.answers_until <= clock.now())


def to_ask() -> Select[int]:
    """Select the editions that ask and have not yet; their time is for the rules to decide."""
    return select(Edition.id).where(
        Edition.state == EditionState.PUBLISHED,
        Edition.reconfirm_days.is_not(None),
        Edition.asked_to_reconfirm_at.is_(None),
        Edition.start_date >= clock.now().date() - rules.ONE_DAY,
        Edition.start_date <= clock.now().date() + rules.LONGEST_AHEAD,
    )
