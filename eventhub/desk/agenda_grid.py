"""A day of the agenda as a grid to work in: columns of rooms or tracks, and steps of five minutes.

Unlike the public grid it shows every room, also the empty ones, and what collides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import NamedTuple

from eventhub.agenda.models import AnySlot, Room
from eventhub.agenda.queries import PlannedSlot, Programme
from eventhub.site.grids import STEP, STEPS_OF_A_DAY, STEPS_OF_AN_HOUR, lasting, starting
from eventhub.site.programme import Item

OPEN_END = 30
"""Minutes that a slot takes on the page while its end is open."""
MARGIN = 60
"""Minutes of free room before the first and after the last slot, to move slots there."""
MOST_COLUMNS = 64
"""The style sheet knows so many."""
DEEPEST = 3
"""So many cards lie over each other at most, each moved in a little."""


class By(StrEnum):
    """What the columns stand for; the value is the field of a slot that a move to another one changes."""

    ROOM = "room_id"
    TRACK = "track_id"


class Hours(NamedTuple):
    """The minutes of a day between which something takes place."""

    start: int
    end: int


def minute_of(at: time) -> int:
    return at.hour * 60 + at.minute


@dataclass(frozen=True, slots=True)
class Column:
    """A room or track; without a key it holds what is in none or in all."""

    key: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Card:
    """One slot on the grid."""

    item: Item
    css: str
    start: int
    minutes: int
    column: int


@dataclass(frozen=True, slots=True)
class EditorGrid:
    columns: Sequence[Column]
    hours: Sequence[tuple[str, str]]
    cards: Sequence[Card]
    start: int
    """The minute of the day at which the grid begins."""
    steps: int

    @property
    def is_wide(self) -> bool:
        return len(self.columns) > 4


def state_of(slot: PlannedSlot | AnySlot) -> str:
    """Say where a slot stands, to notice that somebody else has moved it in the meantime."""
    return "/".join(
        str(value if value is not None else "")
        for value in (slot.day, slot.start_time, slot.end_day, slot.end_time, slot.room_id, slot.track_id)
    )


def grid_of(
    items: Iterable[Item], rooms: Sequence[Room], found: Programme, by: By, hours: Hours
) -> EditorGrid:
    """Lay out the timed slots of a day, with room for others in these hours."""
    timed = sorted((item for item in items if item.slot.start_time), key=lambda item: item.minute)
    named = rooms if by is By.ROOM else found.tracks
    columns = [Column(None, ""), *(Column(one.id, one.name) for one in named)][:MOST_COLUMNS]
    start = max(0, _whole_hour(min([hours.start, *(item.minute for item in timed)])) - MARGIN)
    end = max([hours.end, *(item.minute + _minutes(item) for item in timed)]) + MARGIN
    steps = min((end - start) // STEP, STEPS_OF_A_DAY)
    at = {column.key: number for number, column in enumerate(columns)}
    cards = _cards(timed, start, at, by)
    return EditorGrid(columns, _hours(start, steps), cards, start, steps)


def _cards(timed: Sequence[Item], start: int, at: dict[int | None, int], by: By) -> list[Card]:
    lanes: dict[int, list[tuple[int, int]]] = {}
    cards = []
    alone = _alone(timed)
    for item in timed:
        column = at.get(getattr(item.slot, by.value), 0)
        minutes = _minutes(item)
        place = "c-all" if column == 0 and (item.slot.id in alone or len(at) == 1) else f"c-{column + 1}"
        depth = _depth(lanes.setdefault(column, []), item.minute, item.minute + minutes)
        step = (item.minute - start) // STEP
        last = max(step + 1, (item.minute + minutes - start) // STEP)
        span = min(last, STEPS_OF_A_DAY) - step
        over = f" over-{depth}" if depth else ""
        where = f"{starting(step)} {lasting(span)} {place}{over}"
        cards.append(Card(item, where, item.minute, minutes, column))
    return cards


def _depth(lane: list[tuple[int, int]], start: int, end: int) -> int:
    """Return how many cards of this lane the new one lies over, and add it there."""
    taken = {depth for until, depth in lane if until > start}
    depth = next(one for one in range(len(taken) + 1) if one not in taken)
    lane.append((end, depth))
    return min(depth, DEEPEST)


def _alone(timed: Sequence[Item]) -> set[int]:
    """Find the slots beside which nothing runs: they may take the whole width."""
    alone: set[int] = set()
    end, last = 0, None
    for item in timed:
        if item.minute >= end:
            alone.add(item.slot.id)
            last = item.slot.id
        else:
            alone.discard(last or 0)
        end = max(end, item.minute + _minutes(item))
    return alone


def _minutes(item: Item) -> int:
    return item.minutes or OPEN_END


def _whole_hour(minute: int) -> int:
    return minute - minute % 60


def _hours(start: int, steps: int) -> list[tuple[str, str]]:
    return [
        (starting(step), f"{(start + step * STEP) // 60 % 24:02}:00")
        for step in range(0, steps, STEPS_OF_AN_HOUR)
    ]
