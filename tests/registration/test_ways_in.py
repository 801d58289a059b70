"""Ways in that need another step: confirming the address, the organiser's approval, an offer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from eventhub.editions.models import Admission
from eventhub.registration.jobs import expire_registrations
from eventhub.registration.models import Ending, RegistrationState
from tests.conftest import FrozenClock
from tests.registration.browsing import AYLIN, FORM, cancel_place, my_link, registration_of, send
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases


def state(app: Flask, email: str = AYLIN["email"]) -> RegistrationState:
    with app.app_context():
        return registration_of(email).state


def test_a_place_is_held_until_the_address_is_confirmed(app: Flask, clock: FrozenClock) -> None:
    add_edition(app, capacity=1, admission=Admission.CONFIRM_ADDRESS)
    browser = app.test_client()
    assert "Danach bestätigst du deine Adresse" in browser.get(FORM).text
    send(browser)
    assert "innerhalb von 24 Stunden" in browser.get("/lab/5/registered").text
    assert state(app) is RegistrationState.HELD
    link = my_link(app)
    page = browser.get(link).text
    assert "Bitte bestätige deine Adresse" in page
    assert "meet.example" not in page
    assert state(app) is RegistrationState.HELD
    assert "Du bist dabei, Aylin" in browser.post(f"{link}confirm", follow_redirects=True).text
    assert state(app) is RegistrationState.CONFIRMED
    assert "schon entschieden" in browser.post(f"{link}confirm", follow_redirects=True).text


def test_an_address_that_nobody_confirms_loses_the_place(app: Flask, clock: FrozenClock) -> None:
    add_edition(app, capacity=1, admission=Admission.CONFIRM_ADDRESS)
    browser = app.test_client()
    send(browser)
    send(app.test_client(), email="bo@lab.example")
    browser.post(f"{my_link(app, 'bo@lab.example')}confirm")
    clock.advance(timedelta(hours=24, minutes=1))
    with app.app_context():
        expire_registrations()
        assert registration_of().ended_because is Ending.UNCONFIRMED
    assert state(app, "bo@lab.example") is RegistrationState.CONFIRMED
    assert "abgesagt" in browser.get(my_link(app)).text


def test_who_awaits_approval_sees_it_and_can_withdraw(app: Flask, clock: FrozenClock) -> None:
    add_edition(app, admission=Admission.APPROVAL)
    browser = app.test_client()
    assert "Um einen Platz bitten" in browser.get(FORM).text
    send(browser)
    assert "zweite Mail" in browser.get("/lab/5/registered").text
    assert state(app) is RegistrationState.PENDING
    link = my_link(app)
    assert "sehen sich deine Anmeldung an" in browser.get(link).text
    browser.post(f"{link}cancel")
    assert state(app) is RegistrationState.CANCELLED


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [("accept", RegistrationState.CONFIRMED), ("decline", RegistrationState.CANCELLED)],
)
def test_an_offer_is_accepted_or_declined(
    app: Flask, clock: FrozenClock, answer: str, becomes: RegistrationState
) -> None:
    edition_id = add_edition(app, capacity=1, offer_hours=24)
    with app.app_context():
        signed_up(edition_id, 1)
        signed_up(edition_id, 2)
    cancel_place(app, "person1@lab.example")
    link = my_link(app, "person2@lab.example")
    browser = app.test_client()
    assert "Platz annehmen" in browser.get(link).text
    browser.post(f"{link}{answer}")
    assert state(app, "person2@lab.example") is becomes
