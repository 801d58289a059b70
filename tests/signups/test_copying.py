"""What the next edition takes along of sign-ups to sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from eventhub.database import transaction
from eventhub.desk.words import copied_words
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import EditionCopied
from eventhub.signups import cut_off, queries
from eventhub.signups.copying import copy_signups
from eventhub.signups.models import SlotPlaces
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.signups.training import add_training, choose, come, slot_of, take, take_games

pytestmark = pytest.mark.both_databases
HALF_A_YEAR_LATER = {"number": 6, "start_date": date(2026, 11, 16), "end_date": date(2026, 11, 17)}


@pytest.fixture
def training(app: Flask, clock: FrozenClock) -> Iterator[int]:
    """Two excursions, of which each has one, and two games that build on each other; Ada takes part."""
    key = add_training(app)
    with app.app_context():
        take(key, "hub", 12, alternatives="Exkursionen", directions="At the north exit")
        take(key, "lab", None, alternatives="Exkursionen")
        take_games(key)
        choose(come(key, "Ada"), "hub", "game-1")
        yield key


def copied(key: int, **values: object) -> int:
    with transaction():
        source = db.session.get_one(Edition, key)
        return editions.copy(source, {**HALF_A_YEAR_LATER, **values}).id


def places(key: int) -> dict[str, SlotPlaces]:
    return {own.slot.slug: own for own in queries.places_of(key).values()}


def test_places_meeting_points_and_what_builds_on_what_are_taken_along(training: int) -> None:
    made = copied(training)
    found = places(made)
    assert {slug: own.capacity for slug, own in found.items()} == {
        "hub": 12,
        "lab": None,
        "game-1": 2,
        "game-2": 2,
    }
    assert found["hub"].directions == "At the north exit"
    assert found["game-2"].needs_id == slot_of(made, "game-1").id
    [choice] = queries.alternatives_of(db.session.get_one(Edition, made))
    assert found["hub"].alternatives_id == found["lab"].alternatives_id == choice.id
    assert (choice.title, choice.ranked) == ("Exkursionen", False)
    assert all(slot_of(made, slug).takes_signups for slug in found)
    assert not slot_of(made, "walk").takes_signups
    assert {own.taken_count for own in found.values()} == {0}
    assert places(training)["hub"].taken_count == 1


def test_a_cancelled_session_is_not_taken_along(training: int) -> None:
    with transaction():
        slot_of(training, "game-1").cancelled = True
    found = places(copied(training))
    assert "game-1" not in found
    assert found["game-2"].needs_id is None


def ranked(training: int, until: datetime | None) -> None:
    with transaction():
        edition = db.session.get_one(Edition, training)
        cut_off.take_wishes(edition, queries.alternatives_of(edition)[0], until)


def test_wishes_open_anew_and_end_as_long_before(app: Flask, clock: FrozenClock) -> None:
    key = add_training(app)
    with app.app_context():
        take(key, "hub", 12, alternatives="Exkursionen")
        ranked(key, datetime(2026, 4, 6, 16, tzinfo=UTC))  # 6 in the evening in Berlin, in summer
        [before] = queries.alternatives_of(db.session.get_one(Edition, key))
        [after] = queries.alternatives_of(db.session.get_one(Edition, copied(key)))
        assert after.ranked
        assert after.allocates_at == datetime(2026, 11, 9, 17, tzinfo=UTC)  # the same in winter
        assert after.seed is not None
        assert after.seed != before.seed
        undated = copied(key, number=7, start_date=None, end_date=None)
        assert queries.alternatives_of(db.session.get_one(Edition, undated))[0].allocates_at is None


def test_a_cut_off_that_there_is_not_is_left_to_the_organiser(app: Flask, clock: FrozenClock) -> None:
    key = add_training(app)
    with app.app_context():
        take(key, "hub", 12, alternatives="Exkursionen")
        ranked(key, datetime(2026, 4, 6, 0, 30, tzinfo=UTC))  # half past two in Berlin
        made = copied(key, start_date=date(2027, 4, 4), end_date=date(2027, 4, 5))
        assert queries.alternatives_of(db.session.get_one(Edition, made))[0].allocates_at is None


def test_the_list_of_what_was_copied_names_it(training: int) -> None:
    with transaction():
        made = db.session.get_one(Edition, copied_without(training))
        fact = EditionCopied(db.session.get_one(Edition, training), made, [])
        copy_signups(fact)
    assert fact.copied == [], "without its agenda there is nothing to sign up for"
    with speaking("en"):
        assert copied_words(["signups:4"]) == ["sign-up for 4 sessions"]


def copied_without(key: int) -> int:
    """Copy an edition without its agenda; needs a transaction around."""
    source = db.session.get_one(Edition, key)
    return editions.copy(source, HALF_A_YEAR_LATER, with_agenda=False).id
