"""Pictures of numbers: the geometry of an SVG as plain values, so that a template needs no style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 300
HEIGHT = 100
DASH = 4
"""The length of a line of one point."""
STEPS = (1, 2, 5)
KINDS = 9
"""So many colours there are, `n1` to `n9` in the style sheet."""


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    name: str
    path: str
    last: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Sums over time, in steps, in a field of 300 by 100."""

    lines: tuple[Line, ...]
    top: int
    """What the upper edge stands for."""
    start: str
    end: str
    """What stands below the ends of the field."""
    area: str = ""
    """The field below the first line, where that is alone what counts."""
    limit: float | None = None
    """How far below the upper edge the capacity lies."""


@dataclass(frozen=True, slots=True)
class Part:
    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    words: str
    """The number, as it stands beside the bar."""
    parts: tuple[Part, ...]
    limit: float | None = None
    """Where the capacity lies, in per cent."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Lying bars on one scale, each of one part or of several."""

    rows: tuple[Bar, ...]
    names: tuple[tuple[str, str], ...] = ()
    """Kind and name of each part; empty where bars have one part and need no key."""


def lines(
    courses: Sequence[tuple[str, Sequence[tuple[int, int]]]],
    ends: tuple[str, str],
    capacity: int | None = None,
) -> Lines | None:
    """Draw courses of places on a common scale and their values; None where nothing spans two places.

    A value holds until the next; each course ends where it ends.
    """
    places = [place for _name, course in courses for place, _value in course]
    if not places or min(places) == max(places):
        return None
    first, span = min(places), max(places) - min(places)
    top = nice(max(capacity or 0, *(value for _name, course in courses for _place, value in course)))
    drawn = [
        (
            name,
            [(WIDTH * (place - first) / span, _down(value, top)) for place, value in course],
            course[-1][1],
        )
        for name, course in courses
        if course
    ]
    paths = tuple(
        Line(f"n{number}", name, _steps(points), last) for number, (name, points, last) in enumerate(drawn, 1)
    )
    begin, end = drawn[0][1][0][0], drawn[0][1][-1][0]
    area = f"{paths[0].path} V{HEIGHT} H{begin:.1f} Z" if end > begin else ""
    return Lines(paths, top, *ends, area, None if capacity is None else _down(capacity, top))


def _steps(points: Sequence[tuple[float, float]]) -> str:
    (x, y), *others = points
    if not others:  # so that one point can be seen
        x = min(x, WIDTH - DASH)
        others = [(x + DASH, y)]
    return f"M{x:.1f} {y:.1f}" + "".join(f" H{x:.1f} V{y:.1f}" for x, y in others)


def _down(value: int, top: int) -> float:
    return round(HEIGHT - HEIGHT * value / top, 1)


def bars(
    rows: Sequence[tuple[str, Sequence[int], str]],
    names: Sequence[str] = (),
    limits: Sequence[int | None] = (),
) -> Bars | None:
    """Draw rows of a label, the numbers of its parts and words; None where there is nothing to draw."""
    limits = limits or [None] * len(rows)
    top = max([sum(numbers) for _label, numbers, _words in rows] + [limit or 0 for limit in limits] + [0])
    if not top:
        return None
    drawn = tuple(
        Bar(label, words, _parts(numbers, top), None if limit is None else round(100 * limit / top, 2))
        for (label, numbers, words), limit in zip(rows, limits, strict=True)
    )
    used = [any(numbers[place] for _label, numbers, _words in rows) for place in range(len(names))]
    key = tuple((f"n{place}", name) for place, name in enumerate(names, 1) if used[place - 1])
    return Bars(drawn, key)


def _parts(numbers: Sequence[int], top: int) -> tuple[Part, ...]:
    found = []
    before = 0
    for place, number in enumerate(numbers, 1):
        if number:
            found.append(Part(f"n{place}", round(100 * before / top, 2), round(100 * number / top, 2)))
        before += number
    return tuple(found)


def nice(number: int) -> int:
    """Return the next round number: 1, 2, 5, 10, 20, 50 …"""
    size = 1
    while True:
        for step in STEPS:
            if step * size >= number:
                return step * size
        size *= 10
