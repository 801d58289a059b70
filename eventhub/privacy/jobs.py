"""Forgetting on the clock; safe to run twice, even at once."""

from __future__ import annotations

import logging
from collections.abc import Callable

from eventhub import clock
from eventhub.database import overwrite_erased, transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.privacy import queries, service

BATCH = 200
"""How many people one transaction forgets; in between others may write."""

logger = logging.getLogger(__name__)


def forget_people(stopping: Callable[[], bool] = lambda: False) -> None:
    """Forget the people of editions whose retention is over, and the last mails to those who asked for it."""
    due = [edition.id for edition in queries.past_with_people(clock.now().date()) if service.is_due(edition)]
    for key in due:
        _forget_edition(key, stopping)
    with transaction():
        emptied = service.forget_farewells()
    if due or emptied:
        overwrite_erased()


def _forget_edition(key: int, stopping: Callable[[], bool]) -> None:
    while not stopping():
        with transaction():
            edition = db.session.get_one(Edition, key)
            people = queries.known_people(key, BATCH) if service.is_due(edition) else []
            if people:
                service.erase_people(edition, people)
            elif service.is_due(edition):
                service.finish(edition)
        if not people:
            return
