"""Writing down who changed what."""

from datetime import date, datetime, time
from enum import Enum
from typing import Any, cast

from flask import has_request_context
from flask_login import current_user
from sqlalchemy import Table, insert

from eventhub.extensions import db
from eventhub.history.models import HistoryEntry

_INSERTING = insert(cast(Table, HistoryEntry.__table__))

SYSTEM = "system"
PARTICIPANT = "participant"
SPEAKER = "speaker"


def record(
    action: str,
    *,
    series_id: int | None = None,
    edition_id: int | None = None,
    registration_id: int | None = None,
    actor: str | None = None,
    **details: Any,
) -> None:
    """Add an entry to this transaction. `details` must hold no participant's name or address."""
    user_id, name = _author()
    values = {
        "action": action,
        "user_id": user_id if actor is None else None,
        "actor": actor or name,
        "series_id": series_id,
        "edition_id": edition_id,
        "registration_id": registration_id,
        "details": {key: plain(value) for key, value in details.items()},
    }
    db.session.connection().execute(_INSERTING, values)  # a flush of an object would take five times as long


def author_id() -> int | None:
    """Return the key of the user who acts; None where nobody is signed in."""
    return _author()[0]


def _author() -> tuple[int | None, str]:
    if has_request_context() and current_user.is_authenticated:
        return current_user.id, current_user.name or current_user.email
    return None, SYSTEM


def plain(value: Any) -> Any:
    """Return a value that JSON can hold."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value
