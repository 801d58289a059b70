"""The one source of the present; tests replace it."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present as an aware UTC time."""
    return datetime.now(UTC)
