"""The programme as its editors see it: by day, with what can't all be true and what has no time yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from eventhub.agenda import rules
from eventhub.agenda.models import Room
from eventhub.agenda.queries import PlannedSlot, Programme
from eventhub.agenda.rules import Clash
from eventhub.desk import agenda_warnings
from eventhub.desk.agenda_grid import By, EditorGrid, Hours, grid_of, minute_of, state_of
from eventhub.desk.agenda_warnings import Notice
from eventhub.editions.models import Edition
from eventhub.site.programme import Agenda, Item, agenda_of

MOST_DAYS = 31
MIDNIGHT = 24 * 60
USUAL = Hours(9 * 60, 17 * 60)
"""What a day has where nobody has said when it begins."""


@dataclass(frozen=True, slots=True)
class DayTab:
    """One day to choose."""

    date: date
    clashes: int
    current: bool


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the agenda page shows besides its form."""

    agenda: Agenda
    tabs: Sequence[DayTab]
    day: date | None
    grid: EditorGrid | None
    untimed: Sequence[Item]
    """What happens on this day, nobody knows when."""
    tray: Sequence[Item]
    warnings: Sequence[Notice]
    short: dict[int, list[str]]
    """What to say on the card of a slot."""
    by: By
    found: Programme

    @property
    def by_tracks(self) -> str | None:
        """What an address adds so that the next page has the same columns."""
        return "tracks" if self.by is By.TRACK else None

    @property
    def empty(self) -> bool:
        return not self.agenda.days

    def people_of(self, slot_id: int) -> str:
        """Return the keys of a slot's people, so that a page sees at once who would be needed twice."""
        return " ".join(str(one.speaker_id) for one in self.found.people.get(slot_id, ()))

    def state_of(self, slot: PlannedSlot) -> str:
        """Say where a slot stands, so that a page can tell whether somebody else has moved it since."""
        return state_of(slot)


def arranged(
    edition: Edition,
    found: Programme,
    rooms: Sequence[Room],
    wanted_day: str | None,
    chosen: PlannedSlot | None,
    by: By = By.ROOM,
) -> Board:
    """Arrange a programme; shows the day that is wanted, else that of the chosen slot, else the first."""
    used = {slot.day for slot in found.slots if slot.day and slot.parent_id is None}
    dates = sorted(used.union(days_of(edition)) if found.slots else used)
    current = _current(dates, wanted_day, chosen)
    agenda = agenda_of(edition, _without_other_days(found, current), as_list=True, with_texts=False)
    items = [item for day in agenda.days if day.date is not None for item in day.items]
    clashes = agenda_warnings.clashes_of(edition, found)
    counts = _per_day(clashes, {slot.id: slot for slot in found.slots})
    return Board(
        agenda=agenda,
        tabs=[DayTab(day, counts.get(day, 0), day == current) for day in dates],
        day=current,
        grid=grid_of(items, rooms, found, by, hours_of(edition, current)) if current else None,
        untimed=[item for item in items if item.slot.start_time is None],
        tray=next((day.items for day in agenda.days if day.date is None), []),
        warnings=agenda_warnings.notices(clashes, found, edition),
        short={
            key: [agenda_warnings.short_words(clash) for clash in mine]
            for key, mine in rules.concerned(clashes).items()
        },
        by=by,
        found=found,
    )


def days_of(edition: Edition) -> list[date]:
    """Return the days of an edition, as far as they are known and can be chosen from."""
    first = edition.start_date
    if first is None:
        return []
    last = edition.end_date or first
    return [first + timedelta(days=number) for number in range(min((last - first).days + 1, MOST_DAYS))]


def hours_of(edition: Edition, day: date) -> Hours:
    """Return the minutes of a day between which the edition takes place, or usually would."""
    start = minute_of(edition.start_time) if edition.start_time else USUAL.start
    end = minute_of(edition.end_time) if edition.end_time else min(start + USUAL.end - USUAL.start, MIDNIGHT)
    if end > start:
        return Hours(start, end)
    return Hours(0, end) if day == edition.end_date else Hours(start, MIDNIGHT)


def _without_other_days(found: Programme, current: date | None) -> Programme:
    """Leave out what this page does not show: writing a thousand slots takes long."""
    tops = {slot.id for slot in found.slots if slot.parent_id is None and slot.day in (current, None)}
    return replace(found, slots=[slot for slot in found.slots if (slot.parent_id or slot.id) in tops])


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
