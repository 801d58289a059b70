from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.accounts.models import User
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import OwnDataAsked, _reactions
from eventhub.mail import delivery
from eventhub.privacy.jobs import forget_people
from eventhub.registration.models import Registration, RegistrationState
from tests.accounts.signing_in import sign_in
from tests.conftest import FrozenClock
from tests.desk.setting import Desk
from tests.privacy.forgotten import traces_in_tables
from tests.registration.browsing import FORM, my_link, registration_of, send
from tests.registration.samples import add_edition, signed_up

ENGLISH = {"Accept-Language": "en"}
RETENTION = "/manage/labcamp/5/privacy"


@pytest.fixture
def mine(app: Flask, client: FlaskClient, clock: FrozenClock) -> str:
    """Register and return the personal link."""
    add_edition(app)
    assert send(client).status_code == 303
    return my_link(app)


def test_the_day_is_named_before_and_after_registering(app: Flask, client: FlaskClient, mine: str) -> None:
    for path in (FORM, mine, f"{mine}erase"):
        page = client.get(path, headers=ENGLISH).text
        assert re.search(r"30 June 2026", page.replace("\xa0", " ")), path


def test_the_page_says_what_goes_and_what_stays(client: FlaskClient, mine: str) -> None:
    page = client.get(f"{mine}erase", headers=ENGLISH)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    for words in ("Your place goes first", "What goes", "What stays", "A last mail confirms it"):
        assert words in page.text


def test_a_look_erases_nothing(app: Flask, client: FlaskClient, mine: str) -> None:
    client.get(f"{mine}erase")
    with app.app_context():
        assert registration_of().name == "Aylin Yıldız"


def test_one_click_erases_and_the_link_opens_nothing(app: Flask, client: FlaskClient, mine: str) -> None:
    answer = client.post(f"{mine}erase")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/my/erased")
    done = client.get("/my/erased", headers=ENGLISH)
    assert "Your data are erased" in done.text
    assert done.headers["Cache-Control"] == "no-store"
    for path in ("", "change", "erase", "data.json", "calendar.ics"):
        assert client.get(f"{mine}{path}").status_code == 404
    assert client.post(f"{mine}erase").status_code == 404
    with app.app_context():
        row = db.session.scalars(select(Registration)).one()
        assert (row.state, row.name, row.email) == (RegistrationState.CANCELLED, "", "")


def test_the_last_mail_is_complete_and_without_the_link(app: Flask, client: FlaskClient, mine: str) -> None:
    client.post(f"{mine}erase")
    with app.app_context():
        delivery.deliver()
        message = client.get("/mailbox", headers=ENGLISH).text
    assert "Your data are erased: LabCamp #5" in message or "Deine Daten sind gelöscht: LabCamp #5" in message


def test_a_wrong_link_erases_nothing(client: FlaskClient, mine: str) -> None:
    assert client.get("/my/nonsense/erase").status_code == 404
    assert client.post("/my/nonsense/erase").status_code == 404


def test_the_download_has_every_column_about_the_person(client: FlaskClient, mine: str) -> None:
    found = json.loads(client.get(f"{mine}data.json").data)
    assert found["erased_on"] == "2026-06-30"
    technical = {"id", "edition_id", "email_key", "once_key", "token_seed", "token_hash"}
    technical |= {"last_sequence", "version"}
    given = found["registration"].keys() | {"consent_version", "consented_at", "days"}
    assert "comes_on" in given  # the days, as dates
    assert given >= {column.key for column in Registration.__table__.columns} - technical
    assert found["consent"]["version"]
    assert found["mails"][0]["to_address"] == "aylin@lab.example"


def test_features_add_their_part_to_the_download(
    client: FlaskClient, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(fact: OwnDataAsked) -> None:
        fact.found["shoe_size"] = fact.registration_id + 41

    monkeypatch.setitem(_reactions, OwnDataAsked, [add])
    assert json.loads(client.get(f"{mine}data.json").data)["shoe_size"] == 42


# organisers ---------------------------------------------------------------------------------------------


def test_the_organiser_chooses_another_day(desk: Desk) -> None:
    key = desk.publish(5)
    page = desk.client.get(RETENTION, headers=ENGLISH).text.replace("\xa0", " ")
    assert "3 August 2026" in page
    assert desk.client.post(RETENTION, data={"erase_on": "2026-07-01"}).status_code == 303
    with desk.app.app_context():
        assert desk.edition(key).erase_on == date(2026, 7, 1)
    assert "1 July 2026" in desk.client.get(RETENTION, headers=ENGLISH).text.replace("\xa0", " ")
    assert desk.client.post(RETENTION, data={"erase_on": ""}).status_code == 303
    with desk.app.app_context():
        assert desk.edition(key).erase_on is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2026-05-05", "after the meeting"),
        ("2025-01-01", "after the meeting"),
        ("2199-01-01", "within ten years"),
        ("tomorrow", "Enter the date like"),
        ("0000-00-00", "Enter the date like"),
        ("9" * 5000, "Enter the date like"),
    ],
)
def test_a_day_that_can_not_be_is_said_at_its_field(desk: Desk, typed: str, words: str) -> None:
    desk.publish(5)
    answer = desk.client.post(RETENTION, data={"erase_on": typed}, headers=ENGLISH)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_organiser_sees_when_somebody_was_erased(desk: Desk, clock: FrozenClock) -> None:
    key = desk.publish(5)
    own = desk.app.test_client()
    page = own.get("/labcamp/5/register")
    once = re.search(r'name="once_key"[^>]* value="([^"]+)"', page.text)
    assert once
    person = {"name": "Aylin Yıldız", "email": "aylin@lab.example", "consent": "y", "once_key": once[1]}
    assert own.post("/labcamp/5/register", data=person).status_code == 303
    link = my_link(desk.app)
    own.post(f"{link}erase")
    with desk.app.app_context():
        delivery.deliver()
        forget_people()
        assert traces_in_tables() == []
        assert desk.edition(key).taken_count == 0
    listed = desk.client.get("/manage/labcamp/5/registrations/", headers=ENGLISH).text.replace("\xa0", " ")
    assert "erased on 2 Mar 2026" in listed
    assert "aylin" not in listed.lower()
    with desk.app.app_context():
        row = db.session.scalars(select(Registration)).one().id
    one = desk.client.get(f"/manage/labcamp/5/registrations/{row}/", headers=ENGLISH).text
    assert "The registration only counts" in one
    assert "aylin" not in one.lower()
    assert "erased on" in desk.client.get("/manage/labcamp/5/registrations.csv", headers=ENGLISH).text
    assert desk.client.get(f"/manage/labcamp/5/registrations/{row}/edit").status_code == 409
    tick = {"id": row, "action": "resend"}
    assert desk.client.post("/manage/labcamp/5/registrations/", data=tick).status_code == 303
    assert "aylin" not in desk.client.get("/manage/labcamp/5/mails/").text.lower()


def test_after_the_retention_the_page_says_when(desk: Desk, clock: FrozenClock) -> None:
    key = desk.publish(5)
    with desk.app.app_context():
        signed_up(key)
        clock.advance(timedelta(days=200))
        forget_people()
        sign_in(desk.client, db.session.scalars(select(User)).one())
    page = desk.client.get(RETENTION, headers=ENGLISH).text.replace("\xa0", " ")
    assert "18 September 2026: names" in page
    assert desk.client.post(RETENTION, data={"erase_on": "2027-01-01"}).status_code == 422
    with desk.app.app_context():
        assert db.session.get_one(Edition, key).erased_at is not None
