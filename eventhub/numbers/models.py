"""Numbers that outlast what they were counted from. No row is about fewer than FEWEST people's words."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.questionnaires.models import Kind
from eventhub.registration.models import RegistrationState

FEWEST = 5
"""What fewer people have in common could tell of one of them, so it is not counted apart."""


class Tally(Model):
    """How the people of one edition were spread over the answers to a question, or over levels of government.

    It names its question in words, for the question may be gone before it.
    """

    __tablename__ = "tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(40))
    """What was counted: `level`, or `question:` with the key of one of its senses."""
    kind: Mapped[Kind | None] = mapped_column(one_of(Kind, "kind"))
    label: Mapped[str] = mapped_column(String(1000), default="")
    people: Mapped[int]
    """How many said something; 0 where they were fewer than FEWEST."""
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    cells: Mapped[list[TallyCell]] = relationship(cascade="all, delete-orphan", order_by="TallyCell.position")

    __table_args__ = (
        UniqueConstraint("edition_id", "subject"),
        CheckConstraint(f"people = 0 or people >= {FEWEST}", name="enough_people"),
    )


class TallyCell(Model):
    """How many gave one answer; the one without a value stands for all that are too rare to stand alone."""

    __tablename__ = "tally_cell"

    tally_id: Mapped[int] = mapped_column(ForeignKey("tally.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(200), default="")
    number: Mapped[int]

    __table_args__ = (CheckConstraint(f"number >= {FEWEST}", name="enough_people"),)


class DayCount(Model):
    """How many registrations of an edition were in a state when a day had ended."""

    __tablename__ = "day_count"

    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    """In the zone of the edition."""
    state: Mapped[RegistrationState] = mapped_column(one_of(RegistrationState, "state"), primary_key=True)
    number: Mapped[int]

    __table_args__ = (CheckConstraint("number >= 1", name="number"),)
