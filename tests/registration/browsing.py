"""What a browser does with the pages of registration."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventhub import tokens
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.registration import service
from eventhub.registration.models import Registration

FORM = "/lab/5/register"
AYLIN = {
    "name": "Aylin Yıldız",
    "email": "aylin@lab.example",
    "organisation": "Zukunftslabor",
    "consent": "y",
}


def once_key(page: TestResponse) -> str:
    found = re.search(r'name="once_key"[^>]* value="([^"]+)"', page.text)
    assert found
    return found[1]


def send(client: FlaskClient, **values: Any) -> TestResponse:
    """Open the form, fill it in and send it."""
    key = once_key(client.get(FORM))
    return client.post(FORM, data={"once_key": key, **AYLIN, **values})


def registration_of(email: str = AYLIN["email"]) -> Registration:
    return db.session.scalars(select(Registration).filter_by(email_key=email.lower())).one()


def my_link(app: Flask, email: str = AYLIN["email"]) -> str:
    """Return the personal link that the mail to an address holds."""
    with app.app_context():
        return f"/my/{tokens.derive('manage', registration_of(email).token_seed)}/"


def cancel_place(app: Flask, email: str = AYLIN["email"]) -> None:
    with app.app_context(), transaction():
        service.cancel(registration_of(email), "organiser")
