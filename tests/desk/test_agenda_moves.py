"""Slots moved on the grid, changes taken back, and two organisers at once: what the page's script asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from eventhub import clock
from eventhub.agenda import people, places, service
from eventhub.agenda.models import AgendaStep, Kind, Slot, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.desk.agenda_grid import state_of
from eventhub.editions.models import Edition
from eventhub.engagements import service as engagements
from eventhub.engagements.models import Engagement
from eventhub.engagements.service import Question
from eventhub.extensions import db
from eventhub.organisations.roles import Role
from tests.accounts.signing_in import organiser_of
from tests.desk.setting import Desk, fields_of

AGENDA = "/manage/labcamp/5/agenda/"
DAY = date(2026, 5, 5)
JSON = {"Accept": "application/json"}


@pytest.fixture
def inside(app: Flask, desk: Desk) -> Iterator[Edition]:
    """The edition with two slots; the application's context stays open."""
    desk.publish(published_at=clock.now(), start_time=time(8), end_time=time(20))
    desk.client.set_cookie("language", "en")
    with app.app_context():
        edition = db.session.scalars(select(Edition).where(Edition.title == "LabCamp #5")).one()
        with transaction():
            for title, start, end in (("One", time(9), time(10)), ("Two", time(10), time(11))):
                values = {"title": title, "kind": Kind.TALK, "day": DAY, "start_time": start, "end_time": end}
                service.create_slot(edition, values)
        yield edition


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return desk.client


def slot(slug: str) -> Slot:
    db.session.rollback()
    g.pop("_login_user", None)  # the context stays open over requests of several people
    return db.session.scalars(select(Slot).where(Slot.slug == slug)).one()


def span(slug: str) -> tuple[time | None, time | None]:
    found = slot(slug)
    return found.start_time, found.end_time


def move(client: FlaskClient, slug: str, **sent: Any) -> TestResponse:
    was = state_of(slot(slug))
    values = {"was": was, "day": "2026-05-05", "start": 9 * 60, "minutes": 60, "column": "", "by": "room_id"}
    return client.post(f"{AGENDA}slots/{slug}/move", data=values | sent, headers=JSON)


def step(client: FlaskClient, what: str) -> TestResponse:
    g.pop("_login_user", None)
    return client.post(f"{AGENDA}{what}", headers=JSON)


def test_a_move_says_when_the_people_of_the_slot_can_not(client: FlaskClient, inside: Edition) -> None:
    one = slot("one")
    with transaction():
        ada = people.create_speaker(inside.series, {"name": "Ada"})
        service.update_slot(one, {"title": "One"}, [Person(ada.id, SpeakerRole.SPEAKER)])
        engagements.ask(inside, {ada: "ada@lab.example"}, Question("en"))
        db.session.scalars(select(Engagement)).one().availability = "not before 4 pm"
    assert "Ada about times: not before 4 pm" in move(client, "one", start=13 * 60).text
    assert "about times" not in move(client, "two", start=15 * 60).text


def test_a_slot_is_moved_into_a_room(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        hall = places.create_room(inside, {"name": "Hall"}).id
    answer = move(client, "one", start=13 * 60 + 5, minutes=45, column=hall)
    assert answer.status_code == 200
    assert answer.json
    assert answer.json["words"] == "“One” is now at 13:05, Hall."
    assert 'data-slot="one"' in answer.json["board"]
    assert (span("one"), slot("one").room_id) == ((time(13, 5), time(13, 50)), hall)
    assert move(client, "one", start=13 * 60, column="same").status_code == 200
    assert slot("one").room_id == hall


def test_a_slot_is_moved_into_a_track_and_over_midnight(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        track = places.create_track(inside, {"name": "Practice"}).id
    assert move(client, "one", start=23 * 60, minutes=120, column=track, by="track_id").status_code == 200
    found = slot("one")
    assert (found.track_id, found.day, found.end_day, found.end_time) == (
        track,
        DAY,
        date(2026, 5, 6),
        time(1),
    )


def test_an_open_end_stays_open_and_a_parked_slot_gets_its_time(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        service.create_slot(inside, {"title": "Parked", "kind": Kind.TALK})
    assert move(client, "parked", start=600, minutes="").status_code == 200
    found = slot("parked")
    assert (found.day, found.start_time, found.end_time) == (DAY, time(10), None)


def test_a_move_out_of_the_hours_of_the_edition_is_warned_of(client: FlaskClient, inside: Edition) -> None:
    answer = move(client, "one", start=20 * 60)
    assert answer.json
    assert "Warning: outside of the hours of the edition" in answer.json["words"]
    assert "lies outside of the hours of the edition" in answer.json["board"]


def test_a_slot_is_parked_and_keeps_its_room(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        hall = places.create_room(inside, {"name": "Hall"}).id
    move(client, "one", column=hall)
    answer = client.post(
        f"{AGENDA}slots/one/move", data={"was": state_of(slot("one")), "park": "1"}, headers=JSON
    )
    assert answer.json
    assert answer.json["words"] == "“One” is not scheduled any more."
    found = slot("one")
    assert (found.day, found.start_time, found.room_id) == (None, None, hall)


def test_who_moves_second_is_told_and_changes_nothing(
    desk: Desk, client: FlaskClient, inside: Edition
) -> None:
    was = state_of(slot("one"))
    other = organiser_of(desk.app, "labcamp", email="other@example.org").client
    other.set_cookie("language", "en")
    assert move(other, "one", start=14 * 60).status_code == 200
    answer = move(client, "one", start=15 * 60, was=was)
    assert answer.status_code == 409
    assert answer.json
    assert "“One” was moved in the meantime, so your move was not saved." in answer.json["words"]
    assert "14:00" in answer.json["board"]
    assert span("one")[0] == time(14)


@pytest.mark.parametrize(
    "sent",
    [
        {"start": "x"},
        {"start": ""},
        {"start": 99_999},
        {"minutes": 99_999},
        {"minutes": "-5"},
        {"day": "2026-02-30"},
        {"column": "99"},
        {"column": "x"},
        {"start": "²"},
    ],
)
def test_bad_values_change_nothing(client: FlaskClient, inside: Edition, sent: dict[str, Any]) -> None:
    assert move(client, "one", **sent).status_code == 409
    assert span("one") == (time(9), time(10))


NUMBERS_AS_SENT = st.integers(-10, 10**12).map(str) | st.text(max_size=8) | st.just("1500")
ODD = st.fixed_dictionaries(
    {},
    optional={
        "day": st.dates().map(str) | st.text(max_size=12) | st.sampled_from(["9999-12-31", "2199-12-30"]),
        "start": NUMBERS_AS_SENT,
        "minutes": NUMBERS_AS_SENT,
        "column": NUMBERS_AS_SENT,
        "by": st.sampled_from(["room_id", "track_id", "x"]),
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=ODD)
@example(sent={"day": "9999-12-31", "start": "1500"})
@example(sent={"day": "2199-12-30", "start": "1500"})
def test_a_move_to_any_place_is_made_or_refused(
    client: FlaskClient, inside: Edition, sent: dict[str, str]
) -> None:
    assert move(client, "one", **sent).status_code in (200, 400, 409)  # 400: what no browser sends


def test_a_slot_that_somebody_else_has_deleted_is_said_to_be_gone(
    client: FlaskClient, inside: Edition
) -> None:
    was = state_of(slot("one"))
    assert client.post(f"{AGENDA}slots/one/delete").status_code == 303
    sent = {"was": was, "day": "2026-05-05", "start": 540, "minutes": 60, "column": ""}
    answer = client.post(f"{AGENDA}slots/one/move", data=sent, headers=JSON)
    assert answer.json
    assert answer.status_code == 409
    assert "This slot was deleted in the meantime, so your move was not saved." in answer.json["words"]
    assert 'data-slot="one"' not in answer.json["board"]
    assert client.post(f"{AGENDA}slots/one/move", data=sent).status_code == 404


def test_a_move_is_taken_back_and_made_again(client: FlaskClient, inside: Edition) -> None:
    move(client, "one", start=13 * 60)
    move(client, "one", start=14 * 60)
    answer = step(client, "undo")
    assert answer.json
    assert answer.json["words"] == "Taken back: One"
    assert span("one")[0] == time(13)
    step(client, "undo")
    assert span("one")[0] == time(9)
    answer = step(client, "undo")
    assert answer.json
    assert (answer.status_code, answer.json["words"]) == (409, "There is nothing to undo.")
    step(client, "redo")
    step(client, "redo")
    assert span("one")[0] == time(14)
    assert step(client, "redo").status_code == 409


def test_after_a_new_change_there_is_nothing_to_redo(client: FlaskClient, inside: Edition) -> None:
    move(client, "one", start=13 * 60)
    step(client, "undo")
    move(client, "two", start=15 * 60)
    assert step(client, "redo").status_code == 409
    assert span("one")[0] == time(9)


def test_the_rest_of_a_day_that_was_shifted_is_taken_back(client: FlaskClient, inside: Edition) -> None:
    sent = {"day": "2026-05-05", "since": "09:00", "minutes": "20"}
    assert client.post(f"{AGENDA}shift", data=sent).status_code == 303
    assert (span("one")[0], span("two")[0]) == (time(9, 20), time(10, 20))
    assert client.post(f"{AGENDA}undo").status_code == 303
    assert (span("one")[0], span("two")[0]) == (time(9), time(10))


def test_an_edit_in_the_form_is_taken_back_with_its_people(client: FlaskClient, inside: Edition) -> None:
    with transaction():
        mona = people.create_speaker(inside.series, {"name": "Mona"}).id
    sent = {
        "title": "Uno",
        "kind": "workshop",
        "day": "2026-05-05",
        "start_time": "09:00",
        "end_time": "10:00",
    }
    sent |= {"people-0-speaker": str(mona), "people-0-role": "host"}
    assert client.post(f"{AGENDA}?slot=one", data=sent).status_code == 303
    assert step(client, "undo").status_code == 200
    found = slot("one")
    assert (found.title, found.kind, found.speaker_links) == ("One", Kind.TALK, [])
    assert step(client, "redo").status_code == 200
    found = slot("one")
    assert (found.title, found.kind) == ("Uno", Kind.WORKSHOP)
    assert service.people_of(found) == [Person(mona, SpeakerRole.HOST)]


def test_a_split_is_taken_back_as_a_whole(client: FlaskClient, inside: Edition) -> None:
    client.post(f"{AGENDA}slots/one/split", data={"at": "09:30"})
    assert span("one") == (time(9), time(9, 30))
    assert step(client, "undo").status_code == 200
    assert titles() == ["One", "Two"]
    assert span("one") == (time(9), time(10))
    assert step(client, "redo").status_code == 200
    assert titles() == ["One", "One", "Two"]


def titles() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Slot.title)))


PASTED = {"day": "2026-05-05", "lines": "14:00-15:00 Three\n15:00-16:00 Four | Mona", "create": "1"}


@pytest.mark.parametrize(
    ("address", "sent", "after"),
    [
        ("?new=1", {"title": "Three", "kind": "talk"}, ["One", "Three", "Two"]),
        ("slots/one/copy", {}, ["One", "One", "Two"]),
        ("slots/one/delete", {}, ["Two"]),
        ("paste", PASTED, ["Four", "One", "Three", "Two"]),
    ],
    ids=["new", "copy", "delete", "paste"],
)
def test_what_comes_or_goes_is_taken_back_at_once(
    client: FlaskClient, inside: Edition, address: str, sent: dict[str, str], after: list[str]
) -> None:
    move(client, "two", start=16 * 60)  # what was done before is not what is taken back
    assert client.post(f"{AGENDA}{address}", data=sent).status_code == 303
    assert titles() == after
    assert step(client, "undo").status_code == 200
    assert titles() == ["One", "Two"]
    assert span("two")[0] == time(16)
    assert step(client, "redo").status_code == 200
    assert titles() == after


def test_what_others_changed_since_is_not_taken_back(
    desk: Desk, client: FlaskClient, inside: Edition
) -> None:
    other = organiser_of(desk.app, "labcamp", email="other@example.org").client
    move(client, "two", start=16 * 60)
    move(client, "one", start=13 * 60)
    move(other, "one", start=14 * 60)
    answer = step(client, "undo")
    assert answer.status_code == 409
    assert answer.json
    assert "Somebody else has changed this since" in answer.json["words"]
    assert span("one")[0] == time(14)
    assert step(client, "undo").status_code == 200  # what was done before that still can be
    assert span("two")[0] == time(10)
    assert step(other, "undo").status_code == 200
    assert span("one")[0] == time(13)


def test_only_the_latest_steps_are_kept(
    client: FlaskClient, inside: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventhub.agenda.steps.MOST", 3)
    for hour in range(11, 17):
        move(client, "one", start=hour * 60)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(AgendaStep)) == 3


def test_the_board_is_sent_only_when_something_changed(
    client: FlaskClient, inside: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(f"{AGENDA}board")
    tag = first.headers["ETag"]
    assert 'id="board"' in first.text
    assert "<html" not in first.text
    assert client.get(f"{AGENDA}board", headers={"If-None-Match": tag}).status_code == 304
    move(client, "one", start=13 * 60)
    answer = client.get(f"{AGENDA}board", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag
    assert "13:00" in answer.text
    assert client.get("/manage/other/5/agenda/board").status_code == 404


def test_readers_look_and_move_nothing(desk: Desk, client: FlaskClient, inside: Edition) -> None:
    assert "data-agenda-editor" in client.get(AGENDA).text
    reader = organiser_of(desk.app, "labcamp", email="reader@example.org", role=Role.READER).client
    g.pop("_login_user", None)
    page = reader.get(AGENDA).text
    assert "data-agenda-editor" not in page
    assert 'class="grip"' not in page
    move(reader, "one", start=13 * 60)
    assert span("one")[0] == time(9)


def release(client: FlaskClient, note: str) -> TestResponse:
    """Release what the page shows, and go on showing changes at once."""
    seen = fields_of(client.get(f"{AGENDA}versions").text)["seen"]
    return client.post(f"{AGENDA}versions", data={"note": note, "seen": seen})


def test_versions_are_released_compared_and_public(desk: Desk, client: FlaskClient, inside: Edition) -> None:
    page = f"{AGENDA}versions"
    assert "Version 1" in client.get(page).text
    assert release(client, "Here we go").status_code == 303
    answer = release(client, "typed")
    assert answer.status_code == 422
    assert "Nothing has changed since version 1." in answer.text
    assert "typed" in answer.text
    move(client, "one", start=13 * 60)
    assert "Since version 1" in client.get(page).text
    assert release(client, "One moves").status_code == 303
    compared = client.get(f"{page}?from=1&to=2").text
    assert "From version 1 to version 2" in compared
    assert "until now" in compared
    assert client.get(f"{page}?from=x&to=99").status_code == 200
    public = desk.app.test_client().get("/labcamp/5/changes/", headers={"Accept-Language": "en"}).text
    assert public.index("One moves") < public.index("Here we go")
    assert '/labcamp/5/changes/"' in desk.app.test_client().get("/labcamp/5/").text


def test_without_a_version_there_is_no_list_of_changes(desk: Desk, inside: Edition) -> None:
    assert desk.app.test_client().get("/labcamp/5/changes/").status_code == 404
    assert "changes/" not in desk.app.test_client().get("/labcamp/5/").text
