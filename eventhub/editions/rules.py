"""Rules about editions that need no database."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from eventhub.editions.models import Admission, Edition, EditionState


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
    if edition.state is EditionState.COMPLETED:
        return True
    end = edition.ends_at or edition.starts_at
    if end is not None:
        return end <= now
    day = edition.end_date or edition.start_date
    return day is not None and day < now.date()


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
