"""Named reads of the organiser's pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.agenda.models import Slot, SlotSpeaker
from eventhub.desk.problems import Counts
from eventhub.editions.models import Edition, EditionState, Series, SeriesOrganisation
from eventhub.editions.rights import editions_for, series_for
from eventhub.engagements.models import Engagement
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.organisations.models import Organisation
from eventhub.registration.models import Registration

LATE = timedelta(minutes=10)
"""How long a mail may take before an organiser hears of it."""
OF_ORGANISATIONS = (
    *("organisation.changed", "member.added", "member.changed", "member.ended", "member.over"),
    *("role.offered", "role.accepted", "role.declined", "role.withdrawn"),
)
"""What happened to the organisations that run a series, as its history tells it."""
MOST = 200
"""How many editions the overview considers; nobody prepares more at once."""


def open_editions(user: User) -> list[Edition]:
    """Return the user's editions that are not done with, the nearest first, those without a day last."""
    return list(
        db.session.scalars(
            select(Edition)
            .join(Edition.series)
            .where(editions_for(user), Edition.state.in_((EditionState.DRAFT, EditionState.PUBLISHED)))
            .order_by(Edition.start_date.is_(None), Edition.start_date, Edition.start_time, Edition.id)
            .limit(MOST)
            .options(contains_eager(Edition.series).selectinload(Series.organisation_links))
        )
    )


def counts_of(editions: Sequence[Edition]) -> dict[int, Counts]:
    """Count mails and speakers that need a look, and slots, for all of the editions in one query."""
    keys = [edition.id for edition in editions]
    long_ago = clock.now() - LATE
    late = (OutboxMessage.state == MessageState.WAITING, OutboxMessage.created_at < long_ago)
    silent = (Engagement.accepted_at.is_(None), Engagement.declined_at.is_(None))
    slots = select(func.count()).where(Slot.edition_id == Edition.id).scalar_subquery()
    rows = db.session.execute(
        select(
            Edition.id,
            _mails(OutboxMessage.state == MessageState.FAILED),
            slots,
            _mails(*late, OutboxMessage.attempts > 0),
            _mails(*late, OutboxMessage.attempts == 0, OutboxMessage.due_at < long_ago),
            _speakers(Engagement.declined_at.is_not(None)),
            _speakers(*silent, Engagement.answer_by < clock.now().date()),
        ).where(Edition.id.in_(keys))
    )
    return {key: Counts(*numbers) for key, *numbers in rows}


def _mails(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(OutboxMessage.edition_id == Edition.id, *conditions).scalar_subquery()


def _speakers(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Count those who were asked and still stand in a slot that takes place."""
    stands = (
        select(SlotSpeaker.slot_id)
        .join(SlotSpeaker.slot)
        .where(
            SlotSpeaker.speaker_id == Engagement.speaker_id,
            Slot.edition_id == Engagement.edition_id,
            Slot.cancelled.is_(False),
        )
        .exists()
    )
    found = select(func.count()).select_from(Engagement)
    return found.where(Engagement.edition_id == Edition.id, stands, *conditions).scalar_subquery()


def registered_since(edition: Edition, since: datetime) -> int:
    """Count those who have registered since then and still have a place or wait."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Registration.edition_id == edition.id,
                Registration.created_at >= since,
                Registration.state != "cancelled",
            )
        )
        or 0
    )


@dataclass(frozen=True)
class SeriesLine:
    """A series with what its editions sum up to."""

    series: Series
    editions: int
    drafts: int
    next_day: object


def series_lines(user: User, today: object) -> list[SeriesLine]:
    """Return all series of the user with their numbers, in one query."""
    coming = and_(Edition.start_date >= today, Edition.state == EditionState.PUBLISHED)
    rows = db.session.execute(
        select(
            Series,
            func.count(Edition.id),
            func.count(case((Edition.state == EditionState.DRAFT, 1))),
            func.min(case((coming, Edition.start_date))),
        )
        .outerjoin(Edition, Edition.series_id == Series.id)
        .where(series_for(user))
        .group_by(Series.id)
        .order_by(Series.title)
    )
    return [SeriesLine(*row) for row in rows]


def editions_of(series: Series) -> Select[Edition]:
    """Select the editions of a series, the latest first, those without a day on top."""
    return (
        select(Edition)
        .where(Edition.series_id == series.id)
        .order_by(
            Edition.start_date.is_not(None),
            Edition.start_date.desc(),
            Edition.number.desc(),
            Edition.id.desc(),
        )
    )


def dated_editions(series: Series) -> Sequence[Edition]:
    """Return the editions of a series whose day is known and that take place or may, by date."""
    return db.session.scalars(
        select(Edition)
        .where(
            Edition.series_id == series.id,
            Edition.start_date.is_not(None),
            Edition.state != EditionState.CANCELLED,
        )
        .order_by(Edition.start_date, Edition.id)
    ).all()


def history_of(edition: Edition) -> Select[HistoryEntry]:
    """Select what happened to an edition and its registrations, the latest first."""
    own = select(Registration.id).where(Registration.edition_id == edition.id)
    return (
        select(HistoryEntry)
        .where(or_(HistoryEntry.edition_id == edition.id, HistoryEntry.registration_id.in_(own)))
        .order_by(HistoryEntry.id.desc())
    )


def series_history(series: Series) -> Select[HistoryEntry]:
    """Select what happened to a series, its speakers and the organisations that run it, the latest first."""
    slugs = (
        select(Organisation.slug)
        .join(SeriesOrganisation, SeriesOrganisation.organisation_id == Organisation.id)
        .where(SeriesOrganisation.series_id == series.id)
    )
    of_organisation = and_(
        HistoryEntry.action.in_(OF_ORGANISATIONS),
        HistoryEntry.details["organisation"].as_string().in_(slugs),
    )
    return (
        select(HistoryEntry)
        .where(or_(HistoryEntry.series_id == series.id, of_organisation))
        .order_by(HistoryEntry.id.desc())
    )


def copy_of(edition: Edition) -> HistoryEntry | None:
    """Find the entry that says from what the edition was copied."""
    return db.session.scalar(
        select(HistoryEntry).where(
            HistoryEntry.edition_id == edition.id, HistoryEntry.action == "edition.copied"
        )
    )


def mails_of(edition: Edition, state: MessageState | None, words: str) -> Select[OutboxMessage]:
    """Select the mails about an edition, the latest first."""
    found = select(OutboxMessage).where(OutboxMessage.edition_id == edition.id)
    if state is not None:
        found = found.where(OutboxMessage.state == state)
    if words:
        pattern = f"%{words.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        texts = (OutboxMessage.to_address, OutboxMessage.to_name, OutboxMessage.subject)
        found = found.where(or_(*(text.ilike(pattern, escape="!") for text in texts)))
    return found.order_by(OutboxMessage.id.desc())


def mail_states(edition: Edition) -> dict[MessageState, int]:
    """Count the mails about an edition by state."""
    rows = db.session.execute(
        select(OutboxMessage.state, func.count())
        .where(OutboxMessage.edition_id == edition.id)
        .group_by(OutboxMessage.state)
    )
    return {row[0]: row[1] for row in rows}


def mail_of(edition: Edition, key: int) -> OutboxMessage | None:
    """Find one mail about this edition."""
    return db.session.scalar(
        select(OutboxMessage).where(OutboxMessage.id == key, OutboxMessage.edition_id == edition.id)
    )


def has_registrations(edition: Edition) -> bool:
    """Tell whether anybody ever registered for the edition."""
    return bool(db.session.scalar(select(exists().where(Registration.edition_id == edition.id))))
