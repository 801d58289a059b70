"""Named reads of the organiser's registration pages; their number does not grow with the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager

from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import OutboxMessage, UnreachableAddress
from eventhub.questionnaires.rules import Sense
from eventhub.registration import days
from eventhub.registration.models import Attendance, Registration, RegistrationState
from eventhub.registration.queries import answered_so, wrote_so
from eventhub.registration.reconfirmation import Said, has_said
from eventhub.replies.models import Answer
from eventhub.replies.queries import answered

SORTS = {
    "created": Registration.created_at,
    "name": func.lower(Registration.name),
    "organisation": func.lower(Registration.organisation),
    "state": Registration.state,
}
USUAL = "-created"


@dataclass(frozen=True)
class Wanted:
    """What a list shows: words, one state or all, and the order."""

    words: str = ""
    asked: tuple[int, ...] = ()
    """The keys of the questions in whose answers the words are looked for, too."""
    state: RegistrationState | None = None
    sort: str = USUAL
    answers: tuple[tuple[Sense, str], ...] = ()
    """Questions in one sense, each with a value that somebody answered it with."""
    reply: Answer | None = None
    """What their calendar says."""
    day: int | None = None
    """The number of a day on which they come."""
    attendance: Attendance | None = None
    role: int | None = None
    """The key of what they come as."""
    said: Said | None = None
    """Whether they said that they are coming, of those who were asked."""

    @property
    def filtered(self) -> bool:
        return bool(self.address.keys() - {"sort"})

    @property
    def address(self) -> dict[str, str | list[str]]:
        """Return what an address names to show the same again, on the page or as a table."""
        found = {
            "q": self.words,
            "state": self.state or "",
            "attendance": self.attendance or "",
            "role": "" if self.role is None else str(self.role),
            "day": "" if self.day is None else str(self.day),
            "reply": self.reply or "",
            "said": self.said or "",
            "sort": "" if self.sort == USUAL else self.sort,
        }
        named: dict[str, str | list[str]] = {name: str(value) for name, value in found.items() if value}
        return named | ({"answer": self.answer_keys} if self.answers else {})

    @property
    def answer_keys(self) -> list[str]:
        return [sense.answer_key(value) for sense, value in self.answers]


def registrations_of(edition: Edition, wanted: Wanted) -> Select[Registration]:
    """Select the registrations of an edition as the organiser wants to see them."""
    found = select(Registration).where(Registration.edition_id == edition.id)
    if wanted.state is not None:
        found = found.where(Registration.state == wanted.state)
    for word in wanted.words.split():
        columns = (Registration.name, Registration.email, Registration.organisation, Registration.code)
        found = found.where(
            or_(
                *(column.icontains(word, autoescape=True) for column in columns),
                *([wrote_so(wanted.asked, word)] if wanted.asked else ()),
            )
        )
    for sense, value in wanted.answers:
        found = found.where(answered_so(sense.question.id, value, sense.versions[0]))
    if wanted.reply is not None:
        found = found.where(Registration.id.in_(answered(wanted.reply)))
    if wanted.day is not None:
        found = found.where(days.comes_on(wanted.day, days.number_of(edition)))
    if wanted.attendance is not None:
        found = found.where(Registration.attendance == wanted.attendance)
    if wanted.role is not None:
        found = found.where(Registration.role_id == wanted.role)
    if wanted.said is not None:
        found = found.where(has_said(wanted.said))
    column = SORTS.get(wanted.sort.removeprefix("-"), SORTS["created"])
    backwards = wanted.sort.startswith("-")
    return found.order_by(
        column.desc() if backwards else column, Registration.id.desc() if backwards else Registration.id
    )


def unreachable_of(shown: Sequence[Registration]) -> set[int]:
    """Return the keys of those whose address takes no mail."""
    rows = db.session.execute(
        select(UnreachableAddress.registration_id, UnreachableAddress.address).where(
            UnreachableAddress.registration_id.in_([one.id for one in shown])
        )
    )
    known = {row.registration_id: row.address for row in rows}
    return {one.id for one in shown if known.get(one.id) == one.email.lower()}


def registration_of(edition: Edition, key: int) -> Registration | None:
    """Find one registration of this edition; one of another edition does not exist here."""
    return db.session.scalar(
        select(Registration)
        .join(Registration.edition)
        .where(Registration.id == key, Registration.edition_id == edition.id)
        .options(contains_eager(Registration.edition))
    )


def chosen(edition: Edition, keys: Sequence[int]) -> Sequence[Registration]:
    """Return those of this edition's registrations that were ticked."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.edition_id == edition.id, Registration.id.in_(keys))
        .order_by(Registration.id)
    ).all()


def positions(edition: Edition) -> dict[int, int]:
    """Return the position of everybody who waits in the line they stand in, as their own page says it."""
    position = func.row_number().over(
        partition_by=Registration.waits_for, order_by=Registration.place_in_line
    )
    rows = db.session.execute(
        select(Registration.id, position).where(
            Registration.edition_id == edition.id, Registration.state == RegistrationState.WAITLISTED
        )
    )
    return {row[0]: row[1] for row in rows}


def number_by_state(edition: Edition) -> dict[RegistrationState, int]:
    rows = db.session.execute(
        select(Registration.state, func.count())
        .where(Registration.edition_id == edition.id)
        .group_by(Registration.state)
    )
    return {row[0]: row[1] for row in rows}


def number_by_chosen_day(edition: Edition) -> dict[int, int]:
    """Count those with a place by the days on which they come; nothing where people don't choose days."""
    if not days.are_chosen(edition):
        return {}
    number = days.number_of(edition)
    rows = db.session.execute(
        select(Registration.days, func.count())
        .where(Registration.edition_id == edition.id, Registration.state == RegistrationState.CONFIRMED)
        .group_by(Registration.days)
    ).all()
    return {
        day: sum(row[1] for row in rows if day in days.chosen(row[0], number))
        for day in sorted(days.every(number))
    }


def mails_to(registration: Registration) -> Sequence[OutboxMessage]:
    """Return the mails of one registration, the latest first."""
    return db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.registration_id == registration.id)
        .order_by(OutboxMessage.id.desc())
    ).all()


def history_of(registration: Registration) -> Sequence[HistoryEntry]:
    """Return what happened to one registration, the latest first."""
    return db.session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.registration_id == registration.id)
        .order_by(HistoryEntry.id.desc())
    ).all()
