"""Subscriptions to a series, and which editions subscribers have been told of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.database import Model, UTCDateTime
from eventhub.editions.models import Series


class Subscription(Model):
    """One address that wants to hear about the next editions of a series; leaving deletes it."""

    __tablename__ = "subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    """The address in lower case; one subscription per address and series."""
    language: Mapped[str] = mapped_column(String(8), default="de")
    token_seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """SHA-256 of the token of the personal link, which is derived from the seed and the secret key."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the owner of the address said yes; nobody else gets more than the question."""
    asked: Mapped[int] = mapped_column(default=1)
    """How often the link was asked for; part of the outbox's dedupe keys."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    series: Mapped[Series] = relationship()

    __table_args__ = (
        UniqueConstraint("series_id", "email_key"),
        CheckConstraint("email_key = lower(email_key)", name="email_key_lower"),
    )


class EditionNotice(Model):
    """Subscribers have been told that this edition takes registrations, once and for all."""

    __tablename__ = "edition_notice"

    edition_id: Mapped[int] = mapped_column(
        ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    written_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
