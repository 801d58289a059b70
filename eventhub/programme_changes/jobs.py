"""Work on the clock for changed sessions."""

from __future__ import annotations

from collections.abc import Callable

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.programme_changes import queries, service

Stopping = Callable[[], bool]


def tell_changes(stopping: Stopping = lambda: False) -> int:
    """Tell people of changed sessions, once those have been gathered long enough; return how many."""
    told = 0
    for key in queries.to_tell():
        if stopping():
            break
        with transaction():
            told += service.tell(db.session.get_one(Edition, key))
    return told
