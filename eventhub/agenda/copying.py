"""The next edition takes over rooms, tracks and the frame of the agenda."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from eventhub.agenda.models import Room, Slot, Track
from eventhub.agenda.shift import Placement, moved, set_instants
from eventhub.editions.models import Edition, new_calendar_uid
from eventhub.extensions import db
from eventhub.facts import EditionCopied

ROOM = ("name", "description", "capacity", "position")
TRACK = ("slug", "name", "description", "position")
SLOT = ("slug", "position", "title", "abstract", "kind", "kind_label", "parallel", "language", "level")


def copy_agenda(fact: EditionCopied) -> None:
    """Copy rooms, tracks and slots, without the people; times only where the new edition has a start."""
    rooms = _copied_rooms(fact)
    tracks = _copied_tracks(fact)
    slots = _copied_slots(fact, rooms, tracks)
    for name, copied in (("rooms", rooms), ("tracks", tracks), ("slots", slots)):
        if copied:
            fact.copied.append(f"{name}:{len(copied)}")


def _copied_rooms(fact: EditionCopied) -> dict[int, Room]:
    found = db.session.scalars(select(Room).where(Room.edition_id == fact.source.id))
    copies = {
        room.id: Room(edition_id=fact.edition.id, **{name: getattr(room, name) for name in ROOM})
        for room in found
    }
    db.session.add_all(copies.values())
    return copies


def _copied_tracks(fact: EditionCopied) -> dict[int, Track]:
    found = db.session.scalars(select(Track).where(Track.edition_id == fact.source.id))
    copies = {
        track.id: Track(edition_id=fact.edition.id, **{name: getattr(track, name) for name in TRACK})
        for track in found
    }
    db.session.add_all(copies.values())
    return copies


def _copied_slots(fact: EditionCopied, rooms: dict[int, Room], tracks: dict[int, Track]) -> dict[int, Slot]:
    found = db.session.scalars(
        select(Slot).where(Slot.edition_id == fact.source.id, Slot.cancelled.is_(False)).order_by(Slot.id)
    ).all()
    copies = {}
    for slot in found:
        copy = copies[slot.id] = Slot(
            edition_id=fact.edition.id,
            calendar_uid=new_calendar_uid("slot", str(current_app.config["HOST"])),
            room=rooms.get(slot.room_id or 0),
            track=tracks.get(slot.track_id or 0),
            **{name: getattr(slot, name) for name in SLOT},
        )
        _place(copy, slot, fact.source, fact.edition)
    db.session.add_all(copies.values())
    db.session.flush()  # parts need the keys of what they are part of
    for slot in found:
        copies[slot.id].parent_id = _copied_parent(slot, copies)
    return copies


def _copied_parent(slot: Slot, copies: dict[int, Slot]) -> int | None:
    parent = copies.get(slot.parent_id or 0)
    return parent.id if parent else None


def _place(copy: Slot, slot: Slot, source: Edition, edition: Edition) -> None:
    """Put the copy as far from the start of its edition as the slot stands from the start of its own."""
    if source.start_date is None or edition.start_date is None:
        return
    minutes = 0
    if source.start_time and edition.start_time and source.end_date in (None, source.start_date):
        minutes = _minutes(edition) - _minutes(source)
    place = Placement(slot.day, slot.start_time, slot.end_day, slot.end_time)
    days = (edition.start_date - source.start_date).days
    copy.day, copy.start_time, copy.end_day, copy.end_time = moved(place, days, minutes)
    set_instants(copy, edition.zone)


def _minutes(edition: Edition) -> int:
    return edition.start_time.hour * 60 + edition.start_time.minute if edition.start_time else 0
