"""When a timed mail is due: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from eventhub.announcements.models import Anchor

PATIENCE = timedelta(hours=24)
"""What could not leave for so long, say because nothing ran, is not sent any more."""


def due_at(
    anchor: Anchor, hours: int, starts_at: datetime | None, ends_at: datetime | None
) -> datetime | None:
    """Return when a mail is due; None where the edition has no such moment."""
    if anchor is Anchor.BEFORE_START:
        return None if starts_at is None else starts_at - timedelta(hours=hours)
    return None if ends_at is None else ends_at + timedelta(hours=hours)


def is_due(due: datetime | None, now: datetime, since: datetime) -> bool:
    """Tell whether a mail leaves now: not what was due before it was set up, nor what is too late."""
    return due is not None and since <= due <= now < due + PATIENCE
