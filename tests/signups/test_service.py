"""Places in single slots: given, waited for, given up, moved up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.errors import RuleBroken, SlotsRefused
from eventhub.extensions import db
from eventhub.registration import handing_over
from eventhub.registration import queries as registrations
from eventhub.registration import service as registration_service
from eventhub.registration.models import Registration
from eventhub.signups import queries, service
from tests.conftest import FrozenClock
from tests.registration.samples import applicant
from tests.signups.training import (
    add_training,
    check_counts,
    choose,
    come,
    having,
    mails_to,
    slot_of,
    take,
    take_games,
)

pytestmark = pytest.mark.both_databases


@pytest.fixture
def training(app: Flask, clock: FrozenClock) -> Iterator[int]:
    key = add_training(app)
    with app.app_context():
        yield key
        check_counts(key)


def test_the_second_waits_for_the_only_place_and_moves_up(training: int) -> None:
    take(training, "hub", 1)
    ada, bo = come(training, "Ada"), come(training, "Bo")
    choose(ada, "hub")
    choose(bo, "+hub")
    assert (having(ada), having(bo)) == ({"hub"}, {"+hub"})
    choose(ada)
    assert (having(ada), having(bo)) == (set(), {"hub"})
    assert (mails_to(ada, "programme"), mails_to(bo, "programme")) == (2, 1)
    assert mails_to(bo, "signup_promoted") == 1


def test_who_did_not_ask_to_wait_is_told_that_it_is_full_and_what_is_free(training: int) -> None:
    take(training, "hub", 1, alternatives="Exkursionen")
    take(training, "lab", 1, alternatives="Exkursionen")
    choose(come(training, "Ada"), "hub")
    bo = come(training, "Bo")
    with pytest.raises(SlotsRefused, match=r"Impact Hub.*inzwischen voll.*Noch frei: „Besuch im Social"):
        choose(bo, "hub")
    assert having(bo) == set()


def test_a_cancelled_registration_gives_up_its_places(training: int) -> None:
    take(training, "hub", 1)
    ada, bo = come(training, "Ada"), come(training, "Bo")
    choose(ada, "hub")
    choose(bo, "+hub")
    with transaction():
        registration_service.cancel(db.session.get_one(Registration, ada), "participant")
    assert (having(ada), having(bo)) == (set(), {"hub"})
    assert registrations.chosen_slots(db.session.get_one(Registration, ada)) == []


def test_whoever_comes_instead_gets_the_places_in_sessions_and_the_spots_in_line(training: int) -> None:
    take(training, "hub", 1)
    take(training, "game-1", 1)
    ada, bo, cem = come(training, "Ada"), come(training, "Bo"), come(training, "Cem")
    choose(bo, "game-1")
    choose(ada, "hub", "+game-1")
    choose(cem, "+hub")
    with transaction():
        mine = db.session.get_one(Registration, ada)
        handing_over.hand_over(mine, applicant("Dua"), "one")
    dua = db.session.scalars(select(Registration.id).where(Registration.id > cem)).one()
    assert (having(ada), having(dua), having(cem)) == (set(), {"hub", "+game-1"}, {"+hub"})
    assert mails_to(dua, "programme") == 1
    chosen = registrations.chosen_slots(db.session.get_one(Registration, dua))
    assert [slot.slug for slot in chosen] == ["hub"]


def test_more_places_go_to_those_who_wait_in_their_order(training: int) -> None:
    take(training, "hub", 1)
    keys = [come(training, name) for name in ("Ada", "Bo", "Cem", "Dua")]
    for number, key in enumerate(keys):
        choose(key, "+hub" if number else "hub")
    assert take(training, "hub", 3) == 2
    assert [having(key) for key in keys] == [{"hub"}, {"hub"}, {"hub"}, {"+hub"}]
    dua = db.session.get_one(Registration, keys[3])
    assert list(queries.positions_of(dua, queries.signups_of(dua)).values()) == [1]
    with pytest.raises(RuleBroken, match="3 Plätze sind vergeben"):
        take(training, "hub", 2)


def test_dropping_game_1_needs_dropping_game_2(training: int) -> None:
    take_games(training)
    ada = come(training, "Ada")
    with pytest.raises(SlotsRefused, match=r"„Planspiel 2“.*baut auf „Planspiel 1“"):
        choose(ada, "game-2")
    choose(ada, "game-2", "game-1")
    with pytest.raises(SlotsRefused, match="baut auf"):
        choose(ada, "game-2")
    choose(ada)
    assert having(ada) == set()


def test_who_is_taken_out_of_game_1_loses_game_2(training: int) -> None:
    take_games(training)
    ada = come(training, "Ada")
    choose(ada, "game-1", "game-2")
    with transaction():
        assert service.remove(db.session.get_one(Registration, ada), slot_of(training, "game-1"))
    assert having(ada) == set()


def test_slots_at_the_same_time_are_refused_in_words(training: int) -> None:
    take(training, "hub")
    take(training, "walk")
    ada = come(training, "Ada")
    choose(ada, "hub")
    with pytest.raises(SlotsRefused, match=r"„Rundgang“ \(11 bis 13.Uhr\) überschneidet sich mit „Besuch"):
        choose(ada, "hub", "walk")
    assert having(ada) == {"hub"}


def test_a_place_stands_in_the_calendar_and_a_wait_does_not(training: int) -> None:
    take(training, "hub", 1)
    ada, bo = come(training, "Ada"), come(training, "Bo")
    choose(ada, "hub")
    choose(bo, "+hub")

    def chosen(key: int) -> list[str]:
        return [slot.slug for slot in registrations.chosen_slots(db.session.get_one(Registration, key))]

    assert (chosen(ada), chosen(bo)) == (["hub"], [])
    with transaction():  # the form for open slots leaves places alone
        registration_service.choose_slots(
            db.session.get_one(Registration, bo), [slot_of(training, "hub").id, slot_of(training, "walk").id]
        )
    assert chosen(bo) == ["walk"]
    choose(ada)
    assert chosen(bo) == ["hub", "walk"]


def test_who_has_a_slot_in_the_calendar_gets_a_place_when_it_takes_signups(training: int) -> None:
    keys = [come(training, name) for name in ("Ada", "Bo")]
    for key in keys:
        with transaction():
            registration = db.session.get_one(Registration, key)
            registration_service.choose_slots(registration, [slot_of(training, "hub").id])
    take(training, "hub", 1)
    assert [having(key) for key in keys] == [{"hub"}, {"+hub"}]
    with transaction():
        service.take_no_signups(slot_of(training, "hub"))
    assert [having(key) for key in keys] == [set(), set()]


def test_only_who_has_a_place_in_the_meeting_chooses(app: Flask, clock: FrozenClock) -> None:
    training = add_training(app, capacity=1)
    with app.app_context():
        take(training, "hub", 1)
        come(training, "Ada")
        bo = come(training, "Bo")
        with pytest.raises(RuleBroken, match="sobald du einen Platz bei der Veranstaltung"):
            choose(bo, "hub")


def test_nothing_builds_on_itself_in_a_circle(training: int) -> None:
    take_games(training)
    with pytest.raises(RuleBroken, match="auf sich selbst"):
        take(training, "game-1", 2, needs_id=slot_of(training, "game-2").id)
