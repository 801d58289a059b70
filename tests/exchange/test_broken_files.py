"""A broken file changes nothing and names file, line and field."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.errors import InvalidFile
from eventhub.exchange.reading import LARGEST
from eventhub.exchange.service import import_file
from eventhub.extensions import db
from tests.exchange.conftest import Bring

GOOD = """\
series: {slug: meeting, title: Meeting}
organisations:
  lab: {name: Lab}
persons:
  ada: {name: Ada Example, organisation: lab}
editions:
  - number: 1
    date: {start: 2026-06-10, end: 2026-06-10}
    time: {start: "10:00", end: "12:00"}
    hosts: [lab]
    agenda:
      - {start: "10:00", end: "11:00", title: Opening, speakers: [ada]}
sources:
  page: {title: Page, url: "https://example.org/"}
"""

BROKEN = [
    ("title: Meeting}", "titel: Meeting}", 1, "series", "title is missing"),
    ("title: Meeting}", "title: 2026}", 1, "series.title", "quotes"),
    ("slug: meeting", "slug: manage", 1, "series.slug", "something else"),
    ("slug: meeting", "slug: Mein Treffen", 1, "series.slug", "small letters"),
    ("lab: {name: Lab}", "lab: {city: Berlin}", 3, "organisations.lab", "name is missing"),
    ("  lab: {name: Lab}", "  lab: {name: Lab}\n  lab: {name: Hall}", 4, "organisations", "twice"),
    ("organisation: lab}", "organisation: hall}", 5, "persons.ada.organisation", "“hall”"),
    ("number: 1", "number: one", 7, "editions[1].number", "whole number"),
    ("number: 1", "theme: nothing", 7, "editions[1]", "a number or a slug"),
    ("number: 1", "slug: next", 7, "editions[1].slug", "something else"),
    ("start: 2026-06-10", "start: 2026-06-31", 8, "editions[1].date.start", "not a day"),
    ("end: 2026-06-10", "end: 2026-06-09", 8, "editions[1].date.end", "before the start"),
    ("start: 2026-06-10", "start: soon", 8, "editions[1].date.start", "must be a day"),
    ("{start: 2026-06-10, end: 2026-06-10}", "{month: June}", 8, "editions[1].date.month", "2020-05"),
    ("{start: 2026-06-10, end: 2026-06-10}", "{starts_in_days: 3}", 8, "starts_in_days", "samples"),
    ('time: {start: "10:00"', 'time: {start: "25:00"', 9, "editions[1].time.start", "must be a time"),
    ('end: "12:00"', 'end: "09:00"', 9, "editions[1].time", "not later"),
    ("hosts: [lab]", "hosts: [hall]", 10, "editions[1].hosts[1]", "no organisation “hall”"),
    ("hosts: [lab]", "hosts: lab", 10, "editions[1].hosts", "must be a list"),
    ("hosts: [lab]", "hosts: [lab, lab]", 10, "editions[1].hosts[2]", "twice"),
    ("hosts: [lab]", "mode: by post", 10, "editions[1].mode", "vor Ort"),
    ("hosts: [lab]", "capacity: 0", 10, "editions[1].capacity", "from 1"),
    ("hosts: [lab]", "release_days: 2", 7, "editions[1]", "less than"),
    ("hosts: [lab]", "capacity: true", 10, "editions[1].capacity", "whole number"),
    ("hosts: [lab]", "join_url: 'javascript:alert(1)'", 10, "editions[1].join_url", "https://"),
    ("hosts: [lab]", "materials: [{url: 'data:x'}]", 10, "editions[1].materials[1].url", "https://"),
    ("hosts: [lab]", "sources: [book]", 10, "editions[1].sources[1]", "no source “book”"),
    ("hosts: [lab]", "timezone: Europe/Atlantis", 10, "editions[1].timezone", "Europe/Berlin"),
    ("hosts: [lab]", "state: open", 10, "editions[1].state", "draft"),
    ("hosts: [lab]", "registration_closes: tomorrow", 10, "registration_closes", "day with a time"),
    ("hosts: [lab]", "invited_by: [bob]", 10, "editions[1].invited_by[1]", "no person “bob”"),
    ("hosts: [lab]", "language: German", 10, "editions[1].language", "de or en"),
    ("hosts: [lab]", "example: 1", 10, "editions[1].example", "true or false"),
    ("hosts: [lab]", f"venue: {'x' * 301}", 10, "editions[1].venue", "too long"),
    ("hosts: [lab]", "days: [{index: 1}]", 10, "editions[1].days[1]", "needs its date"),
    ("hosts: [lab]", "rooms: [{name: A}, {name: A}]", 10, "editions[1].rooms[2]", "twice"),
    ("speakers: [ada]", "speakers: [bob]", 12, "editions[1].agenda[1].speakers[1]", "no person “bob”"),
    ("speakers: [ada]", "speakers: [ada], hosts: [ada]", 12, "agenda[1].hosts", "a role"),
    ('end: "11:00"', 'end: "09:00"', 12, "editions[1].agenda[1].end", "not later"),
    ("title: Opening", "summary: Opening", 12, "editions[1].agenda[1]", "title is missing"),
    ("title: Opening", "title: One, two and three", 12, "two and three", "between quotes"),
    ("title: Opening", "title: Opening, items: [{title: A, items: [{title: B}]}]", 12, "items", "own"),
    ("sources:\n", "source:\n", 14, "source", "not a part of this format"),
    ("sources:\n", "events: []\nsources:\n", 13, "events", "one of the two"),
    ("series: {", "series: !!python/object:os.system {", 1, "series", "tag"),
    ("series: {", "series: &all {", 1, "series", "anchors"),
    ("title: Meeting}", "title: *all}", 1, "series.title", "aliases"),
    ("title: Meeting}", 'title: "Meet\\0ing"}', 1, "series.title", "control character"),
    ("title: Meeting}", "title: Meeting", 1, "", "not YAML"),
    ("title: Meeting}", "title: Meeting, _file: {}}", 1, "series", "can’t be a key"),
    ("title: Meeting}", "title: Meeting, [a]: b}", 1, "series", "key must be a text"),
    ("title: Meeting}", "title: Meeting, x: " + "[" * 30 + "]" * 30 + "}", 1, "series.x", "deeper"),
    ("sources:\n", "---\nsources:\n", 14, "", "second document"),
]


def test_the_example_is_right_before_it_is_broken(bring: Bring) -> None:
    assert not bring(GOOD).unchanged
    assert bring(GOOD).unchanged


@pytest.mark.parametrize(("old", "new", "line", "field", "words"), BROKEN)
def test_the_message_names_file_line_and_field(
    here: Flask, tmp_path: Path, old: str, new: str, line: int, field: str, words: str
) -> None:
    assert old in GOOD
    path = tmp_path / "meeting.yaml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidFile) as caught, transaction():
        import_file(path)
    error = caught.value
    assert error.place["file"] == "meeting.yaml"
    if words != "not YAML":
        assert error.place["line"] == line, error.message
    assert field in str(error.place.get("field", "")), error.message
    assert words in error.message
    assert error.message.startswith("meeting.yaml, line ")
    assert db.session.scalars(select(Series)).all() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"series: {title: \xff}", "UTF-8"),
        (b"x" * (LARGEST + 1), "larger"),
        (b"[]", "mapping"),
        (b"editions: []", "“series” is missing"),
        (b"series: {slug: a, title: A}", "“editions” is missing"),
        (b"a: \x01", "not YAML"),
    ],
)
def test_other_files_are_refused(here: Flask, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "other.yaml"
    path.write_bytes(content)
    with pytest.raises(InvalidFile, match=words), transaction():
        import_file(path)


def test_a_missing_file_is_named(here: Flask, tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"missing\.yaml.*can’t be read"), transaction():
        import_file(tmp_path / "missing.yaml")


def test_times_that_the_clocks_jump_over_are_refused(bring: Bring) -> None:
    text = GOOD.replace("2026-06-10", "2026-03-29").replace('"10:00", end: "12:00"', '"02:30", end: "12:00"')
    with pytest.raises(InvalidFile, match=r"line 9.*02:30 does not exist"):
        bring(text)


def test_texts_that_other_readers_would_change_stay_texts(bring: Bring) -> None:
    bring(GOOD.replace("hosts: [lab]", "facts: {country: no, postcode: 01067, at: 15:00, big: 1_000}"))
    series = db.session.scalars(select(Series)).one()
    assert series.editions[0].extra["facts"] == {
        "country": "no",
        "postcode": "01067",
        "at": "15:00",
        "big": "1_000",
    }
