"""What people know of a slot: the facts about it that are told when they change."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from eventhub.agenda.models import AnySlot
from eventhub.history.service import plain

TOLD = frozenset({"title", "day", "start_time", "end_day", "end_time", "room_id", "cancelled"})
DETAILS = (
    *("abstract", "kind", "kind_label", "language", "level"),
    *("organisation_id", "parallel", "position", "track_id"),
)


def snapshot(slot: AnySlot) -> dict[str, Any]:
    """Return these facts as values that JSON can hold."""
    names = ("title", "day", "start_time", "end_day", "end_time", "cancelled")
    found = {name: plain(getattr(slot, name)) for name in names}
    return found | {"room": slot.room.name if slot.room else "", "zone": slot.edition.zone}


def kept_of(slot: AnySlot) -> dict[str, Any]:
    """Return what a version keeps: the same, who takes part, and a mark that changes with any other detail.

    People are kept by key, so that a version names nobody who is gone.
    """
    details = [plain(getattr(slot, name)) for name in DETAILS] + [slot.parent_id is not None]
    mark = sha256(json.dumps(details).encode()).hexdigest()[:16]
    people = [[link.speaker_id, link.role.value] for link in slot.speaker_links]
    return snapshot(slot) | {"people": people, "details": mark}
