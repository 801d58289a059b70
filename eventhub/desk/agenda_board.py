"""The programme as its editors see it: by day, with what can't all be true and what has no time yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from eventhub.agenda import rules
from eventhub.agenda.queries import PlannedSlot, Programme
from eventhub.agenda.rules import Booking, Clash, ClashKind
from eventhub.editions.models import Edition
from eventhub.site.programme import Agenda, Day, Item, agenda_of
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.times import local


@dataclass(frozen=True, slots=True)
class DayTab:
    """One day to choose."""

    date: date
    clashes: int
    current: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A clash in words, with the slot in which it can be solved."""

    text: str
    slug: str


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the agenda page shows besides its form."""

    agenda: Agenda
    tabs: Sequence[DayTab]
    day: Day | None
    tray: Sequence[Item]
    warnings: Sequence[Notice]
    short: dict[int, list[str]]
    """What to say on the card of a slot."""

    @property
    def empty(self) -> bool:
        return not self.agenda.days


def arranged(edition: Edition, found: Programme, wanted_day: str | None, chosen: PlannedSlot | None) -> Board:
    """Arrange a programme; shows the day that is wanted, else that of the chosen slot, else the first."""
    agenda = agenda_of(edition, found)
    dated = {day.date: day for day in agenda.days if day.date is not None}
    current = _current(list(dated), wanted_day, chosen)
    clashes = clashes_of(edition, found)
    slots = {slot.id: slot for slot in found.slots}
    by_slot = rules.concerned(clashes)
    counts = _per_day(clashes, slots)
    return Board(
        agenda=agenda,
        tabs=[DayTab(day, counts.get(day, 0), day == current) for day in sorted(dated)],
        day=dated.get(current) if current else None,
        tray=next((day.items for day in agenda.days if day.date is None), []),
        warnings=[
            Notice(words(clash, slots, edition), slots[clash.other_id or clash.slot_id].slug)
            for clash in clashes
        ],
        short={key: [short_words(clash) for clash in mine] for key, mine in by_slot.items()},
    )


def clashes_of(edition: Edition, found: Programme) -> list[Clash]:
    """Return what can't all be true of this programme; a cancelled slot needs nothing."""
    bookings = [
        Booking(
            slot_id=slot.id,
            day=slot.day,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            room=slot.room,
            people=frozenset((one.speaker_id, one.name) for one in found.people.get(slot.id, ())),
            parent_id=slot.parent_id,
        )
        for slot in found.slots
        if not slot.cancelled
    ]
    return rules.clashes(bookings, edition.start_date, edition.end_date)


def _current(days: list[date], wanted: str | None, chosen: PlannedSlot | None) -> date | None:
    by_address = next((day for day in days if day.isoformat() == wanted), None)
    if by_address is not None:
        return by_address
    if chosen is not None and chosen.day in days:
        return chosen.day
    return min(days, default=None)


def _per_day(clashes: Sequence[Clash], slots: dict[int, PlannedSlot]) -> dict[date | None, int]:
    counts: dict[date | None, int] = {}
    for clash in clashes:
        day = slots[clash.slot_id].day
        counts[day] = counts.get(day, 0) + 1
    return counts


def words(clash: Clash, slots: dict[int, PlannedSlot], edition: Edition) -> str:
    """Say in one sentence what is wrong."""
    first = slots[clash.slot_id]
    if clash.kind is ClashKind.OUTSIDE:
        day = times.day(first.day) if first.day else ""
        return _("“%(title)s” on %(day)s lies outside of the days of the edition", title=first.title, day=day)
    values = {
        "name": clash.name,
        "when": _when(clash, edition.zone),
        "first": first.title,
        "second": slots[clash.other_id].title if clash.other_id else "",
    }
    if clash.kind is ClashKind.ROOM:
        return _("%(name)s is taken twice, %(when)s: “%(first)s” and “%(second)s”", **values)
    return _("%(name)s is needed twice, %(when)s: “%(first)s” and “%(second)s”", **values)


def _when(clash: Clash, zone: str) -> str:
    if clash.starts_at is None or clash.ends_at is None:
        return ""
    start, end = local(clash.starts_at, zone), local(clash.ends_at, zone)
    return f"{times.day_long(start.date(), False)}, {times.time_range(start, end)}"


def short_words(clash: Clash) -> str:
    """Say on a card what is wrong."""
    if clash.kind is ClashKind.OUTSIDE:
        return _("outside of the days of the edition")
    if clash.kind is ClashKind.ROOM:
        return _("%(name)s taken twice", name=clash.name)
    return _("%(name)s needed twice", name=clash.name)
