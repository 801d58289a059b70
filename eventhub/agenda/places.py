"""Rooms and tracks of an edition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from eventhub.agenda.models import Room, Slot, Track
from eventhub.agenda.service import free_slug, note_change
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.editions.naming import slug_of
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.web.languages import gettext as _


def create_room(edition: Edition, values: Mapping[str, Any]) -> Room:
    """Add a room behind the others."""
    lock(edition)
    room = Room(edition_id=edition.id, **values)
    room.position = _next_position(Room, edition)
    _store(room)
    history.record("room.created", edition_id=edition.id, room=room.name)
    return room


def update_room(edition: Edition, room: Room, values: Mapping[str, Any]) -> None:
    """Save an edit; a new name is a new text in the calendar entries of the room's slots."""
    lock(edition)
    old = room.name
    _set(room, values)
    if old != room.name:
        note_change(edition, _slots_in(Slot.room_id == room.id), significant=False)
    history.record("room.changed", edition_id=edition.id, room=room.name, before=old)


def delete_room(edition: Edition, room: Room) -> None:
    """Remove a room; its slots stay and have none."""
    lock(edition)
    slots = _slots_in(Slot.room_id == room.id)
    for slot in slots:
        slot.room_id = None
    note_change(edition, slots, significant=True)
    history.record("room.deleted", edition_id=edition.id, room=room.name)
    db.session.delete(room)
    db.session.flush()


def create_track(edition: Edition, values: Mapping[str, Any]) -> Track:
    """Add a track behind the others."""
    lock(edition)
    track = Track(edition_id=edition.id, extra={}, **values)
    track.position = _next_position(Track, edition)
    taken = set(db.session.scalars(select(Track.slug).where(Track.edition_id == edition.id)))
    track.slug = free_slug(slug_of(track.name) or "track", taken)
    _store(track)
    history.record("track.created", edition_id=edition.id, track=track.name)
    return track


def update_track(edition: Edition, track: Track, values: Mapping[str, Any]) -> None:
    """Save an edit; the address of the track stays."""
    lock(edition)
    old = track.name
    _set(track, values)
    history.record("track.changed", edition_id=edition.id, track=track.name, before=old)


def delete_track(edition: Edition, track: Track) -> None:
    """Remove a track; its slots stay and have none."""
    lock(edition)
    for slot in _slots_in(Slot.track_id == track.id):
        slot.track_id = None
    history.record("track.deleted", edition_id=edition.id, track=track.name)
    db.session.delete(track)
    db.session.flush()


def _slots_in(condition: Any) -> list[Slot]:
    return list(db.session.scalars(select(Slot).where(condition)))


def _next_position(model: type[Room] | type[Track], edition: Edition) -> int:
    highest = db.session.scalar(select(func.max(model.position)).where(model.edition_id == edition.id))
    return (highest or 0) + 1


def _set(row: Room | Track, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    _store(row)


def _store(row: Room | Track) -> None:
    """Let the database say whether the name is free."""
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:
        raise RuleBroken(_("There is one of this name already"), field="name") from None
