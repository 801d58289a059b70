"""What came in by mail, and what calendars have answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.registration.models import Registration
from eventhub.replies.reading import MailKind


class Answer(StrEnum):
    """What a person's calendar says about a meeting."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Outcome(StrEnum):
    """What became of a mail."""

    NOTED = "noted"
    FREED = "freed"
    """The place was given back."""
    ASKED = "asked"
    """The person is asked by mail whether they mean it."""
    WAY_BACK = "way_back"
    """They have no place any more, and got a mail with the way to register again."""
    WISH = "wish"
    """Another time, which their calendar was told is declined."""
    SENT_AGAIN = "sent_again"
    OLD_DATE = "old_date"
    """Answers a date that has moved since."""
    SUPERSEDED = "superseded"
    """Older than an answer that came before it."""
    NOT_PROVEN = "not_proven"
    """Comes from another address, or nothing shows that it is theirs."""
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - no secret
    SOMEBODY_ELSE = "somebody_else"
    """Answers for somebody who is not registered, or for another meeting."""
    NOT_TAKING_PLACE = "not_taking_place"
    TOO_MANY = "too_many"
    UNREACHABLE = "unreachable"
    """The address takes no mail, so nothing more is sent there."""
    TO_READ = "to_read"
    """For the organisers to read."""
    TOO_LARGE = "too_large"
    FAILED = "failed"
    """Could not be worked off."""
    NOTHING = "nothing"


class ReceivedMail(Model):
    """One mail that came in; its bytes are dropped as soon as it is worked off."""

    __tablename__ = "received_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """SHA-256 of the Message-ID, or of the whole mail where it has none: each mail is stored once."""
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    too_large: Mapped[bool] = mapped_column(default=False)
    """Only its first lines were kept."""
    recipient: Mapped[str] = mapped_column(String(254), default="")
    """Whom the mail server handed it over for, where it said so."""
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    worked_off_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    kind: Mapped[MailKind | None] = mapped_column(one_of(MailKind, "kind"))
    outcome: Mapped[Outcome | None] = mapped_column(one_of(Outcome, "outcome"))
    answer: Mapped[Answer | None] = mapped_column(one_of(Answer, "answer"))
    day: Mapped[int] = mapped_column(default=1, server_default="1")
    """Which day of a meeting of several days it is about."""
    changed_days: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether somebody comes on other days since, because of it."""
    sender: Mapped[str] = mapped_column(String(254), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    """What somebody wrote, or the reason of a mail server."""
    wished_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    wished_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The time that a calendar proposes instead."""
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))

    registration: Mapped[Registration | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(worked_off_at is null) = (kind is null) and (kind is null) = (outcome is null)",
            name="worked_off",
        ),
        CheckConstraint("worked_off_at is null or content is null", name="no_content_afterwards"),
        Index(None, "worked_off_at", "id"),
        Index(None, "edition_id", "id"),
        Index(None, "registration_id", "id"),
        Index(None, "sender", "received_at"),
    )


class Reply(Model):
    """The latest answer of a person's calendar that counts."""

    __tablename__ = "reply"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    answer: Mapped[Answer] = mapped_column(one_of(Answer, "answer"))
    sequence: Mapped[int]
    stamped_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """DTSTAMP: several programs copy it from the invitation, so it alone orders no answers."""
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """When it was worked off, by our own clock."""
    comment: Mapped[str] = mapped_column(Text, default="")

    registration: Mapped[Registration] = relationship()
