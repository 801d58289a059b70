"""Everything that is kept about one participant, for themselves."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from eventhub.editions.rules import erases_on
from eventhub.extensions import db
from eventhub.facts import OwnDataAsked, announce
from eventhub.history.models import HistoryEntry
from eventhub.history.service import plain
from eventhub.mail.models import OutboxMessage
from eventhub.registration import days, queries
from eventhub.registration.models import Registration

TECHNICAL = frozenset(
    {
        "id",
        "edition_id",
        "email_key",
        "once_key",
        "token_seed",
        "token_hash",
        "last_sequence",
        "version",
        "days",
    }
)
"""Columns that say nothing about a person; whatever else the row has is handed out."""
CONSENT = {"consent_version": "version", "consented_at": "given_at"}


def personal_data(registration: Registration) -> dict[str, Any]:
    """Return registration, consent, slots, mails and history as plain values; features add their own."""
    edition = registration.edition
    found = {
        "meeting": {
            "series": edition.series.title,
            "title": edition.title,
            "starts_at": edition.starts_at,
            "zone": edition.zone,
        },
        "registration": {name: getattr(registration, name) for name in _own_columns()}
        | {"role": registration.role.title if registration.role else None}
        | {"comes_on": _days(registration)}
        | {"position_on_waitlist": queries.position(registration)},
        "consent": {name: getattr(registration, column) for column, name in CONSENT.items()},
        "erased_on": erases_on(edition),
        "chosen_slots": [slot.title for slot in queries.chosen_slots(registration)],
        "mails": _mails(registration),
        "history": _history(registration),
    }
    announce(OwnDataAsked(registration.id, found))
    kept: dict[str, Any] = plain(found)
    return kept


def _own_columns() -> list[str]:
    columns = (column.key for column in Registration.__table__.columns)
    return [name for name in columns if name not in TECHNICAL and name not in CONSENT]


def _days(registration: Registration) -> list[date]:
    wanted = days.chosen(registration.days, days.number_of(registration.edition))
    return [day for number, day in days.dates_of(registration.edition) if number in wanted]


def _mails(registration: Registration) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(
            OutboxMessage.kind,
            OutboxMessage.to_name,
            OutboxMessage.to_address,
            OutboxMessage.subject,
            OutboxMessage.created_at,
            OutboxMessage.sent_at,
            OutboxMessage.state,
            OutboxMessage.error,
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
