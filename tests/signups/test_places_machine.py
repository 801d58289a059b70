"""Whatever people and organisers do in whatever order, the places in slots stay right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from eventhub.database import transaction
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration import service as registration_service
from eventhub.registration.models import Registration
from eventhub.signups import queries, service
from eventhub.signups.models import SignupState
from tests.conftest import FrozenClock
from tests.effort import examples
from tests.signups.training import add_training, check_counts, choose, come, having, slot_of, take

SLUGS = ("hub", "lab", "game-1", "game-2")


class SlotPlacesMachine(RuleBasedStateMachine):
    """Two alternatives and two games of which the second builds on the first, with few places."""

    app: Flask
    names = count()

    @initialize(capacities=st.tuples(*[st.integers(1, 3)] * 4))
    def open(self, capacities: tuple[int, ...]) -> None:
        slug = f"training-{next(self.names)}"
        self.edition_id = add_training(self.app, series={"slug": slug, "title": slug})
        for name, capacity in zip(SLUGS, capacities, strict=True):
            take(self.edition_id, name, capacity, **self.more(name))
        self.people: list[int] = []
        self.told = 0

    def more(self, name: str) -> dict[str, object]:
        if name == "game-2":
            return {"needs_id": slot_of(self.edition_id, "game-1").id}
        return {"alternatives": "Exkursionen"} if name in {"hub", "lab"} else {}

    @rule()
    def somebody_comes(self) -> None:
        self.people.append(come(self.edition_id, f"person {next(self.names)}"))

    @precondition(lambda self: self.people)
    @rule(data=st.data(), slugs=st.sets(st.sampled_from(SLUGS)), waits=st.booleans())
    def somebody_chooses(self, data: st.DataObject, slugs: set[str], waits: bool) -> None:
        person = data.draw(st.sampled_from(self.people))
        with suppress(RuleBroken):
            self.told += choose(person, *(f"+{slug}" if waits else slug for slug in sorted(slugs)))

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def somebody_cancels(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.people))
        with transaction():
            registration_service.cancel(db.session.get_one(Registration, person), "participant")
        self.people.remove(person)
        assert having(person) == set()

    @precondition(lambda self: self.people)
    @rule(data=st.data(), slug=st.sampled_from(SLUGS))
    def an_organiser_takes_somebody_out(self, data: st.DataObject, slug: str) -> None:
        person = data.draw(st.sampled_from(self.people))
        with transaction():
            registration = db.session.get_one(Registration, person)
            self.told += service.remove(registration, slot_of(self.edition_id, slug))

    @precondition(lambda self: self.people)
    @rule(data=st.data(), slug=st.sampled_from(SLUGS), beyond=st.booleans())
    def somebody_stands_at_the_door(self, data: st.DataObject, slug: str, beyond: bool) -> None:
        person = data.draw(st.sampled_from(self.people))
        with suppress(RuleBroken):
            with transaction():
                registration, slot = db.session.get_one(Registration, person), slot_of(self.edition_id, slug)
                self.told += service.let_in(registration, slot, beyond=beyond and slug != "game-2")
            assert slug in having(person)

    @rule(slug=st.sampled_from(SLUGS), capacity=st.none() | st.integers(1, 5))
    def an_organiser_changes_the_places(self, slug: str, capacity: int | None) -> None:
        with suppress(RuleBroken):
            take(self.edition_id, slug, capacity, **self.more(slug))

    @invariant()
    def counters_are_rows_and_no_place_is_idle(self) -> None:
        if hasattr(self, "people"):
            check_counts(self.edition_id)

    @invariant()
    def nobody_overtakes(self) -> None:
        if not hasattr(self, "people"):
            return
        for places in queries.places_of(self.edition_id).values():
            line = [one.registration_id for one in queries.next_in_line(places, 99)]
            seen = getattr(self, f"line_{places.slot_id}", [])
            still = [person for person in seen if person in line]
            assert line[: len(still)] == still
            setattr(self, f"line_{places.slot_id}", line)

    @invariant()
    def game_2_comes_with_game_1_and_excursions_come_alone(self) -> None:
        for person in getattr(self, "people", []):
            own = having(person)
            assert not own & {"game-2", "+game-2"} or "game-1" in own
            assert len(own & {"hub", "lab", "+hub", "+lab"}) <= 1

    @invariant()
    def each_change_has_its_mail(self) -> None:
        if not hasattr(self, "people"):
            return
        found = select(func.count()).where(
            OutboxMessage.edition_id == self.edition_id, OutboxMessage.kind == "programme"
        )
        assert db.session.scalar(found) == self.told

    @invariant()
    def the_calendar_holds_the_places(self) -> None:
        for person in getattr(self, "people", []):
            registration = db.session.get_one(Registration, person)
            chosen = {choice.slot_id for choice in registration.slot_choices}
            own = queries.signups_of(registration)
            assert chosen == {key for key, one in own.items() if one.state is SignupState.CONFIRMED}


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.mark.slow
@pytest.mark.both_databases
def test_places_in_slots_stay_right(context: Flask) -> None:
    machine = type("Machine", (SlotPlacesMachine,), {"app": context})
    few = settings(
        max_examples=examples(15),
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)  # type: ignore[no-untyped-call]
