"""Programmes of other systems: every real file is read in whole, every broken one gets a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from eventhub.calendars import reading as calendars
from eventhub.calendars.reading import Reading
from eventhub.errors import RuleBroken
from eventhub.exchange.schedules import kept
from eventhub.exchange.schedules.reading import is_schedule, read
from eventhub.exchange.schedules.sessions import Session, duration
from eventhub.web.languages import speaking

ZONE = "Europe/Berlin"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with speaking("en"):
        yield


FILES = {
    "fosdem-2018.xml": {"rooms": 31},  # nothing happens in two of the rooms
    "fosdem-2018.json": {"rooms": 31},
    "fosdem-2025.xml": {"rooms": 29},  # nor in eleven of these
    "31c3.xml": {},
    "camp2019.frab.json": {},
    "democon.pretalx.json": {},
    "froscon-2018.frab.json": {"persons": 129},  # two of the 130 have the same name
    "winterchaos2022-invalid.json": {},
    "pyconfr-2024.json": {"rooms": 8},  # two are for sprints alone, one for nothing
    "global-azure-linz-2020.sessionize.json": {"rooms": 4},  # two are not used
    "global-azure-linz-2024.sessionize.json": {},
    "xdc-2021.indico.json": {},
    "open-event-OpenTechSummit2017/": {},
    "open-event-FOSSASIASummit2017/": {"rooms": 13},  # two are not used
}
"""Each file with the counts that differ from those that are expected of it, and why."""


def text_of(folder: Path, name: str) -> str:
    path = folder / name
    return (path / "sessions.json" if path.is_dir() else path).read_text()


def people(found: Reading) -> set[str]:
    return {name for one in found.meetings if isinstance(one, Session) for name in one.people}


@pytest.mark.parametrize("name", FILES)
def test_every_real_file_is_read_in_whole(here: Flask, shared: Path, name: str) -> None:
    folder = shared / "data" / "schedules"
    expected = json.loads((folder / "expected.json").read_text())[name] | FILES[name]
    text = text_of(folder, name)
    assert is_schedule(text)
    found = read(text, ZONE)
    assert found.unread == []
    assert len(found.meetings) == expected["sessions"]
    assert len({one.key for one in found.meetings}) == expected["sessions"]
    assert len({one.day for one in found.meetings}) in (
        expected["days"],
        *([1, 3] if not expected["days"] else []),
    )
    if expected["persons"] and "open-event" not in name:  # these count people of other files, too
        assert len(people(found)) == expected["persons"]
    rooms = {one.place for one in found.meetings if one.place}
    assert len(rooms) == (expected["rooms"] or 0)
    assert read(kept.text_of(found.meetings), ZONE).meetings == found.meetings


def test_a_calendar_whose_talks_share_their_uids_is_read_in_whole(here: Flask, shared: Path) -> None:
    folder = shared / "data" / "schedules"
    text = calendars.text_of((folder / "moca-2024.ics").read_bytes())
    found = calendars.read(text, date(2024, 9, 13), date(2024, 9, 15), "Europe/Rome")
    assert found.unread == []
    expected = json.loads((folder / "expected.json").read_text())["moca-2024.ics"]
    assert len({one.key for one in found.meetings}) == len(found.meetings) == expected["sessions"]
    assert {one.day.day for one in found.meetings} == {13, 14, 15}


def test_xml_and_json_of_one_meeting_are_the_same(here: Flask, shared: Path) -> None:
    folder = shared / "data" / "schedules"
    of_xml, of_json = (
        read(text_of(folder, f"fosdem-2018.{kind}"), ZONE).meetings for kind in ("xml", "json")
    )
    for one, other in zip(of_xml, of_json, strict=True):
        assert (one.key, one.title, one.day, one.start, one.end, one.place) == (
            other.key,
            other.title,
            other.day,
            other.start,
            other.end,
            other.place,
        )


def frab(**event: object) -> str:
    said = {"guid": "one", "date": "2026-10-05T10:00:00+02:00", "start": "10:00", "title": "Opening", **event}
    day = {"index": 1, "date": "2026-10-05", "rooms": {"Hall": [said]}}
    return json.dumps({"schedule": {"conference": {"title": "Camp", "days": [day]}}})


def test_a_session_is_said_in_plain_values(here: Flask) -> None:
    (one,) = read(
        frab(
            duration="01:30",
            track={"name": "Law"},
            type="workshop",
            language="German",
            abstract="<p>First</p>",
            description="Second",
            persons=[{"public_name": "Dr. Ada Lovelace"}, {"name": "Grace Hopper"}],
        ),
        ZONE,
    ).meetings
    assert isinstance(one, Session)
    assert (one.day, one.start, one.end, one.place) == (date(2026, 10, 5), time(10), time(11, 30), "Hall")
    assert (one.track, one.kind, one.language) == ("Law", "workshop", "de")
    assert one.description == "First\n\nSecond"
    assert one.people == ("Dr. Ada Lovelace", "Grace Hopper")


def test_times_are_shown_on_the_clocks_of_the_edition(here: Flask) -> None:
    (one,) = read(frab(duration="00:30"), "Europe/London").meetings
    assert (one.start, one.end, one.zone) == (time(9), time(9, 30), "Europe/London")


def test_what_starts_after_midnight_belongs_to_the_next_day(here: Flask) -> None:
    text = frab(date="", start="01:00").replace('"title": "Camp"', '"title": "Camp", "day_change": "04:00"')
    assert read(text, ZONE).meetings[0].day == date(2026, 10, 6)


UNSCHEDULED = {
    "pretalx": {"talks": [{"code": "A", "title": "Later", "state": "confirmed", "slot": None}]},
    "sessionize": {"rooms": [], "sessions": [{"id": "1", "title": "Later", "startsAt": None}]},
    "open event": [
        {"id": 1, "title": "Later", "starts-at": None, "microlocation": None, "state": "accepted"}
    ],
    "indico": {
        "_type": "HTTPAPIResult",
        "results": [{"contributions": [{"id": "1", "title": "Later", "startDate": None, "endDate": None}]}],
    },
    "frab": json.loads(frab(date="", start="", title="Later")),
}


@pytest.mark.parametrize("system", UNSCHEDULED)
def test_a_session_without_a_time_is_read_like_any_other(here: Flask, system: str) -> None:
    found = read(json.dumps(UNSCHEDULED[system]), ZONE)
    assert found.unread == []
    assert [(one.title, one.day, one.start, one.end) for one in found.meetings] == [
        ("Later", None, None, None)
    ]
    assert read(kept.text_of(found.meetings), ZONE).meetings == found.meetings


def test_what_nobody_has_accepted_yet_is_no_part_of_the_programme(here: Flask) -> None:
    talks = [
        {"code": state, "title": state, "state": state, "slot": None} for state in ("submitted", "draft")
    ]
    gone = {"code": "gone", "title": "gone", "state": "withdrawn", "slot": None}
    found = read(json.dumps({"talks": [*talks, gone]}), ZONE)
    assert {one.why for one in found.unread} == {"It has no time, and is not accepted"}
    assert [(one.title, one.called_off) for one in found.meetings] == [("gone", True)]


def test_one_broken_session_leaves_the_others_alone(here: Flask) -> None:
    text = frab().replace(
        '"rooms": {', '"rooms": {"Cellar": [{"guid": "two", "title": "Bad", "start": "25:99"}, 7],'
    )
    found = read(text, ZONE)
    assert [one.title for one in found.meetings] == ["Opening"]
    assert [(one.at, one.title, one.why) for one in found.unread] == [
        (1, "Bad", "Its day or its time can’t be read"),
        (2, "", "Its day or its time can’t be read"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"schedule": {"conference": {}}', "The JSON is broken in line 1"),
        ('{"schedule": {"conference": {}}}', "The file holds no sessions"),
        ('{"schedule": {"day": 7}}', "not laid out as its format demands"),
        ('{"recipes": []}', "This JSON is none that eventhub knows"),
        ("[" * 100_000, "The JSON is nested too deeply"),
        ("<schedule>\n<day>", "The XML is broken in line 2"),
        ("<html><schedule/></html>", "This XML holds no “schedule”"),
        (
            '<!DOCTYPE s [<!ENTITY a "b">]><schedule>&a;</schedule>',
            "The XML declares entities of its own",
        ),
    ],
)
def test_a_broken_file_gets_a_sentence(here: Flask, text: str, words: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        read(text, ZONE)
    assert words in str(broken.value.message)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    "schedule conference days day rooms room sessions speakers id date start title slot "
                    "code _type results starts-at microlocation kept persons categories".split()
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_no_json_whatever_makes_it_raise_anything_but_a_sentence(document: object) -> None:
    try:
        found = read(json.dumps(document), ZONE)
    except RuleBroken:
        return
    assert found.meetings or found.unread


@pytest.mark.parametrize(
    ("words", "minutes"),
    [("00:30", 30), ("1:30", 90), ("01:30:00", 90), ("1:00:00", 60), ("", 0), (None, 0), ("long", 0)],
)
def test_lengths_are_read_as_programs_write_them(words: str | None, minutes: int) -> None:
    assert duration(words).total_seconds() == minutes * 60
