"""S15: the last seat of an excursion is chosen with the registration, and lost to whoever was faster."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, link_in, text_of
from tests.journeys.training_days import Participant, give_places, run_training
from tests.mail.post_office import PostOffice
from tests.registration.browsing import AYLIN, FORM, once_key

pytestmark = pytest.mark.both_databases

HUB, LAB = "Besuch im Impact Hub", "Besuch im Social Impact Lab"


def opened(client: FlaskClient, name: str) -> dict[str, str]:
    """Open the form and return what is typed about somebody."""
    key = once_key(client.get(FORM))
    return {"once_key": key, **AYLIN, "name": name, "email": f"{name.lower()}@lab.example"}


def pick(page: str, title: str) -> dict[str, str]:
    """Return what a browser sends for a session."""
    found = re.search(rf'name="(slot[^"]*)" value="(\w+)"[^>]*><label[^>]*>.{{0,80}}{title}', page)
    assert found
    return {found[1]: found[2]}


def test_two_people_want_the_last_seat(app: Flask, clock: FrozenClock, post_office: PostOffice) -> None:
    desk = run_training(app)
    for slug in ("hub", "lab"):
        give_places(
            desk, slug, capacity="1", alternatives="Exkursionen", directions=f"Treffpunkt: Tor {slug}"
        )
    ada, bo = app.test_client(), app.test_client()
    page = bo.get(FORM).text
    typed = {"Ada": opened(ada, "Ada"), "Bo": opened(bo, "Bo")}
    assert ada.post(FORM, data=typed["Ada"] | pick(page, HUB)).status_code == 303

    refused = bo.post(FORM, data=typed["Bo"] | pick(page, HUB))
    assert refused.status_code == 422
    assert f"„{HUB}“ (9:30 bis 12\N{NO-BREAK SPACE}Uhr) ist inzwischen voll" in refused.text
    assert f"Noch frei: „{LAB}“" in refused.text
    assert 'value="bo@lab.example"' in refused.text
    assert not [mail for mail in arrived(app, post_office) if "bo@lab.example" in mail["To"]]
    assert bo.post(FORM, data=typed["Bo"] | pick(refused.text, LAB)).status_code == 303

    for name, title, slug in (("Ada", HUB, "hub"), ("Bo", LAB, "lab")):
        place, *_days, sessions = (
            mail for mail in arrived(app, post_office) if f"{name.lower()}@" in mail["To"]
        )
        person = Participant(app.test_client(), link_in(place))
        assert title in person.calendar()
        assert f"Treffpunkt: Tor {slug}" in text_of(sessions)
