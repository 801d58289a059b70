"""Saying what is to be told and to whom; the worker renders and sends it after the commit."""

from __future__ import annotations

import secrets
import threading
from typing import Any, cast

from flask import current_app
from sqlalchemy import JSON, ColumnElement, Select, String, Table, func, insert, literal, select
from sqlalchemy import cast as sql_cast

from eventhub import clock
from eventhub.database import after_commit, lock
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.web.languages import gettext as _

_table = cast(Table, OutboxMessage.__table__)
_INSERTING = insert(_table).returning(_table.c.id)

doorbell = threading.Event()
"""Wakes the embedded worker. Losing a ring is harmless: the worker looks every few seconds."""


def new_message_id() -> str:
    """Return a Message-ID (RFC 5322 3.6.4) without angle brackets, fixed for every try of one mail."""
    return f"{secrets.token_hex(16)}@{current_app.config['HOST']}"


def message_id_in_sql() -> ColumnElement[str]:
    """Return an expression that makes such an identifier for every row of an INSERT … SELECT."""
    if db.engine.dialect.name == "sqlite":
        unique = func.lower(func.hex(func.randomblob(16)))
    else:
        unique = func.replace(sql_cast(func.gen_random_uuid(), String), "-", "")
    return unique + literal(f"@{current_app.config['HOST']}")


def enqueue(
    kind: str,
    *,
    to_address: str,
    dedupe_key: str,
    to_name: str = "",
    language: str = "de",
    facts: dict[str, Any] | None = None,
    **about: int | None,
) -> int:
    """Write one mail into the caller's transaction: no commit, no mail; no mail without commit.

    `dedupe_key` names the occasion, such as `confirmed:17:2`; the database refuses a second row for it.
    `about` are the keys of what the mail is about, such as `registration_id`: flushed before, and when that
    is deleted, the mail goes along. Returns the key of the row.
    """
    values = {
        "kind": kind,
        "dedupe_key": dedupe_key,
        "message_id": new_message_id(),
        "to_name": to_name,
        "to_address": to_address,
        "language": language,
        "facts": facts or {},
        **about,
    }
    # a flush of an object would take five times as long
    key: int = db.session.connection().execute(_INSERTING, values).scalar_one()
    after_commit(doorbell.set)
    return key


def enqueue_all(
    kind: str,
    readers: Select[Any],
    *,
    dedupe_key: ColumnElement[str],
    to_name: ColumnElement[str],
    to_address: ColumnElement[str],
    language: ColumnElement[str],
    facts: dict[str, Any],
    **about: ColumnElement[int],
) -> None:
    """Write a mail for everybody with one INSERT … SELECT; `readers` selects nothing yet, it only narrows."""
    now = clock.now()
    values: dict[str, ColumnElement[Any]] = {
        "kind": literal(kind),
        "dedupe_key": dedupe_key,
        "message_id": message_id_in_sql(),
        "to_name": to_name,
        "to_address": to_address,
        "language": language,
        "facts": literal(facts, JSON()),
        "state": literal(MessageState.WAITING, OutboxMessage.state.type),
        "attempts": literal(0),
        "due_at": literal(now, OutboxMessage.due_at.type),
        "subject": literal(""),
        "error": literal(""),
        "created_at": literal(now, OutboxMessage.created_at.type),
        **about,
    }
    rows = readers.with_only_columns(*values.values())
    db.session.execute(insert(_table).from_select([*values], rows, include_defaults=False))
    after_commit(doorbell.set)


def is_enqueued(dedupe_key: str) -> bool:
    return db.session.scalar(select(OutboxMessage.id).filter_by(dedupe_key=dedupe_key)) is not None


def send_again(message: OutboxMessage) -> None:
    """Make a sent or failed mail due once more; the bytes that it has stay the same."""
    lock(message)
    if not message.to_address:
        raise RuleBroken(_("This mail is erased, so it can’t be sent again."))
    if message.state not in (MessageState.SENT, MessageState.FAILED):
        raise RuleBroken(_("This mail is waiting to be sent anyway."))
    message.state = MessageState.WAITING
    message.attempts = 0
    message.due_at = clock.now()
    message.sent_at = None
    message.leased_until = None
    message.error = ""
    after_commit(doorbell.set)
