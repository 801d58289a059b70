"""The agenda page and its form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from eventhub import clock as eventhub_clock
from eventhub.agenda import people, places, service
from eventhub.agenda.models import Kind, Room, Slot, Speaker, SpeakerRole, Track
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.desk.agenda_board import hours_of
from eventhub.editions.models import Edition, Series
from eventhub.extensions import db
from eventhub.signups.models import SlotPlaces
from tests.desk.hostile import DATES, FINE, KEYS, NUMBERS, TEXTS, TIMES
from tests.desk.setting import Desk
from tests.editions.making import make_edition

AGENDA = "/manage/labcamp/5/agenda/"
NEW = f"{AGENDA}?new=1"


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    desk.publish(published_at=eventhub_clock.now())
    desk.client.set_cookie("language", "en")
    return desk.client


@pytest.fixture
def inside(app: Flask, client: FlaskClient) -> Iterator[Edition]:
    """The edition; the application's context stays open."""
    with app.app_context():
        yield db.session.scalars(select(Edition).where(Edition.title == "LabCamp #5")).one()


def values(**more: Any) -> dict[str, Any]:
    return {"title": "Talk", "kind": "talk", "day": "2026-05-05", "room_id": "", "language": ""} | more


def slots() -> list[Slot]:
    db.session.rollback()
    return list(db.session.scalars(select(Slot).order_by(Slot.id)))


def add(edition: Edition, title: str, start: time, end: time, **more: Any) -> Slot:
    who = more.pop("people", ())
    known = {"title": title, "kind": Kind.TALK, "day": date(2026, 5, 5), "start_time": start, "end_time": end}
    with transaction():
        return service.create_slot(edition, known | more, who)


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_an_empty_agenda_says_what_to_do(client: FlaskClient) -> None:
    page = client.get(AGENDA).text
    assert "No agenda yet" in page
    assert f'href="{AGENDA}?new=1#slot-form"' in page


def test_a_slot_is_added_edited_and_deleted(client: FlaskClient, inside: Edition) -> None:
    answer = client.post(NEW, data=values(title="Was bleibt?", start_time="15:00", end_time="15:25"))
    assert answer.status_code == 303
    (slot,) = slots()
    assert (slot.title, slot.slug, slot.sequence) == ("Was bleibt?", "was-bleibt", 0)
    assert "Was bleibt?" in client.get(answer.location).text
    answer = client.post(
        f"{AGENDA}?slot=was-bleibt", data=values(title="Was bleibt?", start_time="15:30", end_time="")
    )
    assert answer.status_code == 303
    (slot,) = slots()
    assert (slot.start_time, slot.end_time, slot.sequence) == (time(15, 30), None, 1)
    assert client.post(f"{AGENDA}slots/was-bleibt/delete").status_code == 303
    assert slots() == []


def test_what_somebody_else_has_changed_is_not_deleted_unseen(client: FlaskClient, inside: Edition) -> None:
    add(inside, "Mine", time(15), time(16))
    (was,) = re.findall(r'name="was" value="([^"]+)"', client.get(f"{AGENDA}?slot=mine").text)
    client.post(f"{AGENDA}?slot=mine", data=values(title="Mine", abstract="By somebody else"))
    answer = client.post(f"{AGENDA}slots/mine/delete", data={"was": was}, follow_redirects=True)
    assert "Somebody else has changed this slot. Look at it before you delete it." in answer.text
    (was,) = re.findall(r'name="was" value="([^"]+)"', answer.text)
    client.post(f"{AGENDA}slots/mine/delete", data={"was": was})
    assert slots() == []


def test_the_form_shows_what_is_stored_and_sends_it_back_unchanged(
    desk: Desk, client: FlaskClient, inside: Edition
) -> None:
    with transaction():
        room = places.create_room(inside, {"name": "Saal"})
        track = places.create_track(inside, {"name": "Praxis"})
        mona = people.create_speaker(inside.series, {"name": "Mona"})
    add(
        inside,
        "Talk",
        time(22),
        time(1),
        end_day=date(2026, 5, 6),
        room_id=room.id,
        track_id=track.id,
        kind=Kind.GAME,
        kind_label="Planspiel",
        abstract="Line\n\n- item",
        level="all",
        language="en",
        parallel=True,
        people=[Person(mona.id, SpeakerRole.MODERATOR)],
    )
    sent = desk.form_of(f"{AGENDA}?slot=talk")
    assert sent["people-0-speaker"] == str(mona.id)
    assert sent["people-0-role"] == "moderator"
    page = client.post(f"{AGENDA}?slot=talk", data=sent, follow_redirects=True).text
    assert "Nothing was changed." in page


def test_people_are_chosen_with_their_roles(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        keys = [people.create_speaker(inside.series, {"name": name}).id for name in ("Eva", "Mona")]
    rows = {"people-0-speaker": keys[1], "people-0-role": "host", "people-5-speaker": keys[0]}
    assert client.post(NEW, data=values(**rows, **{"people-5-role": "speaker"})).status_code == 303
    (slot,) = slots()
    assert [(link.speaker.name, link.role) for link in slot.speaker_links] == [
        ("Mona", SpeakerRole.HOST),
        ("Eva", SpeakerRole.SPEAKER),
    ]
    twice = {f"people-{row}-speaker": keys[0] for row in (0, 1)}
    twice |= {f"people-{row}-role": "speaker" for row in (0, 1)}
    answer = client.post(NEW, data=values(**twice))
    assert answer.status_code == 422
    assert "This person stands above already" in answer.text


@pytest.mark.parametrize(
    ("more", "message", "field"),
    [
        ({"title": ""}, "Enter a title", "title"),
        ({"start_time": "15:00", "end_time": "14:00"}, "before the start", "end_time"),
        ({"day": "", "start_time": "15:00"}, "Choose the day", "day"),
        ({"day": "2026-02-30"}, "Enter the date like", "day"),
        ({"day": "2026-03-29", "start_time": "02:30"}, "clocks go forward", "start_time"),
        ({"title": "x" * 301}, "at most 300", "title"),
    ],
)
def test_errors_stand_at_their_field_and_in_the_summary(
    client: FlaskClient, inside: Edition, more: dict[str, str], message: str, field: str
) -> None:
    answer = client.post(NEW, data=values(abstract="What I typed") | more)
    assert answer.status_code == 422
    assert answer.text.count(message) == 2
    assert f'<a href="#{field}">' in answer.text
    assert "data-focus-first" in answer.text
    assert "What I typed" in answer.text
    assert slots() == []


def test_a_slot_outside_of_the_days_is_a_warning(client: FlaskClient, inside: Edition) -> None:
    page = client.post(NEW, data=values(day="2026-05-09", start_time="15:00"), follow_redirects=True).text
    assert "1 warning" in page
    assert "lies outside of the days of the edition" in page


def test_clashes_stand_on_top_with_a_link_and_on_the_cards(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        room = places.create_room(inside, {"name": "Saal"})
        mona = people.create_speaker(inside.series, {"name": "Mona"})
    who = [Person(mona.id, SpeakerRole.SPEAKER)]
    add(inside, "First", time(15), time(16), room_id=room.id, people=who)
    add(inside, "Second", time(15, 30), time(16, 30), room_id=room.id, people=who)
    add(inside, "Off", time(15), time(16), room_id=room.id, people=who, cancelled=True)
    page = client.get(AGENDA).text
    assert "2 warnings" in page
    assert f'href="{AGENDA}?slot=second#slot-form">Mona is needed twice, ' in page
    assert page.count("Saal taken twice") == 2


def test_warnings_stand_on_the_page_of_the_edition_too(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        room = places.create_room(inside, {"name": "Saal"})
    add(inside, "First", time(9), time(12, 30), room_id=room.id)
    page = client.get("/manage/labcamp/5/").text
    assert "2 warnings about the agenda" in page
    assert "lies outside of the hours of the edition" in page
    assert "Saal: no break for more than three hours, " in page


def test_more_places_than_seats_and_a_wrong_order_are_warnings(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        room = places.create_room(inside, {"name": "Saal", "capacity": 20})
    basics = add(inside, "Basics", time(15), time(16), room_id=room.id)
    sequel = add(inside, "Sequel", time(14), time(15), room_id=room.id)
    with transaction():
        db.session.add(SlotPlaces(slot_id=basics.id, capacity=30))
        db.session.flush()
        db.session.add(SlotPlaces(slot_id=sequel.id, needs_id=basics.id))
    page = client.get(AGENDA).text
    assert "“Basics” has 30 places, but Saal has 20 seats" in page
    assert "“Sequel” begins before “Basics” has ended, on which it builds" in page


def test_the_grid_shows_empty_rooms_and_what_collides(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        hall = places.create_room(inside, {"name": "Hall"})
        places.create_room(inside, {"name": "Empty"})
        track = places.create_track(inside, {"name": "Practice"})
    add(inside, "Everybody", time(9), time(10))
    add(inside, "One", time(10), time(11), room_id=hall.id, track_id=track.id)
    add(inside, "Two", time(10, 30), time(11), room_id=hall.id)
    page = client.get(AGENDA).text
    assert re.findall("<span data-column[^>]*>([^<]*)", page) == ["All or no room", "Hall", "Empty"]
    assert re.search('at-h1 at-m0 for-h1 for-m0 c-all[^>]*id="s-everybody"', page)
    assert re.search('at-h2 at-m0 for-h1 for-m0 c-2[^>]*id="s-one"', page)
    assert re.search('at-h2 at-m6 for-h0 for-m6 c-2 over-1[^>]*id="s-two"', page)
    page = client.get(f"{AGENDA}?by=tracks").text
    assert re.findall("<span data-column[^>]*>([^<]*)", page) == ["No track", "Practice"]
    assert re.search('at-h2 at-m0 for-h1 for-m0 c-2[^>]*id="s-one"', page)


def test_a_copy_waits_beside_the_agenda(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        mona = people.create_speaker(inside.series, {"name": "Mona"})
    add(inside, "Talk", time(15), time(16), people=[Person(mona.id, SpeakerRole.HOST)], level="all")
    answer = client.post(f"{AGENDA}slots/talk/copy")
    assert answer.status_code == 303
    assert answer.location.endswith("?slot=talk-2")
    assert "Not scheduled yet" in client.get(answer.location).text
    (_talk, copy) = slots()
    assert (copy.title, copy.level, copy.day, copy.speaker_links[0].role) == (
        "Talk",
        "all",
        None,
        SpeakerRole.HOST,
    )
    assert copy.calendar_uid != _talk.calendar_uid


def test_a_slot_is_split(client: FlaskClient, inside: Edition) -> None:
    add(inside, "Talk", time(15), time(16))
    assert 'value="15:30"' in client.get(f"{AGENDA}?slot=talk").text
    assert client.post(f"{AGENDA}slots/talk/split", data={"at": "15:20"}).status_code == 303
    assert [(slot.start_time, slot.end_time) for slot in slots()] == [
        (time(15), time(15, 20)),
        (time(15, 20), time(16)),
    ]


@pytest.mark.parametrize(
    ("at", "message"), [("", "Enter the time at which"), ("16:00", "Choose a time between"), ("x", "time")]
)
def test_a_slot_is_split_only_within_its_time(
    client: FlaskClient, inside: Edition, at: str, message: str
) -> None:
    add(inside, "Talk", time(15), time(16))
    answer = client.post(f"{AGENDA}slots/talk/split", data={"at": at})
    assert answer.status_code == 422
    assert message in answer.text
    assert len(slots()) == 1


def test_a_slot_over_midnight_is_split_on_the_next_day(client: FlaskClient, inside: Edition) -> None:
    add(inside, "Party", time(22), time(2), end_day=date(2026, 5, 6))
    assert client.post(f"{AGENDA}slots/party/split", data={"at": "01:00"}).status_code == 303
    found = [(slot.day.day, slot.start_time, slot.end_day, slot.end_time) for slot in slots()]
    assert found == [(5, time(22), date(2026, 5, 6), time(1)), (6, time(1), None, time(2))]


def test_a_new_slot_begins_where_the_address_says(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        room = places.create_room(inside, {"name": "Hall"}).id
    page = client.get(f"{NEW}&day=2026-05-05&start_time=15:30&room_id={room}&track_id=nonsense").text
    assert 'value="15:30"' in page
    assert re.search(f'<option selected value="{room}"', page)


def test_taking_out_of_the_schedule(client: FlaskClient, inside: Edition) -> None:
    add(inside, "Talk", time(15), time(16))
    answer = client.post(
        f"{AGENDA}?slot=talk", data=values(start_time="15:00", end_time="16:00", unschedule="1")
    )
    assert answer.status_code == 303
    (slot,) = slots()
    assert (slot.day, slot.start_time, slot.starts_at, slot.sequence) == (None, None, None, 1)
    assert "Not scheduled yet" in client.get(AGENDA).text


def test_later_slots_move_along_and_the_page_says_so(client: FlaskClient, inside: Edition) -> None:
    add(inside, "First", time(15), time(15, 30))
    add(inside, "Second", time(15, 30), time(16))
    sent = values(title="First", start_time="15:00", end_time="15:40", shift_later="y")
    page = client.post(f"{AGENDA}?slot=first", data=sent, follow_redirects=True).text
    assert "Saved. 1 other slot moved along." in page
    assert slots()[1].start_time == time(15, 40)


def test_every_day_of_the_edition_can_be_filled_and_has_its_hours(
    client: FlaskClient, inside: Edition
) -> None:
    with transaction():
        db.session.get_one(Edition, inside.id).end_date = date(2026, 5, 7)
    add(inside, "Only one", time(15), time(16), day=date(2026, 5, 6))
    with transaction():
        service.create_slot(db.session.get_one(Edition, inside.id), {"title": "Waits", "kind": Kind.TALK})
    page = client.get(f"{AGENDA}?day=2026-05-07").text
    for day in ("2026-05-05", "2026-05-06", "2026-05-07"):
        assert f"?day={day}" in page
    assert "Nothing takes place on this day yet." in page
    assert 'data-day="2026-05-07"' in page
    assert (">14:00</span>" in page, ">18:00</span>" in page) == (True, True)
    assert 'aria-label="Move: Waits"' in page


def test_what_only_waits_can_be_dragged_into_the_day(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        service.create_slot(inside, {"title": "Waits", "kind": Kind.TALK})
    page = client.get(AGENDA).text
    assert 'data-day="2026-05-05"' in page
    assert 'aria-label="Move: Waits"' in page


@pytest.mark.parametrize(
    ("start", "end", "last", "day", "hours"),
    [
        (time(15), time(18), None, 5, (15 * 60, 18 * 60)),
        (None, None, None, 5, (9 * 60, 17 * 60)),
        (time(20), None, None, 5, (20 * 60, 24 * 60)),
        (time(20), time(2), date(2026, 5, 6), 5, (20 * 60, 24 * 60)),
        (time(20), time(2), date(2026, 5, 6), 6, (0, 2 * 60)),
        (time(9), time(12), date(2026, 5, 7), 6, (9 * 60, 12 * 60)),
    ],
)
def test_the_hours_of_a_day_follow_from_the_edition(
    start: time | None, end: time | None, last: date | None, day: int, hours: tuple[int, int]
) -> None:
    edition = Edition(start_date=date(2026, 5, 5), end_date=last, start_time=start, end_time=end)
    assert hours_of(edition, date(2026, 5, day)) == hours


def test_days_can_be_chosen(client: FlaskClient, inside: Edition) -> None:
    add(inside, "First day", time(15), time(16))
    add(inside, "Second day", time(15), time(16), day=date(2026, 5, 6))
    card = 'id="s-second-day"'
    assert card not in client.get(AGENDA).text
    assert card in client.get(f"{AGENDA}?day=2026-05-06").text
    assert card in client.get(f"{AGENDA}?slot=second-day").text
    assert client.get(f"{AGENDA}?day=nonsense").status_code == 200


@pytest.mark.parametrize(
    "address", ["?slot=nothing", "?slot=", "slots/nothing/delete", "rooms/99", "tracks/99"]
)
def test_what_does_not_exist(client: FlaskClient, address: str) -> None:
    method = "POST" if address.endswith("delete") else "GET"
    assert client.open(f"{AGENDA}{address}", method=method).status_code == 404


def test_the_page_costs_the_same_with_many_slots(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        room = places.create_room(inside, {"name": "Saal"})
        mona = people.create_speaker(inside.series, {"name": "Mona"})
    add(inside, "Talk", time(9), time(9, 5), room_id=room.id, people=[Person(mona.id, SpeakerRole.SPEAKER)])
    edition_id, room_id, who = inside.id, room.id, [Person(mona.id, SpeakerRole.SPEAKER)]
    addresses = (AGENDA, f"{AGENDA}?slot=talk")
    client.get(AGENDA)  # what is read once per process
    before = [_statements(client, address) for address in addresses]
    edition = db.session.get_one(Edition, edition_id)
    for number in range(20):
        hour, minute = 10 + number // 3, number % 3 * 15
        title = f"Talk {number}"
        add(edition, title, time(hour, minute), time(hour, minute + 10), room_id=room_id, people=who)
    assert [_statements(client, address) for address in addresses] == before
    assert before == [9, 15]  # with a slot in the form: how many people would be told


def _statements(client: FlaskClient, address: str) -> int:
    db.session.remove()
    with counted() as statements:
        assert client.get(address).status_code == 200
    return len([statement for statement in statements if statement.lstrip().upper().startswith("SELECT")])


# several at once -------------------------------------------------------------------------------------

PASTE = f"{AGENDA}paste"
PROGRAMME = "15:00 Begrüßung\n15:10-15:35 Was bleibt? | Dr. Eva Wascher, Moderation: Mona\n16:00 Pause\n"


def test_pasted_lines_are_shown_before_they_are_stored(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        people.create_speaker(inside.series, {"name": "Mona"})
    sent = {"lines": PROGRAMME, "day": "2026-05-05", "close_gaps": "y"}
    answer = client.post(PASTE, data=sent)
    assert answer.status_code == 200
    assert slots() == []
    assert "Add 3 slots" in answer.text
    assert answer.text.count("new in the list") == 1
    answer = client.post(PASTE, data=sent | {"create": "1"}, follow_redirects=True)
    assert "3 slots are in the agenda." in answer.text
    found = [(slot.title, slot.kind, slot.start_time, slot.end_time) for slot in slots()]
    assert found == [
        ("Begrüßung", Kind.PLENARY, time(15), time(15, 10)),
        ("Was bleibt?", Kind.TALK, time(15, 10), time(15, 35)),
        ("Pause", Kind.BREAK, time(16), None),
    ]
    assert sorted(db.session.scalars(select(Speaker.name))) == ["Dr. Eva Wascher", "Mona"]


def test_pasted_errors_name_their_line_and_nothing_is_stored(client: FlaskClient, inside: Edition) -> None:
    sent = {"lines": "15:00 Gut\n25:00 Schlecht", "day": "2026-05-05", "create": "1"}
    answer = client.post(PASTE, data=sent)
    assert answer.status_code == 422
    assert "Line 2: There is no such time of day" in answer.text
    assert "25:00 Schlecht" in answer.text
    assert slots() == []
    answer = client.post(PASTE, data=sent | {"lines": "15:00 Gut", "day": ""})
    assert answer.status_code == 422
    assert "Choose the day" in answer.text
    answer = client.post(PASTE, data=sent | {"lines": "01:00 A\n02:30 B", "day": "2026-03-29"})
    assert answer.status_code == 422
    assert "Line 2: On " in answer.text
    assert slots() == []


# rooms and tracks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "model"), [("rooms", Room), ("tracks", Track)])
def test_rooms_and_tracks(client: FlaskClient, inside: Edition, what: str, model: Any) -> None:
    place = f"{AGENDA}{what}/"
    assert client.get(place).status_code == 200
    assert client.post(place, data={"name": "A", "capacity": "30"}).status_code == 303
    row = db.session.scalars(select(model)).one()
    assert client.post(place, data={"name": "A"}).status_code == 422
    assert client.post(place, data={"name": " "}).status_code == 422
    assert client.get(f"{place}{row.id}").status_code == 200
    assert client.post(f"{place}{row.id}", data={"name": "B", "position": "7"}).status_code == 303
    db.session.rollback()
    assert (row.name, row.position) == ("B", 7)
    assert client.post(f"{place}{row.id}/delete").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(model)).all() == []


def test_rooms_of_other_editions_are_not_there(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        other = make_edition(db.session.scalars(select(Series).filter_by(slug="other")).one(), 7)
        room = places.create_room(other, {"name": "Theirs"})
        track = places.create_track(other, {"name": "Theirs"})
        stranger = people.create_speaker(other.series, {"name": "Stranger"})
        sibling = service.create_slot(other, {"title": "Theirs", "kind": Kind.TALK})
        keys = {"room_id": room.id, "track_id": track.id, "parent_id": sibling.id}
        stranger_id = stranger.id
    assert client.get(f"{AGENDA}rooms/{keys['room_id']}").status_code == 404
    assert client.post(f"{AGENDA}tracks/{keys['track_id']}/delete").status_code == 404
    assert client.post(f"{AGENDA}slots/theirs/delete").status_code == 404
    for name, key in (keys | {"people-0-speaker": stranger_id}).items():
        answer = client.post(NEW, data=values(**{name: str(key), "people-0-role": "speaker"}))
        assert answer.status_code == 422, name
        assert "Theirs" not in answer.text
        assert "Stranger" not in answer.text


# bad input -------------------------------------------------------------------------------------------


CHOICES = ("room_id", "track_id", "parent_id", "organisation_id", "people-0-speaker", "people-0-role")
VALUES = [
    (("title", "abstract", "kind", "kind_label", "level", "language"), TEXTS),
    (("day", "end_day"), DATES),
    (("start_time", "end_time"), TIMES),
    (("position",), NUMBERS),
    (CHOICES, KEYS),
]


@pytest.mark.slow
@pytest.mark.parametrize(("fields", "texts"), VALUES, ids=["texts", "dates", "times", "numbers", "keys"])
def test_any_value_is_taken_or_refused(
    client: FlaskClient, inside: Edition, fields: tuple[str, ...], texts: list[str]
) -> None:
    for field in fields:
        for text in texts:
            _fine(client, NEW, values(start_time="15:00", end_time="16:00") | {field: text})


@pytest.mark.slow
def test_any_paste_room_and_track_is_taken_or_refused(client: FlaskClient, inside: Edition) -> None:
    for text in (*TEXTS, *DATES, *TIMES):
        _fine(client, PASTE, {"lines": text, "day": "2026-05-05", "create": "1"})
        _fine(client, PASTE, {"lines": f"15:00 {text} | {text}", "day": text, "create": "1"})
    for text in (*TEXTS, *NUMBERS):
        _fine(client, f"{AGENDA}rooms/", {"name": text, "description": text, "capacity": text})
        _fine(client, f"{AGENDA}tracks/", {"name": text, "description": text})


def _fine(client: FlaskClient, address: str, data: dict[str, Any]) -> None:
    answer = client.post(address, data=data)
    assert answer.status_code in FINE
    page = client.get(answer.location) if answer.status_code == 303 else answer
    assert page.status_code in FINE
    assert "<script>alert" not in page.text


def test_forms_need_their_token(app: Flask, client: FlaskClient, inside: Edition) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    for address in (NEW, PASTE, f"{AGENDA}rooms/", "/manage/labcamp/speakers/new"):
        assert client.post(address, data=values()).status_code == 400
    assert re.search('name="csrf_token"', client.get(NEW).text)
