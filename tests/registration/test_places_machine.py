"""Whatever people and organisers do in whatever order, the places stay right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

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
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import CapacityRaised, announce
from eventhub.mail.models import OutboxMessage
from eventhub.registration import places, service
from eventhub.registration.models import Registration, RegistrationState
from tests.registration.samples import add_edition, signed_up


class Places(RuleBasedStateMachine):
    """A small meeting; a model of plain lists says who should have a place and who should wait, in order."""

    app: Flask
    names = count()

    @initialize(capacity=st.none() | st.integers(1, 4))
    def open(self, capacity: int | None) -> None:
        slug = f"lab-{next(self.names)}"
        self.edition_id = add_edition(self.app, series={"slug": slug, "title": slug}, capacity=capacity)
        self.capacity = capacity
        self.confirmed: list[int] = []
        self.waiting: list[int] = []
        self.cancelled: list[int] = []
        self.forms = count()
        self.mails = 0

    def room(self) -> bool:
        return self.capacity is None or len(self.confirmed) < self.capacity

    def admit(self, person: int) -> None:
        (self.confirmed if self.room() and not self.waiting else self.waiting).append(person)
        self.mails += 1

    def move_up(self) -> None:
        while self.waiting and self.room():
            self.confirmed.append(self.waiting.pop(0))
            self.mails += 1

    def row(self, person: int) -> Registration:
        return db.session.scalars(
            select(Registration).filter_by(edition_id=self.edition_id, email=f"person{person}@lab.example")
        ).one()

    @rule()
    def somebody_new_comes(self) -> None:
        person = next(self.forms) + 1000
        signed_up(self.edition_id, person, once_key=f"form {person}")
        self.admit(person)

    @precondition(lambda self: self.confirmed or self.waiting)
    @rule(data=st.data())
    def somebody_known_comes_again(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.confirmed + self.waiting))
        signed_up(self.edition_id, person, once_key=f"another form {next(self.forms)}")

    @precondition(lambda self: self.cancelled)
    @rule(data=st.data())
    def somebody_comes_back(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.cancelled))
        signed_up(self.edition_id, person, once_key=f"another form {next(self.forms)}")
        self.cancelled.remove(person)
        self.admit(person)

    @precondition(lambda self: self.confirmed or self.waiting)
    @rule(data=st.data(), by=st.sampled_from(["participant", "organiser"]), times=st.integers(1, 2))
    def somebody_cancels(self, data: st.DataObject, by: service.By, times: int) -> None:
        person = data.draw(st.sampled_from(self.confirmed + self.waiting))
        for _ in range(times):
            with transaction():
                service.cancel(self.row(person), by)
        (self.confirmed if person in self.confirmed else self.waiting).remove(person)
        self.cancelled.append(person)
        self.mails += 1
        self.move_up()

    @precondition(lambda self: self.capacity is not None)
    @rule(more=st.none() | st.integers(1, 3))
    def there_are_more_places(self, more: int | None) -> None:
        self.capacity = None if more is None or self.capacity is None else self.capacity + more
        with transaction():
            edition = db.session.get_one(Edition, self.edition_id)
            edition.capacity = self.capacity
            announce(CapacityRaised(edition))
        self.move_up()

    @precondition(lambda self: self.capacity is not None and not self.room() and len(self.confirmed) > 0)
    @rule()
    def nothing_is_free(self) -> None:
        with transaction():
            assert places.fill(db.session.get_one(Edition, self.edition_id)) == 0

    @invariant()
    def everybody_is_where_they_should_be(self) -> None:
        if not hasattr(self, "capacity"):
            return
        db.session.rollback()
        edition = db.session.get_one(Edition, self.edition_id)
        assert (edition.taken_count, edition.waiting_count) == (len(self.confirmed), len(self.waiting))
        assert edition.capacity is None or edition.taken_count <= edition.capacity
        rows = db.session.scalars(
            select(Registration)
            .filter_by(edition_id=self.edition_id)
            .order_by(Registration.place_in_line, Registration.id)
        ).all()
        assert self.numbers(rows, RegistrationState.WAITLISTED) == self.waiting
        assert set(self.numbers(rows, RegistrationState.CONFIRMED)) == set(self.confirmed)
        assert set(self.numbers(rows, RegistrationState.CANCELLED)) == set(self.cancelled)

    @invariant()
    def each_step_has_its_mail(self) -> None:
        if not hasattr(self, "capacity"):
            return
        told = db.session.scalar(
            select(func.count()).where(
                OutboxMessage.edition_id == self.edition_id,
                OutboxMessage.kind.in_(["confirmed", "waitlisted", "promoted", "cancelled"]),
            )
        )
        assert told == self.mails

    @staticmethod
    def numbers(rows: Any, state: RegistrationState) -> list[int]:
        return [int(row.name.removeprefix("Person ")) for row in rows if row.state is state]


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.mark.slow
def test_places_stay_right(context: Flask) -> None:
    machine = type("Machine", (Places,), {"app": context})
    few = settings(
        max_examples=25,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)  # type: ignore[no-untyped-call]
