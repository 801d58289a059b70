"""Everything that is kept about one participant, for themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.history.service import plain
from eventhub.mail.models import OutboxMessage
from eventhub.registration import queries
from eventhub.registration.models import Registration

OWN = (
    "code",
    "state",
    "name",
    "email",
    "organisation",
    "note",
    "language",
    "created_at",
    "state_changed_at",
)


def personal_data(registration: Registration) -> dict[str, Any]:
    """Return registration, consent, chosen slots, mails and history as plain values."""
    edition = registration.edition
    found = {
        "meeting": {
            "series": edition.series.title,
            "title": edition.title,
            "starts_at": edition.starts_at,
            "zone": edition.zone,
        },
        "registration": {name: getattr(registration, name) for name in OWN}
        | {"position_on_waitlist": queries.position(registration)},
        "consent": {"version": registration.consent_version, "given_at": registration.consented_at},
        "chosen_slots": [slot.title for slot in queries.chosen_slots(registration)],
        "mails": _mails(registration),
        "history": _history(registration),
    }
    kept: dict[str, Any] = plain(found)
    return kept


def _mails(registration: Registration) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(
            OutboxMessage.kind,
            OutboxMessage.to_address,
            OutboxMessage.subject,
            OutboxMessage.created_at,
            OutboxMessage.sent_at,
        )
        .where(OutboxMessage.registration_id == registration.id)
        .order_by(OutboxMessage.id)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's public name for it


def _history(registration: Registration) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        select(HistoryEntry).where(HistoryEntry.registration_id == registration.id).order_by(HistoryEntry.id)
    )
    return [{"at": row.at, "action": row.action, "details": row.details} for row in rows]
