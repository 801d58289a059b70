"""Work on the clock for what comes in by mail."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.replies import mailbox, queries, service

Stopping = Callable[[], bool]

logger = logging.getLogger(__name__)


def fetch_received(stopping: Stopping) -> int:
    """Take over what lies in the mailbox, where one is set up."""
    return mailbox.fetch(stopping)


def work_off_received(stopping: Stopping = lambda: False) -> int:
    """Do what the mails say that came in, each in a transaction of its own; return how many there were."""
    done = 0
    while not stopping():
        found = [(mail.id, service.read_received(mail)) for mail in queries.waiting()]
        db.session.rollback()  # each is claimed anew; nothing is held meanwhile
        for key, reading in found:
            if stopping():
                return done
            try:
                with transaction():
                    done += service.work_off(key, reading)
            except OperationalError:
                raise  # the database is at fault, not the mail
            except Exception:
                logger.exception("received mail %s could not be worked off", key)
                with transaction():
                    service.give_up(key)
        if len(found) < queries.AT_ONCE:
            break
    return done


def forget_received() -> None:
    """Forget mails that concerned no meeting."""
    with transaction():
        service.forget_old()
