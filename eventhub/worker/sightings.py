"""A worker signs every few seconds in the database, so that everybody can tell whether one is running."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from eventhub import clock
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.worker.models import WorkerSighting

KEPT = timedelta(days=1)


def be_seen() -> None:
    """Sign as this process, and forget workers that have been gone for a day."""
    now = clock.now()
    with transaction():
        db.session.merge(WorkerSighting(name=f"{socket.gethostname()[:100]}:{os.getpid()}", seen_at=now))
        db.session.execute(delete(WorkerSighting).where(WorkerSighting.seen_at < now - KEPT))


def last_seen() -> datetime | None:
    """Return when any worker signed last; a sign from a clock far ahead of ours counts as none."""
    soon = clock.now() + timedelta(minutes=1)
    return db.session.scalar(select(func.max(WorkerSighting.seen_at)).where(WorkerSighting.seen_at < soon))
