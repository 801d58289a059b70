"""Several people in one form: each gets mails and a link; they get places together or wait together."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.registration.browsing import cancel_place, my_link, once_key
from tests.registration.samples import add_edition, signed_up

FORM = "/lab/5/register/together"

pytestmark = pytest.mark.both_databases


def send(app: Flask, *names: str, **values: Any) -> TestResponse:
    """Open the form, fill in a part for each name and send it."""
    browser = app.test_client()
    data = {"once_key": once_key(browser.get(FORM)), "consent": "y"}
    for at, name in enumerate(names):
        data |= {
            f"people-{at}-name": name,
            f"people-{at}-email": f"{name.lower()}@lab.example" if name else "",
        }
        data[f"people-{at}-organisation"] = ""
    return browser.post(FORM, data=data | values, follow_redirects=True)


def states(app: Flask) -> dict[str, str]:
    with app.app_context():
        rows = db.session.scalars(select(Registration).order_by(Registration.id))
        return {row.name: row.state.value for row in rows}


def test_each_gets_a_place_a_mail_and_a_link(app: Flask, clock: FrozenClock) -> None:
    add_edition(app, capacity=3)
    page = send(app, "Ada", "Bo", "Cem")
    assert "ada@lab.example, bo@lab.example, cem@lab.example" in page.text
    assert states(app) == {"Ada": "confirmed", "Bo": "confirmed", "Cem": "confirmed"}
    with app.app_context():
        found = list(db.session.scalars(select(OutboxMessage.to_address).filter_by(kind="confirmed")))
    assert found == ["ada@lab.example", "bo@lab.example", "cem@lab.example"]
    assert len({my_link(app, address) for address in found}) == 3


def test_they_wait_together_and_move_up_together(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, capacity=3)
    with app.app_context():
        signed_up(edition_id, 1)
        signed_up(edition_id, 2)
    page = send(app, "Ada", "Bo")
    assert "Alle Plätze waren vergeben" in page.text
    assert [states(app)[name] for name in ("Ada", "Bo")] == ["waitlisted", "waitlisted"]
    cancel_place(app, "person1@lab.example")
    assert [states(app)[name] for name in ("Ada", "Bo")] == ["confirmed", "confirmed"]


def test_the_page_says_that_places_are_offered_and_what_has_to_be_done_first(
    app: Flask, clock: FrozenClock
) -> None:
    edition_id = add_edition(app, capacity=1, offer_hours=12, admission=Admission.CONFIRM_ADDRESS)
    with app.app_context():
        signed_up(edition_id, 1)
    browser = app.test_client()
    page = browser.get(FORM).text
    assert "bekommt jede Person einen per Mail angeboten und hat 12 Stunden Zeit" in page
    assert "Ihr Platz ist 24 Stunden reserviert" in page
    alone = browser.get("/lab/5/register").text
    assert "bekommt ihn die erste Person auf der Liste per Mail angeboten und hat 12 Stunden Zeit" in alone
    with app.app_context(), transaction():
        db.session.get_one(Edition, edition_id).admission = Admission.APPROVAL
    assert "Sie sehen sich jede Anmeldung an" in browser.get(FORM).text


def test_parts_that_stay_empty_do_not_count(app: Flask, clock: FrozenClock) -> None:
    add_edition(app)
    send(app, "Ada", "", "Cem")
    assert list(states(app)) == ["Ada", "Cem"]


def test_one_person_alone_is_asked_for_another(app: Flask, clock: FrozenClock) -> None:
    add_edition(app)
    page = send(app, "Ada", "")
    assert page.status_code == 422
    assert 'value="Ada"' in page.text
    assert not states(app)


def test_the_same_address_twice_is_refused(app: Flask, clock: FrozenClock) -> None:
    add_edition(app)
    page = send(app, "Ada", "Bo", **{"people-1-email": "ADA@lab.example"})
    assert page.status_code == 422
    assert not states(app)


def test_more_people_are_asked_for_without_javascript(app: Flask, clock: FrozenClock) -> None:
    add_edition(app)
    page = send(app, "Ada", "Bo", "", more="1")
    assert page.status_code == 200
    assert 'value="Ada"' in page.text
    assert page.text.count('-email"') >= 4
    assert not states(app)


def test_no_more_than_ten_come_together(app: Flask, clock: FrozenClock) -> None:
    add_edition(app)
    page = send(app, *(f"Person{number}" for number in range(10)), more="1")
    assert 'name="more"' not in page.text
    send(app, *(f"P{number}" for number in range(12)))
    assert len(states(app)) <= 10


def test_a_closed_door_says_why(app: Flask, clock: FrozenClock) -> None:
    add_edition(app, takes_registrations=False)
    assert "keine Anmeldung" in app.test_client().get(FORM).text
