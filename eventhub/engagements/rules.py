"""Rules about speakers that need no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from eventhub.engagements.models import Engagement
from eventhub.facts import SlotNews

MOST_MAILS = 4
"""A question and three reminders; then somebody who is silent stays silent."""
BETWEEN_MAILS = timedelta(hours=20)
BEFORE_DEADLINE = timedelta(days=3)
NEEDS_KEPT_FOR = timedelta(days=14)
"""So long after a meeting the venue may still need to know what was needed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a calendar shows of one slot."""

    title: str
    place: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What a calendar has been told of one slot, and with which SEQUENCE."""

    shown: Shown
    sequence: int
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """A calendar message that is due."""

    uid: str
    method: Literal["REQUEST", "CANCEL"]
    sequence: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class OwnNews:
    """What is new about one slot of a speaker; without `was` they are new in it, without `now` out of it."""

    was: dict[str, Any] | None
    now: dict[str, Any] | None


def own_news(speaker_id: int, news: Iterable[SlotNews]) -> list[OwnNews]:
    """Return what a version of the agenda changes for one speaker, and nothing else."""
    found = []
    for one in news:
        was = one.was if speaker_id in one.before else None
        now = one.now if speaker_id in one.after else None
        if was != now:
            found.append(OwnNews(was, now))
    return found


def may_remind(engagement: Engagement, now: datetime) -> bool:
    """Decide whether a silent person may get one more mail."""
    rested = now - engagement.mailed_at >= BETWEEN_MAILS
    return engagement.is_silent and engagement.mails < MOST_MAILS and rested


def reminder_is_due(engagement: Engagement, today: date, now: datetime) -> bool:
    """Decide whether the worker writes by itself: once, in the last days before the deadline."""
    if engagement.answer_by is None or engagement.reminded_at is not None:
        return False
    begins = engagement.answer_by - BEFORE_DEADLINE
    return begins <= today <= engagement.answer_by and may_remind(engagement, now)


def calendar_news(wanted: Mapping[str, Shown], told: Mapping[str, Told]) -> Iterator[News]:
    """Compare what a calendar should hold with what it was told, by UID; nothing twice.

    A change of time or place, and coming back, need a higher SEQUENCE; a new title does not (RFC 5546 2.1.4).
    """
    for uid, shown in wanted.items():
        known = told.get(uid)
        if known is None:
            yield News(uid, "REQUEST", 0, shown)
        elif known.withdrawn or known.shown != shown:
            same_time = not known.withdrawn and _when(known.shown) == _when(shown)
            yield News(uid, "REQUEST", known.sequence + (0 if same_time else 1), shown)
    for uid, known in told.items():
        if uid not in wanted and not known.withdrawn:
            yield News(uid, "CANCEL", known.sequence + 1, known.shown)


def _when(shown: Shown) -> tuple[datetime, datetime, str]:
    return shown.starts_at, shown.ends_at, shown.place
