"""Keeping the calendars of speakers true: what they should hold is compared with what they were told."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from eventhub import clock
from eventhub.agenda.entries import UNKNOWN_LENGTH
from eventhub.agenda.models import Slot
from eventhub.database import lock
from eventhub.editions.entries import location
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.engagements import mails, queries
from eventhub.engagements.models import Engagement, EngagementEntry
from eventhub.engagements.rules import News, Shown, Told, calendar_news
from eventhub.extensions import db


def tell(edition: Edition) -> int:
    """Write to the speakers of an edition what is new for their calendars; return how many messages.

    Changes of the agenda gather for as long as the series wants, so that half a rearranged day tells nobody.
    """
    lock(edition)
    if is_over(edition, clock.now()) or _is_being_changed(edition):
        return 0
    return sum(_tell(one) for one in queries.engagements_of(edition).values() if one.email)


def _is_being_changed(edition: Edition) -> bool:
    latest = db.session.scalar(select(func.max(Slot.changed_at)).where(Slot.edition_id == edition.id))
    gathers = timedelta(minutes=edition.series.gather_minutes)
    return latest is not None and clock.now() < latest + gathers


def _tell(engagement: Engagement) -> int:
    rows = db.session.scalars(
        select(EngagementEntry).where(EngagementEntry.engagement_id == engagement.id)
    ).all()
    entries = {row.uid: row for row in rows}
    told = {row.uid: Told(mails.shown_of(row.shown), row.sequence, row.withdrawn) for row in entries.values()}
    news = list(calendar_news(_wanted(engagement), told))
    for one in news:
        _keep(engagement, entries.get(one.uid), one)
        mails.tell_entry(engagement, one)
    return len(news)


def _wanted(engagement: Engagement) -> dict[str, Shown]:
    """Return what the calendar of a speaker should hold now."""
    edition = engagement.edition
    if engagement.accepted_at is None or edition.state is not EditionState.PUBLISHED:
        return {}
    return {
        slot.calendar_uid: Shown(
            slot.title,
            ", ".join(part for part in (slot.room.name if slot.room else "", location(edition, "")) if part),
            slot.starts_at,
            slot.ends_at or slot.starts_at + UNKNOWN_LENGTH,
        )
        for slot in queries.slots_of(engagement)
        if slot.starts_at is not None and not slot.cancelled
    }


def _keep(engagement: Engagement, entry: EngagementEntry | None, news: News) -> None:
    if entry is None:
        entry = EngagementEntry(engagement_id=engagement.id, uid=news.uid)
        db.session.add(entry)
    entry.sequence, entry.shown = news.sequence, mails.plain(news.shown)
    entry.withdrawn = news.method == "CANCEL"
