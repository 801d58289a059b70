"""Named reads for the organiser's forms: what of an edition or series can be chosen and edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from eventhub.agenda.models import Room, Slot, SlotSpeaker, Speaker, Track
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


def rooms(edition: Edition) -> Sequence[Room]:
    """Return the rooms of an edition in their order."""
    return db.session.scalars(
        select(Room).where(Room.edition_id == edition.id).order_by(Room.position, Room.id)
    ).all()


def rooms_of(edition: Edition) -> list[Used]:
    """Return the rooms of an edition in their order, each with the number of its slots."""
    rows = db.session.execute(
        select(Room, func.count(Slot.id))
        .outerjoin(Slot, Slot.room_id == Room.id)
        .where(Room.edition_id == edition.id)
        .group_by(Room.id)
        .order_by(Room.position, Room.id)
    )
    return [Used(room, number) for room, number in rows]


def tracks_with_slots(edition: Edition) -> list[Used]:
    """Return the tracks of an edition in their order."""
    rows = db.session.execute(
        select(Track, func.count(Slot.id))
        .outerjoin(Slot, Slot.track_id == Track.id)
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
    """Return title and edition of the slots in which a speaker stands, the latest edition first."""
    rows = db.session.execute(
        select(Slot.title, Edition)
        .join(SlotSpeaker, SlotSpeaker.slot_id == Slot.id)
        .join(Edition, Edition.id == Slot.edition_id)
        .where(SlotSpeaker.speaker_id == speaker.id)
        .order_by(Edition.start_date.desc().nulls_last(), Slot.position, Slot.id)
    )
    return [(title, edition) for title, edition in rows]


def with_photo(series: Series) -> set[int]:
    """Return the keys of the speakers of whom there is a photo."""
    found = select(Speaker.id).where(Speaker.series_id == series.id, Speaker.photo.is_not(None))
    return set(db.session.scalars(found))
