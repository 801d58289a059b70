"""The organiser divides people into groups, changes the proposal and publishes it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from eventhub.agenda import places
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.groups.models import Grouping
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk, fields_of
from tests.groups.workshop import groups_of, told
from tests.registration.samples import signed_up

LIST = "/manage/labcamp/5/groups/"
PATH = f"{LIST}1/"
SETTINGS = {"title": "Werkstatt", "number": "2", "balance": "organisation"}


@pytest.fixture
def edition_id(app: Flask, clock: FrozenClock, desk: Desk) -> int:
    """Publish an edition with a room and six people of two organisations."""
    key = desk.publish()
    with app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, key)
            places.create_room(edition, {"name": "Saal", "description": "", "capacity": None})
        for number in range(6):
            signed_up(key, number, organisation="Bund" if number < 4 else "Verein")
    return key


def proposed(desk: Desk, **values: str) -> str:
    made = desk.client.post(LIST, data=SETTINGS | values)
    assert made.status_code == 303
    return desk.client.get(PATH).text


def send(desk: Desk, *people: int, do: str = "move", to: str = "", version: str = "") -> tuple[int, str]:
    shown = re.search(r'name="version" value="(\d+)"', desk.client.get(PATH).text)
    assert shown
    data = {"person": [str(one) for one in people], "do": do, "to": to, "version": version or shown[1]}
    answer = desk.client.post(PATH, data=data)
    return answer.status_code, answer.text


def test_a_proposal_is_made_and_shown_without_mail_addresses(desk: Desk, edition_id: int) -> None:
    assert "Noch keine Gruppen" in desk.client.get(LIST).text
    page = proposed(desk)
    for words in (
        "Gruppe 1",
        "3 Personen: 2 Bund, 1 Verein",
        "Person 5",
        "Vorschlag, den nur das Team sieht",
    ):
        assert words in page
    assert "@" not in re.sub(r"<header.*?</header>", "", page, flags=re.DOTALL)
    table = desk.client.get(f"{PATH}groups.csv").text
    assert table.count("Gruppe 1") == 3
    assert "@" not in table
    assert "Werkstatt" in desk.client.get(LIST).text


def test_too_many_of_one_organisation_are_named(desk: Desk, edition_id: int) -> None:
    page = proposed(desk, most_of_one="1")
    assert "4 Personen kommen von „Bund“; 2 Gruppen mit höchstens 1 davon fassen 2." in page


def test_people_are_moved_and_swapped_by_a_plain_form(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    with desk.app.app_context():
        grouping = db.session.get_one(Grouping, 1)
        before = groups_of(grouping)
        one, other = min(before["Gruppe 1"]), min(before["Gruppe 2"])
        second = str(grouping.groups[1].id)
        assert send(desk, one, other, do="swap")[0] == 303
        assert groups_of(grouping)["Gruppe 1"] == before["Gruppe 1"] - {one} | {other}
        assert send(desk, other, to=second)[0] == 303
        assert len(groups_of(grouping)["Gruppe 2"]) == 4
        assert send(desk, other, to="none")[0] == 303
        assert "Ohne Gruppe" in desk.client.get(PATH).text
        desk.client.post(f"{PATH}late")
        assert "Ohne Gruppe" not in desk.client.get(PATH).text
        assert len(groups_of(grouping)["Gruppe 1"]) == 3


def test_a_group_with_too_many_of_one_organisation_by_hand_is_marked_and_says_which(
    desk: Desk, edition_id: int
) -> None:
    assert "Zu viele einer Organisation" not in proposed(desk, most_of_one="2")
    with desk.app.app_context():
        grouping = db.session.get_one(Grouping, 1)
        second = grouping.groups[1].id
        lab = next(key for key in sorted(groups_of(grouping)["Gruppe 1"]) if key <= 4)
    send(desk, lab, to=str(second))
    sections = re.findall(
        r'<section[^>]* data-group="(\d+)">(.*?)</section>', desk.client.get(PATH).text, re.DOTALL
    )
    marked = {int(key): text for key, text in sections if "Zu viele einer Organisation" in text}
    assert list(marked) == [second]
    assert "3 Personen kommen von „Bund“; höchstens 2 sollen in einer Gruppe sein." in marked[second]


def test_what_is_refused_is_said_in_words_and_the_ticks_stay(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    for people, do, to, words in (
        ([], "move", "1", "Hake mindestens eine Person an"),
        ([1], "move", "", "Wähle eine Gruppe"),
        ([1], "move", "99", "Wähle eine Gruppe"),
        ([1], "swap", "", "Hake zum Tauschen zwei Personen"),
    ):
        status, page = send(desk, *people, do=do, to=to)
        assert status == 422
        assert words in page
        assert ('value="1" checked' in page) is bool(people)


def test_the_second_of_two_editors_is_shown_what_the_first_did(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    assert send(desk, 1, to="none", version="0")[0] == 303
    status, page = send(desk, 1, to="1", version="0")
    assert status == 409
    for words in ("Nadine S.", "<strong>Person 0:</strong> keine Gruppe", 'value="1" checked'):
        assert words in page
    for odd in ("x", "-1", "9" * 30):
        assert send(desk, 1, to="1", version=odd)[0] == 409


def test_a_group_gets_a_room_and_a_link(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    path = f"{PATH}1/"
    form = desk.form_of(path)
    refused = desk.client.post(path, data=form | {"link": "javascript:alert(1)"})
    assert refused.status_code == 422
    assert "https://" in refused.text
    more = {"name": "Rot", "room_id": "1", "link": "https://meet.example/rot"}
    assert desk.client.post(path, data=form | more).status_code == 303
    page = desk.client.get(PATH).text
    assert "Saal" in page
    assert "Ohne Raum und Link: Gruppe 2." in page
    stale = desk.client.post(path, data=form | {"name": "Gelb"})
    assert stale.status_code == 409
    assert "Rot" in stale.text
    assert desk.client.post(path, data=fields_of(stale.text)).status_code == 303


def test_publishing_tells_everybody_once(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    page = desk.client.post(f"{PATH}publish", follow_redirects=True).text
    assert "6 Personen bekommen je eine Mail" in page
    assert "Anderer Vorschlag" not in page
    desk.client.post(f"{PATH}publish")
    assert desk.client.post(f"{PATH}propose").status_code == 409
    with desk.app.app_context():
        assert len(told("group")) == 6
    desk.client.post(f"{PATH}delete")
    assert desk.client.get(PATH).status_code == 404
    with desk.app.app_context():
        assert len(told("group_gone")) == 6


def test_before_that_it_can_be_proposed_anew(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    assert "ein anderer Vorschlag" in desk.client.post(f"{PATH}propose", follow_redirects=True).text


@pytest.mark.parametrize("field", ["title", "number", "balance", "most_of_one", "wish_id", "role_id"])
@pytest.mark.parametrize(
    "value", ["", "0", "x", "-1", "99999999999", "=1", "question:", "question:9", "a" * 3000]
)
def test_odd_input_gets_a_sentence(field: str, value: str, desk: Desk, edition_id: int) -> None:
    answer = desk.client.post(LIST, data=SETTINGS | {field: value})
    assert answer.status_code in {303, 422}
    assert desk.client.get(LIST).status_code == 200


def test_groups_of_others_do_not_exist(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    assert desk.client.get("/manage/other/5/groups/1/").status_code == 404
    assert desk.client.get(f"{PATH}99/").status_code == 404


def test_the_page_needs_as_many_reads_for_more_groups_and_people(desk: Desk, edition_id: int) -> None:
    proposed(desk)
    costs = []
    for number in (10, 11):
        with counted_queries(desk.app) as statements:
            desk.client.get(PATH)
            desk.client.get(LIST)
        costs.append(len(statements))
        with desk.app.app_context():
            signed_up(edition_id, number)
        desk.client.post(f"{PATH}late")
        desk.client.post(LIST, data=SETTINGS | {"title": f"Runde {number}", "number": "4"})
    assert costs[0] == costs[1]
