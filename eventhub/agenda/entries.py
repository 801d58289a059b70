"""Slots as calendar entries."""

from __future__ import annotations

from datetime import timedelta

from eventhub.agenda.models import Slot
from eventhub.agenda.queries import CalendarSlot
from eventhub.calendars.entries import Days, Entry, Timed
from eventhub.editions.entries import location, status
from eventhub.editions.models import Edition
from eventhub.web.links import link_to

UNKNOWN_LENGTH = timedelta(minutes=30)


def slot_entry(
    slot: Slot | CalendarSlot, edition: Edition, *, speakers: str = "", room: str = "", join_url: str = ""
) -> Entry | None:
    """Return the entry of one slot, or None while its day, or that of its edition, is not known.

    It is transparent: the entry of the edition blocks the time already. `join_url` is for confirmed
    participants only.
    """
    when = when_of(slot, edition)
    if when is None or edition.waits_for_day:
        return None
    text = "\n\n".join(part for part in (speakers, slot.abstract) if part)
    return Entry(
        uid=slot.calendar_uid,
        sequence=slot.sequence,
        summary=slot.title,
        when=when,
        created_at=slot.created_at,
        modified_at=max(slot.changed_at, edition.changed_at),
        description=text,
        location=", ".join(part for part in (room, location(edition, join_url)) if part),
        url=link_to("site.slot", series=edition.series.slug, edition=edition.key, slot=slot.slug),
        status="CANCELLED" if slot.cancelled else status(edition),
        transparent=True,
        conference=join_url or None,
    )


def when_of(slot: Slot | CalendarSlot, edition: Edition) -> Timed | Days | None:
    """Return the time of a slot: its hours, or its day where the hours are not known."""
    if slot.starts_at is not None:
        return Timed(slot.starts_at, slot.ends_at or slot.starts_at + UNKNOWN_LENGTH, edition.zone)
    return Days.through(slot.day, slot.day) if slot.day is not None else None
