"""What the next edition takes along of places and roles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from eventhub.database import transaction
from eventhub.desk.words import copied_words
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import EditionCopied, announce
from eventhub.questionnaires import service as questionnaires
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.queries import definition_of
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Wording
from eventhub.registration import held_back, planning, queries
from eventhub.registration.held_back import Terms
from eventhub.registration.models import Attendance, QuotaKind
from eventhub.registration.planning import Plan, RolePlan
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases
ROLES = [RolePlan(None, "Gast", "Visitor", None), RolePlan(None, "Mentorin", "Mentor", 5)]
PLAN = Plan(50, 24, {Attendance.ON_SITE: 30, Attendance.ONLINE: None}, ROLES)


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def planned(app: Flask) -> int:
    edition_id = add_edition(app, capacity=50)
    with transaction():
        planning.carry_out(db.session.get_one(Edition, edition_id), PLAN)
    return edition_id


def copied(edition_id: int) -> int:
    """Copy an edition and return the key of the next."""
    with transaction():
        source = db.session.get_one(Edition, edition_id)
        return editions.copy(source, {"number": 6, "start_date": date(2026, 9, 1)}).id


def test_places_and_roles_are_those_of_the_edition_before(context: Flask) -> None:
    source = planned(context)
    mentor = queries.roles(db.session.get_one(Edition, source))[1]
    signed_up(source, 1, attendance=Attendance.ON_SITE, role_id=mentor.id)
    made = db.session.get_one(Edition, copied(source))
    plan = planning.plan_of(made)
    assert (plan.capacity, plan.offer_hours) == (50, 24)
    assert plan.attendance == {Attendance.ON_SITE: 30, Attendance.ONLINE: None}
    assert [(one.title, one.title_en, one.capacity) for one in plan.roles] == [
        ("Gast", "Visitor", None),
        ("Mentorin", "Mentor", 5),
    ]
    assert [one.taken_count + one.waiting_count for one in queries.quotas(made)] == [0] * 4
    assert made.quota_count == 4
    roles = queries.roles(db.session.get_one(Edition, source)), queries.roles(made)
    assert [role.slug for role in roles[0]] == [role.slug for role in roles[1]]
    assert {role.id for role in roles[0]}.isdisjoint(role.id for role in roles[1])


def test_questions_of_a_role_and_limited_options_hold_in_the_next_edition(context: Flask) -> None:
    source = planned(context)
    with transaction():
        edition = db.session.get_one(Edition, source)
        mentor = queries.roles(edition)[1].slug
        edition.questionnaire = questionnaires.create()
        options = (Option("o1", "Desk", 1), Option("o2", "Sofa"))
        wording = Wording("Where?", roles=(mentor,), options=options)
        questionnaires.add(edition.questionnaire, Kind.ONE_OF, wording, {})
    made = db.session.get_one(Edition, copied(source))
    definition = definition_of(made.asks)
    assert definition
    [question] = definition.questions
    assert question.roles == {queries.roles(made)[1].slug}
    assert question.options == options


def test_seats_held_back_stay_with_their_edition(context: Flask) -> None:
    source = planned(context)
    with transaction():
        held_back.hold_back(db.session.get_one(Edition, source), Terms("Town hall", 3))
    made = db.session.get_one(Edition, copied(source))
    assert made.held_back_count == 0
    assert QuotaKind.RESERVE not in {one.kind for one in queries.quotas(made)}


def test_the_list_of_what_was_copied_names_them(context: Flask) -> None:
    source = planned(context)
    with transaction():
        made = db.session.get_one(Edition, copied_bare(source))
        fact = EditionCopied(db.session.get_one(Edition, source), made, [])
        announce(fact)
    words = copied_words(fact.copied)
    assert {"places on site and online", "how free places are passed on", "2 roles"} <= set(words)


def copied_bare(edition_id: int) -> int:
    source = db.session.get_one(Edition, edition_id)
    return editions.copy(source, {"number": 7}, with_agenda=False).id


def test_an_edition_without_quotas_gives_none(context: Flask) -> None:
    made = db.session.get_one(Edition, copied(add_edition(context)))
    assert (made.quota_count, made.offer_hours, queries.quotas(made)) == (0, None, [])
