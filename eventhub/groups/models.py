"""Divisions of an edition's participants into groups, the groups, and who is in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eventhub import clock
from eventhub.agenda.models import Room
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.editions.models import Edition
from eventhub.registration.models import Registration


class GroupingKind(StrEnum):
    """How people come into groups."""

    ALLOTTED = "allotted"
    """The organiser divides them."""
    OPEN = "open"
    """They join by themselves: teams."""


class Balance(StrEnum):
    """What is mixed evenly."""

    LEVEL = "level"
    ORGANISATION = "organisation"
    ROLE = "role"
    ATTENDANCE = "attendance"
    QUESTION = "question"


class Grouping(Model):
    """One division of participants into groups; a proposal until it is published."""

    __tablename__ = "grouping"
    public_except = frozenset({"version", "seed"})

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[GroupingKind] = mapped_column(
        one_of(GroupingKind, "kind"), default=GroupingKind.ALLOTTED, server_default="allotted"
    )
    role_id: Mapped[int | None] = mapped_column(
        ForeignKey("participant_role.id", ondelete="SET NULL"), index=True
    )
    """Only those who come as this are divided; None for all."""
    balance: Mapped[Balance | None] = mapped_column(one_of(Balance, "balance"))
    question_id: Mapped[int | None] = mapped_column(
        ForeignKey("question.id", ondelete="SET NULL"), index=True
    )
    """The question whose answers are mixed."""
    most_of_one: Mapped[int | None]
    """At most so many of one organisation are in a group."""
    wish_id: Mapped[int | None] = mapped_column(ForeignKey("question.id", ondelete="SET NULL"), index=True)
    """The question whose options are called like the groups."""
    asks_companions: Mapped[bool] = mapped_column(default=False, server_default=false())
    """People may say on their own page with whom they would like to be in a group."""
    seed: Mapped[int | None] = mapped_column(BigInteger)
    """Draws the lots of the latest proposal, so that anybody can do it again."""
    capacity: Mapped[int | None]
    """How many fit into a team that is added or founded."""
    mentor_role_id: Mapped[int | None] = mapped_column(
        ForeignKey("participant_role.id", ondelete="SET NULL"), index=True
    )
    """Who comes as this looks after teams and joins none."""
    results_public: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Everybody may read what came out."""
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=0)
    """Grows with every change by an organiser, so that two of them notice each other."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    edition: Mapped[Edition] = relationship()
    groups: Mapped[list[Group]] = relationship(
        back_populates="grouping", cascade="all, delete-orphan", order_by="(Group.position, Group.id)"
    )

    __table_args__ = (
        UniqueConstraint("edition_id", "title"),
        CheckConstraint("most_of_one >= 1", name="most_of_one"),
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("kind = 'open' or seed is not null", name="allotted_has_lot"),
    )

    @property
    def is_open(self) -> bool:
        return self.kind is GroupingKind.OPEN

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


class Group(Model):
    """One group: where it meets, how many are in it, and what came out."""

    __tablename__ = "participant_group"
    public_except = frozenset({"capacity", "taken_count", "mentor_id", "room_id", "link"})

    id: Mapped[int] = mapped_column(primary_key=True)
    grouping_id: Mapped[int] = mapped_column(ForeignKey("grouping.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(120))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="SET NULL"), index=True)
    link: Mapped[str] = mapped_column(String(1000), default="")
    topic: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    """The challenge of a team; others may be on the same one."""
    capacity: Mapped[int | None]
    taken_count: Mapped[int] = mapped_column(default=0, server_default="0")
    mentor_id: Mapped[int | None] = mapped_column(
        ForeignKey("registration.id", ondelete="SET NULL"), index=True
    )
    project: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    status: Mapped[str] = mapped_column(String(80), default="", server_default=text("''"))
    """How far the project is, in the words of its team."""
    result: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    result_link: Mapped[str] = mapped_column(String(1000), default="", server_default=text("''"))

    grouping: Mapped[Grouping] = relationship(back_populates="groups")
    room: Mapped[Room | None] = relationship()
    mentor: Mapped[Registration | None] = relationship()

    __table_args__ = (
        UniqueConstraint("grouping_id", "name"),
        UniqueConstraint("grouping_id", "id"),
        Index(None, "grouping_id", "topic"),
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("taken_count >= 0", name="counts"),
        CheckConstraint("capacity is null or taken_count <= capacity", name="never_overbooked"),
    )

    @property
    def is_full(self) -> bool:
        return self.capacity is not None and self.taken_count >= self.capacity


class Membership(Model):
    """Somebody is in one group of a division; who leaves has no row any more."""

    __tablename__ = "membership"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    grouping_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    registration: Mapped[Registration] = relationship()

    __table_args__ = (
        ForeignKeyConstraint(
            ["grouping_id", "group_id"],
            ["participant_group.grouping_id", "participant_group.id"],
            ondelete="CASCADE",
        ),
        Index(None, "grouping_id", "group_id"),
    )


class CompanionWish(Model):
    """Somebody would like to be in a group with somebody else, whether that one takes part or not."""

    __tablename__ = "companion_wish"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    grouping_id: Mapped[int] = mapped_column(
        ForeignKey("grouping.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    sought: Mapped[str] = mapped_column(String(254))
    """A mail address in lower case, or the number of a registration (see `rules.sought`)."""

    __table_args__ = (
        UniqueConstraint("registration_id", "grouping_id", "sought"),
        CheckConstraint("position between 1 and 3", name="position"),
    )
