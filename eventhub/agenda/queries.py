"""Named reads of the programme: plain rows, so that a page of a hundred slots costs three queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.sql.base import ExecutableOption

from eventhub.agenda.models import (
    DraftSlot,
    Kind,
    Room,
    Slot,
    SlotSpeaker,
    Speaker,
    SpeakerRole,
    Track,
    link_table,
    slot_table,
)
from eventhub.editions.models import Edition, Series
from eventhub.editions.queries import address, is_listed, is_visible
from eventhub.extensions import db
from eventhub.organisations.models import Level, Organisation


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """One slot as the programme shows it, with the names of what it refers to."""

    id: int
    parent_id: int | None
    slug: str
    position: int
    day: date | None
    start_time: time | None
    end_day: date | None
    end_time: time | None
    starts_at: datetime | None
    ends_at: datetime | None
    title: str
    abstract: str
    kind: Kind
    kind_label: str
    parallel: bool
    language: str | None
    level: str
    cancelled: bool
    room: str | None
    room_position: int | None
    track_id: int | None
    organisation: str | None
    room_id: int | None
    seats: int | None
    """What its room holds."""
    public_id: int | None
    """The slot that everybody sees; None for one that only stands in a draft."""


@dataclass(frozen=True, slots=True)
class CalendarSlot(PlannedSlot):
    """The same with what a calendar wants to know."""

    calendar_uid: str
    sequence: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Appearance:
    """A speaker in a slot."""

    slot_id: int
    role: SpeakerRole
    speaker_id: int
    slug: str
    name: str
    job: str
    affiliation: str
    about: str
    has_photo: bool
    level: Level | None
    """Of government, where their organisation has one."""


@dataclass(frozen=True, slots=True)
class PlannedTrack:
    id: int
    slug: str
    name: str
    description: str
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Programme:
    """All that is known about the course of an edition."""

    slots: Sequence[PlannedSlot]
    people: dict[int, list[Appearance]]
    tracks: Sequence[PlannedTrack]


def programme(edition_id: int) -> Programme:
    """Read the whole programme of an edition, in the order of its positions."""
    return Programme(planned_slots(edition_id), people_by_slot(edition_id), tracks_of(edition_id))


def programme_in_work(edition: Edition) -> Programme:
    """Read the programme as the organisers of an edition prepare it."""
    table = slot_table(edition)
    return Programme(_planned(table, edition.id), _people(table, edition.id), tracks_of(edition.id))


def planned_slots(edition_id: int) -> list[PlannedSlot]:
    """Return the slots of an edition by position; the times may order them differently."""
    return _planned(Slot, edition_id)


def _planned(table: Any, edition_id: int) -> list[PlannedSlot]:
    rows: Iterable[Any] = db.session.execute(_slots(table), {"edition_id": edition_id})
    return [PlannedSlot(*row) for row in rows]


def calendar_slots(edition_id: int) -> list[CalendarSlot]:
    """Return the slots of an edition with what a calendar wants to know."""
    rows: Iterable[Any] = db.session.execute(_calendar_slots(), {"edition_id": edition_id})
    return [CalendarSlot(*row) for row in rows]


# Statements are composed once: that costs more than running them.


@cache
def _slots(table: Any) -> Select[*tuple[Any, ...]]:
    label = func.coalesce(func.nullif(Organisation.short_name, ""), Organisation.name)
    return (
        select(
            table.id,
            table.parent_id,
            table.slug,
            table.position,
            table.day,
            table.start_time,
            table.end_day,
            table.end_time,
            table.starts_at,
            table.ends_at,
            table.title,
            table.abstract,
            table.kind,
            table.kind_label,
            table.parallel,
            table.language,
            table.level,
            table.cancelled,
            Room.name,
            Room.position,
            table.track_id,
            label,
            table.room_id,
            Room.capacity,
            DraftSlot.slot_id if table.is_draft else Slot.id,
        )
        .outerjoin(table.room)
        .outerjoin(table.organisation)
        .where(table.edition_id == bindparam("edition_id"))
        .order_by(table.position, table.starts_at, table.id)
    )


@cache
def _calendar_slots() -> Select[*tuple[Any, ...]]:
    return _slots(Slot).add_columns(Slot.calendar_uid, Slot.sequence, Slot.created_at, Slot.changed_at)


def people_by_slot(edition_id: int) -> dict[int, list[Appearance]]:
    """Return who does what in each slot of an edition."""
    return _people(Slot, edition_id)


def _people(table: Any, edition_id: int) -> dict[int, list[Appearance]]:
    people: dict[int, list[Appearance]] = {}
    wanted = {"edition_id": edition_id, "slot_id": None}
    rows: Iterable[Any] = db.session.execute(_appearances(table), wanted)
    for row in rows:
        people.setdefault(row[0], []).append(Appearance(*row))
    return people


def people_of_slot(slot_id: int) -> list[Appearance]:
    """Return who does what in one slot."""
    rows: Iterable[Any] = db.session.execute(_appearances(Slot), {"edition_id": None, "slot_id": slot_id})
    return [Appearance(*row) for row in rows]


@cache
def _appearances(table: Any) -> Select[*tuple[Any, ...]]:
    label = func.coalesce(
        func.nullif(Organisation.short_name, ""), Organisation.name, Speaker.organisation_name
    )
    links = link_table(table)
    return (
        select(
            links.slot_id,
            links.role,
            Speaker.id,
            Speaker.slug,
            Speaker.name,
            Speaker.role,
            label,
            Speaker.about,
            Speaker.photo.is_not(None),
            Organisation.level,
        )
        .join(links.slot)
        .join(links.speaker)
        .outerjoin(Speaker.organisation)
        .where(or_(table.edition_id == bindparam("edition_id"), table.id == bindparam("slot_id")))
        .order_by(links.slot_id, links.position, Speaker.id)
    )


def tracks_of(edition_id: int) -> list[PlannedTrack]:
    """Return the tracks of an edition in their order."""
    rows: Iterable[Any] = db.session.execute(_tracks(), {"edition_id": edition_id})
    return [PlannedTrack(*row) for row in rows]


@cache
def _tracks() -> Select[*tuple[Any, ...]]:
    return (
        select(Track.id, Track.slug, Track.name, Track.description, Track.extra)
        .where(Track.edition_id == bindparam("edition_id"))
        .order_by(Track.position, Track.id)
    )


def visible_slot(series_slug: str, key: str, slug: str) -> Slot | None:
    """Find a slot for the public; that of a draft does not exist for it."""
    return db.session.scalar(
        select(Slot)
        .join(Slot.edition)
        .join(Edition.series)
        .where(address(series_slug, key), is_visible(), Slot.slug == slug)
        .options(*_with_surroundings())
    )


def _with_surroundings() -> tuple[ExecutableOption, ...]:
    return (
        contains_eager(Slot.edition).contains_eager(Edition.series),
        joinedload(Slot.room),
        joinedload(Slot.track),
        joinedload(Slot.organisation),
    )


def parts_of(slot_id: int) -> list[tuple[str, str]]:
    """Return slug and title of the slots that are parts of a slot."""
    statement = (
        select(Slot.slug, Slot.title).where(Slot.parent_id == slot_id).order_by(Slot.position, Slot.id)
    )
    return [(slug, title) for slug, title in db.session.execute(statement)]


def slot_title(slot_id: int) -> tuple[str, str] | None:
    """Return slug and title of a slot."""
    row = db.session.execute(select(Slot.slug, Slot.title).where(Slot.id == slot_id)).first()
    return (row[0], row[1]) if row else None


def visible_speaker(series_slug: str, slug: str) -> Speaker | None:
    """Find a speaker who is on the programme of an edition that the public may see."""
    appears = (
        select(SlotSpeaker.slot_id)
        .join(SlotSpeaker.slot)
        .join(Slot.edition)
        .where(SlotSpeaker.speaker_id == Speaker.id, is_visible())
        .exists()
    )
    return db.session.scalar(
        select(Speaker)
        .join(Speaker.series)
        .where(Series.slug == series_slug, Speaker.slug == slug, appears)
        .options(joinedload(Speaker.series), joinedload(Speaker.organisation))
    )


def has_photo(speaker_id: int) -> bool:
    """Tell whether a speaker has a portrait, without reading it."""
    return bool(db.session.scalar(select(Speaker.photo.is_not(None)).where(Speaker.id == speaker_id)))


@dataclass(frozen=True, slots=True)
class Part:
    """What a speaker does, or did, in a listed edition."""

    role: SpeakerRole
    slug: str
    title: str
    kind_label: str
    day: date | None
    start_time: time | None
    cancelled: bool
    language: str | None
    edition_number: int | None
    edition_slug: str | None
    edition_title: str
    edition_date: date | None
    planned: str

    @property
    def edition_key(self) -> str:
        return str(self.edition_number) if self.edition_number is not None else str(self.edition_slug)


def listed_parts(speaker_id: int) -> list[Part]:
    """Return the slots of a speaker in editions that lists may name, newest first."""
    statement = (
        select(
            SlotSpeaker.role,
            Slot.slug,
            Slot.title,
            Slot.kind_label,
            Slot.day,
            Slot.start_time,
            Slot.cancelled,
            func.coalesce(Slot.language, Edition.language),
            Edition.number,
            Edition.slug,
            Edition.title,
            Edition.start_date,
            Edition.planned,
        )
        .join(SlotSpeaker.slot)
        .join(Slot.edition)
        .where(and_(SlotSpeaker.speaker_id == speaker_id, is_listed()))
        .order_by(Edition.start_date.desc().nulls_last(), Slot.starts_at, Slot.position, Slot.id)
    )
    rows: Iterable[Any] = db.session.execute(statement)
    return [Part(*row) for row in rows]
