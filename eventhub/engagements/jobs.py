"""Work on the clock for speakers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState
from eventhub.engagements import calendar, queries, rules, service
from eventhub.engagements.models import Engagement
from eventhub.extensions import db
from eventhub.web.times import local

Stopping = Callable[[], bool]


def tell_speakers(stopping: Stopping = lambda: False) -> int:
    """Bring the calendars of speakers up to date; return how many messages that took."""
    told = 0
    for key in queries.current(but=EditionState.DRAFT):
        if stopping():
            break
        with transaction():
            told += calendar.tell(db.session.get_one(Edition, key))
    return told


def remind_speakers(stopping: Stopping = lambda: False) -> int:
    """Write once more to silent speakers before their deadline, also of drafts; return to how many."""
    reminded = 0
    for key in queries.current(but=EditionState.CANCELLED):
        edition = db.session.get_one(Edition, key)
        today = _today(edition)
        due = [
            one.id
            for one in queries.engagements_of(edition).values()
            if rules.reminder_is_due(one, today, clock.now())
        ]
        for engagement in due:
            if stopping():
                return reminded
            with transaction():
                reminded += service.remind_by_itself(db.session.get_one(Engagement, engagement), today)
    return reminded


def forget_needs() -> None:
    """Erase what speakers needed, two weeks after the meeting."""
    with transaction():
        for one in queries.with_needs_before(clock.now().date() - rules.NEEDS_KEPT_FOR):
            one.access_needs = ""


def _today(edition: Edition) -> date:
    return local(clock.now(), edition.zone).date()
