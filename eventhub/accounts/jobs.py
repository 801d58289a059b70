"""Work on the clock for accounts."""

from __future__ import annotations

from eventhub.accounts import service
from eventhub.database import transaction


def forget_sign_in_links() -> None:
    """Delete links that expired unused a day ago, and sessions that are over; their mails go along."""
    with transaction():
        service.forget_old_links()
