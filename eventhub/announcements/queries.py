"""Whom a message reaches, and the messages of an edition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from eventhub.announcements.models import Anchor, Announcement, AnnouncementState, Seen, TimedMail
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage, UnreachableAddress
from eventhub.presence.models import Presence
from eventhub.questionnaires.rules import read_sense
from eventhub.registration.models import ENDED, Attendance, Registration, RegistrationState, SlotChoice
from eventhub.registration.queries import answered_so

FARTHEST = timedelta(days=120)
"""Longer than any timed mail lies away from its edition, which may last for weeks."""
OPEN_STATES = tuple(state for state in RegistrationState if state not in ENDED)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a message goes to; what is empty narrows nothing."""

    state: str = RegistrationState.CONFIRMED.value
    role: int | None = None
    slot: int | None = None
    answer: str = ""
    """A sense of a question and a value such as `12:o3`."""
    attendance: str = ""
    presence: str = ""

    def kept(self) -> dict[str, Any]:
        """Return it as a row keeps it."""
        return asdict(self)


def audience_of(kept: Mapping[str, Any]) -> Audience:
    """Return an audience as a row keeps it."""
    return Audience(**{one.name: kept[one.name] for one in fields(Audience) if one.name in kept})


def people(edition_id: int, audience: Audience) -> Select[Registration]:
    """Select whom a message reaches now: one registration stands for one address of an edition."""
    states = [state for state in OPEN_STATES if audience.state in ("", state.value)]
    found = select(Registration).where(
        Registration.edition_id == edition_id,
        Registration.erased_at.is_(None),
        Registration.state.in_(states),
    )
    if audience.role is not None:
        found = found.where(Registration.role_id == audience.role)
    if audience.slot is not None:
        chosen = SlotChoice.registration_id == Registration.id, SlotChoice.slot_id == audience.slot
        found = found.where(exists().where(*chosen))
    if audience.answer:
        sense, _colon, value = audience.answer.partition(":")
        question, first = read_sense(sense)
        found = found.where(answered_so(question, value, first))
    if audience.attendance:
        found = found.where(Registration.attendance == Attendance(audience.attendance))
    if audience.presence:
        there = exists().where(Presence.registration_id == Registration.id)
        found = found.where(there if audience.presence == Seen.PRESENT else ~there)
    return found


def number_of(edition_id: int, audience: Audience) -> int:
    return db.session.scalar(select(func.count()).select_from(people(edition_id, audience).subquery())) or 0


def reached(edition_id: int, audience: Audience) -> Select[Registration]:
    """Select the same in the order in which they are shown."""
    return people(edition_id, audience).order_by(func.lower(Registration.name), Registration.id)


def first_names(edition_id: int, audience: Audience, most: int) -> Sequence[str]:
    """Return the first names of the list, so that an organiser sees who it is at a glance."""
    rows = reached(edition_id, audience).with_only_columns(Registration.name).limit(most)
    return db.session.scalars(rows).all()


def not_reached(edition_id: int, audience: Audience) -> Sequence[Registration]:
    """Return those among them whose address has come back for good."""
    bounced = and_(
        UnreachableAddress.registration_id == Registration.id,
        UnreachableAddress.address == Registration.email_key,
    )
    return db.session.scalars(reached(edition_id, audience).where(exists().where(bounced))).all()


def announcements_of(edition: Edition) -> Select[Announcement]:
    """Select the messages of an edition, the latest first."""
    return select(Announcement).where(Announcement.edition_id == edition.id).order_by(Announcement.id.desc())


def announcement_of(edition: Edition, key: int) -> Announcement | None:
    return db.session.scalar(
        select(Announcement).where(Announcement.id == key, Announcement.edition_id == edition.id)
    )


def due(now: datetime) -> Select[int]:
    """Select the messages whose time has come."""
    return select(Announcement.id).where(
        Announcement.state == AnnouncementState.SCHEDULED, Announcement.due_at <= now
    )


def belongs_to(announcement: Announcement) -> ColumnElement[bool]:
    """Match the mails of a message."""
    return and_(
        OutboxMessage.edition_id == announcement.edition_id,
        OutboxMessage.dedupe_key.startswith(f"announcement:{announcement.id}:", autoescape=True),
    )


def mail_states(announcement: Announcement) -> dict[MessageState, int]:
    """Count its mails by state."""
    rows = db.session.execute(
        select(OutboxMessage.state, func.count())
        .where(belongs_to(announcement))
        .group_by(OutboxMessage.state)
    )
    return {row[0]: row[1] for row in rows}


def timed_mails_of(series: Series) -> Sequence[TimedMail]:
    return db.session.scalars(
        select(TimedMail).where(TimedMail.series_id == series.id).order_by(TimedMail.anchor, TimedMail.id)
    ).all()


def timed_mail_of(series: Series, key: int) -> TimedMail | None:
    return db.session.scalar(select(TimedMail).where(TimedMail.id == key, TimedMail.series_id == series.id))


class Candidate(NamedTuple):
    """A timed mail and an edition that has not sent it."""

    timed_mail_id: int
    edition_id: int
    anchor: Anchor
    hours: int
    since: datetime
    starts_at: datetime | None
    ends_at: datetime | None


def candidates(now: datetime) -> Iterator[Candidate]:
    """Yield what may be due, of editions near enough, with one query."""
    sent = exists().where(Announcement.timed_mail_id == TimedMail.id, Announcement.edition_id == Edition.id)
    rows = db.session.execute(
        select(
            *(TimedMail.id, Edition.id, TimedMail.anchor, TimedMail.hours, TimedMail.created_at),
            *(Edition.starts_at, Edition.ends_at),
        )
        .join(Edition, Edition.series_id == TimedMail.series_id)
        .where(
            Edition.state.in_((EditionState.PUBLISHED, EditionState.COMPLETED)),
            Edition.starts_at <= now + FARTHEST,
            Edition.starts_at >= now - FARTHEST,
            ~sent,
        )
        .order_by(Edition.id, TimedMail.id)
    )
    return (Candidate(*row) for row in rows.all())
