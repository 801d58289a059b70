"""The page of places: numbers on site, online and by role, and who would move up before it is saved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from eventhub.database import transaction
from eventhub.editions.models import Edition, Mode
from eventhub.extensions import db
from eventhub.questionnaires import service as questionnaires
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.queries import definition_of
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Given, Wording
from eventhub.registration.held_back import Terms, hold_back
from eventhub.registration.models import ParticipantRole, Registration
from tests.desk.setting import Desk, fields_of
from tests.registration.samples import signed_up

pytestmark = pytest.mark.both_databases
PLACES = "/manage/labcamp/5/places/"


def states(desk: Desk) -> list[str]:
    with desk.app.app_context():
        return [row.value for row in db.session.scalars(select(Registration.state).order_by(Registration.id))]


def come(desk: Desk, key: int, *names: str) -> None:
    with desk.app.app_context():
        for name in names:
            signed_up(key, name, name=name)


def saved(desk: Desk, **values: Any) -> str:
    return desk.client.post(PLACES, data=desk.form_of(PLACES) | values, follow_redirects=True).text


def test_the_organiser_sees_who_would_move_up_before_it_is_saved(desk: Desk) -> None:
    come(desk, desk.publish(capacity=1), "Ada", "Bo", "Cem")
    page = saved(desk, capacity="2")
    assert "1 Person würde nachrücken" in page
    assert "Bo" in page
    assert "Cem" not in page
    assert states(desk) == ["confirmed", "waitlisted", "waitlisted"]
    saved(desk, capacity="2", sure="1")
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"]


def test_going_back_keeps_what_was_typed(desk: Desk) -> None:
    come(desk, desk.publish(capacity=1), "Ada", "Bo")
    asked = fields_of(saved(desk, capacity="2", offer_hours="7"))
    back = desk.client.post(PLACES, data=asked | {"back": "1"})
    assert back.status_code == 200
    typed = fields_of(back.text)
    assert (typed["capacity"], typed["offer_hours"]) == ("2", "7")
    assert "sure" not in typed
    assert states(desk) == ["confirmed", "waitlisted"]
    assert "1 Person würde nachrücken" in desk.client.post(PLACES, data=typed).text


EDIT = "/manage/labcamp/5/edit"


def test_the_form_of_the_edition_shows_them_just_as_well_and_so_does_undoing(desk: Desk) -> None:
    key = desk.publish(capacity=2)
    come(desk, key, "Ada")
    desk.client.post(EDIT, data=desk.form_of(EDIT) | {"capacity": "1"})
    come(desk, key, "Bo", "Cem")
    page = desk.client.post(EDIT, data=desk.form_of(EDIT) | {"capacity": "2"}).text
    assert "1 Person würde nachrücken" in page
    assert "<bdi>Bo</bdi>" in page
    assert "Cem" not in page
    assert states(desk) == ["confirmed", "waitlisted", "waitlisted"]
    page = desk.client.post("/manage/labcamp/5/undo").text
    assert "<bdi>Bo</bdi>" in page
    assert states(desk) == ["confirmed", "waitlisted", "waitlisted"]
    desk.client.post("/manage/labcamp/5/undo", data=fields_of(page))
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"]


def test_nobody_is_asked_back_where_nobody_moves_up(desk: Desk) -> None:
    come(desk, desk.publish(capacity=1), "Ada", "Bo")
    assert desk.client.post(EDIT, data=desk.form_of(EDIT) | {"theme": "Mehr"}).status_code == 303


def test_places_of_an_option_and_its_end_show_who_moves_up(desk: Desk) -> None:
    path = "/manage/labcamp/5/questions/1/"
    key = desk.publish(capacity=1)
    with desk.app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, key)
            edition.questionnaire = questionnaires.create()
            wording = Wording("Workshop?", options=(Option("o1", "Chess", 1), Option("o2", "Go")))
            questionnaires.add(edition.questionnaire, Kind.ONE_OF, wording, {})
        definition = definition_of(db.session.get_one(Edition, key).asks)
        assert definition
        for name, option in (("Ada", "o2"), ("Bo", "o1"), ("Cem", "o1")):
            signed_up(key, name, name=name, answers=Given(definition, {1: option}))
    saved(desk, capacity="3", sure="1")
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"], "now for the workshop"
    more = desk.form_of(path) | {"options": "Chess | 2\nGo"}
    for page in (
        desk.client.post(path, data=more).text,
        desk.client.post(f"{path}remove").text,
    ):
        assert "1 Person würde nachrücken" in page
        assert "<bdi>Cem</bdi>" in page
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"]
    page = desk.client.post(path, data=more).text
    back = desk.client.post(path, data=fields_of(page) | {"back": "1"}).text
    assert fields_of(back)["options"].split() == ["Chess", "|", "2", "Go"]
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"]
    assert desk.client.post(path, data=fields_of(page)).status_code == 303
    assert states(desk) == ["confirmed"] * 3


def test_releasing_seats_and_holding_fewer_back_shows_who_moves_up(desk: Desk) -> None:
    key = desk.publish(capacity=3)
    with desk.app.app_context(), transaction():
        seats = hold_back(db.session.get_one(Edition, key), Terms("City", 2)).id
    come(desk, key, "Ada", "Bo", "Cem")
    path = f"/manage/labcamp/5/held-back/{seats}"
    fewer = desk.client.post(path, data=desk.form_of(path) | {"number": "1"}).text
    released = desk.client.post(f"{path}/release").text
    assert states(desk) == ["confirmed", "waitlisted", "waitlisted"]
    assert re.findall(r"<li><bdi>(\w+)<", fewer) == ["Bo"]
    assert re.findall(r"<li><bdi>(\w+)<", released) == ["Bo", "Cem"]
    back = desk.client.post(path, data=fields_of(fewer) | {"back": "1"}).text
    assert fields_of(back)["number"] == "1"
    assert states(desk) == ["confirmed", "waitlisted", "waitlisted"]
    assert desk.client.post(path, data=fields_of(fewer)).status_code == 303
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"]
    assert desk.client.post(f"{path}/release", data={"sure": "1"}).status_code == 303
    assert states(desk) == ["confirmed"] * 3


def test_places_can_be_offered(desk: Desk) -> None:
    come(desk, desk.publish(capacity=1), "Ada", "Bo")
    assert "24 Stunden" in saved(desk, capacity="2", offer_hours="24")
    saved(desk, capacity="2", offer_hours="24", sure="1")
    assert states(desk) == ["confirmed", "offered"]


def test_fewer_places_than_are_taken_are_refused_in_words(desk: Desk) -> None:
    come(desk, desk.publish(capacity=3), "Ada", "Bo")
    assert "2 Plätze sind schon vergeben" in saved(desk, capacity="1")


def test_places_on_site_online_and_by_role_reach_the_form(desk: Desk) -> None:
    desk.publish(mode=Mode.HYBRID)
    values = {"apart": "y", "on_site": "80", "online": "200"}
    values |= {"roles-0-title": "Mentorin", "roles-0-title_en": "Mentor", "roles-0-capacity": "5"}
    saved(desk, **values)
    page = desk.client.get("/labcamp/5/register").text
    assert "Noch 80 von 80 Plätzen" in page
    assert "Noch 5 von 5 Plätzen" in page
    assert "Mentorin<" in page
    saved(desk, **{"roles-0-remove": "y"})
    with desk.app.app_context():
        assert db.session.scalar(select(func.count(ParticipantRole.id))) == 0


def test_who_is_there_already_was_not_asked_where(desk: Desk) -> None:
    come(desk, desk.publish(mode=Mode.HYBRID), "Ada")
    assert "Es sind schon Leute angemeldet" in saved(desk, apart="y", on_site="80")


def test_nonsense_is_refused(desk: Desk) -> None:
    desk.publish()
    nonsense = (
        {"capacity": "-1"},
        {"capacity": "many"},
        {"roles-0-title": "x", "roles-0-capacity": "9" * 12},
    )
    for values in nonsense:
        assert desk.client.post(PLACES, data=desk.form_of(PLACES) | values).status_code == 422
