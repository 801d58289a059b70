"""Work on the clock for invitations."""

from __future__ import annotations

from eventhub.database import transaction
from eventhub.invitations import service


def forget_past() -> None:
    """Delete invitations to meetings that are long over."""
    with transaction():
        service.forget_past()
