"""Calendars become drafts or slots: looked at first, never twice, changes only where they are ticked."""

from __future__ import annotations

import io
import re
from datetime import date, time

import pytest
from sqlalchemy import select

from eventhub.agenda.models import Kind, Room, Slot
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Mode
from eventhub.exchange.forms import packed
from eventhub.extensions import db
from tests.desk.setting import Desk, fields_of

IMPORT = "/manage/labcamp/import"
AGENDA = "/manage/labcamp/5/agenda/import"
FILE = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:camp@example.org
SUMMARY:Autumn camp
DTSTART;TZID=W. Europe Standard Time:20261005T150000
DTEND;TZID=W. Europe Standard Time:20261005T180000
LOCATION:Library\\, Main Street 1
RRULE:FREQ=MONTHLY;COUNT=2
END:VEVENT
BEGIN:VEVENT
UID:online@example.org
SUMMARY:Short talk
DTSTART:20261101T170000Z
LOCATION:https://meet.example.org/abc
END:VEVENT
BEGIN:VEVENT
UID:off@example.org
SUMMARY:Called off
DTSTART:20261102T170000Z
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:broken@example.org
SUMMARY:Broken one
DTSTART:20260230T170000Z
END:VEVENT
END:VCALENDAR
"""
DAYS = {"from_day": "2026-09-01", "until": "2026-12-31"}


def sent(text: str = FILE) -> dict[str, str]:
    return {"text": text, **DAYS}


def look(desk: Desk, text: str = FILE, path: str = IMPORT) -> str:
    """Return the preview of a calendar."""
    answer = desk.client.post(path, data=sent(text))
    assert answer.status_code == 200
    return answer.text


def take(desk: Desk, text: str = FILE, path: str = IMPORT, **more: object) -> str:
    """Take what the preview ticks and return the page that follows."""
    fields = fields_of(look(desk, text, path)) | {"confirmed": "1"} | more
    return desk.client.post(path, data=fields, follow_redirects=True).text


def editions(desk: Desk) -> list[Edition]:
    db.session.rollback()
    return list(
        db.session.scalars(select(Edition).where(Edition.source_key.is_not(None)).order_by(Edition.id))
    )


@pytest.fixture(autouse=True)
def _in_english(desk: Desk) -> None:
    desk.client.set_cookie("language", "en")


@pytest.mark.both_databases
def test_meetings_become_drafts_after_a_look(desk: Desk) -> None:
    page = look(desk)
    assert "3 new, 0 differ, 1 other." in page
    assert "Line 23, <bdi>“Broken one”</bdi>: Its dates or its rule can’t be read" in page
    assert "Called off" in page
    with desk.app.app_context():
        assert editions(desk) == []
    assert "3 drafts are made." in take(desk)
    with desk.app.app_context():
        first, talk, second = sorted(editions(desk), key=lambda one: one.start_date or date.min)
        assert [one.number for one in (first, talk, second)] == [1, 2, 3]
        assert (first.title, first.start_date, first.start_time, first.end_time, first.zone) == (
            "Autumn camp",
            date(2026, 10, 5),
            time(15),
            time(18),
            "Europe/Berlin",
        )
        assert (first.venue_name, first.venue_address, first.mode) == (
            "Library",
            "Main Street 1",
            Mode.ON_SITE,
        )
        assert (talk.mode, talk.join_url, talk.start_time) == (
            Mode.ONLINE,
            "https://meet.example.org/abc",
            time(18),
        )
        assert second.start_date == date(2026, 11, 5)
        assert {one.state for one in (first, talk, second)} == {EditionState.DRAFT}


@pytest.mark.both_databases
def test_a_second_import_makes_nothing_twice(desk: Desk) -> None:
    take(desk)
    page = look(desk)
    assert "0 new, 0 differ, 4 others." in page
    assert page.count("Here already") == 3
    assert "Take those that are ticked" not in page
    with desk.app.app_context():
        assert len(editions(desk)) == 3


def test_what_has_changed_is_shown_and_taken_only_where_it_is_ticked(desk: Desk) -> None:
    take(desk)
    later = FILE.replace("T150000", "T160000")
    page = look(desk, later)
    assert "0 new, 2 differ" in page
    assert "<strong>Start:</strong> here “3" in page
    assert "in the file “4" in page
    assert "Nothing was ticked, so nothing was taken." in take(desk, later)
    with desk.app.app_context():
        assert {one.start_time for one in editions(desk)} == {time(15), time(18)}
    one = re.findall(r'name="take" value="(\w+)"', page)[0]
    assert "1 edition is changed." in take(desk, later, take=one)
    with desk.app.app_context():
        assert sorted(one.start_time for one in editions(desk) if one.start_time) == [
            time(15),
            time(16),
            time(18),
        ]


def test_a_change_says_how_many_are_told(desk: Desk) -> None:
    take(desk)
    with desk.app.app_context():
        keys = [one.id for one in editions(desk)]
        with transaction():
            for key in keys:
                edition = db.session.get_one(Edition, key)
                edition.state, edition.taken_count = EditionState.PUBLISHED, 3
    assert look(desk, FILE.replace("T150000", "T160000")).count("3 people get a mail about it.") == 2


def test_what_was_changed_here_meanwhile_is_not_overwritten(desk: Desk) -> None:
    take(desk)
    later = FILE.replace("T150000", "T160000")
    page = look(desk, later)
    tokens = re.findall(r'name="take" value="(\w+)"', page)
    edit = desk.form_of("/manage/labcamp/1/edit") | {"start_time": "14:00"}
    assert desk.client.post("/manage/labcamp/1/edit", data=edit).status_code == 303
    answer = desk.client.post(
        IMPORT, data=fields_of(page) | {"confirmed": "1", "take": tokens}, follow_redirects=True
    )
    assert "1 edition is changed." in answer.text
    assert "1 meeting has changed here in the meantime." in answer.text


def test_drafts_take_over_what_the_series_always_says(desk: Desk) -> None:
    desk.publish(4, venue_city="Dortmund", venue_name="Old hall", capacity=33)
    take(desk)
    with desk.app.app_context():
        first = min(editions(desk), key=lambda one: one.start_date or date.max)
        assert (first.number, first.capacity, first.venue_name, first.venue_city) == (5, 33, "Library", "")


def test_a_file_is_uploaded_and_travels_with_its_preview(desk: Desk) -> None:
    upload = {"file": (io.BytesIO(FILE.encode("utf-16")), "calendar.ics"), **DAYS}
    page = desk.client.post(IMPORT, data=upload).text
    assert "3 new" in page
    back = desk.client.post(IMPORT, data=fields_of(page) | {"again": "1"}).text
    assert "UID:camp@example.org" in back
    fields = fields_of(page) | {"confirmed": "1"}
    assert "3 drafts are made." in desk.client.post(IMPORT, data=fields, follow_redirects=True).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file, or paste its text"),
        ({"text": "https://example.org/a.ics"}, "eventhub opens no addresses"),
        ({"text": "Hello"}, "This is no calendar file"),
        ({"text": FILE, "until": "2026-08-01"}, "The last day lies before the first"),
        ({"text": FILE, "until": "2030-08-01"}, "Choose at most two years"),
        ({"text": FILE, "until": ""}, "Enter the last day"),
        ({"kept": "!!!"}, "Choose the file again"),
        ({"kept": packed("no calendar")}, "This is no calendar file"),
        ({"kept": "eJw="}, "Choose the file again"),
    ],
)
def test_bad_input_gets_a_sentence(desk: Desk, data: dict[str, str], words: str) -> None:
    answer = desk.client.post(IMPORT, data=DAYS | data)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_packed_calendar_can_not_blow_up(desk: Desk) -> None:
    answer = desk.client.post(IMPORT, data=DAYS | {"kept": packed("x" * 10_000_000)})
    assert answer.status_code == 422
    assert "Choose the file again" in answer.text


def test_too_many_at_once_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventhub.exchange.offers.MOST_AT_ONCE", 2)
    answer = desk.client.post(IMPORT, data=sent())
    assert answer.status_code == 422
    assert "More than 2 meetings are new or changed" in answer.text


def test_a_time_that_the_clocks_jump_over_is_named(desk: Desk) -> None:
    text = FILE.replace("20261005T150000", "20270328T023000").replace("20261005T180000", "20270328T040000")
    page = desk.client.post(IMPORT, data=sent(text) | {"until": "2027-03-31"}).text
    assert "Line 3, <bdi>“Autumn camp”</bdi>: On" in page


@pytest.mark.both_databases
def test_meetings_become_slots(desk: Desk) -> None:
    desk.publish(5, start_date=date(2026, 10, 5), end_date=date(2026, 11, 5), zone="Europe/London")
    assert desk.form_of(AGENDA)["until"] == "2026-11-05"
    assert "3 slots are in the agenda." in take(desk, path=AGENDA)
    with desk.app.app_context():
        slots = db.session.scalars(select(Slot).order_by(Slot.day)).all()
        assert [(one.title, one.day, one.start_time, one.kind) for one in slots] == [
            ("Autumn camp", date(2026, 10, 5), time(14), Kind.OTHER),
            ("Short talk", date(2026, 11, 1), time(17), Kind.OTHER),
            ("Autumn camp", date(2026, 11, 5), time(14), Kind.OTHER),
        ]
        assert [room.name for room in db.session.scalars(select(Room))] == ["Library, Main Street 1"]
        assert slots[1].abstract == "https://meet.example.org/abc"
    assert "0 new, 0 differ, 4 others." in look(desk, path=AGENDA)
    off = FILE.replace("RRULE:FREQ=MONTHLY;COUNT=2", "STATUS:CANCELLED").replace("Short talk", "Long talk")
    page = look(desk, off, AGENDA)
    assert "in the file “Long talk”" in page
    tokens = re.findall(r'name="take" value="(\w+)"', page)
    assert "slots are changed" in take(desk, off, AGENDA, take=tokens) or len(tokens) == 1
    with desk.app.app_context():
        assert "Long talk" in set(db.session.scalars(select(Slot.title)))


def weekly(start: str, days: str, count: int = 4) -> str:
    """Return a calendar with one series that meets so many times."""
    return (
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:weekly@example.org\nSUMMARY:Round table\n"
        f"DTSTART;TZID=Europe/Berlin:{start}T170000\nDTEND;TZID=Europe/Berlin:{start}T180000\n"
        f"RRULE:FREQ=WEEKLY;BYDAY={days};COUNT={count}\nEND:VEVENT\nEND:VCALENDAR\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        (weekly("20260903", "TH"), weekly("20260904", "FR"), [4, 11, 18, 25]),
        (weekly("20260903", "TH"), weekly("20260902", "WE"), [2, 9, 16, 23]),
        (weekly("20260907", "MO,TH"), weekly("20260908", "TU,FR"), [8, 11, 15, 18]),
        (weekly("20260907", "MO,TH"), weekly("20260909", "WE,SA"), [9, 12, 16, 19]),
    ],
)
def test_a_series_on_other_weekdays_moves_what_it_brought(
    desk: Desk, before: str, after: str, days: list[int]
) -> None:
    take(desk, before)
    with desk.app.app_context():
        keys = [one.id for one in sorted(editions(desk), key=lambda one: one.start_date or date.max)]
    page = look(desk, after)
    assert "0 new, 4 differ, 0 others." in page
    take(desk, after, take=re.findall(r'name="take" value="(\w+)"', page))
    with desk.app.app_context():
        moved = {one.id: one.start_date for one in editions(desk)}
        assert [moved[key] for key in keys] == [date(2026, 9, day) for day in days]
    assert "0 new, 0 differ, 4 others." in look(desk, after)


def test_one_more_day_a_week_moves_nothing(desk: Desk) -> None:
    take(desk, weekly("20260907", "MO"))
    both = weekly("20260907", "MO,TH", 8)
    assert "4 new, 0 differ, 4 others." in look(desk, both)
    inside = {"text": both, "from_day": "2026-09-10", "until": "2026-09-17"}
    assert "2 new, 0 differ, 1 other." in desk.client.post(IMPORT, data=inside).text


def test_whole_days_become_a_slot_each(desk: Desk) -> None:
    desk.publish(5, start_date=date(2026, 10, 5), end_date=date(2026, 10, 8))
    fair = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:fair@example.org\nSUMMARY:Exhibition\n"
        "DTSTART;VALUE=DATE:20261006\nDTEND;VALUE=DATE:20261012\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    take(desk, fair, AGENDA)
    with desk.app.app_context():
        slots = db.session.scalars(select(Slot).order_by(Slot.day)).all()
        assert [(one.title, one.day, one.start_time) for one in slots] == [
            ("Exhibition", date(2026, 10, day), None) for day in (6, 7, 8)
        ]
    assert "0 new, 0 differ, 3 others." in look(desk, fair, AGENDA)


def test_nobody_imports_into_a_series_of_others(desk: Desk) -> None:
    assert desk.client.get("/manage/other/import").status_code == 404
    assert desk.client.post("/manage/other/import", data=sent()).status_code == 404
    assert desk.client.get("/manage/other/5/agenda/import").status_code == 404
