"""What the database counts for the metrics: each a named number, read when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import func, select

from eventhub import clock
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration.models import Registration
from eventhub.worker.sightings import last_seen


class Number(NamedTuple):
    name: str
    words: str
    label: str
    values: dict[str, float]


def numbers() -> Iterator[Number]:
    """Yield registrations and mails by state, the depth and age of the outbox, and the worker's last sign."""
    registrations = _by_state(Registration)
    yield Number("eventhub_registrations", "Registrations by state", "state", registrations)
    yield Number("eventhub_waiting", "People on waitlists", "", {"": registrations.get("waitlisted", 0)})
    mails = dict.fromkeys((state.value for state in MessageState), 0.0) | _by_state(OutboxMessage)
    yield Number("eventhub_mails", "Mails by what became of them", "state", mails)
    yield Number(
        "eventhub_outbox_depth", "Mails not handed over yet", "", {"": mails["waiting"] + mails["sending"]}
    )
    yield Number("eventhub_outbox_age_seconds", "How long the oldest due mail waits", "", {"": _age()})
    seen = last_seen()
    if seen is not None:
        age = max((clock.now() - seen).total_seconds(), 0)
        yield Number("eventhub_worker_seen_seconds", "Seconds since a worker was seen", "", {"": age})


def _by_state(model: type[Registration | OutboxMessage]) -> dict[str, float]:
    rows = db.session.execute(select(model.state, func.count()).group_by(model.state))
    return {str(state): float(count) for state, count in rows}


def _age() -> float:
    now = clock.now()
    oldest = db.session.scalar(
        select(func.min(OutboxMessage.due_at)).where(
            OutboxMessage.state == MessageState.WAITING, OutboxMessage.due_at <= now
        )
    )
    return (now - oldest).total_seconds() if oldest else 0.0
