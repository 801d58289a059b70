"""The page of seats held back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from eventhub.extensions import db
from eventhub.registration import held_back
from eventhub.registration.models import Quota
from tests.desk.setting import Desk
from tests.registration.samples import signed_up

PAGE = "/manage/labcamp/5/held-back/"
SEATS = {"label": "Land Berlin", "number": "2"}


@pytest.fixture(autouse=True)
def in_english(desk: Desk) -> None:
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


def reserves(desk: Desk, key: int) -> list[Quota]:
    with desk.app.app_context():
        return held_back.reserves(desk.edition(key))


def hold(desk: Desk, **values: str) -> str:
    """Hold seats back and return the address of the page about them."""
    answer = desk.client.post(PAGE, data={**SEATS, **values}, follow_redirects=True)
    assert "The seats are held back" in answer.text
    return re.findall(r'href="([^"]*/held-back/\d+)"', answer.text)[-1]


def test_seats_are_held_back_changed_and_released(desk: Desk) -> None:
    key = desk.publish(capacity=3)
    assert "Nothing is held back" in desk.client.get(PAGE).text
    address = hold(desk, until="2026-05-01T10:00", domains="berlin.example, @it.example")
    [made] = reserves(desk, key)
    assert (made.capacity, made.domains) == (2, "berlin.example it.example")
    page = desk.client.get(address).text
    link = re.search(r'value="https?://[^/"]+([^"]*code=[^"]*)"', page)
    assert link
    assert "A seat is held back for you: Land Berlin" in desk.client.get(link[1]).text
    assert "2 seats are held back" in desk.client.get("/manage/labcamp/5/registrations/").text
    sent = desk.form_of(address)
    assert sent["until"] == "2026-05-01T10:00"
    assert desk.client.post(address, data=sent | {"number": "3", "until": ""}).status_code == 303
    assert [(one.capacity, one.release_at) for one in reserves(desk, key)] == [(3, None)]
    with desk.app.app_context():
        waits = signed_up(key, 1).registration
        assert not waits.takes_place
        number = waits.id
    assert "1 person would move up" in desk.client.post(f"{address}/release").text
    released = desk.client.post(f"{address}/release", data={"sure": "1"}, follow_redirects=True).text
    assert "released" in released
    with desk.app.app_context():
        assert db.session.get_one(type(waits), number).takes_place
    assert desk.client.post(f"{address}/release").status_code == 404
    history = desk.client.get("/manage/labcamp/5/history/").text
    assert "held seats back" in history
    assert "released seats that were held back" in history


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"label": ""}, "Enter for whom they are held back"),
        ({"number": ""}, "Enter how many seats are held back"),
        ({"number": "0"}, "Enter a number from 1 to"),
        ({"number": "4"}, "Only 3 places are free"),
        ({"number": "1e5"}, "Enter a whole number"),
        ({"until": "2020-01-01T10:00"}, "Choose a moment that is still to come"),
        ({"until": "2026-03-29T02:30"}, "2026"),
        ({"until": "9999-12-31T23:59"}, "Choose a year between 1970 and 2199"),
        ({"until": "tomorrow"}, "error"),
        ({"domains": "city"}, "“city” is no mail domain"),
        ({"domains": "ok.example <script>"}, "is no mail domain"),
        ({"domains": "a.example " * 60}, "500"),
        ({"label": "x" * 201}, "200"),
    ],
)
def test_nonsense_is_named_at_its_place_and_stays(desk: Desk, values: dict[str, Any], words: str) -> None:
    key = desk.publish(capacity=3)
    answer = desk.client.post(PAGE, data={**SEATS, "label": "Keep me", **values})
    assert (answer.status_code, words in answer.text) == (422, True)
    assert ("Keep me" in answer.text) is ("label" not in values)
    assert reserves(desk, key) == []


def test_whoever_saves_second_sees_what_the_first_has_saved(desk: Desk) -> None:
    desk.publish(capacity=9)
    address = hold(desk)
    first, second = desk.form_of(address), desk.form_of(address)
    assert desk.client.post(address, data=first | {"number": "3"}).status_code == 303
    answer = desk.client.post(address, data=second | {"label": "Land Bremen"})
    assert (answer.status_code, "Somebody else has saved this" in answer.text) == (409, True)
    assert "Land Bremen" in answer.text


def test_seats_of_another_edition_do_not_exist_here(desk: Desk) -> None:
    desk.publish(capacity=9)
    desk.publish(6, capacity=9)
    address = hold(desk).replace("/5/", "/6/")
    assert desk.client.get(address).status_code == 404
    assert desk.client.post(f"{address}/release").status_code == 404


def test_the_page_names_who_has_a_seat_and_who_waits_with_a_right(desk: Desk) -> None:
    key = desk.publish(capacity=2)
    address = hold(desk, number="1", domains="berlin.example")
    assert "Nobody yet" in desk.client.get(address).text
    with desk.app.app_context():
        signed_up(key, "Outside")
        signed_up(key, "Berta", email="berta@berlin.example")
        signed_up(key, "Anna", email="anna@berlin.example")
    page = desk.client.get(address).text
    assert page.index("Person Berta") < page.index("Person Anna")
    assert page.count("waits, with a right to one") == 1
    assert "Address unconfirmed" in page
    assert "Person Outside" not in page
    assert "Person Berta" not in desk.client.get(PAGE).text, "names stand with their seats"
