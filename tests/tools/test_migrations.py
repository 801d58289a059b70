"""The check that migrations make what the models say."""

import os
from dataclasses import replace
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect, text

from config import Settings
from eventhub.app import create_app
from eventhub.extensions import db, metadata
from tests.postgres import postgres_database
from tests.registration.samples import add_edition, signed_up
from tools.migrations import application, differences, faults
from tools.new_migration import next_number


@pytest.mark.slow
def test_up_compare_and_down(tmp_path: Path) -> None:
    assert list(faults(tmp_path)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("CREATE TABLE left_over (id INTEGER PRIMARY KEY)", "remove_table"),
        ("DROP TABLE content_revision", "add_table"),
        ("ALTER TABLE content_revision ADD COLUMN note VARCHAR", "remove_column"),
        (
            "ALTER TABLE content_revision ADD COLUMN a INTEGER CONSTRAINT odd CHECK (a > 0)",
            "only in the migrations",
        ),
    ],
)
def test_a_difference_is_named(tmp_path: Path, statement: str, fault: str) -> None:
    application(tmp_path)
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    assert list(differences(engine)) == []
    with engine.begin() as connection:
        connection.execute(text(statement))
    assert any(fault in difference for difference in differences(engine))
    engine.dispose()


@pytest.mark.slow
@pytest.mark.both_databases
def test_what_refers_to_a_rebuilt_table_stays(app: Flask) -> None:
    edition_id = add_edition(app, slots=2)
    with app.app_context():
        signed_up(edition_id)
        db.session.remove()
        flask_migrate.downgrade(revision="0001")
        flask_migrate.upgrade()
        for table, rows in (("edition", 1), ("slot", 2), ("registration", 1), ("outbox_message", 1)):
            assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == rows


@pytest.mark.slow
@pytest.mark.postgres
def test_up_compare_and_down_on_postgres(usual_settings: Settings) -> None:
    with postgres_database(f"eventhub_migrations_{os.getpid()}") as url:
        address = url.render_as_string(hide_password=False)
        with create_app(replace(usual_settings, database_url=address)).app_context():
            flask_migrate.upgrade()
            assert list(differences(db.engine)) == []
            flask_migrate.downgrade(revision="base")
            assert inspect(db.engine).get_table_names() == ["alembic_version"]
            db.engine.dispose()


@pytest.mark.slow
def test_rows_survive_every_migration(tmp_path: Path) -> None:
    with application(tmp_path).app_context():
        flask_migrate.upgrade(revision="0001")
        rows = {
            "series": {"form_of_address": "du"},
            "edition": {"number": 1, "state": "published", "visibility": "public"},
            "registration": {"state": "confirmed"},
            "slot": {"kind": "talk"},
        }
        with db.engine.begin() as connection:
            for table, values in rows.items():
                connection.execute(text(insertion(table, values)))
        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            for table in rows:
                assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1, table
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert not connection.execute(text("PRAGMA foreign_key_check")).all()
        db.engine.dispose()


@pytest.mark.slow
def test_words_to_those_who_wait_stay_in_the_language_of_their_series(tmp_path: Path) -> None:
    with application(tmp_path).app_context():
        flask_migrate.upgrade(revision="0040")
        states = {"form_of_address": "du", "default_admission": "open"}
        rows = (
            {"id": 1, "slug": "a", "language": "en", "notice_text": "Bring {your} boots"},
            {"id": 2, "slug": "b", "language": "de", "notice_text": ""},
        )
        with db.engine.begin() as connection:
            for row in rows:
                connection.execute(text(insertion("series", {**states, **row})))
        flask_migrate.upgrade()
        with db.engine.begin() as connection:
            kept = connection.execute(text("SELECT series_id, kind, language, body FROM mail_text")).all()
        assert [tuple(row) for row in kept] == [(1, "next_edition", "en", "Bring (your) boots")]
        db.engine.dispose()


def insertion(table: str, values: dict[str, object]) -> str:
    """Return the statement for a row with something in every column that must not be empty."""
    found = {}
    for column in inspect(db.engine).get_columns(table):
        name, kind = column["name"], str(column["type"]).split("(")[0]
        if name in values:
            found[name] = repr(values[name])
        elif not column["nullable"]:
            found[name] = {"INTEGER": "1", "BOOLEAN": "1", "DATETIME": "'2026-01-01 00:00:00'"}.get(
                kind, "'x'"
            )
    return f"INSERT INTO {table} ({', '.join(found)}) VALUES ({', '.join(found.values())})"


def test_revisions_are_numbered() -> None:
    assert next_number([]) == "0001"
    assert next_number(["0009"]) == "0010"
