"""A link of one's own for joining counts as being there, once, near the time, and by a click alone."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from eventhub import tokens
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.presence import queries, service
from eventhub.presence.models import Presence, Way
from eventhub.privacy import service as privacy
from eventhub.registration import joining
from eventhub.registration import service as registration
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of
from tests.journeys.letters_of import arrived, invitation, text_of
from tests.mail.post_office import PostOffice
from tests.registration.samples import add_edition, make_slot, signed_up

pytestmark = pytest.mark.both_databases

ROOM = "https://meet.example/room"


@pytest.fixture(autouse=True)
def frozen(clock: FrozenClock) -> None:
    """Let time stand still."""


@pytest.fixture
def edition_id(app: Flask) -> int:
    return add_edition(app, joining_counts=True)


@pytest.fixture
def person(app: Flask, edition_id: int) -> int:
    with app.app_context():
        return signed_up(edition_id, language="en").registration.id


def own_link(app: Flask, person: int) -> str:
    with app.app_context():
        return f"/join/{joining.token_of(db.session.get_one(Registration, person))}"


def at_the_start(app: Flask, edition_id: int, clock: FrozenClock) -> None:
    with app.app_context():
        starts_at = db.session.get_one(Edition, edition_id).starts_at
        assert starts_at is not None
        clock.advance(starts_at - clock.now())


def presences(app: Flask) -> list[Presence]:
    with app.app_context():
        return list(db.session.scalars(select(Presence).order_by(Presence.id)))


def test_mails_entries_and_page_hold_the_own_link_only(
    app: Flask, client: FlaskClient, person: int, post_office: PostOffice
) -> None:
    link = own_link(app, person)
    (mail,) = arrived(app, post_office)
    method, event = invitation(mail)
    assert method == "REQUEST"
    assert link in str(event["LOCATION"])
    assert link in str(event["CONFERENCE"])
    assert link in str(event["DESCRIPTION"])
    assert "notes you as present" in str(event["DESCRIPTION"]) + text_of(mail)
    assert link in text_of(mail)
    with app.app_context():
        token = tokens.derive("manage", db.session.get_one(Registration, person).token_seed)
    page, feed = client.get(f"/my/{token}/").text, client.get(f"/my/{token}/calendar.ics").text
    assert link in page
    assert link in feed.replace("\r\n ", "")
    for shown in (mail.as_string(), text_of(mail), page, feed.replace("\r\n ", ""), event.to_ical().decode()):
        assert ROOM not in shown
    assert client.get(f"/my/{link.removeprefix('/join/')}/").status_code == 404, "it opens nothing else"


def test_every_line_of_the_entry_stays_short(app: Flask, person: int, post_office: PostOffice) -> None:
    (mail,) = arrived(app, post_office)
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert own_link(app, person).encode() in content.replace(b"\r\n ", b"")
    assert Calendar.from_ical(content).walk("VEVENT")


def test_a_look_counts_nothing_and_the_button_counts_once(
    app: Flask, client: FlaskClient, edition_id: int, person: int, clock: FrozenClock
) -> None:
    link = own_link(app, person)
    at_the_start(app, edition_id, clock)
    for _again in range(2):
        page = client.get(link)
        assert page.status_code == 200
        assert ROOM not in page.text, "what a scanner opens does not lead on"
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert presences(app) == []
    for _again in range(2):
        entered = client.post(link)
        assert f'content="0; url={ROOM}"' in entered.text
    (found,) = presences(app)
    assert (found.registration_id, found.way, found.slot_id) == (person, Way.JOIN_LINK, None)
    with app.app_context():
        assert found.day == db.session.get_one(Edition, edition_id).start_date


def test_it_counts_near_the_meeting_only(
    app: Flask, client: FlaskClient, edition_id: int, person: int, clock: FrozenClock
) -> None:
    link = own_link(app, person)
    assert ROOM in client.get(link).text, "somebody may try it"
    assert ROOM in client.post(link).text
    at_the_start(app, edition_id, clock)
    clock.advance(timedelta(hours=3, minutes=5))
    assert ROOM in client.get(link).text, "it leads into a meeting that overruns"
    client.post(link)
    assert presences(app) == []
    clock.advance(timedelta(hours=2))
    assert ROOM not in client.get(link).text


def test_whoever_has_no_place_gets_no_further(
    app: Flask, client: FlaskClient, edition_id: int, person: int, clock: FrozenClock
) -> None:
    link = own_link(app, person)
    with app.app_context(), transaction():
        registration.cancel(db.session.get_one(Registration, person), "participant")
    at_the_start(app, edition_id, clock)
    for answer in (client.get(link), client.post(link)):
        assert ROOM not in answer.text
    assert presences(app) == []
    forged = link[:-1] + ("a" if link[-1] != "a" else "b")
    assert client.get(forged).status_code == client.post(forged).status_code == 404


def test_a_called_off_meeting_has_no_way_in(
    app: Flask, client: FlaskClient, edition_id: int, person: int
) -> None:
    with app.app_context(), transaction():
        editions.cancel(db.session.get_one(Edition, edition_id), "Ill")
    assert ROOM not in client.get(own_link(app, person)).text


def test_organisers_who_change_their_mind_leave_no_dead_link(
    app: Flask, client: FlaskClient, edition_id: int, person: int, post_office: PostOffice
) -> None:
    arrived(app, post_office)
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, edition_id)
        editions.update(edition, {"joining_counts": False}, edition.version)
    assert client.get(own_link(app, person)).headers["Location"] == ROOM
    mail = arrived(app, post_office)[-1]
    assert ROOM in text_of(mail)
    assert "The way to join online is new" in text_of(mail)


def test_two_doors_at_once_count_once(app: Flask, edition_id: int, person: int) -> None:
    with app.app_context():
        with transaction():
            found = db.session.get_one(Registration, person)
            edition = found.edition
            slot = make_slot(edition, 0)
            db.session.add(slot)
            db.session.flush()
            day = edition.start_date
            assert day is not None
            assert service.note(found, day, Way.CHECK_IN)
            assert not service.note(found, day, Way.JOIN_LINK)
            assert service.note(found, day, Way.CHECK_IN, slot=slot)
            assert not service.note(found, day, Way.CHECK_IN, slot=slot)
            assert queries.number_by_day(edition) == {day: 1}
            assert queries.number_by_slot([slot.id]) == {slot.id: 1}
            slot_id = slot.id
        for slot_of in (None, slot_id):
            again = Presence(registration_id=person, day=day, slot_id=slot_of, way=Way.CHECK_IN)
            with transaction(), pytest.raises(IntegrityError), db.session.begin_nested():
                db.session.add(again)
        with transaction():
            found = db.session.get_one(Registration, person)
            assert service.take_back(found, day)
            assert not service.take_back(found, day)


def test_own_data_names_it_and_it_outlasts_the_person(
    app: Flask, client: FlaskClient, edition_id: int, person: int, clock: FrozenClock
) -> None:
    link = own_link(app, person)
    at_the_start(app, edition_id, clock)
    client.post(link)
    with app.app_context():
        found = db.session.get_one(Registration, person)
        token = tokens.derive("manage", found.token_seed)
        day = found.edition.start_date
        assert day is not None
    (row,) = client.get(f"/my/{token}/data.json").get_json()["presence"]
    assert (row["day"], row["way"], row["session"]) == (day.isoformat(), "join_link", None)
    with app.app_context():
        with transaction():
            privacy.erase_own(db.session.get_one(Registration, person))
        assert queries.number_by_day(db.session.get_one(Edition, edition_id)) == {day: 1}
    assert client.get(link).status_code == 404


def test_the_desk_shows_who_was_there(app: Flask, clock: FrozenClock) -> None:
    desk: Desk = desk_of(app)
    key = desk.publish(start_date=date(2026, 3, 4), join_url=ROOM, joining_counts=True)
    with app.app_context():
        there, away = (signed_up(key, number).registration.id for number in (1, 2))
    page = "/manage/labcamp/5/registrations/"
    assert "Wer dabei war" not in desk.client.get(page).text
    at_the_start(app, key, clock)
    app.test_client().post(own_link(app, there))
    shown = desk.client.get(page).text
    assert "Wer dabei war" in shown
    assert len(re.findall(r"\(Teilnahmelink\)", shown)) == 1
    table = desk.client.get("/manage/labcamp/5/registrations.csv").text.lstrip("\ufeff")
    rows = list(csv.DictReader(StringIO(table), delimiter=";"))
    assert sorted(bool(row["Anwesend"]) for row in rows) == [False, True]
    assert "(Teilnahmelink)" in desk.client.get(f"{page}{there}/").text
    assert "(Teilnahmelink)" not in desk.client.get(f"{page}{away}/").text
