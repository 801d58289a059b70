"""The limit of a mail provider, kept by all workers together: evenly spaced, never more in any minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import sleep

from flask import current_app
from sqlalchemy import or_, select, update

from eventhub import clock
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail.models import MailPace

SET_BACK = timedelta(minutes=1)
NAP = 0.5
"""Seconds between two looks whether the worker shall stop."""


def wait_for_turn(stopping: Callable[[], bool]) -> bool:
    """Wait until one more mail may go; False when the worker shall stop before that."""
    per_minute = current_app.config["SETTINGS"].mail_per_minute
    if per_minute is None:
        return True
    interval = timedelta(seconds=60 / per_minute)
    while not _take(interval):
        if stopping():
            return False
        sleep(min(max(_missing_seconds(), 0.005), NAP))
    return True


def _take(interval: timedelta) -> bool:
    """Take the turn if it is there: one conditional update, so that of several workers one gets it.

    A time further away than any wait for the row can only come from a clock that was set back.
    """
    now = clock.now()
    with transaction():
        taken = db.session.execute(
            update(MailPace)
            .where(or_(MailPace.next_at <= now, MailPace.next_at > now + interval + SET_BACK))
            .values(next_at=now + interval)
            .returning(MailPace.id)
            .execution_options(synchronize_session=False)
        )
        return taken.first() is not None


def _missing_seconds() -> float:
    next_at = db.session.scalar(select(MailPace.next_at))
    return (next_at - clock.now()).total_seconds() if next_at else 0.0
