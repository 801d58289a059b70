from __future__ import annotations

from flask import Flask

from eventhub.database import current_revision, transaction
from eventhub.extensions import db
from eventhub.organisations.models import Organisation

WANTED = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
    "busy_timeout": 20_000,
}


def test_every_connection_loses_nothing_and_overwrites_what_is_deleted(app: Flask) -> None:
    with app.app_context():
        connections = [db.engine.connect() for _ in range(3)]
        for connection in connections:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in WANTED}
            assert found == WANTED
            connection.close()


def test_the_revision_is_read_beside_a_transaction_of_the_same_thread(app: Flask) -> None:
    with app.app_context(), transaction():
        before = current_revision(app, max_age=0)
        db.session.add(Organisation(slug="lab", name="Lab"))
        db.session.flush()
        assert current_revision(app, max_age=-1) == before
    assert current_revision(app, max_age=-1) > before
