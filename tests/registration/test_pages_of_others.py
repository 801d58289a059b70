"""Questions over several pages also where colleagues, a substitute or invited people are asked."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.questionnaires.models import Kind
from eventhub.registration import planning, queries
from eventhub.registration.planning import Plan, RolePlan
from tests.registration.asking import Asking
from tests.registration.browsing import AYLIN, my_link, once_key, send
from tests.registration.test_asked_of_others import invite

pytestmark = pytest.mark.both_databases
TOGETHER = "/lab/5/register/together"


class Paged:
    """An edition that asks one question on a first page and one on a second."""

    def __init__(self, asking: Asking) -> None:
        self.asking, self.app, self.client = asking, asking.app, asking.client
        self.one = asking.ask("One?", required=True)
        asking.ask("More", Kind.PAGE)
        self.two = asking.ask("Two?", required=True)


@pytest.fixture
def paged(asking: Asking) -> Paged:
    return Paged(asking)


def go_on(client: FlaskClient, address: str, page: TestResponse, **values: Any) -> TestResponse:
    """Send a page of a form with everything that it carries along."""
    carried: dict[str, Any] = {"once_key": once_key(page)}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text):
        carried.setdefault(name, []).append(unescape(value))
    return client.post(address, data=carried | values)


def person(at: int, name: str, **answers: str) -> dict[str, str]:
    about = {"name": name, "email": f"{name.lower()}@lab.example", "organisation": f"Lab <{name}>"}
    return {f"people-{at}-{field}": value for field, value in (about | answers).items()}


def test_colleagues_are_asked_page_by_page(paged: Paged) -> None:
    client, one, two = paged.client, paged.one, paged.two
    first = client.get(TOGETHER)
    assert "Page 1 of 2" in first.text
    assert f"people-0-{two}" not in first.text
    about = person(0, "Ada", **{one: "a1"}) | person(2, "Bo")
    wrong = go_on(client, TOGETHER, first, **about, go="next")
    assert (wrong.status_code, "Page 1 of 2" in wrong.text) == (422, True)
    assert wrong.text.count("Answer “One?”") == 2, "in the summary and at Bo"
    assert "Answer “Two?”" not in wrong.text
    second = go_on(client, TOGETHER, first, **about, **{f"people-2-{one}": "b1"}, go="next")
    assert (second.status_code, "Page 2 of 2" in second.text) == (200, True)
    assert f'name="people-1-{two}"' in second.text, "the part that stayed empty is gone"
    assert ">Bo<" in second.text
    assert 'name="more"' not in second.text, "people are added on the first page"
    back = go_on(client, TOGETHER, second, **{f"people-0-{two}": "a2"}, go="back")
    assert 'value="Ada"' in back.text
    assert 'value="a1"' in back.text
    again = go_on(
        client, TOGETHER, back, **person(0, "Ada", **{one: "a1"}), **person(1, "Bo", **{one: "b1"}), go="next"
    )
    assert 'value="a2"' in again.text, "what was typed on the page before is still there"
    missing = go_on(client, TOGETHER, again, **{f"people-0-{two}": "a2"}, consent="y")
    assert (missing.status_code, "Page 2 of 2" in missing.text) == (422, True)
    answers = {f"people-0-{two}": "a2", f"people-1-{two}": "b2"}
    assert go_on(client, TOGETHER, again, **answers).status_code == 422, "nobody registers without consent"
    assert go_on(client, TOGETHER, again, **answers, consent="y").status_code == 303
    assert paged.asking.answers("ada@lab.example") == {"One?": "a1", "Two?": "a2"}
    assert paged.asking.answers("bo@lab.example") == {"One?": "b1", "Two?": "b2"}


def test_the_next_page_asks_each_colleague_what_their_role_is_asked(asking: Asking) -> None:
    with asking.app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, asking.edition_id)
            roles = [RolePlan(None, "Visitor", "", None), RolePlan(None, "Mentor", "", None)]
            planning.carry_out(edition, Plan(None, None, None, roles))
        visitor, mentor = queries.roles(db.session.get_one(Edition, asking.edition_id))
        visitors, mentors, slug = str(visitor.id), str(mentor.id), mentor.slug
    asking.ask("One?")
    asking.ask("For mentors", Kind.PAGE)
    field = asking.ask("Your field?", required=True, roles=(slug,))
    first = asking.client.get(TOGETHER)
    about = person(0, "Ada", role=mentors) | person(1, "Bo", role=visitors)
    second = go_on(asking.client, TOGETHER, first, **about, go="next")
    assert f'name="people-0-{field}"' in second.text
    assert f'name="people-1-{field}"' not in second.text
    answer = {f"people-0-{field}": "Bees", "consent": "y"}
    assert go_on(asking.client, TOGETHER, second, **answer).status_code == 303
    assert asking.answers("ada@lab.example") == {"Your field?": "Bees"}


def test_a_substitute_is_asked_page_by_page(paged: Paged) -> None:
    client, one, two = paged.client, paged.one, paged.two
    assert send(client, **{one: "x", two: "y"}).status_code == 303
    link = f"{my_link(paged.app)}hand-over"
    first = client.get(link)
    assert "Page 1 of 2" in first.text
    assert "consent" not in first.text
    about = {"name": "Ada", "email": "ada@lab.example", "organisation": ""}
    second = go_on(client, link, first, **about, **{one: "a1"}, go="next")
    assert (second.status_code, "Page 2 of 2" in second.text) == (200, True)
    wrong = go_on(client, link, second, consent="y")
    assert (wrong.status_code, "Answer “Two?”" in wrong.text) == (422, True)
    taken = go_on(client, link, second, email=AYLIN["email"], consent="y", **{two: "a2"})
    assert (taken.status_code, "Page 1 of 2" in taken.text) == (422, True), "the address stands there"
    assert go_on(client, link, second, consent="y", **{two: "a2"}).status_code == 303
    assert paged.asking.answers("ada@lab.example") == {"One?": "a1", "Two?": "a2"}


def test_an_invited_person_is_asked_page_by_page(paged: Paged) -> None:
    client, one, two = paged.client, paged.one, paged.two
    link = invite(paged, "ada@lab.example")  # type: ignore[arg-type]
    first = client.get(link)
    assert "Page 1 of 2" in first.text
    about = {"name": "Ada", "email": "ada@lab.example", "organisation": "", "note": ""}
    second = go_on(client, f"{link}accept", first, **about, **{one: "a1"}, go="next")
    assert (second.status_code, "Page 2 of 2" in second.text) == (200, True)
    assert paged.asking.number() == 0
    assert go_on(client, f"{link}accept", second, **{two: "a2"}, consent="y").status_code == 303
    assert paged.asking.answers("ada@lab.example") == {"One?": "a1", "Two?": "a2"}
