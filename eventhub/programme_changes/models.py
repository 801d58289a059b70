"""Sessions whose changes their people have not been told of yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.database import Model, UTCDateTime


class PendingChange(Model):
    """A slot is other than its people know it; `was` keeps what they know until they are told."""

    __tablename__ = "pending_change"

    slot_id: Mapped[int] = mapped_column(
        ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    was: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As `agenda.rules.shown` returns it."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it changed, in the organiser's words."""
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    """When the first change of those was made that are not told yet."""

    slot: Mapped[Slot] = relationship()
