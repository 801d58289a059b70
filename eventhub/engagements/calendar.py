"""Keeping the calendars of speakers true: what they should hold is compared with what they were told."""

from __future__ import annotations

from collections.abc import Sequence
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
from eventhub.engagements.rules import News, OwnNews, Shown, Told, calendar_news, own_news
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import AgendaReleased, SlotNews, SpeakerLeaving
from eventhub.web.languages import gettext as _


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


def follow_release(fact: AgendaReleased) -> None:
    """Write at once to the speakers whom a version of the agenda concerns: one mail about all of it.

    The first calendar message rides with it; a mail holds one only, so each further entry has its own.
    """
    for engagement, mine in concerned(fact.edition, fact.news):
        due = _due(engagement) if engagement.accepted_at is not None else []
        mails.tell_release(engagement, mine, fact.reason, due[0] if due else None)
        for one in due[1:]:
            mails.tell_entry(engagement, one)


def keep_until_told(fact: SpeakerLeaving) -> None:
    """Refuse to delete whose calendar would keep what is no longer true: with them goes what it was told."""
    speaker = fact.speaker
    standing = [one for one in queries.with_entries(speaker) if not is_over(one, clock.now())]
    if standing:
        raise RuleBroken(
            _(
                "%(name)s has sessions of %(titles)s in a calendar. Take them out of these sessions first;"
                " once a mail has told their calendar, they can be deleted.",
                name=speaker.name,
                titles=", ".join(one.title for one in standing),
            )
        )
    if queries.has_mail_to_come(speaker):
        raise RuleBroken(_("A mail to %(name)s has not left yet. Try again later.", name=speaker.name))


def concerned(edition: Edition, news: Sequence[SlotNews]) -> list[tuple[Engagement, list[OwnNews]]]:
    """Return who of those who were asked hears of this, and of what; whoever declined does not."""
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        return []
    asked = queries.engagements_of(edition).values()
    found = ((one, own_news(one.speaker_id, news)) for one in asked if one.email and one.declined_at is None)
    return [(one, mine) for one, mine in found if mine]


def _tell(engagement: Engagement) -> int:
    news = _due(engagement)
    for one in news:
        mails.tell_entry(engagement, one)
    return len(news)


def _due(engagement: Engagement) -> list[News]:
    """Return what the calendar of a speaker is to be told, and keep that it is."""
    rows = db.session.scalars(
        select(EngagementEntry).where(EngagementEntry.engagement_id == engagement.id)
    ).all()
    entries = {row.uid: row for row in rows}
    told = {row.uid: Told(mails.shown_of(row.shown), row.sequence, row.withdrawn) for row in entries.values()}
    news = list(calendar_news(_wanted(engagement), told))
    for one in news:
        _keep(engagement, entries.get(one.uid), one)
    return news


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
