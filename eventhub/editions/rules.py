"""Rules about editions that need no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from eventhub.editions.models import Admission, Edition, EditionState

ASKED_IN_THE_MORNING = time(8)
FREED_IN_THE_EVENING = time(18)
ONE_DAY = timedelta(days=1)
LONGEST_AHEAD = timedelta(days=62)
"""No edition asks earlier than so long before its day, whatever its time zone."""
LEAST_TO_ANSWER = timedelta(hours=24)
"""Nobody who is asked late loses a place before they had so long to answer."""


class Window(StrEnum):
    """Whether an edition takes registrations at a moment, and if not, why."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    OVER = "over"
    CANCELLED = "cancelled"
    NO_DATE = "no_date"
    INVITED_ONLY = "invited_only"
    OFF = "off"


def is_over(edition: Edition, now: datetime) -> bool:
    """Tell whether the meeting lies in the past, as far as its date is known."""
    if edition.state is EditionState.COMPLETED or edition.erased_at is not None:
        return True
    end = edition.ends_at or edition.starts_at
    if end is not None:
        return end <= now
    day = edition.end_date or edition.start_date
    return day is not None and day < now.date()


def erases_on(edition: Edition) -> date | None:
    """Return the day on which who took part is forgotten; None as long as no date is known."""
    last = edition.end_date or edition.start_date
    return erasure_day(last, edition.erase_on, edition.series.erase_after_days)


def erasure_day(last: date | None, chosen: date | None, keep_days: int) -> date | None:
    """Return the chosen day, or the one that a series wants; never one before the meeting is over."""
    if last is None:
        return None
    return last + timedelta(days=keep_days) if chosen is None else max(chosen, last + timedelta(days=1))


def closes_at(edition: Edition) -> datetime | None:
    """Return when registration ends: as set, or the start less what the series wants."""
    if edition.registration_closes_at is not None or edition.starts_at is None:
        return edition.registration_closes_at
    return edition.starts_at - timedelta(hours=edition.series.default_closes_hours)


def window(edition: Edition, now: datetime, *, invited: bool = False) -> Window:
    """Decide whether somebody may register for a published edition at `now`."""
    if edition.state is EditionState.CANCELLED:
        return Window.CANCELLED
    if is_over(edition, now):
        return Window.OVER
    if not edition.takes_registrations or edition.state is not EditionState.PUBLISHED:
        return Window.OFF
    if edition.start_date is None:
        return Window.NO_DATE
    if edition.admission is Admission.INVITATION and not invited:
        return Window.INVITED_ONLY
    return _by_the_clock(edition, now)


def _by_the_clock(edition: Edition, now: datetime) -> Window:
    if edition.registration_opens_at is not None and now < edition.registration_opens_at:
        return Window.NOT_YET
    end = closes_at(edition)
    return Window.CLOSED if end is not None and now >= end else Window.OPEN


def asks_at(edition: Edition) -> datetime | None:
    """Return when those with a place are asked whether they come; None where nobody is."""
    return _days_before(edition, edition.reconfirm_days, ASKED_IN_THE_MORNING)


def must_ask(edition: Edition, now: datetime) -> bool:
    """Tell whether it is time to ask those with a place whether they come."""
    asks = asks_at(edition)
    return asks is not None and asks <= now and may_ask(edition, now)


def may_ask(edition: Edition, now: datetime) -> bool:
    """Tell whether those with a place can be asked whether they come: once, before it begins."""
    if edition.state is not EditionState.PUBLISHED or edition.start_date is None:
        return False
    return edition.asked_to_reconfirm_at is None and now < _begin(edition)


def reminds_at(edition: Edition) -> datetime | None:
    """Return when those with a place are reminded; None where nobody is, or where there is no day."""
    hours = edition.series.remind_hours
    if not hours or edition.start_date is None:
        return None
    return _begin(edition) - timedelta(hours=hours)


def must_remind(edition: Edition, now: datetime) -> bool:
    """Tell whether it is time to remind those with a place: once for a date, before it begins."""
    reminds = reminds_at(edition)
    return (
        reminds is not None
        and edition.state is EditionState.PUBLISHED
        and edition.reminded_at is None
        and reminds <= now < _begin(edition)
    )


def answers_until(edition: Edition, asked_at: datetime) -> datetime | None:
    """Return when silent places become free for people asked at `asked_at`; None where they stay."""
    freed = _days_before(edition, edition.release_days, FREED_IN_THE_EVENING)
    if freed is None:
        return None
    late = max(freed, asked_at + LEAST_TO_ANSWER)
    return late if late < _begin(edition) else None


def _days_before(edition: Edition, days: int | None, at: time) -> datetime | None:
    if days is None or edition.start_date is None:
        return None
    day = edition.start_date - timedelta(days=days)
    return datetime.combine(day, at, ZoneInfo(edition.zone)).astimezone(UTC)


def _begin(edition: Edition) -> datetime:
    """Return the start, or the first moment of the day where no time is known."""
    if edition.starts_at is not None:
        return edition.starts_at
    begin = _days_before(edition, 0, time(0))
    if begin is None:
        raise ValueError("an edition without a day begins at no time")
    return begin
