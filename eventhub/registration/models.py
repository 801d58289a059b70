"""Registrations, their states and the transitions between them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.editions.models import Edition


class RegistrationState(StrEnum):
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"


TRANSITIONS: dict[RegistrationState, frozenset[RegistrationState]] = {
    RegistrationState.CONFIRMED: frozenset({RegistrationState.CANCELLED}),
    RegistrationState.WAITLISTED: frozenset({RegistrationState.CONFIRMED, RegistrationState.CANCELLED}),
    RegistrationState.CANCELLED: frozenset({RegistrationState.CONFIRMED, RegistrationState.WAITLISTED}),
}


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

    edition: Mapped[Edition] = relationship()
    slot_choices: Mapped[list[SlotChoice]] = relationship(
        back_populates="registration", cascade="all, delete-orphan"
    )

    __table_args__ = (
        UniqueConstraint("edition_id", "email_key"),
        UniqueConstraint("edition_id", "place_in_line"),
        CheckConstraint("(state = 'waitlisted') = (place_in_line is not null)", name="waitlisted_has_place"),
        CheckConstraint("email_key = lower(email_key)", name="email_key_lower"),
        Index(None, "edition_id", "state", "place_in_line"),
        Index(None, "edition_id", "created_at"),
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
