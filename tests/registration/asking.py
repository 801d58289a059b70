"""An edition that asks questions of its own."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.questionnaires import queries, rules, service
from eventhub.questionnaires.models import Kind, Question
from eventhub.questionnaires.service import Wording
from eventhub.registration.models import Registration
from eventhub.web.languages import speaking
from tests.registration.browsing import AYLIN, registration_of
from tests.registration.samples import add_edition


class Asking:
    """An edition and the questions that it asks."""

    def __init__(self, app: Flask, client: FlaskClient, **values: Any) -> None:
        self.app = app
        self.client = client
        self.edition_id = add_edition(app, **values)
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def ask(self, label: str, kind: Kind = Kind.SHORT_TEXT, **values: Any) -> str:
        """Add a question and return the name of its field."""
        with self.app.app_context(), transaction():
            edition = db.session.get_one(Edition, self.edition_id)
            edition.questionnaire = edition.questionnaire or service.create()
            made = service.add(edition.questionnaire, kind, Wording(label, **values), {})
            return f"q{made.id}"

    def change(self, name: str, wording: Wording) -> None:
        with self.app.app_context(), transaction():
            edition = db.session.get_one(Edition, self.edition_id)
            assert edition.questionnaire
            service.change(edition.questionnaire, db.session.get_one(Question, int(name[1:])), wording, {})

    def answers(self, email: str = AYLIN["email"]) -> dict[str, str]:
        """Return what was answered, in words, by the question as it was asked then."""
        with self.app.app_context(), speaking("en"):
            found = queries.answers_of(registration_of(email).id)
            return {one.question.label: rules.words(one.question, one.value) for one in found}

    def number(self) -> int:
        with self.app.app_context():
            return len(db.session.scalars(select(Registration)).all())
