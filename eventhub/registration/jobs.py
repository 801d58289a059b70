"""Work on the clock for registrations."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.registration import held_back, queries, reconfirmation, reminders, service

Stopping = Callable[[], bool]
BATCH = 200
AT_ONCE = 50
"""So many places are freed in one transaction, so that others need not wait long for the edition."""


def ask_who_comes(stopping: Stopping) -> None:
    """Ask those with a place whether they come, and free the places of those who stay silent."""
    for key in db.session.scalars(reconfirmation.to_ask()).all():
        if stopping():
            return
        with transaction():
            reconfirmation.ask(db.session.get_one(Edition, key))
    for key in db.session.scalars(reconfirmation.to_free()).all():
        while not stopping() and _free_some(key):
            pass


def _free_some(key: int) -> bool:
    with transaction():
        return reconfirmation.free_silent_places(db.session.get_one(Edition, key), AT_ONCE)


def remind(stopping: Stopping = lambda: False) -> int:
    """Remind people of editions that begin soon; return of how many editions."""
    reminded = 0
    for key in db.session.scalars(reminders.to_remind()).all():
        if stopping():
            break
        with transaction():
            reminded += reminders.remind(db.session.get_one(Edition, key))
    return reminded


def release_seats(stopping: Stopping = lambda: False) -> int:
    """Give seats to all that were held back until now; return how many reserves there were."""
    released = 0
    for key in held_back.editions_to_release():
        if stopping():
            break
        with transaction():
            released += held_back.release_due(key)
    return released


def expire_registrations(stopping: Stopping = lambda: False) -> int:
    """End offers and unconfirmed registrations whose time is over; return how many there were."""
    ended, found = 0, True
    while found and not stopping():
        found = False
        rows = queries.expired(clock.now(), BATCH)
        for edition_id, group in groupby(rows, key=itemgetter(0)):
            keys = [key for _edition_id, key in group]
            with transaction():
                number = service.expire(db.session.get_one(Edition, edition_id), keys)
            found = found or number > 0
            ended += number
    return ended
