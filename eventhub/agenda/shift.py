"""Slots move along when their edition moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from sqlalchemy import select

from eventhub import clock
from eventhub.agenda.models import AnySlot, DraftSlot, Slot
from eventhub.editions.checks import local_to_utc
from eventhub.editions.models import Edition
from eventhub.editions.service import is_known
from eventhub.extensions import db
from eventhub.facts import EditionMoved

Found = TypeVar("Found", bound=AnySlot)


class Placement(NamedTuple):
    """Where a slot stands in local time, as far as it is known."""

    day: date | None
    start_time: time | None
    end_day: date | None
    end_time: time | None


def moved(place: Placement, days: int, minutes: int) -> Placement:
    """Return the placement shifted by whole days and minutes; what isn't known stays so."""
    if place.day is None:
        return place
    day, start = _shifted(place.day, place.start_time, days, minutes)
    end_day, end = _shifted(place.end_day or place.day, place.end_time, days, minutes)
    return Placement(day, start, end_day if end_day != day else None, end)


def _shifted(day: date, at: time | None, days: int, minutes: int) -> tuple[date, time | None]:
    if at is None:
        return day + timedelta(days=days), None
    moment = datetime.combine(day, at) + timedelta(days=days, minutes=minutes)
    return moment.date(), moment.time()


def shift_slots(fact: EditionMoved) -> None:
    """Let the agenda and its draft follow their edition; raises RuleBroken where a time would not exist."""
    edition = fact.edition
    slots, drafts = _with_day(Slot, edition), _with_day(DraftSlot, edition)
    days = fact.days
    if days is None:  # a postponed edition has a day again: its agenda waits where it was
        first = min((slot.day for slot in slots if slot.day), default=None)
        days = (edition.start_date - first).days if edition.start_date and first else 0
    both: list[AnySlot] = [*slots, *drafts]
    for one in both:
        place = Placement(one.day, one.start_time, one.end_day, one.end_time)
        one.day, one.start_time, one.end_day, one.end_time = moved(place, days, fact.minutes)
        set_instants(one, edition.zone)
    for slot in slots:
        slot.changed_at = clock.now()
        if is_known(edition):
            slot.sequence += 1


def _with_day(table: type[Found], edition: Edition) -> Sequence[Found]:
    return db.session.scalars(
        select(table).where(table.edition_id == edition.id, table.day.is_not(None))
    ).all()


def set_instants(slot: AnySlot, zone: str) -> None:
    """Derive the UTC times of a slot from its local ones."""
    slot.starts_at = slot.ends_at = None
    if slot.day is None or slot.start_time is None:
        return
    slot.starts_at = local_to_utc(zone, slot.day, slot.start_time, "start_time")
    if slot.end_time is not None:
        slot.ends_at = local_to_utc(zone, slot.end_day or slot.day, slot.end_time, "end_time")
