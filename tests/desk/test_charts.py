"""Pictures of numbers stay inside their field and say what the numbers say."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from eventhub.desk.charts import HEIGHT, WIDTH, bars, lines, nice

ENDS = ("March", "April")
courses = st.lists(
    st.dictionaries(st.integers(-200, 200), st.integers(0, 50_000), min_size=1, max_size=30).map(
        lambda course: sorted(course.items())
    ),
    min_size=1,
    max_size=5,
)


@given(courses, st.none() | st.integers(1, 60_000))
def test_lines_stay_inside_their_field(found: list[list[tuple[int, int]]], capacity: int | None) -> None:
    drawn = lines([(f"Course {number}", course) for number, course in enumerate(found)], ENDS, capacity)
    places = {place for course in found for place, _value in course}
    if len(places) < 2:
        assert drawn is None
        return
    assert drawn is not None
    for line, course in zip(drawn.lines, found, strict=True):
        numbers = [float(number) for number in re.findall(r"-?[0-9.]+", line.path)]
        assert all(0 <= number <= WIDTH for number in numbers)
        assert line.last == course[-1][1]
    assert drawn.limit is None or 0 <= drawn.limit <= HEIGHT


def test_a_line_holds_each_value_until_the_next() -> None:
    drawn = lines([("all", [(0, 2), (2, 5), (4, 5)])], ENDS, capacity=10)
    assert drawn is not None
    assert (drawn.top, drawn.limit, drawn.lines[0].last) == (10, 0.0, 5)
    assert drawn.lines[0].path == "M0.0 80.0 H150.0 V50.0 H300.0 V50.0"
    assert drawn.area == "M0.0 80.0 H150.0 V50.0 H300.0 V50.0 V100 H0.0 Z"
    assert lines([("all", [(0, 2)])], ENDS) is None
    assert lines([("all", [])], ENDS) is None


def test_a_single_point_can_be_seen_too() -> None:
    drawn = lines([("new", [(4, 5)]), ("all", [(0, 2), (4, 5)])], ENDS)
    assert drawn is not None
    assert drawn.lines[0].path == "M296.0 0.0 H300.0 V0.0"


@given(
    st.lists(st.lists(st.integers(0, 50_000), min_size=3, max_size=3), min_size=1, max_size=20),
    st.none() | st.integers(1, 60_000),
)
def test_bars_are_as_long_as_their_numbers(rows: list[list[int]], limit: int | None) -> None:
    drawn = bars(
        [("row", numbers, str(sum(numbers))) for numbers in rows],
        ("first", "second", "third"),
        [limit] * len(rows),
    )
    top = max([sum(numbers) for numbers in rows] + [limit or 0])
    if not top:
        assert drawn is None
        return
    assert drawn is not None
    for bar, numbers in zip(drawn.rows, rows, strict=True):
        assert [part.kind for part in bar.parts] == [
            f"n{place}" for place, one in enumerate(numbers, 1) if one
        ]
        assert abs(sum(part.width for part in bar.parts) - 100 * sum(numbers) / top) < 0.05
        assert all(part.x >= 0 and part.x + part.width < 100.02 for part in bar.parts)
        assert bar.limit is None or 0 <= bar.limit <= 100
    shown = {part.kind for bar in drawn.rows for part in bar.parts}
    explained = {kind for kind, _name in drawn.names}
    assert explained == shown, "the key explains what is there and nothing else"


@given(st.integers(0, 100_000))
def test_the_scale_ends_at_a_round_number(number: int) -> None:
    assert number <= nice(number) <= max(1, number * 3)
