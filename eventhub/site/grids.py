"""Positions of parallel slots in a grid of rooms or tracks, in steps of five minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from eventhub.agenda.queries import PlannedTrack

if TYPE_CHECKING:
    from eventhub.site.programme import Item

STEP = 5
WIDEST = 8
"""The style sheet knows so many columns; a day with more is a list."""
ON_A_PAGE = 4
"""So many columns always fit beside each other; more of them scroll in a frame of their own."""
STEPS_OF_AN_HOUR = 60 // STEP
STEPS_OF_A_DAY = 24 * STEPS_OF_AN_HOUR

Column = TypeVar("Column", str, int)


@dataclass(frozen=True, slots=True)
class Grid:
    """The heads of the columns and the hours beside them, with their place; an item knows its own."""

    columns: list[str]
    hours: list[tuple[str, str]]
    by_room: bool

    @property
    def is_wide(self) -> bool:
        return len(self.columns) > ON_A_PAGE


def grid_of(items: Sequence[Item], tracks: Sequence[PlannedTrack]) -> Grid | None:
    """Give each item its place, by room or else by track; None where a list says it better."""
    if not all(item.minutes for item in items) or not any(item.parallel for item in items):
        return None
    rooms = sorted({(item.slot.room_position or 0, item.slot.room) for item in items if item.slot.room})
    by_room = _laid_out(items, [room for _position, room in rooms if room], lambda item: item.slot.room)
    if by_room:
        return Grid(by_room, _hours(items), by_room=True)
    names = {track.id: track.name for track in tracks}
    used = [track.id for track in tracks if any(item.slot.track_id == track.id for item in items)]
    by_track = _laid_out(items, used, lambda item: item.slot.track_id)
    return Grid([names[track] for track in by_track], _hours(items), by_room=False) if by_track else None


def _laid_out(
    items: Sequence[Item], columns: list[Column], column_of: Callable[[Item], Column | None]
) -> list[Column]:
    """Place the items in those columns that are used in parallel; empty where two would collide."""
    used = [one for one in columns if any(column_of(item) == one and item.parallel for item in items)]
    if not 2 <= len(used) <= WIDEST or any(item.parallel and column_of(item) not in used for item in items):
        return []
    lanes: dict[Column, list[Item]] = {one: [] for one in used}
    for item in items:
        column = column_of(item)
        if item.parallel and column is not None:
            lanes[column].append(item)
    if any(_collide(lane) for lane in lanes.values()):
        return []
    start = _start(items)
    for item in items:
        at = (item.minute - start) // STEP
        steps = max(1, (item.minute - start + (item.minutes or 0)) // STEP - at)
        column = column_of(item)
        lane = f"c-{used.index(column) + 1}" if item.parallel and column is not None else "c-all"
        item.place = f"{starting(at)} {lasting(min(steps, STEPS_OF_A_DAY - at))} {lane}"
    return used


def _collide(lane: Sequence[Item]) -> bool:
    return any(one.minute + (one.minutes or 0) > following.minute for one, following in pairwise(lane))


def _start(items: Sequence[Item]) -> int:
    first = min(item.minute for item in items)
    return first - first % STEP


def starting(step: int) -> str:
    """Return the classes of what starts so many steps after the start of the grid."""
    return f"at-h{step // STEPS_OF_AN_HOUR} at-m{step % STEPS_OF_AN_HOUR}"


def lasting(steps: int) -> str:
    """Return the classes of what lasts so many steps."""
    return f"for-h{steps // STEPS_OF_AN_HOUR} for-m{steps % STEPS_OF_AN_HOUR}"


def _hours(items: Sequence[Item]) -> list[tuple[str, str]]:
    start = _start(items)
    end = max(item.minute + (item.minutes or 0) for item in items)
    return [
        (starting((minute - start) // STEP), f"{minute // 60 % 24:02}:00")
        for minute in range(start - start % 60 + 60, end, 60)
    ]
