"""The page on which participants choose their sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub import tokens
from eventhub.extensions import db
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.signups.training import add_training, choose, come, having, slot_of, take, take_games


@pytest.fixture
def training(app: Flask, clock: FrozenClock) -> Iterator[int]:
    key = add_training(app)
    with app.app_context():
        take(key, "hub", 1, alternatives="Exkursionen", directions="Treffpunkt: Haupteingang\nAbfahrt 9:15")
        take(key, "lab", 1, alternatives="Exkursionen")
        take_games(key)
        yield key


def page_of(key: int) -> str:
    seed = db.session.get_one(Registration, key).token_seed
    db.session.rollback()
    return f"/my/{tokens.derive('manage', seed)}/sessions"


def value_of(client: FlaskClient, path: str, title: str) -> str:
    """Return what a browser sends for the slot with this title."""
    found = re.search(rf'value="(\w+)"[^>]*><label[^>]*>.{{0,80}}{title}', client.get(path).text)
    assert found
    return found[1]


def test_my_page_leads_to_the_sessions(training: int, client: FlaskClient) -> None:
    ada = come(training, "Ada")
    path = page_of(ada)
    home = client.get(path.removesuffix("sessions")).text
    assert f'href="{path}"' in home
    assert 'name="slot" value="3"' not in home  # what takes sign-ups is not chosen by a mere tick


def test_choosing_tells_places_and_directions(training: int, client: FlaskClient) -> None:
    ada = come(training, "Ada")
    path = page_of(ada)
    answer = client.post(path, data={"slot-of-1": value_of(client, path, "Besuch im Impact Hub")})
    assert (answer.status_code, answer.location) == (303, path)
    page = client.get(path).text
    assert "Deine Auswahl ist gespeichert" in page
    assert "Treffpunkt: Haupteingang" in page
    assert "Du hast einen Platz bei:" in client.get(path.removesuffix("sessions")).text


def test_a_full_slot_offers_its_waitlist_and_never_chooses_it_silently(
    training: int, client: FlaskClient
) -> None:
    bo = come(training, "Bo")
    path = page_of(bo)
    seen_free = value_of(client, path, "Besuch im Impact Hub")
    choose(come(training, "Ada"), "hub")
    refused = client.post(path, data={"slot-of-1": seen_free})
    assert refused.status_code == 422
    assert "inzwischen voll" in refused.text
    assert "Noch frei: „Besuch im Social Impact Lab“" in refused.text
    client.post(path, data={"slot-of-1": value_of(client, path, "Besuch im Impact Hub")})
    assert having(bo) == {"+hub"}
    assert "Warteliste, Platz 1" in client.get(path).text


def test_what_is_refused_stays_ticked(training: int, client: FlaskClient) -> None:
    ada = come(training, "Ada")
    path = page_of(ada)
    refused = client.post(path, data={"slot": value_of(client, path, "Planspiel 2")})
    assert refused.status_code == 422
    assert "baut auf „Planspiel 1“" in refused.text
    key = slot_of(training, "game-2").id
    assert f'value="{key}" checked' in refused.text
    assert having(ada) == set()


@pytest.mark.parametrize("value", ["", "x", "999999999999", "1w2", "w", "-1", "²", "77"])
def test_odd_choices_change_nothing(value: str, training: int, client: FlaskClient) -> None:
    ada = come(training, "Ada")
    assert client.post(page_of(ada), data={"slot": value, "slot-of-x": value}).status_code == 303
    assert having(ada) == set()


def test_an_unknown_link_opens_nothing(training: int, client: FlaskClient) -> None:
    assert client.get("/my/unknown/sessions").status_code == 404
    assert client.post("/my/unknown/sessions").status_code == 404


def test_the_page_needs_few_reads(app: Flask, training: int, client: FlaskClient) -> None:
    ada = come(training, "Ada")
    choose(ada, "hub", "game-1", "game-2")
    path = page_of(ada)
    with counted_queries(app) as statements:
        assert client.get(path).status_code == 200
    assert len(statements) == 4, statements
