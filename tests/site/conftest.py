"""A lab with series and editions in every state, and what reads its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from eventhub.database import transaction
from eventhub.extensions import db
from tests.site.reading import Page, read

Build = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def build(app: Flask, clock: object) -> Build:
    """Return a context in which `samples` may store rows, on the frozen Monday morning."""

    @contextmanager
    def building() -> Iterator[None]:
        with app.app_context(), transaction():
            yield

    return building


@pytest.fixture
def visit(client: FlaskClient) -> Callable[..., Page]:
    """Return what opens a page in a language and reads it; its HTML must be sound."""

    def visiting(path: str, language: str = "en", status: int = 200) -> Page:
        response = client.get(path, headers={"Accept-Language": language})
        assert response.status_code == status, path
        return read(response.text)

    return visiting


@dataclass
class Counter:
    """The statements that were run."""

    statements: list[str] = field(default_factory=list)


@pytest.fixture
def counted(app: Flask) -> Iterator[Counter]:
    """Count what the database is asked, without BEGIN and the like."""
    counter = Counter()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            counter.statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield counter
    event.remove(engine, "before_cursor_execute", note)
