"""When joining counts as being there; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from eventhub.calendars.entries import Days, Timed

COUNTS_BEFORE = timedelta(hours=1)
"""Whoever joins so long before the start is there; whoever tries the link days before is not."""

LEADS_AFTER = timedelta(hours=2)
"""So long after its end the link still leads to a meeting that overruns, without counting."""


def span_of(when: Timed | Days, zone: str) -> tuple[datetime, datetime]:
    """Return from when until when joining counts on one day of a meeting."""
    if isinstance(when, Timed):
        return when.starts_at - COUNTS_BEFORE, max(when.ends_at, when.starts_at)
    here = ZoneInfo(zone)
    begin, end = (datetime.combine(day, time(0), here) for day in (when.starts_on, when.ends_on))
    return begin.astimezone(UTC), end.astimezone(UTC)


def day_of(when: Timed | Days, zone: str) -> date:
    """Return the local day on which a day of a meeting begins."""
    return when.starts_on if isinstance(when, Days) else when.starts_at.astimezone(ZoneInfo(zone)).date()


def day_at(days: Sequence[Timed | Days], zone: str, now: datetime) -> date | None:
    """Return the day of a meeting that joining counts for at this moment; None where it counts for none."""
    for when in days:
        begin, end = span_of(when, zone)
        if begin <= now < end:
            return day_of(when, zone)
    return None


def next_begin(days: Sequence[Timed | Days], zone: str, now: datetime) -> datetime | None:
    """Return from when joining counts next; None where it does so now, or never again."""
    coming = [begin for begin, _end in (span_of(when, zone) for when in days) if begin > now]
    return None if day_at(days, zone, now) else min(coming, default=None)


def is_past(days: Sequence[Timed | Days], zone: str, now: datetime) -> bool:
    """Tell whether nobody joins any more."""
    return bool(days) and all(
        end + LEADS_AFTER <= now for _begin, end in (span_of(one, zone) for one in days)
    )
