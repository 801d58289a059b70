"""Messages to participants, and those that each edition of a series sends by the clock."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.editions.models import Edition, Series
from eventhub.registration.own_texts import OwnText, read_in


class AnnouncementState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENT = "sent"
    STOPPED = "stopped"
    """An organiser stopped it; what had left by then had left."""


class Anchor(StrEnum):
    """What a timed mail counts from."""

    BEFORE_START = "before_start"
    AFTER_END = "after_end"


class Seen(StrEnum):
    """Whether somebody was there."""

    PRESENT = "present"
    MISSING = "missing"


class Texts:
    """Subject and body in both languages; who reads one that is empty gets the other."""

    subject_de: Mapped[str] = mapped_column(String(150), default="")
    body_de: Mapped[str] = mapped_column(Text, default="")
    subject_en: Mapped[str] = mapped_column(String(150), default="")
    body_en: Mapped[str] = mapped_column(Text, default="")

    def texts(self) -> dict[str, OwnText]:
        """Return the texts by language."""
        return {"de": OwnText(self.subject_de, self.body_de), "en": OwnText(self.subject_en, self.body_en)}

    def text_for(self, language: str) -> OwnText:
        """Return what somebody reads who speaks this language."""
        return read_in(language, self.texts())


class TimedMail(Texts, Model):
    """A message that every edition of a series sends to those with a place, so long before or after it."""

    __tablename__ = "timed_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    anchor: Mapped[Anchor] = mapped_column(one_of(Anchor, "anchor"))
    hours: Mapped[int]
    seen: Mapped[Seen | None] = mapped_column(one_of(Seen, "seen"))
    """Of those with a place only who was there, or only who was not; after the end alone."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    """What was due before is not sent afterwards."""

    series: Mapped[Series] = relationship()

    __table_args__ = (
        CheckConstraint("hours between 0 and 2160", name="hours"),
        CheckConstraint("seen is null or anchor = 'after_end'", name="seen_after_the_end"),
    )


class Announcement(Texts, Model):
    """One message to those participants of an edition who fit its filter when it leaves."""

    __tablename__ = "announcement"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    timed_mail_id: Mapped[int | None] = mapped_column(ForeignKey("timed_mail.id", ondelete="SET NULL"))
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Whom it goes to: `queries.Audience`, looked up again when it leaves."""
    state: Mapped[AnnouncementState] = mapped_column(
        one_of(AnnouncementState, "state"), default=AnnouncementState.DRAFT
    )
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    counted: Mapped[int | None]
    """How many it was to reach when it was scheduled."""
    written: Mapped[int | None]
    """How many mails were written when it left."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    edition: Mapped[Edition] = relationship()
    files: Mapped[list[AnnouncementFile]] = relationship(
        cascade="all, delete-orphan", order_by="AnnouncementFile.id"
    )

    __table_args__ = (
        UniqueConstraint("timed_mail_id", "edition_id"),
        CheckConstraint("state <> 'scheduled' or due_at is not null", name="scheduled_has_time"),
        CheckConstraint(
            "(state in ('sent', 'stopped')) = (sent_at is not null and written is not null)",
            name="sent_has_time",
        ),
        Index(None, "state", "due_at"),
    )


class AnnouncementFile(Model):
    """A file that goes along."""

    __tablename__ = "announcement_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcement.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    __table_args__ = (CheckConstraint("size > 0", name="size"),)
