"""Messages on the clock."""

from __future__ import annotations

from collections.abc import Callable

from eventhub import clock
from eventhub.announcements import queries, rules, service
from eventhub.announcements.models import TimedMail
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db

Stopping = Callable[[], bool]


def send_announcements(stopping: Stopping = lambda: False) -> None:
    """Send what was scheduled, and what editions send by the clock."""
    for key in db.session.scalars(queries.due(clock.now())).all():
        if stopping():
            return
        with transaction():
            service.send_due(key)
    for timed_id, edition_id in _due_timed():
        if stopping():
            return
        with transaction():
            timed, edition = db.session.get(TimedMail, timed_id), db.session.get(Edition, edition_id)
            if timed is not None and edition is not None:
                service.send_timed(timed, edition)


def _due_timed() -> list[tuple[int, int]]:
    now = clock.now()
    return [
        (one.timed_mail_id, one.edition_id)
        for one in queries.candidates(now)
        if rules.is_due(rules.due_at(one.anchor, one.hours, one.starts_at, one.ends_at), now, one.since)
    ]
