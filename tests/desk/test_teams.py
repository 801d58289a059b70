"""The organiser opens teams, looks after them, and shows what came out."""

from __future__ import annotations

import pytest
from flask import Flask

from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.groups import teams
from eventhub.groups.models import Grouping
from eventhub.registration.models import ParticipantRole, Registration
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk, fields_of
from tests.registration.samples import signed_up

NEW = "/manage/labcamp/5/groups/teams/"
PATH = "/manage/labcamp/5/groups/1/"
SETTINGS = {"title": "Hackathon", "topics": "Masken\n\n Nachbarn \nMasken", "each": "2", "capacity": "3"}


@pytest.fixture
def edition_id(app: Flask, clock: FrozenClock, desk: Desk) -> int:
    """Publish an edition with two people of whom the second is a mentor."""
    key = desk.publish()
    with app.app_context():
        people = [signed_up(key, number).registration.id for number in range(2)]
        with transaction():
            db.session.add(ParticipantRole(id=1, edition_id=key, slug="mentor", title="Begleitung"))
            db.session.flush()
            db.session.get_one(Registration, people[1]).role_id = 1
    return key


def opened(desk: Desk, **values: str) -> str:
    answer = desk.client.post(NEW, data=SETTINGS | {"mentor_role_id": "1"} | values)
    assert answer.status_code == 303
    return desk.client.get(PATH).text


def join(desk: Desk, key: int = 1, team: int = 1) -> None:
    with desk.app.app_context(), transaction():
        grouping = db.session.get_one(Grouping, 1)
        teams.join(db.session.get_one(Registration, key), grouping, team)


def test_teams_are_opened_on_challenges_and_published(desk: Desk, edition_id: int) -> None:
    assert "Begleitung" in desk.client.get(NEW).text
    page = opened(desk)
    for words in ("Team 4", "Nachbarn", "0 von 3", "Noch sieht sie niemand"):
        assert words in page
    assert "Team 5" not in page
    assert "auf ihrer Seite Teams beitreten" in desk.client.post(f"{PATH}publish", follow_redirects=True).text
    assert "Hackathon" in desk.client.get("/manage/labcamp/5/groups/").text


def test_a_team_is_changed_gets_a_mentor_and_loses_a_member(desk: Desk, edition_id: int) -> None:
    opened(desk)
    desk.client.post(f"{PATH}publish")
    join(desk)
    path = f"{PATH}1/"
    assert "Person 0" in desk.client.get(path).text
    assert "@" not in desk.client.get(f"{PATH}groups.csv").text
    form = desk.form_of(path)
    wrong = desk.client.post(path, data=form | {"mentor_id": "1"})
    assert wrong.status_code == 422  # no mentor, so no choice
    more = {"mentor_id": "2", "project": "Maske", "status": "Prototyp", "capacity": "5"}
    assert desk.client.post(path, data=form | more).status_code == 303
    page = desk.client.get(PATH).text
    for words in ("Person 1", "Maske", "Prototyp", "1 von 5"):
        assert words in page
    stale = desk.client.post(path, data=form | {"status": "Fertig"})
    assert stale.status_code == 409
    assert "<strong>Stand:</strong> Prototyp" in stale.text
    assert desk.client.post(path, data=fields_of(stale.text)).status_code == 303
    desk.client.post(f"{PATH}1/1/remove")
    assert "Person 0" not in desk.client.get(path).text


def test_another_team_is_added(desk: Desk, edition_id: int) -> None:
    opened(desk)
    desk.client.post(f"{PATH}teams", data={"name": "Nachzügler", "topic": "Masken"})
    assert "Nachzügler" in desk.client.get(PATH).text
    again = desk.client.post(f"{PATH}teams", data={"name": "nachzügler", "topic": "Masken"})
    assert again.status_code == 422
    assert "So heißt schon ein anderes Team" in again.text


def test_results_are_public_when_the_organiser_says_so(desk: Desk, edition_id: int) -> None:
    opened(desk)
    public = "/labcamp/5/results/1/"
    visitor = desk.app.test_client()
    assert visitor.get(public).status_code == 404
    desk.client.post(f"{PATH}results", data={"public": "yes"})
    assert "Noch keine Ergebnisse" in visitor.get(public).text
    form = desk.form_of(f"{PATH}1/")
    more = {"project": "Maske <für> alle", "status": "Prototyp", "result_link": "https://maske.example/"}
    desk.client.post(f"{PATH}1/", data=form | more)
    page = visitor.get(public).text
    for words in ("Maske &lt;für&gt; alle", "Prototyp", "Team 1", "Masken", 'href="https://maske.example/"'):
        assert words in page
    assert f'href="{public}"' in visitor.get("/labcamp/5/").text
    desk.client.post(f"{PATH}results")
    assert visitor.get(public).status_code == 404
    assert public not in visitor.get("/labcamp/5/").text


@pytest.mark.parametrize("field", ["title", "topics", "each", "capacity", "mentor_role_id"])
@pytest.mark.parametrize("value", ["", "0", "x", "-1", "99999999999", "=1", "a" * 3000])
def test_odd_input_gets_a_sentence(field: str, value: str, desk: Desk, edition_id: int) -> None:
    assert desk.client.post(NEW, data=SETTINGS | {field: value}).status_code in {303, 422}
    assert desk.client.get(NEW).status_code == 200


def test_teams_of_others_do_not_exist(desk: Desk, edition_id: int) -> None:
    opened(desk)
    assert desk.client.get("/manage/other/5/groups/teams/").status_code == 404
    assert desk.client.post(f"{PATH}99/1/remove").status_code == 404
    assert desk.client.post(f"{PATH}1/99/remove").status_code == 404
    assert desk.client.post(PATH, data={"do": "move"}).status_code == 404


def test_the_list_needs_as_many_reads_for_more_teams(desk: Desk, edition_id: int) -> None:
    opened(desk)
    costs = []
    for number in range(2):
        with counted_queries(desk.app) as statements:
            desk.client.get(PATH)
        costs.append(len(statements))
        desk.client.post(f"{PATH}teams", data={"name": f"Neu {number}", "topic": "Masken"})
    assert costs[0] == costs[1]
