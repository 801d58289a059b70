"""What speakers were asked to do, what they answered, and what stands in their calendars."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.agenda.models import Slot, Speaker
from eventhub.database import Model, UTCDateTime
from eventhub.editions.models import Edition


class EngagementState(StrEnum):
    """What became of the question; follows from its moments, so it is no column."""

    ASKED = "asked"
    OPENED = "opened"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Engagement(Model):
    """One speaker who is asked to take part in one edition, by a link of their own instead of an account."""

    __tablename__ = "engagement"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speaker.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    """Empty where an answer was written down without a mail, and once it was forgotten."""
    language: Mapped[str] = mapped_column(String(8), default="de")
    words: Mapped[str] = mapped_column(Text, default="")
    """What the organiser says in the mail and on the page."""
    answer_by: Mapped[date | None]
    token_seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """SHA-256 of the token of the personal link, which is derived from the seed and the secret key."""
    mails: Mapped[int] = mapped_column(default=0)
    """How many mails were written; part of the outbox's dedupe keys."""
    mailed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the worker wrote once more before the deadline."""
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    declined_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    noted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When an organiser wrote down an answer that came another way; None where the person gave it here."""
    message: Mapped[str] = mapped_column(Text, default="")
    """What the speaker says with the answer, to the organisers alone."""
    availability: Mapped[str] = mapped_column(Text, default="")
    access_needs: Mapped[str] = mapped_column(Text, default="")
    """Kept until two weeks after the meeting."""
    may_publish: Mapped[bool | None]
    """Whether slides may be on the public page of the session; None while not asked."""
    may_record: Mapped[bool | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    edition: Mapped[Edition] = relationship()
    speaker: Mapped[Speaker] = relationship()

    __table_args__ = (
        UniqueConstraint("edition_id", "speaker_id"),
        CheckConstraint("accepted_at is null or declined_at is null", name="one_answer"),
    )

    @property
    def state(self) -> EngagementState:
        """What the organiser sees: the last word counts."""
        if self.accepted_at is not None:
            return EngagementState.ACCEPTED
        if self.declined_at is not None:
            return EngagementState.DECLINED
        return EngagementState.OPENED if self.opened_at is not None else EngagementState.ASKED

    @property
    def is_silent(self) -> bool:
        return self.state in (EngagementState.ASKED, EngagementState.OPENED)


class EngagementEntry(Model):
    """What the calendar of a speaker holds of one slot, as we have told it."""

    __tablename__ = "engagement_entry"

    engagement_id: Mapped[int] = mapped_column(
        ForeignKey("engagement.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    uid: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The UID of the slot; the slot itself may be gone, and is then withdrawn."""
    sequence: Mapped[int]
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As `rules.Shown` in plain values."""
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())


class Slides(Model):
    """A file that a speaker gives to a slot."""

    __tablename__ = "slides"
    public_except = frozenset()

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), index=True)
    """None once the slot was deleted; the file stays its speaker's, and comes back with the slot."""
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    slot: Mapped[Slot | None] = relationship()
    engagement: Mapped[Engagement] = relationship()
