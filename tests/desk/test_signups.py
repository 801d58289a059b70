"""The organiser gives slots places of their own and sees who has one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.extensions import db
from eventhub.registration.models import Registration
from eventhub.signups import service
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk, desk_of, fields_of
from tests.signups.training import add_training, choose, come, having, slot_of

PATH = "/manage/lab/5/signups/"


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> Desk:
    return desk_of(app)


@pytest.fixture
def training(desk: Desk) -> Iterator[int]:
    """Add the training to the organiser's own series."""
    key = add_training(desk.app)
    with desk.app.app_context():
        with transaction():
            ours = db.session.query(Series).filter_by(slug="labcamp").one()
            theirs = db.session.query(Series).filter_by(slug="lab").one()
            theirs.organisation_links = [
                type(link)(organisation_id=link.organisation_id) for link in ours.organisation_links
            ]
        yield key


def test_a_slot_gets_places_and_a_list_without_mail_addresses(desk: Desk, training: int) -> None:
    assert "Besuch im Impact Hub" in desk.client.get(PATH).text
    form = desk.form_of(f"{PATH}hub/")
    saved = desk.client.post(f"{PATH}hub/", data=form | {"capacity": "1", "alternatives": "Exkursionen"})
    assert saved.status_code == 303
    ada, bo = come(training, "Ada"), come(training, "Bo")
    choose(ada, "hub")
    choose(bo, "+hub")
    page = desk.client.get(f"{PATH}hub/").text
    assert "Person Ada" in page
    assert "Wer als Nächstes dran wäre" in page
    assert "@lab.example" not in page
    table = desk.client.get(f"{PATH}hub.csv")
    assert "Person Ada" in table.text
    assert "@" not in table.text

    asked = desk.client.post(f"{PATH}hub/", data=desk.form_of(f"{PATH}hub/") | {"capacity": "2"})
    more = desk.client.post(f"{PATH}hub/", data=fields_of(asked.text))
    assert more.status_code == 303
    assert "1 Person ist nachgerückt" in desk.client.get(f"{PATH}hub/").text
    assert having(bo) == {"hub"}


def test_who_would_move_up_in_a_session_is_shown_before_its_places_are_saved(
    desk: Desk, training: int
) -> None:
    desk.client.post(f"{PATH}hub/", data={"capacity": "1"})
    people = [come(training, name) for name in ("Ada", "Bo", "Cem")]
    for key, slot in zip(people, ("hub", "+hub", "+hub"), strict=True):
        choose(key, slot)
    typed = desk.form_of(f"{PATH}hub/") | {"capacity": "2", "directions": "Treffpunkt: Tor"}
    asked = desk.client.post(f"{PATH}hub/", data=typed).text
    assert "1 Person würde nachrücken" in asked
    assert re.findall(r"<li><bdi>(.*?)</bdi>", asked) == ["Person Bo"]
    assert [having(key) for key in people] == [{"hub"}, {"+hub"}, {"+hub"}]
    back = desk.client.post(f"{PATH}hub/", data=fields_of(asked) | {"back": "1"})
    assert back.status_code == 200
    again = fields_of(back.text)
    assert (again["capacity"], again["directions"]) == ("2", "Treffpunkt: Tor")
    assert [having(key) for key in people] == [{"hub"}, {"+hub"}, {"+hub"}]
    asked = desk.client.post(f"{PATH}hub/", data=again | {"capacity": ""}).text
    assert "2 Personen würden nachrücken" in asked
    assert desk.client.post(f"{PATH}hub/", data=fields_of(asked)).status_code == 303
    assert [having(key) for key in people] == [{"hub"}] * 3


def test_fewer_places_than_taken_are_refused_at_the_field(desk: Desk, training: int) -> None:
    desk.client.post(f"{PATH}hub/", data={"capacity": "3"})
    for name in ("Ada", "Bo"):
        choose(come(training, name), "hub")
    refused = desk.client.post(f"{PATH}hub/", data={"capacity": "1"})
    assert refused.status_code == 422
    assert "2 Plätze sind vergeben" in refused.text


def test_somebody_is_taken_out_and_the_sign_ups_end(desk: Desk, training: int) -> None:
    desk.client.post(f"{PATH}hub/", data={"capacity": "3"})
    ada, bo = come(training, "Ada"), come(training, "Bo")
    for key in (ada, bo):
        choose(key, "hub")
    desk.client.post(f"{PATH}hub/{ada}/remove")
    assert (having(ada), having(bo)) == (set(), {"hub"})
    desk.client.post(f"{PATH}hub/end")
    assert having(bo) == set()
    assert not slot_of(training, "hub").takes_signups


@pytest.mark.parametrize("field", ["capacity", "needs_id", "alternatives", "directions"])
@pytest.mark.parametrize("value", ["0", "x", "-1", "99999999999", "=1", "a" * 3000])
def test_odd_input_gets_a_sentence(field: str, value: str, desk: Desk, training: int) -> None:
    assert desk.client.post(f"{PATH}hub/", data={field: value}).status_code in {303, 422}
    assert desk.client.get(PATH).status_code == 200


def test_slots_of_others_do_not_exist(desk: Desk, training: int) -> None:
    assert desk.client.get("/manage/other/5/signups/").status_code == 404
    assert desk.client.get(f"{PATH}unknown/").status_code == 404
    assert desk.client.post(f"{PATH}hub/999/remove").status_code == 404


def test_the_list_needs_as_many_reads_for_more_slots(desk: Desk, training: int) -> None:
    costs = []
    for slug in ("hub", "lab"):
        desk.client.post(f"{PATH}{slug}/", data={"capacity": "3"})
        with counted_queries(desk.app) as statements:
            desk.client.get(PATH)
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_wishes_are_opened_previewed_and_allocated(desk: Desk, training: int) -> None:
    for slug in ("hub", "lab"):
        desk.client.post(f"{PATH}{slug}/", data={"capacity": "1", "alternatives": "Exkursionen"})
    path = "/manage/lab/5/wishes/1/"
    past = desk.client.post(path, data={"until": "2026-03-01T10:00"})
    assert past.status_code == 422
    assert "in der Zukunft" in past.text
    assert desk.client.post(path, data={"until": "2026-03-09T10:00"}).status_code == 303
    assert "Noch keine Wünsche" in desk.client.get(path).text
    ada = come(training, "Ada")
    with transaction():
        registration = db.session.get_one(Registration, ada)
        service.choose(registration, {}, {slot_of(training, "hub").id: 1})
    assert "Was eine Verteilung jetzt ergäbe" in desk.client.get(path).text
    assert "1 Person bekommt eine Mail" in desk.client.post(f"{path}allocate", follow_redirects=True).text
    assert having(ada) == {"hub"}
    assert "Verteilt am" in desk.client.get(path).text
    assert desk.client.get("/manage/lab/5/wishes/99/").status_code == 404
