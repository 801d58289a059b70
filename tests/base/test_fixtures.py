"""The fixtures that all other tests stand on."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from eventhub import clock as eventhub_clock
from eventhub.database import ContentRevision, transaction
from eventhub.extensions import db
from tests import needs
from tests.conftest import FrozenClock


@pytest.mark.both_databases
@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_its_own_migrated_database(app: Flask, database_kind: str, turn: int) -> None:
    with app.app_context():
        assert db.engine.dialect.name == database_kind
        assert db.session.scalar(select(ContentRevision.number)) != 4711
        with transaction():
            db.session.execute(text("UPDATE content_revision SET number = 4711"))
        assert db.session.scalar(select(ContentRevision.number)) == 4711


def test_the_clock_stands_still_until_it_is_moved(clock: FrozenClock) -> None:
    before = eventhub_clock.now()
    clock.advance(timedelta(minutes=16))
    assert eventhub_clock.now() - before == timedelta(minutes=16)


def test_the_closing_line_names_what_was_left_out() -> None:
    assert needs.closing_line([]) == "Nothing was left out."
    assert (
        needs.closing_line(["no Chromium", "no PostgreSQL", "no Chromium"])
        == "Left out: 2 tests (no Chromium); 1 test (no PostgreSQL)."
    )
