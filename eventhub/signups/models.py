"""Slots that take sign-ups, slots to choose between, and who has a place or waits for one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.registration.models import Registration


class SignupState(StrEnum):
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"


class Alternatives(Model):
    """Slots of which each participant has one at most, such as excursions at the same time."""

    __tablename__ = "alternatives"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    ranked: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Participants rank the slots, and an allocation gives each of them one."""
    allocates_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The cut-off; None where the organiser starts the allocation by hand."""
    allocated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seed: Mapped[int | None] = mapped_column(BigInteger)
    """Draws the lots; kept from the moment the wishes open, so that anybody can do it again."""
    demand: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Places and first wishes of each slot at the cut-off, to explain the allocation with."""

    __table_args__ = (
        UniqueConstraint("edition_id", "title"),
        CheckConstraint("not ranked or seed is not null", name="ranked_has_lot"),
        CheckConstraint("ranked or allocated_at is null", name="allocated_was_ranked"),
        Index(None, "ranked", "allocates_at"),
    )

    @property
    def undecided(self) -> bool:
        """Whether wishes are still taken."""
        return self.ranked and self.allocated_at is None


class SlotPlaces(Model):
    """The places of a slot that takes sign-ups; a slot without this row is open to everybody."""

    __tablename__ = "slot_places"

    slot_id: Mapped[int] = mapped_column(
        ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    alternatives_id: Mapped[int | None] = mapped_column(
        ForeignKey("alternatives.id", ondelete="SET NULL"), index=True
    )
    needs_id: Mapped[int | None] = mapped_column(
        ForeignKey("slot_places.slot_id", ondelete="SET NULL"), index=True
    )
    """The slot in which one must have a place to sign up for this one."""
    capacity: Mapped[int | None]
    directions: Mapped[str] = mapped_column(Text, default="")
    """Meeting point and departure, for those who have a place."""
    taken_count: Mapped[int] = mapped_column(default=0)
    waiting_count: Mapped[int] = mapped_column(default=0)
    last_in_line: Mapped[int] = mapped_column(default=0)
    """The number given to the latest person in line; only grows."""

    slot: Mapped[Slot] = relationship()

    __table_args__ = (
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("capacity is null or taken_count <= capacity", name="never_overbooked"),
        CheckConstraint("taken_count >= 0 and waiting_count >= 0", name="counts"),
        CheckConstraint("needs_id <> slot_id", name="not_its_own_need"),
    )


class Signup(Model):
    """A place in one slot, or a spot in the line for one; who gives it up has no row any more."""

    __tablename__ = "signup"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    slot_id: Mapped[int] = mapped_column(
        ForeignKey("slot_places.slot_id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[SignupState] = mapped_column(one_of(SignupState, "state"))
    place_in_line: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    state_changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    registration: Mapped[Registration] = relationship()

    __table_args__ = (
        UniqueConstraint("slot_id", "place_in_line"),
        CheckConstraint("(state = 'waitlisted') = (place_in_line is not null)", name="waitlisted_has_place"),
        Index(None, "slot_id", "state", "place_in_line"),
    )


class Wish(Model):
    """A slot that somebody would like to have, and how much: rank 1 is the dearest."""

    __tablename__ = "wish"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    slot_id: Mapped[int] = mapped_column(
        ForeignKey("slot_places.slot_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    alternatives_id: Mapped[int] = mapped_column(
        ForeignKey("alternatives.id", ondelete="CASCADE"), index=True
    )
    rank: Mapped[int]

    __table_args__ = (
        UniqueConstraint("registration_id", "alternatives_id", "rank"),
        CheckConstraint("rank >= 1", name="rank"),
    )


class Allotment(Model):
    """What the allocation gave somebody who had wishes."""

    __tablename__ = "allotment"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    alternatives_id: Mapped[int] = mapped_column(
        ForeignKey("alternatives.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    rank: Mapped[int | None]
    """Which of their wishes; None where none could be fulfilled."""
