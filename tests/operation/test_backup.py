"""A copy that is made during work, and what comes back from it."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from config import Settings
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail import delivery
from eventhub.mail.models import OutboxMessage
from eventhub.operation import backup
from eventhub.registration.models import Registration
from tests import needs
from tests.mail.post_office import PostOffice, open_post_office
from tests.postgres import postgres_database
from tests.registration.samples import add_edition, signed_up


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    with open_post_office(tmp_path / "arrived") as office:
        yield office


@pytest.fixture
def settings(settings: Settings, post_office: PostOffice) -> Settings:
    settings.instance.mkdir(parents=True)
    return replace(settings, mail_server="127.0.0.1", mail_port=post_office.port)


@contextmanager
def elsewhere(settings: Settings, folder: Path) -> Iterator[Flask]:
    """Return the application on another machine: an empty database and instance."""
    moved = replace(settings, instance=folder / "elsewhere")
    moved.instance.mkdir()
    if settings.sqlite:
        app = create_app(replace(moved, database_url=f"sqlite:///{moved.instance}/eventhub.sqlite"))
        yield app
    else:
        with postgres_database(f"eventhub_restored_{folder.name[-20:]}".lower()) as url:
            app = create_app(replace(moved, database_url=url.render_as_string(hide_password=False)))
            yield app
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def fill(app: Flask, people: int = 5) -> None:
    edition = add_edition(app)
    with app.app_context():
        for number in range(people):
            signed_up(edition, number)


@pytest.mark.both_databases
def test_everything_comes_back_and_no_mail_gets_another_name(
    app: Flask, settings: Settings, post_office: PostOffice, tmp_path: Path
) -> None:
    if not settings.sqlite and not shutil.which("pg_dump"):
        pytest.skip(f"{needs.LEFT_OUT}no pg_dump")
    fill(app)
    (settings.instance / "pages").mkdir()
    (settings.instance / "pages" / "imprint.de.md").write_text("Wir", encoding="utf-8")
    copy = tmp_path / "copy.tar.gz"
    with app.app_context():
        with transaction():
            db.session.execute(text("UPDATE outbox_message SET state = 'sending', leased_until = due_at"))
        assert backup.make(copy) > 10
        names = set(db.session.scalars(select(OutboxMessage.message_id)))
        people = set(db.session.scalars(select(Registration.email)))
        db.session.remove()
    assert copy.stat().st_mode & 0o077 == 0
    with elsewhere(settings, tmp_path) as other, other.app_context():
        backup.restore(copy)
        assert set(db.session.scalars(select(Registration.email))) == people
        assert delivery.deliver() == 5
        db.session.remove()
        assert (tmp_path / "elsewhere" / "pages" / "imprint.de.md").read_text(encoding="utf-8") == "Wir"
    assert {arrived.mail["Message-ID"].strip("<>") for arrived in post_office.delivered()} == names


def test_the_copy_holds_no_secret_key(app: Flask, settings: Settings, tmp_path: Path) -> None:
    (settings.instance / "secret_key").write_text("k" * 40, encoding="ascii")
    with app.app_context():
        backup.make(tmp_path / "copy.tar.gz")
    with tarfile.open(tmp_path / "copy.tar.gz") as archive:
        assert archive.getnames() == ["manifest.json", "database"]


def test_nothing_is_overwritten(app: Flask, settings: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar.gz"
    with app.app_context():
        backup.make(copy)
        with pytest.raises(backup.Unusable, match="exists already"):
            backup.make(copy)
        with pytest.raises(backup.Unusable, match="not empty"):
            backup.restore(copy)


@pytest.mark.parametrize("damage", ["cut", "changed", "other"])
def test_a_damaged_copy_is_refused(app: Flask, settings: Settings, tmp_path: Path, damage: str) -> None:
    fill(app)
    copy = tmp_path / "copy.tar.gz"
    with app.app_context():
        backup.make(copy)
    if damage == "cut":
        copy.write_bytes(copy.read_bytes()[:-2000])
    elif damage == "other":
        copy.write_bytes(b"something else")
    else:
        with tarfile.open(copy) as archive:
            archive.extractall(tmp_path / "opened", filter="data")
        with (tmp_path / "opened" / "database").open("r+b") as file:
            file.seek(5000)
            file.write(b"damage")
        with tarfile.open(copy, "w:gz") as archive:
            for name in ("manifest.json", "database"):
                archive.add(tmp_path / "opened" / name, name)
    with elsewhere(settings, tmp_path) as other, other.app_context():
        with pytest.raises(backup.Unusable, match=r"damaged|no copy"):
            backup.restore(copy)
        db.engine.dispose()
