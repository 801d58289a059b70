"""Workers and beat around a broker: it hurries them up, and nothing is lost without it."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.mail.outbox import doorbell
from eventhub.operation import health
from eventhub.registration.models import Registration
from eventhub.registration.service import cancel
from eventhub.worker import celery as celery_module
from eventhub.worker.broker import Messenger, unreachable
from eventhub.worker.celery import Errands, celery_for
from eventhub.worker.jobs import JOBS, Job
from tests import needs
from tests.desk.setting import desk_of
from tests.mail.post_office import PostOffice, open_post_office, wait_until
from tests.operation.door import Door
from tests.operation.processes import running, states
from tests.registration.samples import add_edition, signed_up

PEOPLE = 30
AWAY = {
    "redis": float(os.environ.get("EVENTHUB_TEST_OUTAGE") or 45),
    "amqp": float(os.environ.get("EVENTHUB_TEST_OUTAGE") or 130),
}
"""Seconds without a broker: longer than Celery's longest pause between two tries (30), than the silence after
which a worker looks by itself (30), and than the heartbeat of AMQP (120). EVENTHUB_TEST_OUTAGE=600 makes it
ten minutes."""


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    with open_post_office(tmp_path / "arrived") as office:
        yield office


@pytest.fixture(
    params=[pytest.param("redis", marks=pytest.mark.redis), pytest.param("amqp", marks=pytest.mark.rabbitmq)]
)
def broker_url(request: pytest.FixtureRequest) -> str:
    """Return each kind of broker in turn."""
    return needs.redis_url() if request.param == "redis" else needs.rabbitmq_url()


@pytest.fixture
def settings(settings: Settings, post_office: PostOffice) -> Settings:
    return replace(settings, mail_server="127.0.0.1", mail_port=post_office.port)


def fill(app: Flask, name: str = "person") -> None:
    edition = add_edition(app, series={"slug": f"lab-{name}"}, number=len(name))
    with app.app_context():
        for number in range(PEOPLE):
            signed_up(edition, f"{name}{number}", email=f"{name}{number}@lab.example")
        db.session.remove()


def all_sent(app: Flask) -> bool:
    return set(states(app)) == {"sent"}


@pytest.mark.slow
@pytest.mark.postgres
def test_beat_and_workers_deliver_everything_once(
    app: Flask, settings: Settings, post_office: PostOffice, broker_url: str, tmp_path: Path
) -> None:
    with ExitStack() as processes:
        workers = [
            processes.enter_context(running(settings, tmp_path, "eventhub", "worker", BROKER_URL=broker_url))
            for _ in range(2)
        ]
        beat = processes.enter_context(running(settings, tmp_path, "eventhub", "beat", BROKER_URL=broker_url))
        fill(app)
        wait_until(lambda: all_sent(app), seconds=60)
        with app.app_context():
            assert health.worker().well
            db.session.remove()
        assert [worker.stop() for worker in workers] == [0, 0]
        assert beat.stop() == 0
    assert set(Counter(post_office.recipients()).values()) == {1}
    assert len(post_office.recipients()) == PEOPLE


@pytest.mark.slow
@pytest.mark.postgres
def test_several_workers_keep_the_order_of_each_registration(
    app: Flask, settings: Settings, post_office: PostOffice, tmp_path: Path
) -> None:
    fill(app)
    with app.app_context():
        keys = list(db.session.scalars(select(Registration.id)))
        for key in keys:
            with transaction():
                cancel(db.session.get_one(Registration, key), "participant")
        expected = defaultdict(list)
        for address, name in db.session.execute(
            select(OutboxMessage.to_address, OutboxMessage.message_id).order_by(OutboxMessage.id)
        ):
            expected[address].append(f"<{name}>")
        db.session.remove()
    with ExitStack() as processes:
        for _ in range(3):
            processes.enter_context(running(settings, tmp_path, "eventhub", "worker"))
        wait_until(lambda: "waiting" not in states(app) and "sending" not in states(app), seconds=60)
    arrived = defaultdict(list)
    for one in post_office.delivered():
        arrived[one.recipient].append(one.mail["Message-ID"])
    assert arrived == expected
    assert min(map(len, arrived.values())) == 2


@pytest.mark.slow
@pytest.mark.redis
def test_a_worker_told_to_stop_finishes_the_mail_in_hand(
    app: Flask, settings: Settings, post_office: PostOffice, tmp_path: Path
) -> None:
    fill(app, "slow")
    at = {"BROKER_URL": needs.redis_url()}
    with (
        running(settings, tmp_path, "eventhub", "worker", **at) as worker,
        running(settings, tmp_path, "eventhub", "beat", **at),
    ):
        wait_until(lambda: len(post_office.recipients()) >= 3, seconds=60)
        assert worker.stop() == 0
    found = Counter(states(app))
    assert found["sending"] == 0
    assert found["sent"] == len(post_office.recipients()) < PEOPLE


@pytest.mark.slow
def test_mails_leave_once_each_while_the_broker_is_gone_for_long_and_pages_say_so(
    app: Flask, settings: Settings, post_office: PostOffice, broker_url: str, tmp_path: Path
) -> None:
    server = urlsplit(broker_url)
    broker = Door(str(server.hostname), server.port or 6379)
    sender, at, _host = server.netloc.rpartition("@")
    url = server._replace(netloc=f"{sender}{at}127.0.0.1:{broker.port}").geturl()
    app.config["SETTINGS"] = replace(settings, broker_url=url)
    owner = desk_of(app).client
    with (
        running(settings, tmp_path, "eventhub", "worker", BROKER_URL=url) as worker,
        running(settings, tmp_path, "eventhub", "beat", BROKER_URL=url) as beat,
    ):
        fill(app, "before")
        wait_until(lambda: all_sent(app), seconds=60)
        broker.shut()
        since = time.monotonic()
        assert unreachable(url)
        fill(app, "during")
        wait_until(lambda: all_sent(app), seconds=celery_module.SILENCE + 60)
        ready = app.test_client().get("/readyz")
        assert (ready.status_code, ready.json["broker"][:22]) == (503, "FAIL: does not answer:")  # type: ignore[index]
        assert ready.json["worker"] == "ok: was last seen just now"  # type: ignore[index]
        page = owner.post("/manage/doctor", headers={"Accept-Language": "en"}).text
        assert "EVENTHUB_BROKER_URL: does not answer" in page
        time.sleep(max(0.0, AWAY[server.scheme] - (time.monotonic() - since)))
        fill(app, "late")
        wait_until(lambda: all_sent(app), seconds=celery_module.SILENCE + 60)
        broker.reopen()
        assert unreachable(url) is None
        assert app.test_client().get("/readyz").status_code == 200
        fill(app, "afterwards")
        wait_until(lambda: all_sent(app), seconds=60)
        assert worker.process.poll() is None
        assert beat.process.poll() is None
        assert worker.stop() == 0
    told = Counter(one for one in post_office.recipients() if not one.startswith("nadine@"))
    assert set(told.values()) == {1}
    assert len(told) == 4 * PEOPLE


@pytest.mark.slow
def test_a_worker_that_never_reaches_its_broker_delivers_and_ends_politely(
    app: Flask, settings: Settings, post_office: PostOffice, tmp_path: Path
) -> None:
    fill(app)
    with running(settings, tmp_path, "eventhub", "worker", BROKER_URL="redis://127.0.0.1:1/0") as worker:
        wait_until(lambda: all_sent(app), seconds=celery_module.SILENCE + 60)
        assert worker.stop() == 0


def test_a_ring_goes_over_the_broker_and_its_loss_stops_nobody(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventhub.worker.broker.GATHER", 0.01)
    monkeypatch.setattr("eventhub.worker.broker.TRUCE", 0.01)
    sent: list[str] = []

    class Celery:
        def send_task(self, name: str, **_options: object) -> None:
            sent.append(name)
            if len(sent) == 1:
                raise ConnectionError

    doorbell.clear()
    Messenger(Celery()).start()  # type: ignore[arg-type]
    for number in (1, 2):
        doorbell.set()
        wait_until(lambda wanted=number: len(sent) == wanted)
    assert sent == ["eventhub.deliver_mail"] * 2


def test_beat_knows_the_whole_table_of_jobs(app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], broker_url="redis://127.0.0.1:1/0")
    entries = celery_for(app, Errands(app)).conf.beat_schedule
    assert {name: entry["schedule"] for name, entry in entries.items()} == {
        job.name: job.seconds for job in JOBS if not job.by_each
    }
    assert set(celery_for(app, Errands(app)).tasks) >= {f"eventhub.{job.name}" for job in JOBS}


def test_a_job_asked_for_again_meanwhile_runs_once_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    errands = Errands(app)

    def work(_stopping: object) -> None:
        runs.append(1)
        if len(runs) == 1:
            for _ in range(3):
                errands.told(job)
            assert len(runs) == 1

    job = Job(JOBS[0].name, 1, work)
    errands.told(job)
    assert len(runs) == 2


def test_messages_carry_no_data(app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], broker_url=f"memory://{uuid4().hex}")
    celery = celery_for(app)
    celery.send_task("eventhub.deliver_mail")
    with celery.connection() as connection:
        message = connection.SimpleQueue(celery_module.QUEUE).get(timeout=2)
    assert message.payload[:2] == [[], {}]
