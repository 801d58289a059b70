"""Delivery against a real SMTP server: order, patience, refusals, leases, and that nothing is lost."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta
from smtplib import SMTP

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config import Settings
from eventhub import clock as present
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail import claims, delivery, transport
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.reach import unreachable
from eventhub.registration import service as registration
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.mail import letters
from tests.mail.letters import found, write
from tests.mail.post_office import PostOffice
from tests.registration.samples import add_edition, signed_up

SENDING, WAITING = MessageState.SENDING, MessageState.WAITING


def test_a_mail_arrives_as_it_was_kept(app: Flask, post_office: PostOffice) -> None:
    with app.app_context():
        [key] = write("anna@lab.example")
        assert delivery.deliver() == 1
        message = found(key)
        [arrived] = post_office.delivered()
        assert message.state is MessageState.SENT
        assert message.sent_at is not None
        assert message.subject == "Mail 0"
        assert arrived.content == message.content
        assert (arrived.sender, arrived.recipient) == ("events@lab.example", "anna@lab.example")
        assert arrived.mail["Message-ID"] == f"<{message.message_id}>"
        assert arrived.mail.get_content().splitlines() == ["Grüße", ".", "Aus dem Labor"]


def test_many_mails_share_one_connection(
    app: Flask, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    connect = transport.Transport.configure_host

    def counted(self: transport.Transport) -> SMTP:
        opened.append(1)
        return connect(self)

    monkeypatch.setattr(transport.Transport, "configure_host", counted)
    with app.app_context():
        write(*(f"p{number}@lab.example" for number in range(130)))
        assert delivery.deliver() == 130
        assert len(post_office.recipients()) == 130
        assert len(opened) == 1
        assert delivery.deliver() == 0


def test_a_refusal_for_now_is_tried_again_with_the_same_bytes(
    app: Flask, post_office: PostOffice, clock: FrozenClock
) -> None:
    with app.app_context():
        [key] = write("later@lab.example")
        delivery.deliver()
        first = found(key)
        kept, pause = first.content, first.due_at - clock.now()
        assert first.state is WAITING
        assert first.error == "The mail server answered: 451 4.7.1 Greylisted, come back later"
        assert timedelta(seconds=54) <= pause <= timedelta(seconds=72)
        assert delivery.deliver() == 0
        clock.advance(timedelta(minutes=2))
        delivery.deliver()
        assert found(key).state is MessageState.SENT
        assert found(key).error == ""
        assert [arrived.content for arrived in post_office.delivered()] == [kept]
        assert letters.rendered == [key]


def test_pauses_grow_and_patience_ends_after_three_days(
    app: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, pauses = clock.now(), []
    parcel = claims.Parcel(1, 0, "p@lab.example", None, began, b"")
    monkeypatch.setattr(claims.random, "uniform", lambda _low, _high: 1.0)
    while parcel.state is not MessageState.FAILED:
        parcel.attempts += 1
        parcel.postponed("451 later")
        if parcel.due_at and parcel.state is WAITING:
            pauses.append((parcel.due_at - clock.now()).total_seconds() / 60)
            clock.set(parcel.due_at)
    assert pauses[:7] == [1, 5, 15, 60, 180, 360, 360]
    assert timedelta(days=3) < clock.now() - began < timedelta(days=3, hours=7)
    assert parcel.error == f"Given up after {parcel.attempts} tries. 451 later"


def test_a_refusal_for_good_fails_with_its_reason(app: Flask, post_office: PostOffice) -> None:
    with app.app_context():
        lost, fine = write("never@lab.example", "fine@lab.example")
        delivery.deliver()
        assert found(lost).state is MessageState.FAILED
        assert found(lost).error == "The mail server answered: 550 5.1.1 No such user here"
        assert found(fine).state is MessageState.SENT
        assert post_office.recipients() == ["fine@lab.example"]


def test_a_sick_address_delays_nobody_else(
    app: Flask, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT", 0.5)
    with app.app_context():
        keys = write("hang@lab.example", "a@lab.example", "drop@lab.example", "b@lab.example")
        delivery.deliver()
        assert [found(key).state for key in keys] == [WAITING, "sent", WAITING, "sent"]
        assert "no answer within 0.5 seconds" in found(keys[0]).error
        assert found(keys[2]).error.startswith("The connection to the mail server broke")
        assert post_office.recipients() == ["a@lab.example", "b@lab.example"]


def test_a_broken_template_costs_only_its_mail(app: Flask, post_office: PostOffice) -> None:
    with app.app_context():
        [broken] = write("a@lab.example", kind="broken")
        [unknown] = write("a@lab.example", kind="nobody knows")
        [needless] = write("a@lab.example", kind="needless")
        [fine] = write("b@lab.example")
        delivery.deliver()
        assert found(broken).error == "The mail could not be written: KeyError: 'no value for broken'"
        assert found(unknown).state is found(broken).state is MessageState.FAILED
        assert found(needless).state is MessageState.DROPPED
        assert found(fine).state is MessageState.SENT


def test_addresses_that_no_mail_can_go_to_fail(app: Flask, post_office: PostOffice) -> None:
    with app.app_context():
        [key] = write("not an address")
        delivery.deliver()
        assert found(key).state is MessageState.FAILED
        assert "no mail can go to" in found(key).error


def test_mails_wait_while_there_is_no_server(settings: Settings, clock: FrozenClock) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        app = create_app(replace(settings, mail_server="127.0.0.1", mail_port=unused.getsockname()[1]))
        with app.app_context():
            keys = write(*(f"p{number}@lab.example" for number in range(60)))
            delivery.deliver()
            states = [found(key) for key in keys]
            assert {message.state for message in states} == {WAITING}
            assert sum(message.attempts for message in states) == claims.BATCH
            assert states[0].error.startswith("The mail server can’t be reached")
            assert all(message.due_at <= clock.now() + timedelta(minutes=20) for message in states)
            db.session.remove()
            db.engine.dispose()


def test_a_certificate_nobody_trusts_is_no_server(app: Flask, post_office: PostOffice) -> None:
    app.extensions["mail"].use_tls = True
    with app.app_context():
        [key] = write("a@lab.example")
        delivery.deliver()
        assert found(key).state is WAITING
        assert "STARTTLS" in found(key).error


def test_the_order_of_a_registration_is_kept(app: Flask, post_office: PostOffice, clock: FrozenClock) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        registration = signed_up(edition_id).registration.id
        with transaction():
            db.session.execute(update(OutboxMessage).values(state="dropped"))
        own = {"registration_id": registration, "edition_id": edition_id}
        first, second = write("later@lab.example", "later@lab.example", **own)
        [moved] = write("new@lab.example", **own)
        delivery.deliver()
        assert [found(key).state for key in (first, second, moved)] == [WAITING, WAITING, "sent"]
        assert found(second).attempts == 0
        clock.advance(timedelta(minutes=2))
        delivery.deliver()
        arrived = [one.mail["Message-ID"] for one in post_office.delivered()]
        assert arrived[1:] == [f"<{found(key).message_id}>" for key in (first, second)]


@pytest.mark.both_databases
def test_two_workers_never_take_the_same_mail(app: Flask) -> None:
    taken: list[int] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        with app.app_context():
            barrier.wait()
            while parcels := delivery._prepare(lambda: False):
                batch = claims.exchange(None, parcels)
                if batch is not None:
                    taken.extend(parcel.id for parcel in batch.parcels)
            db.session.remove()

    with app.app_context():
        keys = write(*(f"p{number}@lab.example" for number in range(400)))
    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == keys


@pytest.mark.both_databases
def test_claiming_is_quick_in_a_long_line_that_the_database_has_no_statistics_of(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        own = {"registration_id": signed_up(edition_id).registration.id, "edition_id": edition_id}
        write(*(f"p{number}@lab.example" for number in range(3000)), **own)
        parcels = delivery._prepare(lambda: False)
        began = time.monotonic()
        batch = claims.exchange(None, parcels)
        took = time.monotonic() - began
    assert batch is not None
    assert len(batch.parcels) == claims.BATCH
    assert took < 3, "a plan that joins all open mails with each other takes half a minute"


@pytest.mark.both_databases
def test_a_dead_workers_mails_are_taken_up_again(app: Flask, clock: FrozenClock) -> None:
    with app.app_context():
        keys = write("a@lab.example", "b@lab.example")
        dead = claims.exchange(None, delivery._prepare(lambda: False))
        assert dead is not None
        claims.recover()
        assert found(keys[0]).state is SENDING
        clock.advance(claims.LEASE)
        claims.recover()
        assert delivery.deliver() == 2
        assert [found(key).attempts for key in keys] == [2, 2]
        sent_at = found(keys[0]).sent_at
        clock.advance(timedelta(minutes=1))
        dead.parcels[0].failed("the dead one wakes up")
        claims.exchange(dead, [])
        assert (found(keys[0]).state, found(keys[0]).sent_at) == (MessageState.SENT, sent_at)


def test_jumps_of_the_clock_strand_no_mail(app: Flask, clock: FrozenClock) -> None:
    with app.app_context():
        waiting, leased = write("a@lab.example", "b@lab.example")
        with transaction():
            found(waiting)
            db.session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == waiting)
                .values(due_at=present.now() + timedelta(days=2))
            )
        assert claims.exchange(None, delivery._prepare(lambda: False)) is not None
        clock.advance(timedelta(days=-1))
        claims.recover()
        assert delivery.deliver() == 2
        assert found(waiting).state is found(leased).state is MessageState.SENT


def test_a_lease_is_renewed_and_a_lost_one_is_noticed(app: Flask, clock: FrozenClock) -> None:
    with app.app_context():
        mine, lost = write("a@lab.example", "b@lab.example")
        batch = claims.exchange(None, delivery._prepare(lambda: False))
        assert batch is not None
        with transaction():
            db.session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == lost)
                .values(leased_until=clock.now() + timedelta(seconds=1))
            )
        clock.advance(timedelta(seconds=40))
        claims.renew(batch)
        assert [parcel.id for parcel in batch.parcels] == [mine]
        assert found(mine).leased_until == clock.now() + claims.LEASE


def test_stopping_gives_back_what_was_not_tried(app: Flask, post_office: PostOffice) -> None:
    asked: list[int] = []

    def stopping() -> bool:
        asked.append(1)
        return len(asked) > 6  # before all, before writing each of three mails, and before handing over each

    with app.app_context():
        keys = write("a@lab.example", "b@lab.example", "c@lab.example")
        delivery.deliver(stopping)
        assert [found(key).state for key in keys] == ["sent", "sent", WAITING]
        assert found(keys[2]).attempts == 0
        assert delivery.deliver() == 1


def test_without_a_server_mails_are_kept_for_reading(app: Flask) -> None:
    with app.app_context():
        [key] = write("a@lab.example")
        delivery.deliver()
        assert found(key).state is MessageState.SENT
        assert b"Message-ID" in (found(key).content or b"")


def test_organisers_hear_of_a_failure_once_a_day(
    app: Flask, post_office: PostOffice, clock: FrozenClock
) -> None:
    edition_id = add_edition(app, series={"contact_email": "team@lab.example"})
    with app.app_context():
        for number in (1, 2):
            signed_up(edition_id, number, email="spam@lab.example" if number == 1 else "blocked@b.example")
        assert delivery.deliver() == 3
        assert post_office.recipients() == ["team@lab.example"]
        notices = select(func.count()).where(OutboxMessage.kind == "organiser_notice")
        assert db.session.scalar(notices) == 1
        assert db.session.scalar(select(func.count(Registration.id))) == 2


def test_an_address_that_the_server_does_not_know_gets_no_more_mails(
    app: Flask, post_office: PostOffice, clock: FrozenClock
) -> None:
    edition_id = add_edition(app, series={"contact_email": "team@lab.example"})
    with app.app_context():
        key = signed_up(edition_id, email="never@lab.example").registration.id
        delivery.deliver()
        known = unreachable(key, "never@lab.example")
        assert known is not None
        assert known.reason == "The mail server answered: 550 5.1.1 No such user here"
        [notice] = post_office.delivered()
        assert notice.recipient == "team@lab.example"
        words = notice.mail.get_body(("plain",))
        assert words is not None
        assert f"/registrations/{key}/" in words.get_content()
        clock.advance(timedelta(hours=1))
        with transaction():
            assert registration.resend(db.session.get_one(Registration, key))
        delivery.deliver()
        latest = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert latest is not None
        assert (latest.to_address, latest.state) == ("never@lab.example", MessageState.DROPPED)


@pytest.mark.parametrize("name", ["spam", "sender", "blocked"])
def test_what_is_refused_for_another_reason_leaves_the_address_alone(
    app: Flask, post_office: PostOffice, clock: FrozenClock, name: str
) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        key = signed_up(edition_id, email=f"{name}@lab.example").registration.id
        delivery.deliver()
        mail = db.session.scalars(select(OutboxMessage).filter_by(registration_id=key)).one()
        assert mail.state is MessageState.FAILED
        assert unreachable(key, f"{name}@lab.example") is None
