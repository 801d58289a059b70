"""Sessions whose changes their people have not been told of yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
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
    """As `agenda.snapshots.snapshot` returns it."""
    reason: Mapped[str] = mapped_column(String(500), default="")
    """Why it changed, in the organiser's words."""
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    """When the first change of those was made that are not told yet."""

    slot: Mapped[Slot] = relationship()


class AgendaVersion(Model):
    """The agenda of an edition as it was when its organiser released it under this number."""

    __tablename__ = "agenda_version"
    public_except = frozenset()

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    number: Mapped[int]
    released_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    note: Mapped[str] = mapped_column(String(500), default="")
    programme: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By the UID of each slot, as `agenda.snapshots.kept_of` returns it."""

    __table_args__ = (
        UniqueConstraint("edition_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )


class HeldChanges(Model):
    """Read by the version before this one alone, so its table goes with the next (decision 7)."""

    __tablename__ = "held_changes"

    edition_id: Mapped[int] = mapped_column(
        ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    since: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
