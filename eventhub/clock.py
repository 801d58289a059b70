"""The one source of the present; tests replace `system_time`."""

from datetime import UTC, datetime


def system_time() -> datetime:
    """Ask the computer for the present."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the present as an aware UTC time."""
    return system_time()  # looked up at each call: column defaults hold `now` itself
