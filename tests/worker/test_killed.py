"""A worker process that is killed or told to stop in the middle of sending loses and changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from config import Settings
from eventhub import clock
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from tests import needs
from tests.mail.post_office import PostOffice, open_post_office, wait_until
from tests.registration.samples import add_edition, signed_up

PEOPLE = 24


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    with open_post_office(tmp_path / "arrived") as office:
        yield office


@pytest.fixture
def settings(settings: Settings, post_office: PostOffice) -> Settings:
    return replace(settings, mail_server="127.0.0.1", mail_port=post_office.port)


@contextmanager
def worker_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run `eventhub worker` on the test's database."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EVENTHUB_")}
    environment |= {
        "EVENTHUB_INSTANCE": str(settings.instance),
        "EVENTHUB_SECRET_KEY": settings.secret_key,
        "EVENTHUB_DATABASE_URL": settings.database_url,
        "EVENTHUB_BASE_URL": settings.base_url,
        "EVENTHUB_MAIL_SERVER": str(settings.mail_server),
        "EVENTHUB_MAIL_PORT": str(settings.mail_port),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "eventhub", "worker"], env=environment, cwd=needs.ROOT
    ) as one:
        try:
            yield one
        finally:
            one.kill()


def fill(app: Flask) -> dict[str, str]:
    """Register people whose mails the server takes slowly; return the Message-ID of each address."""
    edition_id = add_edition(app)
    with app.app_context():
        for number in range(PEOPLE):
            signed_up(edition_id, number, email=f"slow{number}@lab.example")
        rows = db.session.scalars(select(OutboxMessage)).all()
        return {row.to_address: f"<{row.message_id}>" for row in rows}


def states(app: Flask) -> Counter[MessageState]:
    with app.app_context():
        return Counter(db.session.scalars(select(OutboxMessage.state)).all())


def let_leases_run_out(app: Flask) -> None:
    with app.app_context(), transaction():
        past = clock.now() - timedelta(seconds=1)
        leased = OutboxMessage.state == MessageState.SENDING
        db.session.execute(update(OutboxMessage).where(leased).values(leased_until=past))


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_killed_worker_loses_nothing_and_changes_no_byte(
    app: Flask, settings: Settings, post_office: PostOffice
) -> None:
    expected = fill(app)
    with worker_process(settings) as first:
        wait_until(lambda: len(post_office.recipients()) >= 5, seconds=30)
        first.kill()
        first.wait()
    assert states(app)[MessageState.SENDING] > 0
    let_leases_run_out(app)
    with worker_process(settings):
        wait_until(lambda: states(app)[MessageState.SENT] == PEOPLE, seconds=40)
    arrived = post_office.delivered()
    assert {one.recipient: one.mail["Message-ID"] for one in arrived} == expected
    bytes_of = {one.content for one in arrived}
    assert len(bytes_of) == PEOPLE  # a repeat is the same mail, byte by byte


@pytest.mark.slow
def test_a_worker_told_to_stop_finishes_the_mail_in_hand(
    app: Flask, settings: Settings, post_office: PostOffice
) -> None:
    fill(app)
    with worker_process(settings) as worker:
        wait_until(lambda: len(post_office.recipients()) >= 3, seconds=30)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
    found = states(app)
    assert found[MessageState.SENDING] == 0
    assert found[MessageState.SENT] == len(post_office.recipients())
    with worker_process(create_app(settings).config["SETTINGS"]):
        wait_until(lambda: states(app)[MessageState.SENT] == PEOPLE, seconds=40)
    assert Counter(post_office.recipients()).most_common(1)[0][1] == 1
