"""Named reads for the organiser's forms: what of an edition or series can be chosen and edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from eventhub.agenda.models import (
    AnySlot,
    DraftSlot,
    Room,
    Slot,
    SlotSpeaker,
    Speaker,
    Track,
    link_table,
    slot_table,
)
from eventhub.editions.models import Edition, Series
from eventhub.extensions import db


@dataclass(frozen=True, slots=True)
class Used:
    """A room or track with the number of its slots."""

    row: Room | Track
    slots: int


def slot_of(edition: Edition, slug: str) -> Slot | None:
    """Find a slot of this edition with its people."""
    return db.session.scalar(
        select(Slot)
        .where(Slot.edition_id == edition.id, Slot.slug == slug)
        .options(selectinload(Slot.speaker_links).joinedload(SlotSpeaker.speaker))
    )


def slot_in_work(edition: Edition, slug: str) -> AnySlot | None:
    """Find a slot where the organisers of this edition change it."""
    table = slot_table(edition)
    return db.session.scalar(
        select(table)
        .where(table.edition_id == edition.id, table.slug == slug)
        .options(selectinload(table.speaker_links).joinedload(link_table(table).speaker))
    )


def rooms(edition: Edition) -> Sequence[Room]:
    """Return the rooms of an edition in their order."""
    return db.session.scalars(
        select(Room).where(Room.edition_id == edition.id).order_by(Room.position, Room.id)
    ).all()


def rooms_of(edition: Edition) -> list[Used]:
    """Return the rooms of an edition in their order, each with the number of its slots."""
    table = slot_table(edition)
    rows = db.session.execute(
        select(Room, func.count(table.id))
        .outerjoin(table, table.room_id == Room.id)
        .where(Room.edition_id == edition.id)
        .group_by(Room.id)
        .order_by(Room.position, Room.id)
    )
    return [Used(room, number) for room, number in rows]


def tracks_with_slots(edition: Edition) -> list[Used]:
    """Return the tracks of an edition in their order."""
    table = slot_table(edition)
    rows = db.session.execute(
        select(Track, func.count(table.id))
        .outerjoin(table, table.track_id == Track.id)
        .where(Track.edition_id == edition.id)
        .group_by(Track.id)
        .order_by(Track.position, Track.id)
    )
    return [Used(track, number) for track, number in rows]


def room_of(edition: Edition, key: int) -> Room | None:
    return db.session.scalar(select(Room).where(Room.id == key, Room.edition_id == edition.id))


def track_of(edition: Edition, key: int) -> Track | None:
    return db.session.scalar(select(Track).where(Track.id == key, Track.edition_id == edition.id))


def speakers_of(series: Series) -> Sequence[Speaker]:
    """Return the speakers of a series by family name."""
    return db.session.scalars(
        select(Speaker)
        .where(Speaker.series_id == series.id)
        .options(joinedload(Speaker.organisation))
        .order_by(func.lower(func.coalesce(func.nullif(Speaker.family_name, ""), Speaker.name)), Speaker.id)
    ).all()


def speaker_names(series: Series) -> list[tuple[int, str]]:
    """Return key and name of all speakers of a series by name."""
    rows = db.session.execute(
        select(Speaker.id, Speaker.name)
        .where(Speaker.series_id == series.id)
        .order_by(func.lower(func.coalesce(func.nullif(Speaker.family_name, ""), Speaker.name)), Speaker.id)
    )
    return [(key, name) for key, name in rows]


def speaker_of(series: Series, slug: str) -> Speaker | None:
    """Find a speaker of this series."""
    return db.session.scalar(
        select(Speaker)
        .where(Speaker.series_id == series.id, Speaker.slug == slug)
        .options(joinedload(Speaker.organisation))
    )


def slots_with(speaker: Speaker) -> list[tuple[str, Edition]]:
    """Return title and edition of the slots in which a speaker stands, the latest edition first.

    What they are to do in a draft comes after what everybody sees, where it is something else.
    """
    found: dict[tuple[str, Edition], None] = {}
    for table in (Slot, DraftSlot):
        found |= dict.fromkeys(_slots_with(speaker, table))
    return list(found)


def _slots_with(speaker: Speaker, table: type[AnySlot]) -> list[tuple[str, Edition]]:
    link = link_table(table)
    rows = db.session.execute(
        select(table.title, Edition)
        .join(link, link.slot_id == table.id)
        .join(Edition, Edition.id == table.edition_id)
        .where(link.speaker_id == speaker.id)
        .order_by(Edition.start_date.desc().nulls_last(), table.position, table.id)
    )
    return [(title, edition) for title, edition in rows]


def with_photo(series: Series) -> set[int]:
    """Return the keys of the speakers of whom there is a photo."""
    found = select(Speaker.id).where(Speaker.series_id == series.id, Speaker.photo.is_not(None))
    return set(db.session.scalars(found))
