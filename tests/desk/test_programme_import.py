"""Programmes of other systems become slots with rooms, tracks and speakers, and never twice."""

from __future__ import annotations

import io
import json
import re
from datetime import date, time
from pathlib import Path
from time import process_time

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from eventhub.agenda.models import Kind, Room, Slot, SlotSpeaker, Speaker, Track
from eventhub.extensions import db
from tests.desk.setting import Desk, fields_of

PATH = "/manage/labcamp/5/agenda/import"
EVENT = {
    "guid": "one",
    "date": "2026-10-05T10:00:00+02:00",
    "start": "10:00",
    "duration": "00:45",
    "title": "Law as code",
    "track": "Law",
    "type": "Workshop",
    "language": "en",
    "abstract": "What it is about",
    "persons": [{"public_name": "Dr. Ada Lovelace"}, {"public_name": "Grace Hopper"}],
}


@pytest.fixture(autouse=True)
def _an_edition(desk: Desk) -> None:
    desk.client.set_cookie("language", "en")
    desk.publish(5, start_date=date(2026, 10, 5), end_date=date(2026, 10, 6))


def schedule(*events: object) -> str:
    days = [{"index": 1, "date": "2026-10-05", "rooms": {"Hall": list(events)}}]
    return json.dumps({"schedule": {"conference": {"title": "Camp", "days": days}}})


def look(desk: Desk, text: str) -> str:
    """Return the preview of a file."""
    fields = desk.form_of(PATH) | {"file": FileStorage(io.BytesIO(text.encode()), "schedule.json")}
    boundary, body = encode_multipart(fields)  # in memory: the client's own way leaves a file open
    answer = desk.client.post(PATH, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 200
    return answer.text


def take(desk: Desk, page: str, **more: object) -> str:
    fields = fields_of(page) | {"confirmed": "1"} | more
    return desk.client.post(PATH, data=fields, follow_redirects=True).text


@pytest.mark.both_databases
def test_a_session_becomes_a_slot_with_all_that_belongs_to_it(desk: Desk) -> None:
    page = look(desk, schedule(EVENT))
    assert "1 new, 0 differ, 0 others." in page
    for words in ("New rooms", "Hall", "New tracks", "Law", "New speakers", "Dr. Ada Lovelace, Grace Hopper"):
        assert words in page
    assert "1 slot is in the agenda." in take(desk, page)
    with desk.app.app_context():
        slot = db.session.scalars(select(Slot)).one()
        assert (slot.title, slot.day, slot.start_time, slot.end_time, slot.kind, slot.language) == (
            "Law as code",
            date(2026, 10, 5),
            time(10),
            time(10, 45),
            Kind.WORKSHOP,
            "en",
        )
        assert (slot.room and slot.room.name, slot.track and slot.track.name) == ("Hall", "Law")
        assert [link.speaker.family_name for link in slot.speaker_links] == ["Lovelace", "Hopper"]
        assert [link.speaker.title for link in slot.speaker_links] == ["Dr.", ""]
    assert "0 new, 0 differ, 1 other." in look(desk, schedule(EVENT))
    desk.client.post("/manage/labcamp/5/agenda/undo")
    assert "1 new, 0 differ, 0 others." in look(desk, schedule(EVENT))
    desk.client.post("/manage/labcamp/5/agenda/redo")
    assert "0 new, 0 differ, 1 other." in look(desk, schedule(EVENT))


def test_only_what_differs_is_offered_and_changed(desk: Desk) -> None:
    take(desk, look(desk, schedule(EVENT)))
    later = EVENT | {
        "title": "Law as code, again",
        "persons": [{"public_name": "Grace Hopper"}],
        "room": "Cellar",
    }
    page = look(desk, schedule(later))
    assert "0 new, 1 differs, 0 others." in page
    assert "here “Dr. Ada Lovelace, Grace Hopper”, in the file “Grace Hopper”" in page
    assert "New speakers" not in page
    (token,) = re.findall(r'name="take" value="(\w+)"', page)
    assert "1 slot is changed." in take(desk, page, take=token)
    with desk.app.app_context():
        slot = db.session.scalars(select(Slot)).one()
        assert (slot.title, slot.room and slot.room.name) == ("Law as code, again", "Cellar")
        assert [link.speaker.name for link in slot.speaker_links] == ["Grace Hopper"]
        assert db.session.scalar(select(func.count()).select_from(Speaker)) == 2


def test_a_broken_file_gets_a_sentence_at_its_place(desk: Desk) -> None:
    fields = desk.form_of(PATH) | {"file": (io.BytesIO(b'{"schedule": '), "schedule.json")}
    answer = desk.client.post(PATH, data=fields)
    assert answer.status_code == 422
    assert "The JSON is broken in line 1" in answer.text


def test_a_thousand_sessions_are_taken_with_one_tick_in_a_few_seconds(desk: Desk, shared: Path) -> None:
    text = (shared / "data" / "schedules" / "fosdem-2025.xml").read_text()
    page = look(desk, text)
    assert "943 new, 0 differ, 0 others." in page
    assert "All 943 new ones" in page
    assert len(re.findall(r'name="take"', page)) == 1
    began = process_time()
    assert "943 slots are in the agenda." in take(desk, page)
    assert process_time() - began < 30
    with desk.app.app_context():
        counted = {
            model: db.session.scalar(select(func.count()).select_from(model))
            for model in (Slot, Speaker, Room, Track, SlotSpeaker)
        }
    assert (counted[Slot], counted[Speaker], counted[Room]) == (943, 992, 29)
    assert "0 new, 0 differ, 943 others." in look(desk, text)


LATER = EVENT | {"guid": "two", "date": "", "start": "", "title": "When nobody knows yet"}


@pytest.mark.both_databases
def test_what_has_no_time_yet_waits_beside_the_agenda(desk: Desk) -> None:
    page = look(desk, schedule(EVENT, LATER))
    assert "2 new, 0 differ, 0 others." in page
    assert "1 new one has no time yet; it will wait under “Not scheduled yet”." in page
    assert "2 slots are in the agenda." in take(desk, page)
    with desk.app.app_context():
        slot = db.session.scalars(select(Slot).filter_by(title=LATER["title"])).one()
        assert (slot.day, slot.start_time, slot.end_time, slot.room and slot.room.name) == (
            None,
            None,
            None,
            "Hall",
        )
        path = f"/manage/labcamp/5/agenda/slots/{slot.slug}/move"
        where = {"day": "2026-10-05", "start": "660", "minutes": "45", "column": "same"}
    board = desk.client.get("/manage/labcamp/5/agenda/").text
    tray = board[board.index("data-tray") :]
    assert LATER["title"] in tray
    assert EVENT["title"] not in tray[: tray.index("</section>")]
    answer = desk.client.post(path, data=where | {"was": state_in(board, LATER["title"])})
    assert answer.status_code == 303
    assert "0 new, 0 differ, 2 others." in look(desk, schedule(EVENT, LATER)), "it stays where it was put"
    set_now = LATER | {"date": "2026-10-05T15:00:00+02:00", "start": "15:00"}
    assert "0 new, 1 differs, 1 other." in look(desk, schedule(EVENT, set_now))


def state_in(board: str, title: str) -> str:
    """Return what the page says about where a slot stands."""
    with_title = board[board.index("data-tray") :]
    found = re.search(r'data-was="([^"]*)"', with_title)
    assert found
    assert title in with_title
    return found[1]
