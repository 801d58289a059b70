"""Files to import, and databases to import them into."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.exchange.importing import Report
from eventhub.exchange.service import import_file
from eventhub.extensions import db

Bring = Callable[[str], Report]


@pytest.fixture
def here(app: Flask) -> Iterator[Flask]:
    """Work inside the application."""
    with app.app_context():
        yield app


@pytest.fixture
def bring(here: Flask, tmp_path: Path) -> Bring:
    """Import a text as if it were a file."""

    def imported(text: str) -> Report:
        path = tmp_path / "meeting.yaml"
        path.write_text(text, encoding="utf-8")
        with transaction():
            return import_file(path)

    return imported


@pytest.fixture
def empty_app(usual_settings: Settings, prepared_sqlite: Path, tmp_path: Path) -> Iterator[Flask]:
    """Build a second application on an empty database."""
    path = tmp_path / "empty.sqlite"
    path.write_bytes(prepared_sqlite.read_bytes())
    app = create_app(replace(usual_settings, instance=tmp_path / "second", database_url=f"sqlite:///{path}"))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
