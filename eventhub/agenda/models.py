"""Slots, as everybody sees them and in drafts; rooms, tracks and speakers."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    JSON,
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
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from eventhub import clock
from eventhub.database import Model, UTCDateTime, one_of
from eventhub.editions.models import Edition, Series
from eventhub.organisations.models import Organisation


class Kind(StrEnum):
    TALK = "talk"
    PLENARY = "plenary"
    WORKSHOP = "workshop"
    DISCUSSION = "discussion"
    EXCURSION = "excursion"
    GAME = "game"
    BREAK = "break"
    OPEN_SPACE = "open_space"
    OTHER = "other"


class SpeakerRole(StrEnum):
    SPEAKER = "speaker"
    MODERATOR = "moderator"
    HOST = "host"


class Room(Model):
    __tablename__ = "room"
    public_except = frozenset()

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    capacity: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("edition_id", "name"),
        CheckConstraint("capacity > 0", name="capacity"),
    )


class Track(Model):
    __tablename__ = "track"
    public_except = frozenset()

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    __table_args__ = (UniqueConstraint("edition_id", "slug"), UniqueConstraint("edition_id", "name"))


class AnySlot:
    """One item of the programme, as everybody sees it or as it is being prepared.

    Its place in time is known fully, by day, by order, or not at all.
    """

    is_draft: ClassVar[bool]

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    calendar_uid: Mapped[str] = mapped_column(String(200), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    """Order within the day for slots without a time; equal positions mean that the order is open."""
    day: Mapped[date | None]
    start_time: Mapped[time | None]
    end_day: Mapped[date | None]
    """Only where the slot ends on another day than it starts."""
    end_time: Mapped[time | None]
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    title: Mapped[str] = mapped_column(String(300))
    abstract: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[Kind] = mapped_column(one_of(Kind, "kind"), default=Kind.TALK)
    kind_label: Mapped[str] = mapped_column(String(80), default="")
    """The organiser's own word for the kind, shown instead of ours."""
    parallel: Mapped[bool] = mapped_column(default=False)
    """The slot stands for several that run at the same time."""
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="SET NULL"), index=True)
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), index=True
    )
    language: Mapped[str | None] = mapped_column(String(8))
    level: Mapped[str] = mapped_column(String(80), default="")
    cancelled: Mapped[bool] = mapped_column(default=False)
    source_key: Mapped[str | None] = mapped_column(String(64))
    """Which entry of a calendar file it was made from, so that a second import knows it."""

    if TYPE_CHECKING:
        parent_id: Mapped[int | None]
        speaker_links: Mapped[list[Any]]

    @declared_attr
    def edition(self) -> Mapped[Edition]:
        return relationship(Edition)

    @declared_attr
    def room(self) -> Mapped[Room | None]:
        return relationship(Room)

    @declared_attr
    def track(self) -> Mapped[Track | None]:
        return relationship(Track)

    @declared_attr
    def organisation(self) -> Mapped[Organisation | None]:
        return relationship(Organisation)

    @declared_attr.directive
    def __table_args__(self) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("edition_id", "slug"),
            Index(None, "edition_id", "source_key", unique=True),
            CheckConstraint("ends_at > starts_at", name="times_in_order"),
            CheckConstraint("end_day > day", name="days_in_order"),
            CheckConstraint("parent_id <> id", name="not_its_own_part"),
        )


class Slot(AnySlot, Model):
    """A slot as everybody sees it: pages, calendars, exports, choices and places know no other."""

    __tablename__ = "slot"
    public_except = frozenset({"extra", "source_key"})

    parent_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), index=True)
    """The slot of which this one is a part, such as one of several short talks."""
    sequence: Mapped[int] = mapped_column(default=0)
    takes_signups: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Participants need a place in it of their own, instead of choosing it for their calendar."""
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    """When something that a calendar shows changed last: LAST-MODIFIED of its entry."""

    speaker_links: Mapped[list[SlotSpeaker]] = relationship(
        back_populates="slot", cascade="all, delete-orphan", order_by="SlotSpeaker.position"
    )


class DraftSlot(AnySlot, Model):
    """A slot as its organisers prepare it, while the agenda of the edition is quiet: see `agenda.drafts`.

    There is one for each slot that the next version has; what it has none for is to go.
    """

    __tablename__ = "draft_slot"
    is_draft = True

    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), unique=True)
    """The slot that everybody sees; None as long as there is none."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("draft_slot.id", ondelete="CASCADE"), index=True)

    speaker_links: Mapped[list[DraftSlotSpeaker]] = relationship(
        back_populates="slot", cascade="all, delete-orphan", order_by="DraftSlotSpeaker.position"
    )


def slot_table(edition: Edition) -> type[AnySlot]:
    """Return where organisers change the slots of an edition: what everybody sees, or its draft."""
    return DraftSlot if edition.quiet_agenda else Slot


class AgendaStep(Model):
    """What one organiser changed at once in the slots of an edition, so that they can take it back."""

    __tablename__ = "agenda_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    title: Mapped[str] = mapped_column(String(300))
    changes: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)
    """By the UID of each slot, what it `was` and `is`: see `agenda.steps`."""
    undone: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (Index(None, "edition_id", "user_id", "id"),)


class Speaker(Model):
    """A person on the programme, without an account."""

    __tablename__ = "speaker"
    public_except = frozenset({"extra"})

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    """The full name as it is shown, with title."""
    title: Mapped[str] = mapped_column(String(60), default="")
    given_name: Mapped[str] = mapped_column(String(100), default="")
    family_name: Mapped[str] = mapped_column(String(100), default="")
    role: Mapped[str] = mapped_column(String(200), default="")
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), index=True
    )
    organisation_name: Mapped[str] = mapped_column(String(200), default="")
    """For organisations that have no row of their own."""
    about: Mapped[str] = mapped_column(Text, default="")
    photo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    photo_alt: Mapped[str] = mapped_column(String(300), default="", server_default=text("''"))
    """What the photo shows, for who does not see it."""
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    series: Mapped[Series] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    __table_args__ = (UniqueConstraint("series_id", "slug"),)

    @property
    def affiliation(self) -> str:
        return self.organisation.label if self.organisation else self.organisation_name


class SlotSpeaker(Model):
    """What a speaker does in a slot."""

    __tablename__ = "slot_speaker"
    public_except = frozenset()

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True)
    speaker_id: Mapped[int] = mapped_column(
        ForeignKey("speaker.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[SpeakerRole] = mapped_column(one_of(SpeakerRole, "role"), default=SpeakerRole.SPEAKER)
    position: Mapped[int] = mapped_column(default=0)

    slot: Mapped[Slot] = relationship(back_populates="speaker_links")
    speaker: Mapped[Speaker] = relationship()


class DraftSlotSpeaker(Model):
    """What a speaker is to do in a slot of a draft."""

    __tablename__ = "draft_slot_speaker"
    is_draft = True

    slot_id: Mapped[int] = mapped_column(ForeignKey("draft_slot.id", ondelete="CASCADE"), primary_key=True)
    speaker_id: Mapped[int] = mapped_column(
        ForeignKey("speaker.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[SpeakerRole] = mapped_column(one_of(SpeakerRole, "role"), default=SpeakerRole.SPEAKER)
    position: Mapped[int] = mapped_column(default=0)

    slot: Mapped[DraftSlot] = relationship(back_populates="speaker_links")
    speaker: Mapped[Speaker] = relationship()


def link_table(table: type[AnySlot]) -> type[SlotSpeaker] | type[DraftSlotSpeaker]:
    """Return where it stands who does what in such slots."""
    return DraftSlotSpeaker if table.is_draft else SlotSpeaker
