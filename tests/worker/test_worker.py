"""The worker as a thread: rung awake, patient with failing jobs, polite when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from eventhub.accounts.jobs import forget_sign_in_links
from eventhub.accounts.models import SignInLink
from eventhub.accounts.service import request_link
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.outbox import doorbell
from eventhub.operation.surroundings import leaps
from eventhub.web.languages import speaking
from eventhub.worker import loop, turns
from eventhub.worker.embedded import EXTENSION, start_worker, stop_worker
from eventhub.worker.jobs import JOBS, Job
from eventhub.worker.loop import Worker
from eventhub.worker.turns import Turn
from eventhub.worker.watch import REST, Watch
from tests.conftest import FrozenClock
from tests.mail import letters
from tests.mail.letters import found, write
from tests.mail.post_office import wait_until


@pytest.fixture
def worker_app(app: Flask) -> Iterator[Flask]:
    """An application whose worker is stopped at the end, whatever the test did."""
    letters.register()
    doorbell.clear()
    yield app
    stop_worker(app)


def state_of(app: Flask, key: int) -> MessageState:
    with app.app_context():
        return found(key).state


def test_a_ring_wakes_it_at_once(worker_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "LOOK", 60)
    start_worker(worker_app)
    with worker_app.app_context():
        [key] = write("a@lab.example")
    wait_until(lambda: state_of(worker_app, key) is MessageState.SENT, seconds=5)


def test_it_looks_by_itself_too(worker_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "LOOK", 0.05)
    with worker_app.app_context():
        [key] = write("a@lab.example")
    doorbell.clear()
    start_worker(worker_app)
    wait_until(lambda: state_of(worker_app, key) is MessageState.SENT, seconds=5)


def test_it_starts_once_and_stops(worker_app: Flask) -> None:
    start_worker(worker_app)
    first = worker_app.extensions[EXTENSION]
    start_worker(worker_app)
    assert worker_app.extensions[EXTENSION] is first
    stop_worker(worker_app)
    stop_worker(worker_app)
    assert not any(thread.name == "worker" for thread in threading.enumerate())


def test_a_failing_job_ends_neither_worker_nor_other_jobs(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "LOOK", 0.01)
    monkeypatch.setattr(loop, "TRUCE", 0.02)
    done: list[str] = []

    def fail(_stopping: object) -> None:
        done.append("failed")
        raise OSError("no database")

    worker = Worker(app, [Job("fails", 0.01, fail), Job("works", 0.01, lambda _: done.append("worked"))])
    worker.start()
    wait_until(lambda: done.count("failed") > 1 and done.count("worked") > 1)
    worker.stop()
    assert "job fails failed" in caplog.text


@pytest.mark.slow
def test_the_work_in_hand_is_finished(app: Flask) -> None:
    done: list[str] = []
    began = threading.Event()

    def work(stopping: object) -> None:
        began.set()
        time.sleep(0.3)
        done.append("finished")

    worker = Worker(app, [Job("slow", 60, work)])
    worker.start()
    began.wait(5)
    worker.stop()
    assert done == ["finished"]


def compute(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_work_waits_for_people_but_not_for_long() -> None:
    looks: list[bool] = []

    def people_wait() -> bool:
        looks.append(len(looks) < 2)
        return looks[-1]

    turn = Turn(lambda: False, people_wait=people_wait)
    compute(0.01)
    assert turn() is False
    assert looks == [True, True, False]
    turn = Turn(lambda: False, people_wait=lambda: True)
    compute(0.01)
    began = time.monotonic()
    assert turn() is False
    assert 0.01 * turns.GENEROSITY <= time.monotonic() - began < 2


def test_while_people_are_about_each_piece_of_work_is_followed_by_a_rest() -> None:
    waiting = iter([True])
    turn = Turn(lambda: False, people_wait=lambda: next(waiting, False))
    compute(0.01)
    turn()
    compute(0.01)
    began = time.monotonic()
    turn()
    assert time.monotonic() - began >= 0.01 * turns.REST


def test_the_worker_lets_people_go_first(app: Flask) -> None:
    asked = threading.Event()
    worker = Worker(
        app, [Job("polite", 60, lambda stopping: stopping())], people_wait=lambda: asked.set() or False
    )
    worker.start()
    assert asked.wait(5)
    worker.stop()


def test_nothing_is_ended_while_the_clock_may_be_wrong(app: Flask, clock: FrozenClock) -> None:
    ended: list[str] = []
    sent = threading.Event()
    worker = Worker(
        app,
        [
            Job("ends", 0.01, lambda _: ended.append("a place"), by_time=True),
            Job("sends", 0.01, lambda _: sent.set()),
        ],
    )
    clock.advance(timedelta(days=2))
    worker.start()
    assert sent.wait(5)
    worker.stop()
    assert ended == []
    with app.app_context(), speaking("en"):
        assert next((one.well, one.words) for one in leaps()) == (
            False,
            "our clock leapt 2880 minutes ahead; for a while nothing was ended or erased",
        )


def test_a_leap_is_believed_after_a_while_and_at_once_where_the_clock_is_set_back(
    app: Flask, clock: FrozenClock
) -> None:
    watch = Watch()
    now, ticks = clock.now(), time.monotonic()
    assert watch.believes(now + timedelta(minutes=9), ticks)
    wrong = now + timedelta(days=1)
    assert not watch.believes(wrong, ticks + 1)
    assert watch.believes(now + timedelta(seconds=60), ticks + 60)
    assert not watch.believes(wrong, ticks + 120)
    assert not watch.believes(wrong, ticks + 600)
    assert watch.believes(wrong, ticks + 121 + REST)
    assert watch.believes(wrong + timedelta(minutes=1), ticks + 181 + REST)


def test_what_can_not_be_undone_waits_for_a_clock_that_is_right() -> None:
    due = {job.name for job in JOBS if job.by_time}
    assert due >= {"expire_registrations", "ask_who_comes", "forget_people", "erase_due_answers"}


def test_old_sign_in_links_are_forgotten(app: Flask, clock: FrozenClock) -> None:
    with app.app_context():
        with transaction():
            request_link("nobody@lab.example", "a browser", "/manage/")
        clock.advance(timedelta(days=1))
        forget_sign_in_links()
        assert db.session.scalar(db.select(db.func.count(SignInLink.id))) == 1
        clock.advance(timedelta(minutes=16))
        forget_sign_in_links()
        assert db.session.scalar(db.select(db.func.count(SignInLink.id))) == 0
        assert db.session.scalar(db.select(db.func.count(OutboxMessage.id))) == 0


def test_every_job_runs_on_an_empty_database(app: Flask) -> None:
    for job in JOBS:
        with app.app_context():
            job.run(lambda: False)
