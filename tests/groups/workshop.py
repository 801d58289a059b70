"""A workshop whose participants are divided into groups."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select

from eventhub.agenda import places
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.groups import queries, service
from eventhub.groups.models import Grouping
from eventhub.groups.service import Settings
from eventhub.mail.models import OutboxMessage
from eventhub.questionnaires import service as questionnaires
from eventhub.questionnaires.models import Answer, Kind
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Wording
from tests.registration.samples import add_edition, signed_up

HOMES = ("Bund", "Land", "Stadt Köln", "")


def add_workshop(app: Flask, people: int, **values: Any) -> int:
    """Add a published edition with two rooms and so many people of four organisations; return its key."""
    edition_id = add_edition(app, **values)
    with app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            for name in ("Saal", "Küche"):
                places.create_room(edition, {"name": name, "description": "", "capacity": None})
        for number in range(people):
            signed_up(edition_id, number, organisation=HOMES[number % len(HOMES)])
    return edition_id


def divide(edition_id: int, *names: str, **values: Any) -> Grouping:
    """Make a proposal; needs an application context."""
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        return service.create(edition, Settings("Werkstatt", names or ("Rot", "Blau"), **values))


def ask(edition_id: int, kind: Kind, *options: str) -> int:
    """Let the edition ask a question with options o1, o2, …; return its key."""
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        edition.questionnaire = edition.questionnaire or questionnaires.create()
        offered = tuple(Option(f"o{number}", label) for number, label in enumerate(options, 1))
        return questionnaires.add(edition.questionnaire, kind, Wording("Frage", options=offered), {}).id


def answer(question_id: int, values: dict[int, str]) -> None:
    """Let people, by registration, answer a question."""
    with transaction():
        for person, value in values.items():
            db.session.add(Answer(registration_id=person, question_id=question_id, version=1, value=value))


def groups_of(grouping: Grouping) -> dict[str, set[int]]:
    """Return who is in which group, afresh."""
    db.session.rollback()
    names = {group.id: group.name for group in grouping.groups}
    found: dict[str, set[int]] = {name: set() for name in names.values()}
    for key, one in queries.memberships(grouping).items():
        found[names[one.group_id]].add(key)
    return found


def told(kind: str) -> list[int]:
    """Return whom mails of a kind went to."""
    rows = select(OutboxMessage.registration_id).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return [key for key in db.session.scalars(rows) if key is not None]
