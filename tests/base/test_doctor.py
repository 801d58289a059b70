"""What `eventhub doctor` says of an installation."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from config import Settings
from eventhub import clock as eventhub_clock
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.doctor import examine
from eventhub.extensions import db
from eventhub.history.service import SYSTEM, record
from eventhub.operation.pages import PROOFS_PER_HOUR
from eventhub.operation.surroundings import COPIED, time_of_day
from eventhub.organisations.roles import Role
from eventhub.replies.round_trip import prove
from eventhub.web import limits
from eventhub.web.languages import speaking
from eventhub.worker.sightings import be_seen
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.postgres import postgres_database
from tests.registration.samples import add_edition, signed_up


def words(app: Flask) -> dict[str, bool]:
    with app.app_context(), speaking("en"):
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


def test_copies_grow_old(app: Flask, clock: FrozenClock) -> None:
    edition = add_edition(app)
    with app.app_context():
        signed_up(edition)
    assert words(app)["no copy was ever made: eventhub backup FILE"]
    clock.advance(timedelta(days=8))
    assert words(app)["no copy was ever made: eventhub backup FILE"] is False
    with app.app_context(), transaction():
        record(COPIED, actor=SYSTEM)
    assert words(app)["the latest copy is 0 days old"]
    clock.advance(timedelta(days=8))
    assert words(app)["the latest copy is 8 days old"] is False


def test_a_slow_clock_is_noticed_by_what_is_written_down_already(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = datetime(2031, 3, 2, 9, 0, tzinfo=UTC)
    monkeypatch.setattr(eventhub_clock, "system_time", lambda: present)
    assert words(app)["our clock shows 2031-03-02 09:00 UTC, and nothing here speaks against it"]
    with app.app_context(), transaction():
        record(COPIED, actor=SYSTEM)
    monkeypatch.setattr(eventhub_clock, "system_time", lambda: present - timedelta(hours=2))
    slow = (
        "our clock shows 2031-03-02 07:00 UTC, but something was noted at 2031-03-02 09:00 UTC: "
        "it is slow now, or was fast then"
    )
    assert words(app)[slow] is False
    monkeypatch.setattr(eventhub_clock, "system_time", lambda: datetime(2001, 1, 1, tzinfo=UTC))
    assert any("but this version came on" in one and not well for one, well in words(app).items())


@pytest.mark.postgres
@pytest.mark.parametrize(("ahead", "well"), [(0, True), (60, False)])
def test_our_clock_is_compared_with_that_of_a_database_server(
    usual_settings: Settings, monkeypatch: pytest.MonkeyPatch, ahead: int, well: bool
) -> None:
    system_time = eventhub_clock.system_time
    with postgres_database(f"eventhub_clock_{os.getpid()}") as url:
        address = url.render_as_string(hide_password=False)
        with create_app(replace(usual_settings, database_url=address)).app_context(), speaking("en"):
            monkeypatch.setattr(
                eventhub_clock, "system_time", lambda: system_time() + timedelta(seconds=ahead)
            )
            found = time_of_day()
            db.session.remove()
            db.engine.dispose()
    assert found.well is well
    assert found.words.startswith("our clock and that of the database are ")


def test_the_disk_and_the_public_address_are_looked_at(app: Flask, tmp_path: Path) -> None:
    assert any("GB are free" in sentence and well for sentence, well in words(app).items())
    settings = app.config["SETTINGS"]
    (tmp_path / "file").touch()
    app.config["SETTINGS"] = replace(settings, instance=tmp_path / "file" / "instance")
    assert any("takes no files" in sentence and not well for sentence, well in words(app).items())
    app.config["SETTINGS"] = replace(settings, base_url="http://127.0.0.1:1")
    with app.app_context():
        be_seen()
    assert any("does not answer from here" in one and not well for one, well in words(app).items())


def test_the_broken_step_of_a_mail_is_named(app: Flask) -> None:
    with app.app_context(), speaking("en"):
        assert list(prove("me@lab.example")) == [(False, "no mail server is set, so mails reach nobody")]
        nowhere = replace(app.config["SETTINGS"], mail_server="127.0.0.1", mail_port=1)
        app.config["SETTINGS"] = nowhere
        app.extensions["mail"].server, app.extensions["mail"].port = "127.0.0.1", 1
        assert [well for well, _words in prove("")] == [False]
        [(well, said)] = prove("me@lab.example")
        assert not well
        assert said.startswith("sending: the mail server is out of reach")


def test_owners_have_it_as_a_page_and_others_do_not(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(app)
    page = desk.client.get("/manage/doctor")
    assert page.status_code == 200
    assert "Datenbank (sqlite) ist aktuell" in page.text
    assert "kein Mailserver ist eingerichtet" in desk.client.post("/manage/doctor").text
    other = organiser_of(app, "labcamp", email="other@lab.example", role=Role.ORGANISER)
    assert other.client.get("/manage/doctor").status_code == 404


def test_the_page_proves_mail_only_so_often_and_says_when_again(app: Flask, clock: FrozenClock) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], rate_limits=True)
    limits.init_app(app)
    client = desk_of(app).client
    for _time in range(PROOFS_PER_HOUR):
        assert client.post("/manage/doctor").status_code == 200
    refused = client.post("/manage/doctor", headers={"Accept-Language": "en"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 3600
    assert "no mail was sent. Try again in 60 minutes." in refused.text
    assert "database (sqlite) is up to date" in refused.text, "what is at hand is still shown"
    assert client.get("/manage/doctor").status_code == 200
    other = organiser_of(app, email="other@lab.example")
    assert other.client.post("/manage/doctor").status_code == 200
