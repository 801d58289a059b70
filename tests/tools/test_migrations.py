"""The check that migrations make what the models say."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from eventhub.extensions import metadata
from tools.migrations import application, differences, faults
from tools.new_migration import next_number


def test_up_compare_and_down(tmp_path: Path) -> None:
    assert list(faults(tmp_path)) == []


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


def test_revisions_are_numbered() -> None:
    assert next_number([]) == "0001"
    assert next_number(["0009"]) == "0010"
