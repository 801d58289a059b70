"""Work on the clock for subscriptions."""

from __future__ import annotations

from collections.abc import Callable

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.editions.rules import Window, window
from eventhub.extensions import db
from eventhub.subscriptions import queries, service


def tell_subscribers(stopping: Callable[[], bool] = lambda: False) -> None:
    """Tell of every edition that has opened its registration, each in a transaction of its own."""
    now = clock.now()
    opened = [edition.id for edition in queries.untold_editions(now) if window(edition, now) is Window.OPEN]
    for key in opened:
        if stopping():
            return
        with transaction():
            edition = db.session.get(Edition, key)
            if edition is not None:
                service.tell_of(edition)


def forget_unconfirmed() -> None:
    """Delete addresses that were never confirmed."""
    with transaction():
        service.forget_unconfirmed()
