"""Whatever people and organisers do in whatever order, the places stay right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
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
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import CapacityRaised, announce
from eventhub.mail.models import OutboxMessage
from eventhub.registration import held_back, places, service
from eventhub.registration.applicants import Way
from eventhub.registration.held_back import Terms
from eventhub.registration.models import Claim, Quota, Registration, RegistrationState
from tests.effort import examples
from tests.registration.samples import add_edition, applicant, signed_up


class Places(RuleBasedStateMachine):
    """A small meeting; a model of plain lists says who should have a place and who should wait, in order."""

    app: Flask
    names = count()

    @initialize(capacity=st.sampled_from([None, 1, 2, 3, 3, 4, 4]), held_back=st.integers(0, 2))
    def open(self, capacity: int | None, held_back: int) -> None:
        slug = f"lab-{next(self.names)}"
        self.edition_id = add_edition(self.app, series={"slug": slug, "title": slug}, capacity=capacity)
        self.capacity = capacity
        self.confirmed: list[int] = []
        self.waiting: list[int] = []
        self.cancelled: list[int] = []
        self.reserve: int | None = None
        """How many seats are held back."""
        self.code = ""
        self.seated: list[int] = []
        """Who has one of them."""
        self.entitled: set[int] = set()
        self.forms = count()
        self.mails = 0
        if capacity is not None and held_back:
            self.hold(held_back)

    def seats(self) -> int:
        """Count the seats that are held back and free."""
        return 0 if self.reserve is None else self.reserve - len(self.seated)

    def room(self) -> bool:
        return self.capacity is None or len(self.confirmed) + self.seats() < self.capacity

    def admit(self, person: int) -> None:
        if person in self.entitled and self.seats():
            self.seated.append(person)
            self.confirmed.append(person)
        else:
            (self.confirmed if self.room() and not self.waiting else self.waiting).append(person)
        self.mails += 1

    def move_up(self) -> None:
        while (person := self.next_one()) is not None:
            if person in self.entitled and self.seats():
                self.seated.append(person)
            self.confirmed.append(person)
            self.waiting.remove(person)
            self.mails += 1

    def next_one(self) -> int | None:
        """Return who moves up next: the first of all, or the first of those a free seat is held back for."""
        if self.waiting and self.room():
            return self.waiting[0]
        return next((one for one in self.waiting if one in self.entitled), None) if self.seats() else None

    def row(self, person: int) -> Registration:
        return db.session.scalars(
            select(Registration).filter_by(edition_id=self.edition_id, email=f"person{person}@lab.example")
        ).one()

    @rule(number=st.integers(1, 3))
    def people_come(self, number: int) -> None:
        for _ in range(number):
            person = next(self.forms) + 1000
            signed_up(self.edition_id, person, once_key=f"form {person}")
            self.admit(person)

    @precondition(lambda self: self.capacity is not None and self.reserve is None)
    @rule(number=st.integers(1, 2))
    def seats_are_held_back(self, number: int) -> None:
        self.hold(number)

    def hold(self, number: int) -> None:
        fits = self.capacity is not None and len(self.confirmed) + number <= self.capacity
        with nullcontext() if fits else pytest.raises(RuleBroken), transaction():
            edition = db.session.get_one(Edition, self.edition_id)
            self.code = held_back.hold_back(edition, Terms("Land Berlin", number)).reference
        self.reserve = number if fits else None

    @rule(code=st.sampled_from(["right", "right", "wrong"]))
    def somebody_comes_by_a_link(self, code: str) -> None:
        person = next(self.forms) + 1000
        with transaction():
            edition = db.session.get_one(Edition, self.edition_id)
            way = Way(code=self.code if code == "right" else "wrong")
            service.register(edition, applicant(person), f"form {person}", way)
        if code == "right" and self.reserve is not None:
            self.entitled.add(person)
        self.admit(person)

    @precondition(lambda self: self.reserve is not None)
    @rule(number=st.integers(1, 4))
    def more_or_fewer_seats_are_held_back(self, number: int) -> None:
        assert self.reserve is not None
        more = number - self.reserve
        full = self.capacity is not None and len(self.confirmed) + self.seats() + more > self.capacity
        fits = number >= len(self.seated) and not (more > 0 and full)
        with nullcontext() if fits else pytest.raises(RuleBroken), transaction():
            edition = db.session.get_one(Edition, self.edition_id)
            held_back.change(edition, self.quota(edition), Terms("Land Berlin", number))
        if fits:
            self.reserve = number
            self.move_up()

    @precondition(lambda self: self.reserve is not None and self.waiting)
    @rule()
    def seats_are_released(self) -> None:
        with transaction():
            held_back.release(self.quota(db.session.get_one(Edition, self.edition_id)))
        self.reserve, self.seated, self.entitled = None, [], set()
        self.move_up()

    def quota(self, edition: Edition) -> Quota:
        return held_back.reserves(edition)[0]

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
        self.entitled.discard(person)
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
        if person in self.seated:
            self.seated.remove(person)
        self.mails += 1
        self.move_up()

    @precondition(lambda self: self.capacity is not None)
    @rule(more=st.sampled_from([1, 1, 1, 2, 2, 3, None]))
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
        assert edition.held_back_count == self.seats()
        with_seat = select(Registration).join(Claim).filter_by(edition_id=self.edition_id)
        taken = db.session.scalars(with_seat.where(Registration.state == RegistrationState.CONFIRMED)).all()
        assert set(self.numbers(taken, RegistrationState.CONFIRMED)) == set(self.seated) <= self.entitled
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
@pytest.mark.both_databases
def test_places_stay_right(context: Flask) -> None:
    machine = type("Machine", (Places,), {"app": context})
    few = settings(
        max_examples=examples(40),
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)  # type: ignore[no-untyped-call]
