"""A certificate is for whoever was there: nobody else comes to stand on it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub import clock as time
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.presence import service
from eventhub.presence.certificates import certified
from eventhub.presence.models import Way
from eventhub.registration import service as registration
from eventhub.registration.models import Registration
from eventhub.registration.service import By
from tests.conftest import FrozenClock
from tests.desk.setting import fields_of
from tests.registration.browsing import my_link, send
from tests.registration.samples import add_edition

pytestmark = pytest.mark.both_databases

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def person(app: Flask, client: FlaskClient, clock: FrozenClock) -> int:
    """Somebody who registers; the meeting begins a month later."""
    add_edition(app, series={"contact_email": "team@lab.example"})
    assert send(client).status_code == 303
    with app.app_context():
        return db.session.query(Registration).one().id


def note(person: int) -> None:
    with transaction():
        found = db.session.get_one(Registration, person)
        service.note(found, found.edition.start_date, Way.CHECK_IN)


def change(person: int, by: By, **values: str) -> None:
    with transaction():
        found = db.session.get_one(Registration, person)
        details = {"name": found.name, "email": found.email, "organisation": "", "note": ""}
        registration.change(found, details | values, by)  # type: ignore[arg-type]


def test_whoever_was_noted_as_present_asks_the_organisers_for_another_name(
    app: Flask, client: FlaskClient, person: int
) -> None:
    path = f"{my_link(app)}change"
    form = fields_of(client.get(path).text)
    assert client.post(path, data=form | {"name": "Aylin Y."}).status_code == 303
    with app.app_context():
        note(person)
    form = fields_of(client.get(path).text)
    refused = client.post(path, data=form | {"name": "Somebody Else", "note": "Hello"}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "only the organisers change it. Ask team@lab.example" in refused.text
    assert 'value="Somebody Else"' in refused.text
    assert client.post(path, data=form | {"note": "Hello"}).status_code == 303
    with app.app_context():
        found = db.session.get_one(Registration, person)
        assert (found.name, found.note) == ("Aylin Y.", "Hello")
        change(person, "organiser", name="Aylin Yildiz")
        assert db.session.get_one(Registration, person).name == "Aylin Yildiz"


def test_whoever_registers_again_under_another_name_was_not_there_before(
    app: Flask, client: FlaskClient, clock: FrozenClock, person: int
) -> None:
    with app.app_context():
        clock.advance(timedelta(hours=1))
        note(person)
        clock.advance(timedelta(hours=1))
        with transaction():
            registration.cancel(db.session.get_one(Registration, person), "participant")
    assert send(client, name="Somebody Else").status_code == 303
    with app.app_context():
        found = db.session.get_one(Registration, person)
        assert found.name == "Somebody Else"
        starts_at = db.session.query(Edition).one().starts_at
        assert starts_at is not None
        clock.advance(starts_at + timedelta(days=1) - time.now())
        assert certified(found) == []
