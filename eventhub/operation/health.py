"""Is it well: what has to work so that everything is served and delivered, each in a few words."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from eventhub import clock, migrating
from eventhub.worker import broker
from eventhub.worker.sightings import last_seen

WORKER_LATE = timedelta(seconds=90)


class Check(NamedTuple):
    name: str
    well: bool
    words: str


def checks() -> list[Check]:
    """Look at the database, its migrations, the worker and, where there is one, the broker."""
    settings: Settings = current_app.config["SETTINGS"]
    found = _database()
    if settings.broker_url:
        found.append(_broker(settings.broker_url))
    return found


def _database() -> list[Check]:
    try:
        current = migrating.is_current()
    except SQLAlchemyError:
        return [Check("database", False, "does not answer")]
    found = [
        Check("database", True, "answers"),
        Check("migrations", current, "are complete" if current else "are missing: eventhub db upgrade"),
    ]
    return [*found, worker()] if current else found


def worker() -> Check:
    """Tell whether any worker was seen lately; its clock may be a little ahead of ours."""
    seen = last_seen()
    if seen is None:
        return Check("worker", False, "was never seen: eventhub worker")
    late = abs(clock.now() - seen) > WORKER_LATE
    return Check("worker", not late, f"was last seen {'too long ago' if late else 'just now'}")


def _broker(url: str) -> Check:
    reason = broker.unreachable(url)
    return Check("broker", reason is None, reason or "answers")
