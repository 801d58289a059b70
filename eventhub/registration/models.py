"""Registrations, their states and the transitions between them; what limits their number."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.editions.models import Edition


class RegistrationState(StrEnum):
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"
    PENDING = "pending"
    """Waits for the approval of an organiser; takes no place."""
    REJECTED = "rejected"
    HELD = "held"
    """Has a place for a while, until the address is confirmed."""
    OFFERED = "offered"
    """Is offered a place from the waitlist, until a deadline."""


TAKES_PLACE = frozenset({RegistrationState.CONFIRMED, RegistrationState.HELD, RegistrationState.OFFERED})
ENDED = frozenset({RegistrationState.CANCELLED, RegistrationState.REJECTED})
ADMITTED = frozenset({RegistrationState.CONFIRMED, RegistrationState.HELD, RegistrationState.WAITLISTED})
"""What somebody becomes who is let in."""

TRANSITIONS: dict[RegistrationState, frozenset[RegistrationState]] = {
    RegistrationState.CONFIRMED: frozenset({RegistrationState.CANCELLED}),
    RegistrationState.WAITLISTED: TAKES_PLACE | {RegistrationState.CANCELLED},
    RegistrationState.CANCELLED: ADMITTED | {RegistrationState.PENDING},
    RegistrationState.PENDING: ADMITTED | ENDED,
    RegistrationState.REJECTED: ADMITTED | {RegistrationState.PENDING},
    RegistrationState.HELD: frozenset({RegistrationState.CONFIRMED, RegistrationState.CANCELLED}),
    RegistrationState.OFFERED: frozenset({RegistrationState.CONFIRMED, RegistrationState.CANCELLED}),
}


class Ending(StrEnum):
    """Why a registration is cancelled."""

    PARTICIPANT = "participant"
    ORGANISER = "organiser"
    DECLINED = "declined"
    EXPIRED = "expired"
    UNCONFIRMED = "unconfirmed"
    RELEASED = "released"
    MOVED = "moved"
    HANDED_OVER = "handed_over"


class Attendance(StrEnum):
    """Where somebody takes part in a hybrid edition."""

    ON_SITE = "on_site"
    ONLINE = "online"


class QuotaKind(StrEnum):
    ATTENDANCE = "attendance"
    ROLE = "role"
    OPTION = "option"
    RESERVE = "reserve"
    """Seats held back; they are part of the house and of nobody else until they are released."""


class ParticipantRole(Model):
    """What somebody comes as, such as speaker, mentor or press; an edition without roles has participants."""

    __tablename__ = "participant_role"
    public_except = frozenset()

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120), default="")
    """The same in English; empty where one title serves all languages."""
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("edition_id", "slug"),)


class Quota(Model):
    """A limit inside an edition: of an attendance, a role, an option, or of seats held back."""

    __tablename__ = "quota"
    public_except = frozenset({"taken_count", "waiting_count"})

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    kind: Mapped[QuotaKind] = mapped_column(one_of(QuotaKind, "kind"))
    reference: Mapped[str] = mapped_column(String(80))
    """What it limits: `on_site` or `online`, or the key of the role or option."""
    label: Mapped[str] = mapped_column(String(200), default="")
    capacity: Mapped[int | None]
    taken_count: Mapped[int] = mapped_column(default=0)
    waiting_count: Mapped[int] = mapped_column(default=0)
    """How many wait because this quota, and not the house, has no place for them."""
    release_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When seats held back go to all."""
    domains: Mapped[str] = mapped_column(String(500), default="", server_default=text("''"))
    """The mail domains whose people have a right to seats held back, parted by spaces."""

    __table_args__ = (
        UniqueConstraint("edition_id", "kind", "reference"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("capacity is null or taken_count <= capacity", name="never_overbooked"),
        CheckConstraint("taken_count >= 0 and waiting_count >= 0", name="counts"),
        CheckConstraint("kind <> 'reserve' or capacity is not null", name="reserve_has_capacity"),
        Index(None, "release_at"),
    )


class Party(Model):
    """People registered together: they get places together, or wait together."""

    __tablename__ = "party"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)


def _where_set(*columns: str) -> Index:
    """Return an index that costs nothing where its first column is empty."""
    is_set = text(f"{columns[0]} is not null")
    return Index(None, *columns, sqlite_where=is_set, postgresql_where=is_set)


class Registration(Model):
    """One participant's claim to one edition."""

    __tablename__ = "registration"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """A short number for people to name, such as `7K4M-2QXR`; opens nothing."""
    state: Mapped[RegistrationState] = mapped_column(one_of(RegistrationState, "state"))
    place_in_line: Mapped[int | None]
    """The order on the waitlist; set exactly while waitlisted."""
    waits_for: Mapped[int | None] = mapped_column(ForeignKey("quota.id", ondelete="RESTRICT"))
    """Which quota has no place for them while they wait; None for the house itself."""
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id", ondelete="SET NULL"))
    role_id: Mapped[int | None] = mapped_column(ForeignKey("participant_role.id", ondelete="SET NULL"))
    attendance: Mapped[Attendance | None] = mapped_column(one_of(Attendance, "attendance"))
    days: Mapped[int] = mapped_column(default=0, server_default="0")
    """On which days they come, as bits; 0 for all (see `registration.days`)."""
    days_changed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When that changed last: what a calendar answered before is about something else."""
    accepts_online: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Wants to be on site, and takes an online place where that is free first."""
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Until when an offer stands, or the address must be confirmed."""
    ended_because: Mapped[Ending | None] = mapped_column(one_of(Ending, "ended_because"))
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When they were asked whether they really come."""
    reconfirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When they said so."""
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    """The address in lower case; one registration per address and edition."""
    organisation: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8), default="de")
    consent_version: Mapped[str] = mapped_column(String(40))
    consented_at: Mapped[datetime] = mapped_column(UTCDateTime)
    token_seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """SHA-256 of the manage token, which is derived from the seed and the secret key."""
    once_key: Mapped[str] = mapped_column(String(64), unique=True)
    """The form's once-only key; a repeat of the same form finds the same registration."""
    last_sequence: Mapped[int] = mapped_column(default=-1)
    """The SEQUENCE of the latest calendar message to this person; -1 before the first."""
    version: Mapped[int] = mapped_column(default=0)
    """Grows with every change that a mail tells of; part of the outbox's dedupe keys."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    state_changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When who this is was forgotten; the row stays and counts."""

    edition: Mapped[Edition] = relationship()
    claims: Mapped[list[Claim]] = relationship(cascade="all, delete-orphan")
    role: Mapped[ParticipantRole | None] = relationship()
    slot_choices: Mapped[list[SlotChoice]] = relationship(
        back_populates="registration", cascade="all, delete-orphan"
    )

    __table_args__ = (
        UniqueConstraint("edition_id", "email_key"),
        UniqueConstraint("edition_id", "place_in_line"),
        CheckConstraint("(state = 'waitlisted') = (place_in_line is not null)", name="waitlisted_has_place"),
        CheckConstraint("waits_for is null or state = 'waitlisted'", name="waits_for"),
        CheckConstraint("state not in ('held', 'offered') or expires_at is not null", name="expires"),
        CheckConstraint("ended_because is null or state = 'cancelled'", name="ended"),
        CheckConstraint("days >= 0", name="days"),
        CheckConstraint("email_key = lower(email_key)", name="email_key_lower"),
        Index(None, "edition_id", "state", "place_in_line"),
        Index(None, "edition_id", "created_at"),
        Index(None, "email_key"),
        *(
            _where_set(*columns)
            for columns in (("waits_for", "place_in_line"), ("party_id",), ("expires_at",))
        ),
    )

    @property
    def takes_place(self) -> bool:
        return self.state in TAKES_PLACE

    @property
    def said_they_come(self) -> bool:
        """Whether they have answered the question that their place was last asked about."""
        return self._is_asked and not self.is_silent

    @property
    def is_silent(self) -> bool:
        """Whether they were asked for the place they have now, and have not answered."""
        if not self._is_asked or self.asked_at is None:
            return False
        return self.reconfirmed_at is None or self.reconfirmed_at < self.asked_at

    @property
    def _is_asked(self) -> bool:
        # whoever got the place after the question went out has just said that they come
        confirmed = self.state is RegistrationState.CONFIRMED
        return confirmed and self.asked_at is not None and self.asked_at >= self.state_changed_at


class Claim(Model):
    """A quota that a registration needs a place of, besides one in the house."""

    __tablename__ = "claim"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    quota_id: Mapped[int] = mapped_column(
        ForeignKey("quota.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class SlotChoice(Model):
    """A slot that a participant wants in their own calendar."""

    __tablename__ = "slot_choice"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    slot_id: Mapped[int] = mapped_column(
        ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    registration: Mapped[Registration] = relationship(back_populates="slot_choices")
    slot: Mapped[Slot] = relationship()


class MailText(Model):
    """Subject and introduction that a series has instead of ours in one kind of mail and one language."""

    __tablename__ = "mail_text"
    public_except = frozenset()  # laid out mails are kept as long as the content revision stands

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject: Mapped[str] = mapped_column(String(150), default="")
    body: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (CheckConstraint("subject <> '' or body <> ''", name="not_empty"),)
