"""The curve of registrations: numbers of an SVG, so that no style is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventhub.desk.registration_queries import Day

WIDTH = 300
HEIGHT = 100
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Curve:
    """The sum over time in a field of 300 by 100; `limit` is where the capacity lies, if there is one."""

    days: Sequence[Day]
    top: int
    line: str
    area: str
    limit: float | None

    @property
    def total(self) -> int:
        return self.days[-1].total


def curve(days: Sequence[Day], capacity: int | None) -> Curve | None:
    """Draw the days; None for fewer than two, which are no course."""
    if len(days) < 2:
        return None
    top = nice(max(days[-1].total, capacity or 0))
    first, span = days[0].day, (days[-1].day - days[0].day).days
    points = [
        f"{WIDTH * (day.day - first).days / span:.1f} {HEIGHT - HEIGHT * day.total / top:.1f}" for day in days
    ]
    line = "M" + " L".join(points)
    limit = None if capacity is None else round(HEIGHT - HEIGHT * capacity / top, 1)
    return Curve(days, top, line, f"{line} L{WIDTH} {HEIGHT} L0 {HEIGHT} Z", limit)


def nice(number: int) -> int:
    """Return the next round number: 1, 2, 5, 10, 20, 50 …"""
    size = 1
    while True:
        for step in STEPS:
            if step * size >= number:
                return step * size
        size *= 10
