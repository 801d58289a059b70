"""The programme for apps of conferences: valid after the published schemas, and read again as the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from lxml import etree

from eventhub.agenda.models import Kind, Room
from eventhub.calendars.reading import Meeting
from eventhub.editions.models import EditionState
from eventhub.exchange.schedules.reading import read
from eventhub.exchange.schedules.sessions import Session
from eventhub.exchange.schedules.writing import Conference, Event, Person, as_json, as_xml
from tests.site import samples
from tests.site.conftest import Build, Counter


@pytest.fixture
def lab(build: Build) -> None:
    """Add a conference, an edition without times, one without days, and a draft."""
    with build():
        of = samples.series()
        samples.conference(of, 60, number=1)
        bare = samples.edition(of, 2)
        samples.slot(bare, "Some time")
        samples.unknown(of, 3, start_date=None)
        samples.edition(of, 4, state=EditionState.DRAFT)
        few = samples.edition(of, 5)
        hall = samples.add(Room(edition_id=few.id, name="Hall"))
        talk = samples.slot(
            few, "Talk", "15:00", "15:45", slug="a", room_id=hall.id, abstract="*What* & <why>"
        )
        samples.slot(few, "Coffee", "15:45", "16:00", slug="coffee", kind=Kind.BREAK)
        samples.slot(few, "Off", "16:00", "16:30", slug="off", cancelled=True)
        samples.appears(samples.speaker(of, "Dr. Ada Lovelace"), talk)


@pytest.mark.parametrize("number", [1, 2, 5])
def test_exports_are_valid_after_the_schemas(
    lab: None, client: FlaskClient, shared: Path, number: int
) -> None:
    schemas = shared / "data" / "schedules" / "schema"
    xml = client.get(f"/lab/{number}/schedule.xml")
    etree.XMLSchema(etree.parse(schemas / "schedule.xml.xsd")).assertValid(etree.fromstring(xml.data))
    validator = Draft7Validator(json.loads((schemas / "schema.json").read_text()))
    document = client.get(f"/lab/{number}/schedule.json").json
    assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("kind", ["xml", "json"])
def test_a_programme_is_exported_with_rooms_people_and_kinds(
    lab: None, client: FlaskClient, kind: str
) -> None:
    answer = client.get(f"/lab/5/schedule.{kind}")
    assert answer.mimetype == f"application/{kind}"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    talk, coffee = read(answer.text, "Europe/Berlin").meetings
    assert isinstance(talk, Session)
    assert isinstance(coffee, Session)
    assert (talk.title, talk.place, talk.people, talk.kind) == ("Talk", "Hall", ("Dr. Ada Lovelace",), "talk")
    assert (coffee.title, coffee.kind) == ("Coffee", "break")


@pytest.mark.parametrize(
    "path", ["/lab/3/schedule.xml", "/lab/4/schedule.json", "/lab/9/schedule.json", "/no/1/schedule.xml"]
)
def test_what_is_not_public_or_has_no_days_has_no_schedule(lab: None, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_large_programme_costs_few_queries(lab: None, client: FlaskClient, counted: Counter) -> None:
    client.get("/lab/1/schedule.json")
    assert len(counted.statements) <= 6
    again = client.get("/lab/1/schedule.json")
    assert (
        client.get("/lab/1/schedule.json", headers={"If-None-Match": again.headers["ETag"]}).status_code
        == 304
    )


WORDS = st.lists(st.text("abcäöüß0 1-:.", min_size=1, max_size=8).map(str.strip).filter(bool), max_size=4)
NAMES = WORDS.map(" ".join).map(lambda text: " ".join(text.split()))
ZONE = "Europe/Berlin"
START = datetime(2026, 10, 24, 8, tzinfo=UTC)
"""The day before the clocks go back."""


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    found = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        start = (START + timedelta(minutes=draw(st.integers(0, 3000)))).astimezone(ZoneInfo(ZONE))
        lasts = draw(st.none() | st.integers(1, 600))
        end = (start.astimezone(UTC) + timedelta(minutes=lasts)).astimezone(ZoneInfo(ZONE)) if lasts else None
        people = dict.fromkeys(filter(None, draw(st.lists(NAMES, max_size=3))))
        found.append(
            Event(
                id=number,
                uid=f"{number}@events.example",
                slug=f"slot-{number}",
                url=f"https://events.example/{number}",
                title=draw(NAMES),
                starts_at=start,
                ends_at=end,
                day=start.date(),
                room=draw(st.sampled_from(["", "Hall", "Kleiner Saal"])),
                track=draw(NAMES),
                kind=draw(st.sampled_from(["talk", "break", "workshop"])),
                language=draw(st.sampled_from(["de", "en"])),
                abstract=draw(NAMES),
                people=[Person(at, name) for at, name in enumerate(people, 1)],
            )
        )
    return found


@settings(max_examples=40)
@given(events())
def test_what_is_exported_is_read_as_the_same(planned: list[Event]) -> None:
    day = date(2026, 10, 24)
    conference = Conference(
        "camp",
        "Camp",
        "https://events.example/",
        "https://events.example/s.xml",
        ZONE,
        day,
        day,
        START,
        planned,
    )
    of_json, of_xml = (read(write(conference).decode(), ZONE).meetings for write in (as_json, as_xml))
    assert [_said(one) for one in of_json] == [_said(one) for one in of_xml]
    assert sorted(map(_said, of_json), key=repr) == sorted(map(_expected, planned), key=repr)


def _said(one: Meeting) -> tuple[object, ...]:
    assert isinstance(one, Session)
    end = (one.end_day or one.day, one.end) if one.end else None
    return (
        one.title,
        one.day,
        one.start,
        end,
        one.place,
        one.track,
        one.kind,
        one.language,
        one.description,
        one.people,
    )


def _expected(event: Event) -> tuple[object, ...]:
    start, end = event.starts_at.replace(tzinfo=None), event.ends_at
    end = end.replace(tzinfo=None, fold=0) if end else None
    names = tuple(person.name for person in event.people)
    told = (end.date(), end.time()) if end and end > start else None
    return (
        *(event.title, event.day, start.time(), told, event.room),
        *(event.track, event.kind, event.language, event.abstract, names),
    )
