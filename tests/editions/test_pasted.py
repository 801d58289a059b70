"""Dates as people paste them."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhub.editions.pasted import read_lines
from eventhub.web import times
from eventhub.web.languages import speaking

THE_DAY = date(2026, 12, 7)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("7.12.2026", None, None),
        ("07.12.26", None, None),
        ("7. 12. 2026", None, None),
        ("7. Dezember 2026", None, None),
        ("Montag, 7. Dezember 2026, 15 bis 18 Uhr", time(15), time(18)),
        ("Mo, 7. Dez. 2026, 15:00-18:00", time(15), time(18)),
        ("Mo 07.12.2026 15.30 Uhr", time(15, 30), None),
        ("2026-12-07", None, None),
        ("2026-12-07T15:00", time(15), None),
        ("2026-12-07 15:00–18:00", time(15), time(18)),
        ("Monday, 7 December 2026, 3 to 6 pm", time(15), time(18)),
        ("December 7, 2026 from 9:30 am until 1 pm", time(9, 30), time(13)),
        ("Dec 7th, 2026, 11 to 1 pm", time(11), time(13)),
        ("7th of nothing 7 Dec 2026", None, None),
        ("7/12/2026", None, None),
        ("7. Dezember 2026, von 9 bis 12 Uhr (Mo)", time(9), time(12)),
        ("7 December 2026, 12 am", time(0), None),
    ],
)
def test_lines_in_both_languages(text: str, start: time | None, end: time | None) -> None:
    (line,) = read_lines(text)
    if text.startswith("7th of"):
        assert "Not understood" in line.error
        return
    assert (line.error, line.day, line.start, line.end) == ("", THE_DAY, start, end)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("tomorrow", "No date found"),
        ("31.2.2026", "no such day"),
        ("7.13.2026", "no such day"),
        ("Dienstag, 7.12.2026", "This day is a Monday"),
        ("7.12.1850", "between 1970 and 2199"),
        ("7.12.2026, 25 Uhr", "no such time"),
        ("7.12.2026, 13 pm", "from 1 to 12"),
        ("7.12.2026 in Berlin", "Not understood: “in Berlin”"),
        ("7.12.2026 8.12.2026", "Not understood"),
    ],
)
def test_each_line_says_what_is_wrong(text: str, error: str) -> None:
    (line,) = read_lines(text)
    assert error in line.error
    assert line.day is None


def test_lines_are_counted_and_repeated_days_are_named() -> None:
    first, empty, again = "7.12.2026", "", "2026-12-07"
    lines = read_lines("\n".join((first, empty, again, "7.12.2026 10:00")))
    assert [line.number for line in lines] == [1, 3, 4]
    assert lines[1].error == "The same date as in line 1"
    assert not lines[2].error, "another hour is another meeting"


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    for line in read_lines(text):
        assert (line.day is None) == bool(line.error)


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.sampled_from(["de", "en"]))
def test_what_eventhub_writes_it_reads(day: date, language: str) -> None:
    with speaking(language):
        texts = [times.day(day), times.day_long(day), times.day_number(day), times.day_short(day)]
    assert [line.day for text in texts for line in read_lines(text)] == [day] * 4
