"""Work on the clock for accounts."""

from __future__ import annotations

from eventhub.accounts import api_tokens, service
from eventhub.database import transaction


def forget_sign_in_links() -> None:
    """Delete links that expired unused a day ago, and sessions and tokens that are over."""
    with transaction():
        service.forget_old_links()
        api_tokens.forget_ended()
