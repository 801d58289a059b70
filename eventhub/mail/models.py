"""The outbox: one row per mail, written in the transaction of what it tells."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from eventhub import clock
from eventhub.database import Model, UTCDateTime, one_of


class MessageState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    """Nothing to send after all: the address of a sign-in request is unknown, or an organiser stopped it."""


OPEN = "state in ('waiting', 'sending')"
"""In these words in statements too, as only then a database knows that the index fits."""


class OutboxMessage(Model):
    """One mail to one person. The bytes are rendered once, by the worker, and kept for every further try."""

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    to_name: Mapped[str] = mapped_column(String(200), default="")
    to_address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8), default="de")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What must not change any more between now and the rendering: SEQUENCE, old times, reasons."""
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    sign_in_link_id: Mapped[int | None] = mapped_column(
        ForeignKey("sign_in_link.id", ondelete="CASCADE"), index=True
    )
    subscription_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscription.id", ondelete="CASCADE"), index=True
    )
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.id", ondelete="CASCADE"), index=True
    )
    engagement_id: Mapped[int | None] = mapped_column(
        ForeignKey("engagement.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[MessageState] = mapped_column(one_of(MessageState, "state"), default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    subject: Mapped[str] = mapped_column(String(400), default="")
    return_path: Mapped[str] = mapped_column(String(254), default="", server_default=text("''"))
    """Where it comes back to if it can't be delivered; empty for the one sender of all mails."""
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent_has_time"),
        Index(None, "state", "due_at", "id"),
        # each mail asks whether an earlier one to its reader is open: among all of those, that would be slow
        Index(
            "ix_outbox_message_open",
            *("registration_id", "to_address", "id"),
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(None, "registration_id", "id"),
        Index(None, "edition_id", "id"),
    )


class UnreachableAddress(Model):
    """Mails of a registration to this address came back for good; none is sent there any more."""

    __tablename__ = "unreachable_address"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    address: Mapped[str] = mapped_column(String(254))
    """In small letters."""
    reason: Mapped[str] = mapped_column(String(300), default="")
    """What the mail server said."""
    since: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    __table_args__ = (CheckConstraint("address = lower(address)", name="address_lower"),)


class MailPace(Model):
    """One row that all workers share: when the mail server's limit allows the next mail."""

    __tablename__ = "mail_pace"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
