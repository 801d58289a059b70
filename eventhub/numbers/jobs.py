"""Counting on the clock; safe to run twice, even at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.numbers import queries, service
from eventhub.web import times

STILL_TRUE = timedelta(hours=3)
"""So long after midnight the numbers are taken for those of the day before; later the day has none."""
DAY = timedelta(days=1)


def count_days(stopping: Callable[[], bool] = lambda: False) -> None:
    """Count the registrations of coming editions whenever a day has ended where they take place."""
    now = clock.now()
    long_ago = now.date() - 2 * DAY
    editions = queries.peopled_editions(long_ago)
    counted = queries.counted_days([edition.id for edition in editions], long_ago)
    due = []
    for edition in editions:
        local = times.local(now, edition.zone)
        ended, last = local.date() - DAY, edition.end_date or edition.start_date
        since_midnight = timedelta(hours=local.hour, minutes=local.minute)
        if since_midnight < STILL_TRUE and (edition.id, ended) not in counted and not (last and ended > last):
            due.append((edition.id, ended))
    for key, day in due:
        if stopping():
            return
        with transaction():
            service.count_day(db.session.get_one(Edition, key), day)
