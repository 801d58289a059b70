"""What people come as, and what only some of them are asked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.rules import Option
from eventhub.registration import planning, queries
from eventhub.registration.planning import Plan, RolePlan
from tests.desk.counting import counted_queries
from tests.registration.asking import Asking
from tests.registration.browsing import AYLIN, FORM, my_link, once_key, registration_of, send
from tests.registration.test_own_questions import go_on

pytestmark = pytest.mark.both_databases


class Roles:
    """An edition with visitors and two mentors."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        with asking.app.app_context(), transaction():
            edition = db.session.get_one(Edition, asking.edition_id)
            roles = [RolePlan(None, "Visitor", "", None), RolePlan(None, "Mentor", "", 2)]
            planning.carry_out(edition, Plan(None, None, None, roles))
        with asking.app.app_context():
            edition = db.session.get_one(Edition, asking.edition_id)
            found = {role.title: (str(role.id), role.slug) for role in queries.roles(edition)}
        (self.visitor, _slug), (self.mentor, self.mentors) = found["Visitor"], found["Mentor"]

    def ask_mentors(self, label: str, kind: Kind = Kind.SHORT_TEXT, **values: Any) -> str:
        return self.asking.ask(label, kind, roles=(self.mentors,), **values)


@pytest.fixture
def roles(asking: Asking) -> Roles:
    return Roles(asking)


def test_a_question_of_some_roles_is_asked_of_them_alone(asking: Asking, roles: Roles) -> None:
    field = roles.ask_mentors("Your field?", required=True)
    page = asking.client.get(FORM).text
    assert "Only if you come as: Mentor" in page
    assert f'data-only-if="role" data-only-value="{roles.mentor}"' in page
    assert send(asking.client, role=roles.visitor, **{field: "forged"}).status_code == 303
    assert asking.answers() == {}
    mentor = {"email": "mentor@lab.example", "role": roles.mentor}
    refused = send(asking.client, **mentor)
    assert (refused.status_code, "Answer “Your field?”" in refused.text) == (422, True)
    assert re.search(rf'checked[^>]*name="role"[^>]*value="{roles.mentor}"', refused.text), "the choice stays"
    assert send(asking.client, **mentor, **{field: "Robots"}).status_code == 303
    assert asking.answers("mentor@lab.example") == {"Your field?": "Robots"}


@pytest.mark.parametrize("role", ["", "999999999", "9" * 40, "x", "٣"])
def test_a_role_that_is_none_is_refused_in_words(asking: Asking, roles: Roles, role: str) -> None:
    roles.ask_mentors("Your field?", required=True)
    refused = send(asking.client, role=role)
    assert (refused.status_code, refused.text.count("Choose what you come as")) == (422, 2)
    assert asking.number() == 0


def test_the_next_page_asks_what_the_role_is_asked(asking: Asking, roles: Roles) -> None:
    asking.ask("One?")
    asking.ask("For mentors", Kind.PAGE)
    field = roles.ask_mentors("Your field?", required=True)
    asking.ask("Last", Kind.PAGE)
    last = asking.ask("Two?")
    client = asking.client
    about = {key: AYLIN[key] for key in ("name", "email", "organisation")}
    first = client.get(FORM)
    without = go_on(client, first, **about, go="next")
    assert (without.status_code, "Page 1 of 3" in without.text) == (422, True)
    mentor = go_on(client, first, **about, role=roles.mentor, go="next")
    assert f'name="{field}"' in mentor.text
    assert "Only if you come as" not in mentor.text, "that is settled"
    visitor = go_on(client, first, **about, role=roles.visitor, go="next")
    assert "Page 3 of 3" in visitor.text, "a page for others is left out"
    assert "Page 1 of 3" in go_on(client, visitor, go="back").text
    assert go_on(client, visitor, **{last: "2"}, consent="y").status_code == 303
    assert asking.answers() == {"Two?": "2"}


def test_what_depends_on_a_question_for_others_is_not_asked(asking: Asking, roles: Roles) -> None:
    wants = roles.ask_mentors("A room?", Kind.YES_NO)
    asking.ask("How large?", required=True, only_if=int(wants[1:]), only_if_value="yes")
    assert send(asking.client, role=roles.visitor, **{wants: "yes"}).status_code == 303
    assert asking.answers() == {}
    change = asking.client.get(f"{my_link(asking.app)}change").text
    assert "A room?" not in change
    assert "How large?" not in change


def test_the_personal_page_asks_what_the_role_is_asked(asking: Asking, roles: Roles) -> None:
    field = roles.ask_mentors("Your field?", required=True)
    send(asking.client, role=roles.mentor, **{field: "Robots"})
    assert "You come as: Mentor" in asking.client.get(my_link(asking.app)).text
    mine = f"{my_link(asking.app)}change"
    page = asking.client.get(mine).text
    assert 'value="Robots"' in page
    assert "Only if you come as" not in page
    details = {**AYLIN, "note": ""}
    assert asking.client.post(mine, data={**details, field: ""}).status_code == 422
    assert asking.client.post(mine, data={**details, field: "Bees"}).status_code == 303
    assert asking.answers() == {"Your field?": "Bees"}


def test_a_role_and_an_option_have_their_own_places(asking: Asking, roles: Roles) -> None:
    options = (Option("o1", "Desk", 1), Option("o2", "Sofa"))
    seat = roles.ask_mentors("Where?", Kind.ONE_OF, options=options)

    def come(name: str, role: str, choice: str) -> int:
        return send(asking.client, email=f"{name}@lab.example", role=role, **{seat: choice}).status_code

    assert come("a", roles.visitor, "o1") == 303, "it takes no place, as it is not asked"
    assert [come(name, roles.mentor, "o1") for name in "bc"] == [303, 422]
    assert [come(name, roles.mentor, "o2") for name in "de"] == [303, 303]
    with asking.app.app_context():
        found = [registration_of(f"{name}@lab.example").state.value for name in "abde"]
    assert found == ["confirmed", "confirmed", "confirmed", "waitlisted"]


def test_a_role_that_is_new_or_gone_is_known_at_once(asking: Asking, roles: Roles) -> None:
    field = roles.ask_mentors("Your field?", required=True)
    send(asking.client, role=roles.visitor)
    with asking.app.app_context(), transaction():
        edition = db.session.get_one(Edition, asking.edition_id)
        plan = [RolePlan(int(roles.mentor), "Mentor", "", None, remove=True)]
        planning.carry_out(edition, Plan(None, None, None, plan))
    refused = send(asking.client, email="b@lab.example", role=roles.mentor, **{field: "x"})
    assert (refused.status_code, "Choose what you come as" in refused.text) == (422, True)


def test_roles_cost_the_form_no_query(app: Flask, client: FlaskClient, asking: Asking, roles: Roles) -> None:
    def cost() -> int:
        key = once_key(client.get(FORM))
        email = f"{key[:9].lower()}@lab.example"
        data = {**AYLIN, "once_key": key, "email": email, "role": roles.visitor}
        with counted_queries(app) as statements:
            assert client.post(FORM, data=data).status_code == 303
        return len(statements)

    asking.ask("Why?")
    cost()
    plain = cost()
    roles.ask_mentors("Your field?", required=True)
    cost()
    assert cost() == plain
