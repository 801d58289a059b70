"""Whatever happens, and in whatever order its mails arrive, calendars end up as the database has it.

Calendars answer, too, whatever they got, however old it is: what they say arrives late, mixed up and twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from itertools import count
from random import Random

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select, update

from config import Settings
from eventhub.calendars.entries import Timed
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.entries import day_entries
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail import rendering
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration import service
from eventhub.registration.models import Registration, RegistrationState
from eventhub.replies import queries as reply_queries
from eventhub.replies import service as replies
from eventhub.replies.jobs import work_off_received
from eventhub.replies.models import Outcome, ReceivedMail
from tests.calendars.client import Client
from tests.conftest import FrozenClock
from tests.effort import examples
from tests.registration.samples import add_edition, signed_up
from tests.replies.answering import line_of, reply_to

PEOPLE = st.integers(1, 3)
ANSWERS = st.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE"])
SHOWN = (Outcome.NOTED, Outcome.ASKED, Outcome.FREED, Outcome.WAY_BACK)
"""What becomes of an answer that the organiser then sees, unless it is about a day after the first."""


@pytest.fixture(name="settings")
def answered(settings: Settings) -> Settings:
    return replace(settings, reply_address="replies@lab.example")


@dataclass(frozen=True)
class Answering:
    """What somebody's calendar wrote about an invitation."""

    address: str
    answer: str
    sequence: int
    at: datetime
    about_day_one: bool
    content: bytes

    @property
    def moment(self) -> tuple[int, datetime]:
        return self.sequence, self.at.replace(microsecond=0)


class Life(RuleBasedStateMachine):
    """A meeting with two places, three people, and an organiser who changes their mind."""

    app: Flask
    clock: FrozenClock
    names = count()
    numbers = count()

    @initialize(frees=st.booleans())
    def open(self, frees: bool) -> None:
        self.clock.advance(timedelta(hours=2))  # answers are counted by the hour
        slug = f"lab-{next(self.names)}"
        series = {"slug": slug, "title": slug, "frees_declined": frees}
        self.edition_id = add_edition(self.app, series=series, capacity=2)
        self.frees = frees
        self.sent: list[tuple[str, bytes]] = []
        """Address and calendar message of each mail that has left."""
        self.written: list[Answering] = []
        self.counted: dict[Answering, Outcome] = {}
        """Answers that have arrived, and what became of them."""

    @property
    def edition(self) -> Edition:
        return db.session.get_one(Edition, self.edition_id)

    def people(self) -> list[Registration]:
        found = select(Registration).where(Registration.edition_id == self.edition_id)
        return list(db.session.scalars(found.order_by(Registration.id)))

    def passes(self) -> None:
        self.clock.advance(timedelta(minutes=1))

    @rule(person=PEOPLE)
    def somebody_registers(self, person: int) -> None:
        self.passes()
        try:
            signed_up(self.edition_id, person, once_key=f"form {self.clock.now()}")
        except RuleBroken:
            db.session.rollback()  # while it is cancelled nobody can

    @rule(person=PEOPLE)
    def somebody_cancels(self, person: int) -> None:
        self.passes()
        for registration in self.people():
            if (
                registration.email.startswith(f"person{person}@")
                and self.edition.state is EditionState.PUBLISHED
            ):
                with transaction():
                    service.cancel(registration, "participant")

    @rule(minutes=st.integers(-60, 60), title=st.sampled_from(["LabCamp #5", "Another name"]))
    def it_is_changed(self, minutes: int, title: str) -> None:
        self.passes()
        with transaction():
            edition = self.edition
            assert edition.start_time
            assert edition.end_time
            times = {
                name: (datetime.combine(date.min, at) + timedelta(minutes=minutes)).time()
                for name, at in (("start_time", edition.start_time), ("end_time", edition.end_time))
            }
            if times["start_time"] < times["end_time"]:
                editions.update(edition, {**times, "title": title}, edition.version)

    @rule(days=st.integers(1, 3))
    def it_takes_another_number_of_days(self, days: int) -> None:
        self.passes()
        with transaction():
            edition = self.edition
            assert edition.start_date
            last = None if days == 1 else edition.start_date + timedelta(days=days - 1)
            editions.update(edition, {"end_date": last}, edition.version)

    @rule()
    def it_is_cancelled_or_takes_place_after_all(self) -> None:
        self.passes()
        with transaction():
            if self.edition.state is EditionState.CANCELLED:
                editions.reinstate(self.edition)
            else:
                editions.cancel(self.edition, "")

    @rule()
    def mails_leave(self) -> None:
        self.passes()
        waiting = select(OutboxMessage).where(
            OutboxMessage.edition_id == self.edition_id, OutboxMessage.state == MessageState.WAITING
        )
        messages = list(db.session.scalars(waiting.order_by(OutboxMessage.id)))
        held = rendering.load_together(messages)
        for message in messages:
            letter = rendering.render(message)
            if letter is not None and letter.calendar is not None and letter.method is not None:
                self.sent.append((message.to_address, letter.calendar))
        del held
        with transaction():
            gone = update(OutboxMessage).where(OutboxMessage.id.in_([message.id for message in messages]))
            db.session.execute(gone.values(state=MessageState.SENT, sent_at=self.clock.now()))

    @rule(answers=st.lists(st.tuples(PEOPLE, st.integers(0, 4), ANSWERS), min_size=1, max_size=6))
    def calendars_answer_new_and_old_invitations(self, answers: list[tuple[int, int, str]]) -> None:
        for person, back, answer in answers:
            self.answers(person, back, answer)

    def answers(self, person: int, back: int, answer: str) -> None:
        self.passes()
        address = f"person{person}@lab.example"
        got = [content for to, content in self.sent if to == address and b"METHOD:REQUEST" in content]
        if not got:
            return
        invitation = EmailMessage(policy=policy.SMTP)
        invitation["To"] = address
        invitation.set_content(got[-1 - min(back, len(got) - 1)].decode(), "calendar")
        self.written.append(
            Answering(
                address,
                answer,
                int(line_of(invitation, "SEQUENCE")),
                self.clock.now(),
                line_of(invitation, "UID") == self.edition.calendar_uid,
                reply_to(invitation, answer, next(self.numbers)),
            )
        )

    @rule(lot=st.integers())
    def answers_arrive_in_any_order_and_twice(self, lot: int) -> None:
        self.passes()
        arriving = self.written * 2
        Random(lot).shuffle(arriving)
        for one in arriving:
            self.arrives(one)
        for person in self.people():
            counted = [
                one
                for one, outcome in self.counted.items()
                if one.address == person.email and one.about_day_one and outcome in SHOWN
            ]
            reply = reply_queries.latest_reply(person)
            assert bool(reply) == bool(counted)
            if reply is not None:
                newest = max(counted, key=lambda one: one.moment)
                assert (reply.answer.name, reply.sequence) == (newest.answer, newest.sequence)

    def arrives(self, one: Answering) -> None:
        """Take one answer in; only a new "no" to what holds now frees a place, and nothing gives one."""
        before = self.states()
        with transaction():
            is_new = replies.receive(one.content)
        assert is_new == (one not in self.counted)
        assert work_off_received() == is_new
        if not is_new:
            assert self.states() == before
            return
        self.counted[one] = (
            db.session.scalars(select(ReceivedMail.outcome).order_by(ReceivedMail.id.desc())).first()
            or Outcome.NOTHING
        )
        assert self.counted[one] is not Outcome.FAILED
        after = self.states()
        for address in before:
            if before[address] == after[address]:
                continue
            if address != one.address:
                waited, moved_up = RegistrationState.WAITLISTED, RegistrationState.CONFIRMED
                assert (before[address][0], after[address][0]) == (waited, moved_up)
                continue
            assert (self.frees, one.answer, one.about_day_one) == (True, "DECLINED", True)
            assert before[address][0] is RegistrationState.CONFIRMED
            assert one.sequence >= before[address][1]
        if self.counted[one] is Outcome.FREED:
            assert after[one.address][0] is RegistrationState.CANCELLED

    def states(self) -> dict[str, tuple[RegistrationState, int]]:
        db.session.rollback()
        return {
            one.email: (one.state, 0 if one.state is RegistrationState.WAITLISTED else one.last_sequence)
            for one in self.people()
        }

    @rule(lot=st.integers())
    def they_arrive_in_any_order_and_twice(self, lot: int) -> None:
        self.mails_leave()
        arriving = self.sent * 2
        Random(lot).shuffle(arriving)
        clients: dict[str, Client] = {}
        for address, content in arriving:
            clients.setdefault(address, Client()).takes(content)
        edition = self.edition
        for person in self.people():
            shown = clients.get(person.email, Client()).entries
            coming = person.state is RegistrationState.CONFIRMED and edition.state is EditionState.PUBLISHED
            wanted = {one.uid: one for one in day_entries(edition)} if coming else {}
            assert shown.keys() == wanted.keys(), (person.email, person.state, edition.state)
            for uid, entry in wanted.items():
                assert isinstance(entry.when, Timed)
                assert shown[uid]["DTSTART"].dt == entry.when.starts_at
                assert shown[uid]["DTEND"].dt == entry.when.ends_at
                assert str(shown[uid]["SUMMARY"]) == entry.summary

    def teardown(self) -> None:
        if hasattr(self, "edition_id"):
            self.answers_arrive_in_any_order_and_twice(0)
            self.they_arrive_in_any_order_and_twice(0)
        db.session.remove()


@pytest.mark.slow
@pytest.mark.both_databases
def test_calendars_end_as_the_truth(app: Flask, clock: FrozenClock) -> None:
    machine = type("Life", (Life,), {"app": app, "clock": clock})
    with app.app_context():
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples(30),
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
