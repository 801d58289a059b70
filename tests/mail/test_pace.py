"""The limits of a mail provider: so many in a minute, so many over one connection, whoever sends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from smtplib import SMTP

import pytest
from flask import Flask

from eventhub import clock as present
from eventhub.extensions import db
from eventhub.mail import claims, delivery, pace, transport
from eventhub.mail.models import MessageState
from tests.conftest import FrozenClock
from tests.mail.letters import found, write
from tests.mail.post_office import PostOffice


def limited(app: Flask, **limits: int) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], **limits)


def never() -> bool:
    return False


def test_without_a_limit_nobody_waits(app: Flask) -> None:
    with app.app_context():
        assert all(pace.wait_for_turn(never) for _ in range(1000))


@pytest.mark.both_databases
def test_no_minute_sees_more_than_the_limit(
    app: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(app, mail_per_minute=7)
    monkeypatch.setattr(pace, "sleep", lambda seconds: clock.advance(timedelta(seconds=seconds)))
    times = []
    with app.app_context():
        for _ in range(20):
            assert pace.wait_for_turn(never)
            times.append(clock.now())
    for start in times:
        assert sum(start <= one < start + timedelta(minutes=1) for one in times) <= 7
    assert times[-1] - times[0] < timedelta(seconds=60 / 7 * 19 + 2)


@pytest.mark.slow
@pytest.mark.both_databases
def test_several_workers_share_the_limit(app: Flask) -> None:
    limited(app, mail_per_minute=1200)
    taken: list[float] = []

    def work() -> None:
        with app.app_context():
            for _ in range(10):
                pace.wait_for_turn(never)
                taken.append(time.monotonic())
            db.session.remove()

    began = time.monotonic()
    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == 30
    assert time.monotonic() - began >= 29 * 0.05


def test_a_clock_that_was_set_back_stops_no_mail(app: Flask, clock: FrozenClock) -> None:
    limited(app, mail_per_minute=1)
    with app.app_context():
        assert pace.wait_for_turn(never)
        clock.advance(timedelta(days=-1))
        assert pace.wait_for_turn(never)


@pytest.mark.slow
def test_waiting_ends_when_the_worker_shall_stop(app: Flask, post_office: PostOffice) -> None:
    limited(app, mail_per_minute=1)
    with app.app_context():
        first, second = write("a@lab.example", "b@lab.example")
        began = time.monotonic()
        delivery.deliver(lambda: time.monotonic() - began > 1)
        assert time.monotonic() - began < 5
        assert [found(key).state for key in (first, second)] == ["sent", MessageState.WAITING]
        assert found(second).attempts == 0


def test_who_was_put_back_keeps_the_place_in_the_line(
    app: Flask, post_office: PostOffice, clock: FrozenClock
) -> None:
    with app.app_context():
        early, late = write("a@lab.example", "b@lab.example")
        due = found(early).due_at
        clock.advance(timedelta(minutes=1))
        asked = iter([False, True])
        delivery.deliver(lambda: next(asked, True))
        assert (found(early).state, found(early).due_at) == (MessageState.WAITING, due)
        assert [message.id for message in claims.due()] == [early, late]
        assert present.now() > due


def counting(monkeypatch: pytest.MonkeyPatch) -> list[SMTP]:
    opened: list[SMTP] = []
    connect: Callable[[transport.Transport], SMTP] = transport.Transport.configure_host

    def counted(self: transport.Transport) -> SMTP:
        opened.append(connect(self))
        return opened[-1]

    monkeypatch.setattr(transport.Transport, "configure_host", counted)
    return opened


def test_a_connection_carries_no_more_than_the_limit(
    app: Flask, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(app, mail_per_connection=10)
    opened = counting(monkeypatch)
    with app.app_context():
        write(*(f"p{number}@lab.example" for number in range(35)))
        assert delivery.deliver() == 35
    assert len(post_office.recipients()) == 35
    assert len(opened) == 4
