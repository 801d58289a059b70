"""Ranked wishes become places at the cut-off, and everybody is told why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken, SlotsRefused
from eventhub.extensions import db
from eventhub.mail.delivery import deliver
from eventhub.mail.models import OutboxMessage
from eventhub.mail.rendering import render
from eventhub.registration import service as registration_service
from eventhub.registration.models import Registration
from eventhub.signups import cut_off, queries, service
from eventhub.signups.jobs import allocate_due
from eventhub.signups.models import Alternatives
from tests.conftest import FrozenClock
from tests.signups.test_pages import page_of
from tests.signups.training import (
    add_training,
    check_counts,
    choose,
    come,
    having,
    mails_to,
    slot_of,
    take,
)


@pytest.fixture
def training(app: Flask, clock: FrozenClock) -> Iterator[int]:
    """Two excursions with one place each, to be ranked until tomorrow."""
    key = add_training(app)
    with app.app_context():
        for slug in ("hub", "lab"):
            take(key, slug, 1, alternatives="Exkursionen")
        with transaction():
            edition = db.session.get_one(Edition, key)
            cut_off.take_wishes(edition, excursions(), clock.present + timedelta(days=1))
        yield key
        check_counts(key)


def excursions() -> Alternatives:
    return db.session.scalars(select(Alternatives)).one()


def wish(key: int, *slugs: str, first: int = 1) -> bool:
    """Let somebody rank these slots, beginning with the rank `first`."""
    with transaction():
        registration = db.session.get_one(Registration, key)
        ranks = {slot_of(registration.edition_id, slug).id: rank for rank, slug in enumerate(slugs, first)}
        held = dict.fromkeys(queries.signups_of(registration), False)
        return service.choose(registration, held, ranks)


def letter_to(key: int, kind: str) -> str:
    """Return the text of the latest mail of a kind."""
    message = db.session.scalars(
        select(OutboxMessage).filter_by(registration_id=key, kind=kind).order_by(OutboxMessage.id.desc())
    ).first()
    assert message is not None
    letter = render(message)
    assert letter is not None
    return letter.text


@pytest.mark.both_databases
def test_wishes_become_places_at_the_cut_off(training: int, clock: FrozenClock) -> None:
    people = [come(training, name) for name in ("Ada", "Bo", "Cem")]
    ada, bo, cem = people
    wish(ada, "hub", "lab")
    wish(bo, "hub")
    wish(cem, "hub")
    allocate_due(lambda: False)
    assert [having(key) for key in people] == [set(), set(), set()]
    clock.advance(timedelta(days=1))
    allocate_due(lambda: False)
    assert having(ada) == {"lab"}  # two of three can have a wish only if Ada takes her second
    assert sorted([having(bo), having(cem)], key=str) == [{"+hub"}, {"hub"}]
    assert [mails_to(key, "allotted") for key in people] == [1, 1, 1]
    words = letter_to(ada, "allotted")
    assert "2. Wunsch: „Besuch im Social Impact Lab“" in words
    assert "„Besuch im Impact Hub“ (Plätze: 1) war der 1. Wunsch von 3 Personen" in words
    assert str(excursions().seed) in words
    allocate_due(lambda: False)
    assert mails_to(ada, "allotted") == 1


@pytest.mark.both_databases
def test_who_gets_nothing_waits_and_later_it_is_first_come_first_served(
    training: int, clock: FrozenClock
) -> None:
    ada, bo = come(training, "Ada"), come(training, "Bo")
    for key in (ada, bo):
        wish(key, "hub")
    clock.advance(timedelta(days=2))
    allocate_due(lambda: False)
    winner, loser = (ada, bo) if having(ada) == {"hub"} else (bo, ada)
    assert having(loser) == {"+hub"}
    assert "Keiner deiner Wünsche" in letter_to(loser, "allotted")
    with transaction():
        registration_service.cancel(db.session.get_one(Registration, winner), "participant")
    assert having(loser) == {"hub"}
    assert choose(come(training, "Cem"), "lab")


def test_the_preview_is_what_comes(training: int) -> None:
    for number in range(6):
        wish(come(training, f"P{number}"), *(("hub", "lab") if number % 2 else ("lab", "hub")))
    with transaction():
        edition = db.session.get_one(Edition, training)
        seen = cut_off.plan(excursions())
        done = cut_off.allocate_wishes(edition, excursions())
    assert done == seen
    assert seen.by_rank() == {1: 2, None: 4}


def test_slots_that_are_ranked_take_no_sign_ups_before(training: int) -> None:
    ada = come(training, "Ada")
    assert not choose(ada, "hub")
    assert having(ada) == set()


def test_a_wish_that_clashes_is_refused_and_one_that_clashes_later_is_left_out(
    training: int, clock: FrozenClock
) -> None:
    take(training, "walk")
    ada = come(training, "Ada")
    choose(ada, "walk")
    with pytest.raises(SlotsRefused, match="überschneidet sich"):
        wish(ada, "hub")
    bo = come(training, "Bo")
    wish(bo, "hub", "lab")
    with transaction():
        slot_of(training, "hub").cancelled = True
    clock.advance(timedelta(days=1))
    allocate_due(lambda: False)
    assert having(bo) == {"lab"}


@pytest.mark.both_databases
def test_who_begins_with_a_2nd_wish_is_told_the_session_they_got(training: int, clock: FrozenClock) -> None:
    ada = come(training, "Ada")
    wish(ada, "hub", "lab", first=2)
    clock.advance(timedelta(days=1))
    allocate_due(lambda: False)
    assert having(ada) == {"hub"}
    assert "Du hast deinen 1. Wunsch: „Besuch im Impact Hub“" in letter_to(ada, "allotted")


@pytest.mark.both_databases
def test_a_slot_that_was_taken_out_makes_no_explanation_wrong(
    training: int, client: FlaskClient, clock: FrozenClock
) -> None:
    ada, bo = come(training, "Ada"), come(training, "Bo")
    take(training, "walk", 1, alternatives="Exkursionen")
    wish(ada, "walk", "hub")
    wish(bo, "lab")
    with transaction():
        service.take_no_signups(slot_of(training, "walk"))
    clock.advance(timedelta(days=1))
    allocate_due(lambda: False)
    assert "Du hast deinen 2. Wunsch: „Besuch im Impact Hub“" in letter_to(ada, "allotted")
    with transaction():
        service.take_no_signups(slot_of(training, "lab"))
    page = client.get(page_of(bo)).text
    assert "Du hast deinen 1. Wunsch bekommen." in page
    assert "Keiner deiner Wünsche" not in page


@pytest.mark.both_databases
def test_who_has_no_wish_that_fits_is_told_so_and_why(
    training: int, client: FlaskClient, clock: FrozenClock
) -> None:
    ada = come(training, "Ada")
    wish(ada, "hub", "lab")
    with transaction():
        registration_service.choose_slots(
            db.session.get_one(Registration, ada), [slot_of(training, "walk").id]
        )
    take(training, "walk")  # what was in her calendar is a place now
    clock.advance(timedelta(days=1))
    allocate_due(lambda: False)
    assert having(ada) == {"walk"}
    for words in (letter_to(ada, "allotted"), client.get(page_of(ada)).text):
        assert "Keiner deiner Wünsche konnte erfüllt werden." in words
        assert "überschneidet sich mit „Rundgang“" in words
    assert queries.allotted_by_rank(excursions()) == {None: 1}


def test_wishes_end_with_the_registration(training: int) -> None:
    ada = come(training, "Ada")
    wish(ada, "hub")
    with transaction():
        registration_service.cancel(db.session.get_one(Registration, ada), "participant")
    assert queries.wishes_of(db.session.get_one(Registration, ada)) == {}


def test_ranking_comes_before_places(app: Flask, clock: FrozenClock) -> None:
    key = add_training(app)
    with app.app_context():
        take(key, "hub", 1, alternatives="Exkursionen")
        choose(come(key, "Ada"), "hub")
        with pytest.raises(RuleBroken, match="zu spät"), transaction():
            cut_off.take_wishes(db.session.get_one(Edition, key), excursions(), None)


def test_the_page_takes_ranks_and_explains_the_result(
    training: int, client: FlaskClient, clock: FrozenClock
) -> None:
    ada = come(training, "Ada")
    path, hub, lab = page_of(ada), slot_of(training, "hub").id, slot_of(training, "lab").id
    db.session.rollback()
    twice = client.post(path, data={f"slot-wish-{hub}": "1", f"slot-wish-{lab}": "1"})
    assert twice.status_code == 422
    assert "Vergib jeden Rang nur einmal" in twice.text
    assert client.post(path, data={f"slot-wish-{hub}": "2", f"slot-wish-{lab}": "1"}).status_code == 303
    assert '<option value="2" selected>' in client.get(path).text
    assert "1. Wunsch: " in letter_to(ada, "programme")
    clock.advance(timedelta(days=1))
    allocate_due(lambda: False)
    page = client.get(path).text
    assert "Du hast deinen 1. Wunsch: „Besuch im Social Impact Lab“" in page
    deliver()
    assert not db.session.scalars(select(OutboxMessage).where(OutboxMessage.error != "")).all()


@pytest.mark.parametrize("value", ["0", "x", "-1", "999999999999", "101", "²"])
def test_odd_ranks_change_nothing(value: str, training: int, client: FlaskClient) -> None:
    ada = come(training, "Ada")
    hub = slot_of(training, "hub").id
    path = page_of(ada)
    odd = {f"slot-wish-{hub}": value, "slot-wish-": "1", "slot-wish-x": "1"}
    assert client.post(path, data=odd).status_code == 303
    assert queries.wishes_of(db.session.get_one(Registration, ada)) == {}
