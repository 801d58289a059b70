"""How many mails a stranger can have sent to somebody through the form."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from config import Settings
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration import views
from tests.conftest import FrozenClock
from tests.registration.browsing import send
from tests.registration.samples import add_edition


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_limits=True)


def mails(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(OutboxMessage)) or 0


def test_aliases_are_one_mailbox_and_get_three_mails_an_hour(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    add_edition(app)
    aliases = ["ada@gmail.com", "a.d.a@gmail.com", "ada+x@gmail.com", "A.da+y@gmail.com", "ada@gmail.com"]
    answers = [send(client, email=alias) for alias in aliases]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]
    assert int(answers[3].headers["Retry-After"]) <= 3600
    assert 'value="A.da+y@gmail.com"' in answers[3].text
    assert mails(app) == 3
    assert send(client, email="grace@lab.example").status_code == 303


def test_a_full_hall_registers_over_its_one_network() -> None:
    assert views.FORMS_FROM_ONE_PLACE >= 2 * 300, "and everybody may mistype once"


def test_one_network_address_can_not_send_forms_for_ever(
    app: Flask, client: FlaskClient, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventhub.registration.views.FORMS_FROM_ONE_PLACE", 3)
    add_edition(app)
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.7"  # means nothing without a proxy of ours
    codes = [send(client, email=f"person{number}@lab.example").status_code for number in range(5)]
    assert codes == [303, 303, 303, 429, 429]
