"""What people know of a slot: the facts about it that are told when they change."""

from __future__ import annotations

from typing import Any

from eventhub.agenda.models import Slot
from eventhub.history.service import plain

TOLD = frozenset({"title", "day", "start_time", "end_day", "end_time", "room_id", "cancelled"})


def snapshot(slot: Slot) -> dict[str, Any]:
    """Return these facts as values that JSON can hold."""
    names = ("title", "day", "start_time", "end_day", "end_time", "cancelled")
    found = {name: plain(getattr(slot, name)) for name in names}
    return found | {"room": slot.room.name if slot.room else "", "zone": slot.edition.zone}
