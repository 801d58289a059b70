"""Named reads of engagements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from eventhub import clock, tokens
from eventhub.agenda.models import AnySlot, Slot, SlotSpeaker, Speaker, link_table, slot_table
from eventhub.database import kept
from eventhub.editions.models import Edition, EditionState
from eventhub.engagements.models import Engagement, EngagementEntry, Slides
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage


def by_token(token: str) -> Engagement | None:
    """Find the engagement that a personal link opens, with all that its page shows."""
    edition = contains_eager(Engagement.edition)
    return db.session.scalars(
        select(Engagement)
        .join(Engagement.edition)
        .join(Edition.series)
        .where(Engagement.token_hash == tokens.fingerprint(token))
        .options(edition.contains_eager(Edition.series), joinedload(Engagement.speaker))
    ).one_or_none()


def engagements_of(edition: Edition) -> dict[int, Engagement]:
    """Return who was asked for this edition, by the key of the speaker."""
    rows = db.session.scalars(
        select(Engagement).where(Engagement.edition_id == edition.id).options(joinedload(Engagement.speaker))
    )
    return {one.speaker_id: one for one in rows}


def with_entries(speaker: Speaker) -> Sequence[Edition]:
    """Return the editions of which the calendar of a speaker holds something that nobody has withdrawn."""
    return db.session.scalars(
        select(Edition)
        .join(Engagement, Engagement.edition_id == Edition.id)
        .where(
            Engagement.speaker_id == speaker.id,
            exists().where(
                EngagementEntry.engagement_id == Engagement.id, EngagementEntry.withdrawn.is_(False)
            ),
        )
        .order_by(Edition.id)
    ).all()


def has_mail_to_come(speaker: Speaker) -> bool:
    """Tell whether news for the calendar of a speaker have not left yet."""
    of_theirs = select(Engagement.id).where(Engagement.speaker_id == speaker.id)
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    OutboxMessage.engagement_id.in_(of_theirs),
                    OutboxMessage.kind.in_(("engagement_entry", "engagement_changes")),
                    OutboxMessage.state.in_((MessageState.WAITING, MessageState.SENDING)),
                )
            )
        )
    )


def on_programme(edition: Edition) -> dict[Speaker, list[AnySlot]]:
    """Return the people of the programme in work by family name, each with their slots in order."""
    table = slot_table(edition)
    link = link_table(table)
    rows = db.session.execute(
        select(Speaker, table)
        .join(link, link.speaker_id == Speaker.id)
        .join(table, table.id == link.slot_id)
        .where(table.edition_id == edition.id)
        .order_by(*_by_family_name(), table.day, table.start_time, table.position, table.id)
        .options(joinedload(Speaker.organisation), joinedload(table.room))
    )
    found: dict[Speaker, list[AnySlot]] = {}
    for speaker, slot in rows:
        found.setdefault(speaker, []).append(slot)
    return found


def slots_of(engagement: Engagement) -> Sequence[Slot]:
    """Return the slots of the edition in which the speaker stands."""
    return db.session.scalars(
        select(Slot)
        .join(SlotSpeaker, SlotSpeaker.slot_id == Slot.id)
        .where(Slot.edition_id == engagement.edition_id, SlotSpeaker.speaker_id == engagement.speaker_id)
        .order_by(Slot.day, Slot.start_time, Slot.position, Slot.id)
        .options(joinedload(Slot.room), selectinload(Slot.speaker_links))
        .execution_options(populate_existing=True)
    ).all()


def slides_of(engagement: Engagement) -> Sequence[Slides]:
    """Return the files that a speaker gave, without their content."""
    return db.session.scalars(
        select(Slides).where(Slides.engagement_id == engagement.id).order_by(Slides.id)
    ).all()


def has_slides(edition_id: int) -> bool:
    """Tell whether anybody has handed in a file; remembered until content changes."""

    def read() -> bool:
        found = select(Slides.id).join(Slides.slot).where(Slot.edition_id == edition_id).limit(1)
        return db.session.scalar(found) is not None

    return kept(("has_slides", edition_id), read)


def slides_of_edition(edition: Edition) -> Sequence[Slides]:
    """Return all files that registered people may have, with their slots and without their content."""
    return db.session.scalars(
        _handed_in()
        .join(Slides.slot)
        .where(Slot.edition_id == edition.id)
        .order_by(Slot.day, Slot.start_time, Slot.position, Slides.id)
        .options(contains_eager(Slides.slot))
    ).all()


def public_slides(slot: Slot) -> Sequence[Slides]:
    """Return the files of a slot that everybody may have."""
    return db.session.scalars(
        _handed_in().where(Slides.slot_id == slot.id, Engagement.may_publish.is_(True)).order_by(Slides.id)
    ).all()


def slides_in_edition(edition: Edition, key: int, *, public: bool) -> Slides | None:
    """Find a file of an edition; `public` leaves out those that only registered people may have."""
    found = _handed_in().join(Slides.slot).where(Slides.id == key, Slot.edition_id == edition.id)
    if public:
        found = found.where(Engagement.may_publish.is_(True))
    return db.session.scalars(found).one_or_none()


def _handed_in() -> Select[Slides]:
    return select(Slides).join(Slides.engagement).where(Engagement.accepted_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The keys of the speakers who were asked and have not accepted."""

    silent: AbstractSet[int]
    declined: AbstractSet[int]


def unconfirmed(edition: Edition) -> Unconfirmed:
    """Return who was asked for an edition and has not accepted."""
    rows = db.session.execute(
        select(Engagement.speaker_id, Engagement.declined_at.is_not(None)).where(
            Engagement.edition_id == edition.id, Engagement.accepted_at.is_(None)
        )
    )
    found = {key: bool(declined) for key, declined in rows}
    declined = {key for key, has_declined in found.items() if has_declined}
    return Unconfirmed(found.keys() - declined, declined)


def not_asked(edition: Edition) -> int:
    """Count the people of the programme in work whom nobody has asked, and who have said nothing."""
    table = slot_table(edition)
    link = link_table(table)
    asked = exists().where(Engagement.edition_id == edition.id, Engagement.speaker_id == link.speaker_id)
    people = select(func.count(link.speaker_id.distinct())).join(table, table.id == link.slot_id)
    return db.session.scalar(people.where(table.edition_id == edition.id, ~table.cancelled, ~asked)) or 0


def limited_in_time(edition: Edition) -> Sequence[Engagement]:
    """Return the engagements of those who said when they can't and have not declined, by family name."""
    return db.session.scalars(
        select(Engagement)
        .join(Engagement.speaker)
        .where(
            Engagement.edition_id == edition.id,
            Engagement.availability != "",
            Engagement.declined_at.is_(None),
        )
        .order_by(*_by_family_name())
        .options(contains_eager(Engagement.speaker))
    ).all()


def _by_family_name() -> tuple[Any, ...]:
    return func.lower(func.coalesce(func.nullif(Speaker.family_name, ""), Speaker.name)), Speaker.id


def last_mails(engagements: Collection[Engagement]) -> dict[int, tuple[MessageState, str]]:
    """Return what became of the last mail to each, with the reason where it failed."""
    newest = (
        select(func.max(OutboxMessage.id))
        .where(OutboxMessage.engagement_id.in_([one.id for one in engagements]))
        .group_by(OutboxMessage.engagement_id)
    )
    rows = db.session.execute(
        select(OutboxMessage.engagement_id, OutboxMessage.state, OutboxMessage.error).where(
            OutboxMessage.id.in_(newest)
        )
    )
    return {key: (state, error) for key, state, error in rows if key is not None}


def current(but: EditionState) -> Sequence[int]:
    """Return the editions with engagements that are not long over, but those in this state."""
    last_day = func.coalesce(Edition.end_date, Edition.start_date)
    recent = clock.now().date() - timedelta(days=2)
    return db.session.scalars(
        select(Engagement.edition_id)
        .join(Engagement.edition)
        .where(or_(last_day.is_(None), last_day >= recent), Edition.state != but)
        .distinct()
        .order_by(Engagement.edition_id)
    ).all()


def with_needs_before(day: date) -> Sequence[Engagement]:
    """Return engagements with access needs of meetings that ended before this day."""
    last_day = func.coalesce(Edition.end_date, Edition.start_date)
    return db.session.scalars(
        select(Engagement).join(Engagement.edition).where(Engagement.access_needs != "", last_day < day)
    ).all()
