"""What load balancers, monitors and Prometheus are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from eventhub.app import create_app
from eventhub.extensions import db
from eventhub.operation import health, probes
from eventhub.worker.sightings import be_seen
from tests import needs
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.mail import letters
from tests.registration.samples import add_edition, signed_up

TOKEN = "a token that only Prometheus knows"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, metrics_token=TOKEN)


@pytest.fixture(autouse=True)
def fresh_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask anew each time."""
    monkeypatch.setattr(probes, "KEPT_FOR", -1)


def seen(app: Flask) -> None:
    with app.app_context():
        be_seen()


def number(page: str, name: str) -> float:
    return next(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(f"{name} "))


def test_health_needs_nothing(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"Host": "10.1.2.3:8000"})
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.both_databases
def test_readiness_wants_a_worker_that_was_seen_lately(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "ready": False,
        "database": "ok: answers",
        "migrations": "ok: are complete",
        "worker": "FAIL: was never seen: eventhub worker",
    }
    seen(app)
    assert client.get("/readyz").json["worker"] == "ok: was last seen just now"  # type: ignore[index]
    clock.advance(health.WORKER_LATE + timedelta(seconds=1))
    assert client.get("/readyz").json["worker"] == "FAIL: was last seen too long ago"  # type: ignore[index]
    seen(app)
    assert client.get("/readyz").status_code == 200


def test_a_clock_that_was_ahead_hides_no_dead_worker(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    clock.advance(timedelta(days=1))
    seen(app)
    clock.advance(timedelta(days=-1))
    assert client.get("/readyz").status_code == 503
    seen(app)
    assert client.get("/readyz").status_code == 200


def test_missing_migrations_are_named(settings: Settings, tmp_path: object) -> None:
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/empty.sqlite"))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["migrations"] == "FAIL: are missing: eventhub db upgrade"  # type: ignore[index]
    with app.app_context():
        db.engine.dispose()


def test_a_database_that_is_away_is_named(settings: Settings) -> None:
    app = create_app(replace(settings, database_url="postgresql+psycopg://127.0.0.1:1/nothing"))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"ready": False, "database": "FAIL: does not answer"}
    assert app.test_client().get("/healthz").status_code == 200
    page = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert number(page, "eventhub_database_up") == 0


@pytest.mark.redis
def test_readiness_asks_the_broker(app: Flask, client: FlaskClient) -> None:
    seen(app)
    usual = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(usual, broker_url=needs.redis_url())
    assert client.get("/readyz").status_code == 200
    app.config["SETTINGS"] = replace(usual, broker_url="redis://127.0.0.1:1/0")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["broker"].startswith("FAIL: does not answer")  # type: ignore[index]


def test_metrics_want_the_token(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Host": "web:8000"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")


@pytest.mark.both_databases
def test_metrics_count_what_the_database_holds(app: Flask, client: FlaskClient) -> None:
    letters.register()
    edition = add_edition(app, capacity=2)
    with app.app_context():
        for person in range(3):
            signed_up(edition, person)
    seen(app)
    with counted_queries(app) as said:
        page = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert 'eventhub_registrations{state="confirmed"} 2.0' in page
    assert number(page, "eventhub_waiting") == 1
    assert number(page, "eventhub_outbox_depth") >= 3
    assert number(page, "eventhub_outbox_age_seconds") >= 0
    assert 'eventhub_mails{state="sent"} 0.0' in page
    assert number(page, "eventhub_worker_seen_seconds") < 60
    assert len(said) == 4


def test_metrics_time_every_request_by_its_endpoint(client: FlaskClient) -> None:
    for _ in range(2):
        client.get("/")
    client.get("/my/a-secret-that-nobody-shall-see-in-here/")
    page = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert 'eventhub_request_seconds_count{endpoint="site.start",status="200"} 1.0' in page
    assert 'eventhub_request_seconds_count{endpoint="cached",status="200"} 1.0' in page
    assert "a-secret" not in page


class TestWithoutToken:
    """An installation that named no token has no such page."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, metrics_token=None)

    def test_there_are_no_metrics(self, client: FlaskClient) -> None:
        assert client.get("/metrics", follow_redirects=True).status_code == 404


@pytest.fixture(autouse=True)
def no_cut_connection(app: Flask) -> Iterator[None]:
    """Let go of connections that a test has left open."""
    yield
    with app.app_context():
        db.session.remove()
