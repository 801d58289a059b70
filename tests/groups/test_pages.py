"""The pages on which participants form teams, and mentors find them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub import tokens
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.groups import service
from eventhub.groups.models import Grouping
from eventhub.registration.models import Registration
from eventhub.web import limits
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.groups.test_teams import open_teams
from tests.registration.browsing import cancel_place


class Team:
    """Teams and the people who look at them, by the page that their link opens."""

    def __init__(self, app: Flask, client: FlaskClient, people: int) -> None:
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.app, self.client = app, client
        with app.app_context():
            grouping, keys = open_teams(app, people)
            self.key = grouping.id
            seeds = [db.session.get_one(Registration, key).token_seed for key in keys]
            self.pages = [f"/my/{tokens.derive('manage', seed)}/teams/{grouping.id}/" for seed in seeds]

    def post(self, person: int, verb: str, **values: str) -> tuple[int, str]:
        answer = self.client.post(f"{self.pages[person]}{verb}", data=values, follow_redirects=False)
        return answer.status_code, answer.text if answer.status_code != 303 else self.page(person)

    def page(self, person: int) -> str:
        return self.client.get(self.pages[person]).text

    def number_of(self, name: str) -> str:
        """Return what the button beside a team sends."""
        found = re.search(rf'name="team" value="(\d+)"><button[^>]*: {name}"', self.page(0))
        assert found, name
        return found[1]


@pytest.fixture
def three(app: Flask, client: FlaskClient, clock: FrozenClock) -> Team:
    return Team(app, client, 3)


def test_my_page_leads_to_the_teams(three: Team, client: FlaskClient) -> None:
    home = client.get(three.pages[0].partition("teams/")[0]).text
    assert f'href="{three.pages[0]}"' in home
    page = three.page(0)
    for words in ("Masken", "2 teams, 4 places left", "Teams on “Masken”", "0 of 2"):
        assert words in page
    assert client.get(three.pages[0]).headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_full_team_is_refused_with_a_button_for_another(three: Team) -> None:
    first = three.number_of("Team 1")
    for person in (0, 1):
        status, page = three.post(person, "join", team=first)
        assert status == 303
        assert "Your team: Team 1" in page
    status, page = three.post(2, "join", team=first)
    assert status == 422
    assert "“Team 1” is full. On the same challenge “Team 2” has 2 places left." in page
    assert page.count('aria-label="Join: Team 2"') == 1
    assert "Join “Team 2”</button>" in page
    assert 'class="badge badge-warn">Full' in page
    assert three.post(0, "leave")[0] == 303
    assert three.post(2, "join", team=first)[0] == 303


def test_odd_input_gets_a_sentence(three: Team) -> None:
    for verb, values in (
        ("join", {"team": "x"}),
        ("join", {"team": "99999999999999"}),
        ("join", {}),
        ("new", {"name": "", "topic": "Masken"}),
        ("new", {"name": "a" * 200, "topic": "Masken"}),
        ("new", {"name": "Neu", "topic": "Nothing"}),
        ("mentor", {"team": "1"}),
    ):
        status, page = three.post(0, verb, **values)
        assert status == 422, (verb, values)
        assert 'role="alert"' in page
    assert three.post(0, "leave")[0] == 303


def test_founding_teams_has_a_limit(three: Team) -> None:
    three.app.config["SETTINGS"] = replace(three.app.config["SETTINGS"], rate_limits=True)
    limits.init_app(three.app)
    answers = [three.post(0, "new", name=f"Neu {number}", topic="Masken") for number in range(6)]
    assert [status for status, _page in answers] == [303] * 5 + [422]
    assert 'value="Neu 5"' in answers[5][1]


def test_a_mentor_sees_teams_without_one(three: Team) -> None:
    assert "Every team with members has a mentor." in three.page(3)
    first = three.number_of("Team 1")
    three.post(0, "join", team=first)
    assert "Look after this team: Team 1" in three.page(3)
    assert three.post(3, "mentor", team=first)[0] == 303
    assert "Mentor: Person 3" in three.page(0)
    assert "Look after this team" not in three.page(3)
    assert three.post(3, "unmentor", team=first)[0] == 303
    assert "No mentor yet" in three.page(0)


def test_two_members_who_tell_the_result_at_once_see_each_other(three: Team, client: FlaskClient) -> None:
    first = three.number_of("Team 1")
    for person in (0, 1):
        three.post(person, "join", team=first)
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', three.page(0))
    assert seen
    assert three.post(0, "result", seen=seen[1], project="Maske", status="Prototyp")[0] == 303
    status, page = three.post(1, "result", seen=seen[1], project="Anderes")
    assert status == 409
    assert "<strong>Project:</strong> Maske" in page
    assert 'value="Anderes"' in page
    wrong = three.post(1, "result", seen=seen[1], result_link="javascript:alert(1)")
    assert wrong[0] == 422
    assert three.post(2, "result", project="Fremdes")[0] == 404


def test_nobody_looks_at_teams_before_they_are_published_or_after_cancelling(
    app: Flask, three: Team, client: FlaskClient
) -> None:
    cancel_place(app, "person0@lab.example")
    assert client.get(three.pages[0]).status_code == 404
    with app.app_context(), transaction():
        db.session.get_one(Grouping, three.key).published_at = None
    assert client.get(three.pages[1]).status_code == 404
    with app.app_context(), transaction():
        service.remove(db.session.get_one(Grouping, three.key))
    assert client.post(f"{three.pages[1]}join", data={"team": "1"}).status_code == 404


def test_the_page_needs_as_many_reads_for_more_teams(three: Team, app: Flask) -> None:
    costs = []
    for number in range(2):
        with counted_queries(app) as statements:
            three.page(0)
        costs.append(len(statements))
        three.post(1, "new", name=f"Neu {number}", topic="Masken")
    assert costs[0] == costs[1]
