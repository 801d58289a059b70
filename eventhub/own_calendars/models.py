"""The calendars that participants asked for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from eventhub import clock
from eventhub.database import Model, UTCDateTime


class OwnCalendar(Model):
    """All places of one mail address, behind a link that opens nothing else; ending it deletes it."""

    __tablename__ = "own_calendar"

    id: Mapped[int] = mapped_column(primary_key=True)
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    """The address in lower case, as registrations know it."""
    token_seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """SHA-256 of the token in its address, which is derived from the seed and the secret key."""
    mailed: Mapped[int] = mapped_column(default=0)
    """How often the address was mailed; part of the outbox's dedupe keys."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    __table_args__ = (CheckConstraint("email_key = lower(email_key)", name="email_key_lower"),)
