"""Programmes as tables: what columns mean is guessed, said, and read; nothing that is broken gets lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, time
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from eventhub.errors import RuleBroken
from eventhub.exchange.schedules.sessions import Session, Unreadable
from eventhub.exchange.schedules.table import (
    Column,
    day_in,
    is_table,
    people_in,
    read,
    suggested,
    table_of,
    time_in,
)
from eventhub.web.languages import speaking

ZONE = "Europe/Berlin"
FIRST_DAY = date(2026, 10, 5)


@pytest.fixture(autouse=True, scope="module")
def _in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def sessions(text: str, first_day: date | None = FIRST_DAY) -> list[Session]:
    table = table_of(text)
    found = read(table, suggested(table.heads), first_day, ZONE)
    assert found.unread == []
    return [one for one in found.meetings if isinstance(one, Session)]


def test_the_real_table_is_read_in_whole(here: Flask, shared: Path) -> None:
    folder = shared / "data" / "schedules"
    expected = json.loads((folder / "expected.json").read_text())["gpn11.csv"]
    text = (folder / "gpn11.csv").read_text()
    assert is_table(text)
    found = sessions(text, None)
    assert len(found) == expected["sessions"]
    assert len({one.day for one in found}) == expected["days"]
    assert len({one.place for one in found}) == expected["rooms"]
    first = found[0]
    assert (first.title, first.day, first.start, first.end) == (
        "What to hack",
        date(2011, 6, 23),
        time(19),
        time(20, 30),
    )
    assert first.people == ("diverse",)
    assert first.link.startswith("https://")
    assert [one.people for one in found if one.title == "GSM"] == [("Konrad Meier", "Dennis Wehrle")]
    assert "\n" in first.description


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_german_table_is_understood_by_its_heads(here: Flask, delimiter: str) -> None:
    lines = [
        ["Titel", "Datum", "Uhrzeit", "Dauer", "Raum", "Referent", "Art"],
        ["Ankommen", "5.10.2026", "9 Uhr", "30", "Saal", "", "Plenum"],
        ["Lab-Betrieb", "06.10.26", "9.30-10.15", "", "Saal", "Alex Muster|Robin Probe", "Vortrag"],
    ]
    one, two = sessions("\n".join(delimiter.join(line) for line in lines))
    assert (one.day, one.start, one.end, one.kind) == (date(2026, 10, 5), time(9), time(9, 30), "Plenum")
    assert (two.day, two.start, two.end) == (date(2026, 10, 6), time(9, 30), time(10, 15))
    assert two.people == ("Alex Muster", "Robin Probe")


def test_without_a_day_everything_is_on_the_first(here: Flask) -> None:
    [one] = sessions("Title;Start;End\nNight talk;23:00;01:00")
    assert (one.day, one.start, one.end_day, one.end) == (FIRST_DAY, time(23), date(2026, 10, 6), time(1))
    table = table_of("Title;Start\nTalk;10:00")
    with pytest.raises(RuleBroken, match="day"):
        read(table, suggested(table.heads), None, ZONE)


def test_a_moment_with_an_offset_is_meant_on_the_clocks_of_the_meeting(here: Flask) -> None:
    [one] = sessions("Title;Starts at;Ends at\nTalk;2026-10-05T10:00:00Z;2026-10-05T10:45:00Z")
    assert (one.day, one.start, one.end) == (FIRST_DAY, time(12), time(12, 45))


def test_a_row_that_is_broken_leaves_the_others_alone(here: Flask) -> None:
    table = table_of("Title;Start\nFirst;10:00\n;11:00\nThird;soon\nFourth;25:00\nFifth;12:00")
    found = read(table, suggested(table.heads), FIRST_DAY, ZONE)
    assert [one.title for one in found.meetings] == ["First", "Fifth"]
    assert [(one.at, one.title) for one in found.unread] == [(2, ""), (3, "Third"), (4, "Fourth")]


def test_what_has_no_start_has_no_time_or_its_day_alone(here: Flask) -> None:
    found = sessions("Title;Day;Start;End\nSoon;;;\nOn day two;Tag 2;;12:00\nFixed;;10:00;", FIRST_DAY)
    assert [(one.title, one.day, one.start, one.end) for one in found] == [
        ("Soon", None, None, None),
        ("On day two", date(2026, 10, 6), None, None),
        ("Fixed", FIRST_DAY, time(10), None),
    ]
    assert [one.day for one in sessions("Title;Speaker\nA;Alex Muster\nB;Robin Probe", None)] == [None, None]


def test_the_title_must_be_said_and_nothing_twice(here: Flask) -> None:
    table = table_of("Title;Start;What;Speaker\nA;10:00;B;C")
    with pytest.raises(RuleBroken, match="holds the title"):
        read(table, [None, Column.START, None, None], FIRST_DAY, ZONE)
    with pytest.raises(RuleBroken, match="Two columns"):
        read(table, [Column.TITLE, Column.START, Column.TITLE, None], FIRST_DAY, ZONE)
    meanings = [Column.TITLE, Column.START, Column.PEOPLE, Column.PEOPLE]
    [one] = read(table, meanings, FIRST_DAY, ZONE).meetings
    assert isinstance(one, Session)
    assert one.people == ("B", "C")


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-10-06", date(2026, 10, 6)),
        ("2026-10-06 00:00:00", date(2026, 10, 6)),
        ("Di, 6. 10. 2026", date(2026, 10, 6)),
        ("6.10.", date(2026, 10, 6)),
        ("2", date(2026, 10, 6)),
        ("Tag 2", date(2026, 10, 6)),
    ],
)
def test_days_are_read_as_people_write_them(words: str, day: date) -> None:
    assert day_in(words, FIRST_DAY) == day


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("15:00", time(15)),
        ("15.30 Uhr", time(15, 30)),
        ("9h", time(9)),
        ("3:05 pm", time(15, 5)),
        ("12 am", time(0)),
        ("10:00:00", time(10)),
        ("24:00", time(0)),
    ],
)
def test_times_are_read_as_people_write_them(words: str, at: time) -> None:
    assert time_in(words) == at


def test_names_are_told_apart(here: Flask) -> None:
    assert people_in("10:Alex Muster|11:Robin Probe") == ["Alex Muster", "Robin Probe"]
    assert people_in("Alex Muster, Robin Probe") == ["Alex Muster", "Robin Probe"]
    assert people_in("Muster, Alex; Probe, Robin") == ["Muster, Alex", "Probe, Robin"]


@pytest.mark.parametrize(
    "text", ["", "Hello there", "BEGIN:VCALENDAR\nTitle,Start", "<schedule/>", '{"a": 1}', "x;y\n1;2"]
)
def test_what_is_no_table_is_none(text: str) -> None:
    assert not is_table(text)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    with speaking("en"):
        is_table(text)
        with suppress(RuleBroken):
            table = table_of(f"Title;Start;Day;People\n{text}")
            read(table, suggested(table.heads), FIRST_DAY, ZONE)


@given(st.text(max_size=20))
def test_a_word_is_a_time_or_said_not_to_be_one(words: str) -> None:
    with speaking("en"), suppress(Unreadable, ValueError):
        assert time_in(words) < time(23, 59, 59)
