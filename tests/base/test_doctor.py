"""What `eventhub doctor` says of an installation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import flask_migrate
from flask import Flask

from eventhub.doctor import examine
from eventhub.worker.sightings import be_seen
from tests.conftest import FrozenClock
from tests.registration.samples import add_edition, signed_up


def words(app: Flask) -> dict[str, bool]:
    with app.app_context():
        return {finding.words: finding.well for finding in examine()}


def test_a_new_installation_is_well(app: Flask) -> None:
    found = words(app)
    assert all(found.values()), found
    assert "database (sqlite) is up to date" in found


def test_another_secret_key_is_noticed_because_it_opens_no_link(app: Flask) -> None:
    edition = add_edition(app)
    with app.app_context():
        signed_up(edition)
    assert words(app)["personal links fit the secret key"]
    app.config["SECRET_KEY"] = "another key, as after a restore without it"
    assert words(app)["personal links do not fit the secret key"] is False


def test_an_address_without_https_is_named(app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], base_url="http://events.example.org")
    assert any("not https" in sentence and not well for sentence, well in words(app).items())


def test_broker_redis_and_worker_are_looked_at(app: Flask, clock: FrozenClock) -> None:
    assert any(sentence.startswith("no worker was ever seen") for sentence in words(app))
    with app.app_context():
        be_seen()
    assert words(app)["the worker was last seen just now"]
    clock.advance(timedelta(minutes=5))
    gone = "redis://127.0.0.1:1/0"
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], broker_url=gone, redis_url=gone)
    found = words(app)
    assert found["the worker was last seen too long ago"] is False
    refused = [sentence for sentence, well in found.items() if not well and "does not answer" in sentence]
    assert [sentence.partition(":")[0] for sentence in refused] == [
        "EVENTHUB_BROKER_URL",
        "EVENTHUB_REDIS_URL",
    ]


def test_missing_migrations_say_whether_everything_has_to_stop(app: Flask) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="0004")
    assert "database (sqlite) is not up to date: run eventhub db upgrade" in words(app)
    with app.app_context():
        flask_migrate.downgrade(revision="0002")
    assert "database (sqlite) is not up to date: stop all other processes, then eventhub db upgrade" in words(
        app
    )
