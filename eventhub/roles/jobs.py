"""Work on the clock for roles."""

from __future__ import annotations

from eventhub.database import transaction
from eventhub.roles import service


def end_roles() -> None:
    """Write down which roles have ended by themselves."""
    with transaction():
        service.end_due()
