"""The organiser's pages about wishes for people."""

from __future__ import annotations

import pytest

from eventhub.extensions import db
from eventhub.groups import queries
from eventhub.groups.models import Grouping
from eventhub.registration.models import Registration
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk
from tests.desk.test_groups import PATH, edition_id, proposed, send
from tests.registration.samples import signed_up

__all__ = ["edition_id"]
WISHES = f"{PATH}companions/"


@pytest.fixture(autouse=True)
def english(desk: Desk) -> None:
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


def enter(desk: Desk, person: int, *sought: str) -> tuple[int, str]:
    path = f"{WISHES}{person}/"
    values = dict(zip(("first", "second", "third"), (*sought, "", "", ""), strict=False))
    answer = desk.client.post(path, data=desk.form_of(path) | values)
    return answer.status_code, answer.text


def test_wishes_are_entered_listed_and_counted(desk: Desk, edition_id: int) -> None:
    page = proposed(desk)
    assert f'href="{WISHES}"' in page
    assert "No wishes yet" in desk.client.get(WISHES).text
    chosen = desk.client.get(f"{WISHES}?person=1")
    assert (chosen.status_code, chosen.location) == (303, f"{WISHES}1/")
    assert enter(desk, 1, "person1@lab.example", "nobody@lab.example")[0] == 303
    assert enter(desk, 2, "Person0@lab.example")[0] == 303
    page = desk.client.get(WISHES).text
    for words in ("Person 0", "Person 1", "mutual", "nobody@lab.example", "not among these people"):
        assert words in page
    desk.client.post(f"{PATH}propose")
    page = desk.client.get(PATH).text
    assert "People who name each other: 1 of 1 pairs are together." in page
    assert "1 wish names somebody who is not among these people." in page
    assert "together" in desk.client.get(WISHES).text
    with desk.app.app_context():
        present = queries.memberships(db.session.get_one(Grouping, 1))
        assert present[1].group_id == present[2].group_id


def test_the_proposal_page_counts_anew_when_people_are_moved(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    enter(desk, 1, "person1@lab.example")
    desk.client.post(f"{PATH}propose")
    assert "Other wishes for people: 1 of 1 are fulfilled." in desk.client.get(PATH).text
    send(desk, 1, to="none")
    assert "Other wishes for people" not in desk.client.get(PATH).text


def test_people_are_asked_or_no_longer(desk: Desk, edition_id: int) -> None:
    proposed(desk, asks_companions="y")
    assert "Another proposal takes in what they have named since" in desk.client.get(PATH).text
    page = desk.client.post(f"{WISHES}ask", follow_redirects=True).text
    assert "People are no longer asked." in page
    assert "Another proposal takes in" not in desk.client.get(PATH).text
    page = desk.client.post(f"{WISHES}ask", data={"ask": "yes"}, follow_redirects=True).text
    assert "People are asked on their own page now." in page


def test_odd_input_gets_a_sentence_and_stays(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    refused = {"Ada": "Enter an email address", "person0@lab.example": "Name somebody else here"}
    for sought, words in refused.items():
        status, page = enter(desk, 1, "", sought)
        assert (status, words in page, f'value="{sought}"' in page) == (422, True, True)
    for odd in ("", "x", "0", "999", "9" * 30):
        assert desk.client.get(f"{WISHES}?person={odd}").status_code == 200
    assert desk.client.get(f"{WISHES}999/").status_code == 404
    assert desk.client.get("/manage/other/5/groups/1/companions/").status_code == 404
    assert desk.client.get(f"{PATH}99/companions/").status_code == 404


def test_two_organisers_who_enter_at_once_see_each_other(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    form = desk.form_of(f"{WISHES}1/")
    assert desk.client.post(f"{WISHES}1/", data=form | {"first": "person1@lab.example"}).status_code == 303
    stale = desk.client.post(f"{WISHES}1/", data=form | {"first": "person2@lab.example"})
    assert stale.status_code == 409
    for words in ("Nadine S.", "person1@lab.example", 'value="person2@lab.example"'):
        assert words in stale.text


def test_published_groups_show_wishes_and_take_none(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    enter(desk, 1, "person1@lab.example")
    form = desk.form_of(f"{WISHES}1/")
    desk.client.post(f"{PATH}publish")
    page = desk.client.get(WISHES).text
    assert "so nothing can be wished any more" in page
    assert "Person 1" in page
    assert f"{WISHES}1/" not in page
    assert desk.client.post(f"{WISHES}1/", data=form).status_code == 303
    assert desk.client.post(f"{WISHES}ask", data={"ask": "yes"}).status_code == 409


def test_the_pages_need_as_many_reads_for_more_people(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    enter(desk, 1, "person1@lab.example")
    costs = []
    for number in (10, 11):
        with counted_queries(desk.app) as statements:
            desk.client.get(WISHES)
            desk.client.get(PATH)
        costs.append(len(statements))
        with desk.app.app_context():
            key = signed_up(edition_id, number).registration.id
            code = db.session.get_one(Registration, 2).code
        enter(desk, key, code, "person1@lab.example")
    assert costs[0] == costs[1]
