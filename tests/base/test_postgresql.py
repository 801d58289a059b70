from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, OperationalError

from eventhub.extensions import db

pytestmark = pytest.mark.postgres
OFTEN = 7
"""How often something runs until the driver has prepared it for sure."""


def prepared(connection: Connection) -> set[str]:
    for _time in range(OFTEN):
        found = connection.scalars(text("SELECT name FROM pg_prepared_statements")).all()
    return set(found)


@pytest.mark.usefixtures("database_kind")
def test_a_rollback_keeps_what_is_prepared(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        before = prepared(connection)
        assert before
        connection.rollback()
        assert prepared(connection) == before
        with pytest.raises(DataError):
            connection.scalar(text("SELECT 1 / 0"))
        connection.rollback()
        assert prepared(connection) == before


@pytest.mark.usefixtures("database_kind")
def test_what_was_rolled_back_is_gone(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("CREATE TABLE passing (number integer)"))
        connection.rollback()
        assert connection.scalar(text("SELECT to_regclass('passing')")) is None


@pytest.mark.usefixtures("database_kind")
def test_a_server_that_is_gone_is_noticed(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection, db.engine.connect() as other:
        ended = other.scalar(
            text("SELECT pg_terminate_backend(:key)"),
            {"key": connection.scalar(text("SELECT pg_backend_pid()"))},
        )
        assert ended
        with pytest.raises(OperationalError):
            connection.scalar(text("SELECT 1"))


@pytest.mark.usefixtures("database_kind")
def test_columns_have_their_names_and_types(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        found = connection.execution_options(compiled_cache=None).execute(text("SELECT 1 AS one, 'b' AS two"))
        assert (found.keys(), found.all()) == (["one", "two"], [(1, "b")])
        cursor = connection.connection.cursor()
        cursor.execute("SELECT 1 AS one, 2.5 AS two")
        described = cursor.description
        assert described is not None
        assert ([column[0] for column in described], described[0][0], len(described)) == (
            ["one", "two"],
            "one",
            2,
        )
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        assert cursor.description is None
