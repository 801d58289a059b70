"""Kinds of mail for tests of delivery, which need no edition."""

from __future__ import annotations

from typing import Any

from eventhub import clock
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail.composition import Letter, Mailbox
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import enqueue
from eventhub.mail.rendering import renders

rendered: list[int] = []
"""Which messages were written, in order; a second writing of the same would be a bug."""


def register() -> None:
    """Make the kinds known."""
    rendered.clear()
    renders("plain")(_plain)
    renders("broken")(_broken)
    renders("needless")(lambda _message: None)


def _plain(message: OutboxMessage) -> Letter:
    rendered.append(message.id)
    return Letter(
        sender=Mailbox("Example Lab", "events@lab.example"),
        recipient=Mailbox(message.to_name, message.to_address),
        subject=f"Mail {message.dedupe_key}",
        message_id=message.message_id,
        date=clock.now(),
        text="Grüße\n.\nAus dem Labor",
    )


def _broken(message: OutboxMessage) -> Letter:
    raise KeyError(f"no value for {message.kind}")


def write(*addresses: str, kind: str = "plain", **values: Any) -> list[int]:
    """Put mails into the outbox and return their keys; needs an application context."""
    with transaction():
        count = len(db.session.scalars(db.select(OutboxMessage.id)).all())
        return [
            enqueue(kind, to_address=address, dedupe_key=f"{count + number}", **values)
            for number, address in enumerate(addresses)
        ]


def found(key: int) -> OutboxMessage:
    """Read a message afresh."""
    db.session.rollback()
    message = db.session.get_one(OutboxMessage, key)
    db.session.refresh(message, ["content"])
    return message
