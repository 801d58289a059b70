"""From the organiser's local dates and times to UTC; pure rules."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import NamedTuple

from eventhub.calendars.zones import to_utc


class Span(NamedTuple):
    """Start and end in UTC; None where the local values do not say enough."""

    starts_at: datetime | None
    ends_at: datetime | None


def span(
    zone: str,
    start_date: date | None,
    start_time: time | None,
    end_date: date | None = None,
    end_time: time | None = None,
) -> Span:
    """Derive UTC times from local ones; raises NonexistentTime on the night the clocks go forward.

    An end time without an end date belongs to the day of the start.
    """
    if start_date is None or start_time is None:
        return Span(None, None)
    starts_at = to_utc(zone, start_date, start_time)
    if end_time is None:
        return Span(starts_at, None)
    return Span(starts_at, to_utc(zone, end_date or start_date, end_time))
