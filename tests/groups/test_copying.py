"""What the next edition takes along of groups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.agenda.models import Room
from eventhub.database import transaction
from eventhub.desk.words import copied_words
from eventhub.editions import service as editions
from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.facts import EditionCopied
from eventhub.groups import service, teams
from eventhub.groups.copying import copy_groups
from eventhub.groups.models import Balance, Grouping
from eventhub.groups.teams import Plan
from eventhub.questionnaires.models import Kind
from eventhub.registration import planning
from eventhub.registration import queries as registrations
from eventhub.registration.planning import RolePlan
from eventhub.web.languages import speaking
from tests.groups.workshop import add_workshop, ask, divide, groups_of
from tests.registration.samples import signed_up

pytestmark = pytest.mark.both_databases


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def copied(edition_id: int) -> Edition:
    with transaction():
        source = db.session.get_one(Edition, edition_id)
        made = editions.copy(source, {"number": 6, "start_date": date(2027, 9, 1)}).id
    return db.session.get_one(Edition, made)


def groupings(edition: Edition) -> list[Grouping]:
    return list(db.session.scalars(select(Grouping).filter_by(edition_id=edition.id).order_by(Grouping.id)))


def test_a_division_comes_along_with_its_rules_and_rooms_but_nobody_in_it(context: Flask) -> None:
    source = add_workshop(context, 5)
    asked = ask(source, Kind.RANKING, "Rot", "Blau")
    with transaction():
        edition = db.session.get_one(Edition, source)
        roles = [RolePlan(None, "Gast", "Visitor", None)]
        planning.carry_out(edition, planning.Plan(None, None, None, roles))
    guest = registrations.roles(db.session.get_one(Edition, source))[0].id
    grouping = divide(
        source,
        balance=Balance.QUESTION,
        question_id=asked,
        wish_id=asked,
        most_of_one=2,
        role_id=guest,
        asks_companions=True,
    )
    room = db.session.scalars(select(Room).filter_by(edition_id=source, name="Küche")).one()
    with transaction():
        values = {"name": "Rot", "room_id": room.id, "link": "https://meet.example/red"}
        service.update_group(grouping.groups[0], values)
        service.publish(grouping)
    made = copied(source)
    [copy] = groupings(made)
    assert (copy.title, copy.most_of_one, copy.balance) == ("Werkstatt", 2, Balance.QUESTION)
    assert (copy.is_published, copy.asks_companions) == (False, True)
    assert groups_of(copy) == {"Rot": set(), "Blau": set()}
    red, blue = copy.groups
    assert red.room is not None
    assert (red.room.name, red.room.edition_id, red.link, blue.room) == ("Küche", made.id, "", None)
    assert copy.role_id == registrations.roles(made)[0].id != guest
    assert copy.question_id == copy.wish_id
    assert copy.question_id not in {None, asked}, "the question of the new edition"


def test_people_of_the_new_edition_are_divided_when_somebody_asks_for_it(context: Flask) -> None:
    source = add_workshop(context, 3)
    divide(source)
    made = copied(source)
    with transaction():
        made.state = EditionState.PUBLISHED
    for number in range(4):
        signed_up(made.id, number)
    [copy] = groupings(made)
    with transaction():
        service.propose(copy)
    assert [len(people) for people in groups_of(copy).values()] == [2, 2]


def test_challenges_of_teams_come_along_and_what_people_founded_stays(context: Flask) -> None:
    source = add_workshop(context, 2)
    with transaction():
        edition = db.session.get_one(Edition, source)
        grouping = teams.open_teams(edition, Plan("Hackathon", ["Water", "Energy"], 2, 5))
        service.publish(grouping)
    person = registrations.by_address(db.session.get_one(Edition, source), "person0@lab.example")
    assert person
    with transaction():
        teams.found(person, grouping, "The private name", "Water")
    [copy] = groupings(copied(source))
    assert [(one.name, one.topic, one.capacity, one.taken_count) for one in copy.groups] == [
        ("Water", "Water", 5, 0),
        ("Energy", "Energy", 5, 0),
    ]
    assert (copy.is_open, copy.is_published) == (True, False)


def test_the_list_of_what_was_copied_names_them(context: Flask) -> None:
    source = add_workshop(context, 1)
    divide(source)
    made = copied(source)
    with transaction():
        for one in groupings(made):
            db.session.delete(one)
        fact = EditionCopied(db.session.get_one(Edition, source), made, [])
        copy_groups(fact)
    assert copied_words(fact.copied) == ["1 division into groups"]
