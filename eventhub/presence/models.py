"""Who was present, on which day of an edition and in which of its slots."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from eventhub import clock
from eventhub.database import Model, UTCDateTime, one_of


class Way(StrEnum):
    """How somebody was found to be there."""

    JOIN_LINK = "join_link"
    CHECK_IN = "check_in"
    WALK_IN = "walk_in"
    """Came without a registration and got one at the door."""


class Presence(Model):
    """That a registered participant was there: once for each day of the edition, and once for each slot.

    It names nobody by itself, so it outlasts the retention of people and goes on counting.
    """

    __tablename__ = "presence"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    day: Mapped[date]
    """The local day of the meeting."""
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), index=True)
    """The slot that they were in; None for the day as a whole."""
    way: Mapped[Way] = mapped_column(one_of(Way, "way"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    __table_args__ = (
        Index(
            "uq_presence_day",
            "registration_id",
            "day",
            unique=True,
            sqlite_where=text("slot_id is null"),
            postgresql_where=text("slot_id is null"),
        ),
        Index(
            "uq_presence_slot",
            "registration_id",
            "slot_id",
            unique=True,
            sqlite_where=text("slot_id is not null"),
            postgresql_where=text("slot_id is not null"),
        ),
    )
