"""Points that invited people add to open questions beforehand."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.agenda.models import Kind, Slot
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, EditionState
from eventhub.extensions import db
from eventhub.invitations.models import Invitation, Point
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.invitations.test_invitations import invite, link
from tests.registration.samples import add_edition

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def circle(app: Flask, clock: FrozenClock) -> None:
    """Plan a meeting by invitation with two open questions and a talk, and invite two people."""
    add_edition(app, slots=3, admission=Admission.INVITATION)
    with app.app_context(), transaction():
        for slot in db.session.scalars(select(Slot).where(Slot.id < 3)):
            slot.kind = Kind.DISCUSSION
    invite(app, "ada@lab.example\nbo@lab.example")


def add(app: Flask, text: str, slot: Any = 1, email: str = "ada@lab.example") -> Any:
    data = {"slot": str(slot), "text": text}
    return app.test_client().post(f"{link(app, email)}points", data=data, follow_redirects=True)


def texts(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Point.text).order_by(Point.id)))


def test_points_of_all_are_seen_by_all_without_names(app: Flask, client: FlaskClient) -> None:
    add(app, "Welche  Ziele?")
    add(app, "<b>Welcher Mehrwert?</b>", email="bo@lab.example")
    page = client.get(link(app)).text
    assert "Welche Ziele?" in page
    assert "von dir" in page
    assert "&lt;b&gt;Welcher Mehrwert?&lt;/b&gt;" in page
    assert "bo@lab.example" not in page
    assert page.count("Punkt hinzufügen") == 2, "a talk is no open question"
    assert "Welche Ziele?" not in client.get("/lab/5/").text


@pytest.mark.parametrize(
    ("text", "slot"),
    [("", 1), ("  ", 1), ("x" * 301, 1), ("a talk", 3), ("nowhere", 99), ("odd", "x"), ("big", "9" * 30)],
)
def test_what_can_not_be_added_gets_a_sentence(app: Flask, text: str, slot: Any) -> None:
    answer = add(app, text, slot)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert texts(app) == []


def test_five_points_each_and_only_ones_own_can_be_removed(app: Flask) -> None:
    for number in range(6):
        add(app, f"Punkt {number}")
    assert texts(app) == [f"Punkt {number}" for number in range(5)]
    client = app.test_client()
    client.post(f"{link(app, 'bo@lab.example')}points/1/remove")
    assert len(texts(app)) == 5
    client.post(f"{link(app)}points/1/remove")
    assert texts(app) == [f"Punkt {number}" for number in range(1, 5)]


def test_withdrawn_people_and_past_meetings_add_nothing(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.scalars(select(Edition)).one().state = EditionState.COMPLETED
    add(app, "zu spät")
    with app.app_context(), transaction():
        db.session.scalars(select(Edition)).one().state = EditionState.PUBLISHED
        for one in db.session.scalars(select(Invitation)):
            one.revoked_at = one.created_at
    add(app, "nicht mehr dabei")
    assert texts(app) == []


def test_the_page_asks_no_more_for_more_points(app: Flask) -> None:
    counts = []
    for number in (1, 4):
        for key in range(number):
            add(app, f"{number} {key}", 1 + key % 2, "bo@lab.example")
        app.test_client().get(link(app))
        address = link(app)
        with counted_queries(app) as statements:
            app.test_client().get(address)
        counts.append(len(statements))
    assert counts[0] == counts[1]
