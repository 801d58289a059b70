from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Mode
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration import queries
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.registration.browsing import AYLIN, cancel_place, my_link, registration_of, send
from tests.registration.samples import add_edition, signed_up

JOIN = "https://meet.example/room"

pytestmark = pytest.mark.both_databases


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def edition_id(app: Flask, clock: FrozenClock) -> int:
    """An edition with two places and three slots."""
    return add_edition(app, slots=3, capacity=2)


@pytest.fixture
def mine(app: Flask, client: FlaskClient, edition_id: int) -> str:
    """The personal link of somebody who has a place."""
    send(client)
    return my_link(app)


def events(client: FlaskClient, link: str) -> dict[str, icalendar.Event]:
    found = icalendar.Calendar.from_ical(client.get(f"{link}calendar.ics").data)
    return {str(event["SUMMARY"]): event for event in found.walk("VEVENT")}


def kinds(app: Flask) -> list[str]:
    with app.app_context():
        return list(
            db.session.scalars(
                select(OutboxMessage.kind)
                .where(OutboxMessage.registration_id == registration_of().id)
                .order_by(OutboxMessage.id)
            )
        )


def test_who_has_a_place_sees_everything_needed(client: FlaskClient, mine: str) -> None:
    page = client.get(mine)
    assert "You’re in, Aylin Yıldız" in page.text
    assert JOIN in page.text
    assert "Telephone 030 1234" in page.text
    assert "calendar.google.com" in page.text
    assert "webcal://" not in page.text, "who sees a subscription must not be able to manage the place"
    assert f"{mine}all-meetings" in page.text


def test_the_link_stays_secret(client: FlaskClient, mine: str) -> None:
    page = client.get(mine)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex">' in page.text
    token = mine.split("/")[2]
    outside = [link for link in re.findall(r'href="(https?://[^"]+)"', page.text) if "localhost" not in link]
    assert outside
    assert not any(token in link for link in outside)


def test_a_look_changes_nothing(app: Flask, client: FlaskClient, mine: str) -> None:
    for action in ("cancel", "slots", "resend"):
        assert client.get(f"{mine}{action}").status_code == 405
    assert kinds(app) == ["confirmed"]


def test_who_waits_sees_the_position_and_no_way_in(app: Flask, client: FlaskClient, edition_id: int) -> None:
    with app.app_context():
        for number in range(3):
            signed_up(edition_id, number)
    send(client)
    page = client.get(my_link(app))
    assert "You are number 2 in line" in page.text
    assert JOIN not in page.text
    assert "030 1234" not in page.text
    assert not events(client, my_link(app))


def test_cancelling_gives_the_place_to_the_next(
    app: Flask, client: FlaskClient, mine: str, edition_id: int
) -> None:
    with app.app_context():
        for number in range(2):
            signed_up(edition_id, number)
    waiting = my_link(app, "person1@lab.example")
    for _ in range(2):
        answer = client.post(f"{mine}cancel")
        assert (answer.status_code, answer.location) == (303, mine)
    page = client.get(mine)
    assert "Your registration is cancelled" in page.text
    assert JOIN not in page.text
    assert "You’re in, Person 1" in client.get(waiting).text
    assert kinds(app) == ["confirmed", "cancelled"]


def test_after_cancelling_one_can_come_back(app: Flask, client: FlaskClient, mine: str) -> None:
    client.post(f"{mine}cancel")
    send(client)
    assert "You’re in" in client.get(mine).text


def test_details_can_be_changed(app: Flask, client: FlaskClient, mine: str) -> None:
    page = client.get(f"{mine}change")
    assert 'value="Aylin Yıldız"' in page.text
    data = {**AYLIN, "name": "Aylin Blau", "email": "blau@lab.example"}
    assert client.post(f"{mine}change", data=data).location == mine
    assert "Aylin Blau" in client.get(mine).text
    with app.app_context():
        assert registration_of("blau@lab.example").name == "Aylin Blau"


def test_mistakes_in_details_are_named(app: Flask, client: FlaskClient, mine: str, edition_id: int) -> None:
    with app.app_context():
        signed_up(edition_id, 1)
    for data in ({**AYLIN, "name": "x" * 200}, {**AYLIN, "email": "person1@lab.example"}, {"name": ""}):
        page = client.post(f"{mine}change", data=data)
        assert page.status_code == 422
        assert "<title>Error: " in page.text
    with app.app_context():
        assert registration_of().name == "Aylin Yıldız"


def test_chosen_slots_come_into_the_calendar(
    app: Flask, client: FlaskClient, mine: str, edition_id: int
) -> None:
    assert list(events(client, mine)) == ["LabCamp #5"]
    with app.app_context():
        first, _second, third = queries.slots_to_choose(registration_of())
    answer = client.post(f"{mine}slots", data={"slot": [str(first.id), str(third.id), "999", "x", "9" * 30]})
    assert answer.status_code == 303
    page = client.get(mine).text
    assert page.count(" checked") == 2
    found = events(client, mine)
    assert list(found) == ["LabCamp #5", "Talk 0", "Talk 2"]
    assert found["Talk 0"]["TRANSP"] == "TRANSPARENT"
    client.post(f"{mine}slots", data={})
    assert list(events(client, mine)) == ["LabCamp #5"]


def test_the_calendar_answers_with_304_until_something_changes(
    client: FlaskClient, mine: str, app: Flask
) -> None:
    first = client.get(f"{mine}calendar.ics")
    assert first.headers["Cache-Control"].startswith("private")
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    known = {"If-None-Match": first.headers["ETag"]}
    assert client.get(f"{mine}calendar.ics", headers=known).status_code == 304
    cancel_place(app)
    assert client.get(f"{mine}calendar.ics", headers=known).status_code == 200


def test_a_place_that_was_given_up_is_cancelled_in_the_calendar(
    app: Flask, client: FlaskClient, mine: str, clock: FrozenClock
) -> None:
    before = events(client, mine)["LabCamp #5"]
    clock.advance(timedelta(hours=1))
    cancel_place(app)
    after = events(client, mine)["LabCamp #5"]
    assert after["UID"] == before["UID"]
    assert after["STATUS"] == "CANCELLED"
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert JOIN not in after.to_ical().decode()
    clock.advance(timedelta(hours=1))
    send(client)
    again = events(client, mine)["LabCamp #5"]
    assert again["STATUS"] == "CONFIRMED"
    assert again["SEQUENCE"] > after["SEQUENCE"]


def test_hybrid_meetings_show_the_way_and_the_link(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    add_edition(
        app,
        mode=Mode.HYBRID,
        venue_name="CityLAB",
        venue_address="Platz der Luftbrücke 4\n12101 Berlin",
        venue_city="Berlin",
        venue_directions="Take the **U6**.",
        venue_access="Step-free from the yard.",
    )
    send(client)
    page = client.get(my_link(app)).text
    assert all(
        words in page for words in ("CityLAB", "12101 Berlin", "<strong>U6</strong>", "Step-free", JOIN)
    )
    entry = events(client, my_link(app))["LabCamp #5"]
    assert "CityLAB" in entry["LOCATION"]


def test_the_mail_comes_again_but_not_too_often(
    app: Flask, client: FlaskClient, mine: str, clock: FrozenClock
) -> None:
    client.post(f"{mine}resend")
    assert "short while ago" in client.get(mine).text
    clock.advance(timedelta(minutes=10))
    client.post(f"{mine}resend")
    assert "on its way once more" in client.get(mine).text
    assert kinds(app) == ["confirmed", "existing"]


def test_ones_data_can_be_taken_along(app: Flask, client: FlaskClient, mine: str) -> None:
    answer = client.get(f"{mine}data.json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    found = json.loads(answer.data)
    assert found["registration"]["email"] == "aylin@lab.example"
    assert found["consent"]["version"]
    assert [mail["kind"] for mail in found["mails"]] == ["confirmed"]
    assert mine.split("/")[2] not in answer.text


@pytest.mark.parametrize("path", ["", "change", "calendar.ics", "data.json"])
@pytest.mark.parametrize("token", ["nonsense", "%00", "a" * 3000, "%F0%9F%98%80"])
def test_a_wrong_link_says_what_to_do_now(
    client: FlaskClient, edition_id: int, path: str, token: str
) -> None:
    page = client.get(f"/my/{token}/{path}")
    assert page.status_code in {400, 404}
    if token == "nonsense":
        assert "enter the same address again" in page.text


@pytest.mark.parametrize("action", ["cancel", "slots", "resend", "change"])
def test_a_wrong_link_changes_nothing(client: FlaskClient, edition_id: int, action: str) -> None:
    assert client.post(f"/my/nonsense/{action}", data=AYLIN).status_code == 404


def is_cancelled(edition: Edition) -> None:
    edition.state = EditionState.CANCELLED
    edition.state_reason = "The house is flooded."


def is_over(edition: Edition) -> None:
    edition.state = EditionState.COMPLETED


@pytest.mark.parametrize(
    ("prepare", "words"), [(is_cancelled, "The house is flooded."), (is_over, "You were registered")]
)
def test_afterwards_the_page_still_tells(
    app: Flask,
    client: FlaskClient,
    mine: str,
    edition_id: int,
    prepare: Callable[[Edition], None],
    words: str,
) -> None:
    with app.app_context(), transaction():
        prepare(db.session.get_one(Edition, edition_id))
    page = client.get(mine)
    assert page.status_code == 200
    assert words in page.text
    assert JOIN not in page.text
    client.post(f"{mine}cancel")
    assert "nothing left to cancel" in client.get(mine).text


def test_an_error_never_logs_the_link(
    app: Flask,
    client: FlaskClient,
    mine: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def break_down(_registration: Registration) -> None:
        raise OSError("no more")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(queries, "position", break_down)
    with caplog.at_level(logging.DEBUG):
        assert client.get(mine).status_code == 500
    assert caplog.records
    assert mine.split("/")[2] not in caplog.text
