"""What breaks in the middle loses nothing, and an organiser reads of it in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, text

from config import Settings
from eventhub.app import create_app
from eventhub.extensions import db
from eventhub.mail import delivery, transport
from eventhub.mail.models import OutboxMessage
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of
from tests.mail.post_office import PostOffice, open_post_office, wait_until
from tests.operation.door import Door
from tests.operation.processes import answers, running
from tests.processes import visitors
from tests.registration.samples import add_edition, signed_up
from tests.running import free_port


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    with open_post_office(tmp_path / "arrived") as office:
        yield office


@pytest.fixture
def settings(settings: Settings, post_office: PostOffice) -> Settings:
    return replace(settings, mail_server="127.0.0.1", mail_port=post_office.port)


@pytest.mark.slow
@pytest.mark.postgres
def test_a_database_that_restarts_in_the_middle_loses_nobody(
    app: Flask, settings: Settings, post_office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_edition(app)
    monkeypatch.setattr(visitors, "FORM", "/lab/5/register")
    url, port = make_url(settings.database_url), free_port()
    door = Door(url.host or "127.0.0.1", url.port or 5432)
    behind = url.set(host="127.0.0.1", port=door.port).render_as_string(hide_password=False)
    command = ("gunicorn", f"--bind=127.0.0.1:{port}", "wsgi:app")
    with (
        running(replace(settings, database_url=behind), tmp_path, *command, EMBEDDED_WORKER="off") as web,
        running(replace(settings, database_url=behind), tmp_path, "eventhub", "worker") as worker,
    ):
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), seconds=60)
        with visitors.Crowd(port, lambda number: f"person-{number}@lab.example") as crowd:
            crowd.wait_for(20)
            door.shut()
            assert answers(f"http://127.0.0.1:{port}/healthz")
            wait_until(lambda: not answers(f"http://127.0.0.1:{port}/readyz"))
            time.sleep(2)
            door.reopen()
            crowd.wait_for(20)
        assert web.process.poll() is None
        assert worker.process.poll() is None
        wait_until(lambda: set(post_office.recipients()) >= set(crowd.accepted), seconds=60)
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        kept = set(connection.scalars(text("SELECT email FROM registration")))
        confirmed = connection.scalar(text("SELECT count(*) FROM registration WHERE state = 'confirmed'"))
        counted = connection.scalar(text("SELECT taken_count FROM edition"))
    engine.dispose()
    assert kept >= set(crowd.accepted)
    assert confirmed == counted


def test_a_page_without_its_database_says_so_in_words(settings: Settings) -> None:
    app = create_app(replace(settings, database_url="postgresql+psycopg://127.0.0.1:1/nothing"))
    answer = app.test_client().get("/", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert "go back and try again in a minute" in answer.text


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> Desk:
    """Sign an organiser in."""
    return desk_of(app)


@pytest.mark.parametrize(
    ("address", "words", "reason"),
    [
        ("later@lab.example", "1 mail is late", "451 4.7.1 Greylisted, come back later"),
        ("hang@lab.example", "1 mail is late", "no answer within 0.5 seconds"),
        ("drop@lab.example", "1 mail is late", "The connection to the mail server broke"),
        ("never@lab.example", "1 mail did not get through", "550 5.1.1 No such user here"),
    ],
)
def test_whatever_the_mail_server_does_the_organiser_reads_it(
    desk: Desk,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    words: str,
    reason: str,
) -> None:
    monkeypatch.setattr(transport, "TIMEOUT", 0.5)
    edition = desk.publish()
    with desk.app.app_context():
        signed_up(edition, email=address)
        delivery.deliver()
        assert db.session.scalar(db.select(OutboxMessage.error).where(OutboxMessage.to_address == address))
    clock.advance(timedelta(minutes=11))
    overview = desk.client.get("/manage/", headers={"Accept-Language": "en"}).text
    assert words in overview
    mails = desk.client.get("/manage/labcamp/5/mails/", headers={"Accept-Language": "en"}).text
    assert reason in mails


def test_mails_that_nobody_sends_are_told_of(desk: Desk, clock: FrozenClock) -> None:
    edition = desk.publish()
    with desk.app.app_context():
        signed_up(edition)
    english = {"Accept-Language": "en"}
    assert "late" not in desk.client.get("/manage/", headers=english).text
    clock.advance(timedelta(minutes=11))
    page = desk.client.get("/manage/", headers=english).text
    assert "nothing is being sent at the moment, tell the operator" in page
