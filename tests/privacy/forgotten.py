"""People with telling details, and every trace of them that a database keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from eventhub.extensions import db, metadata
from eventhub.mail import delivery
from eventhub.registration.models import Registration
from tests.registration.samples import signed_up

TELLING = {
    "name": "Wilhelmine Quittenbaum",
    "email": "quittenbaum@lab.example",
    "organisation": "Quittenlabor",
    "note": "Ich bringe Quittengelee mit",
}
TRACES = ("quitten", "wilhelmine", "aylin")


def register_quittenbaum(app: Flask, edition_id: int, **values: Any) -> int:
    """Register somebody whom nothing else resembles, and send the mails; return the registration's key."""
    with app.app_context():
        key = signed_up(edition_id, "telling", **{**TELLING, **values}).registration.id
        delivery.deliver()
        return key


def traces_in_tables() -> list[str]:
    """Return the table and row of everything that still names the person, as a dump would show it."""
    db.session.rollback()
    found = []
    for table in metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            text = " ".join(
                value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row
            ).lower()
            if any(trace in text for trace in TRACES):
                found.append(f"{table.name}: {text[:200]}")
    return found


def traces_in_files(app: Flask) -> list[str]:
    """Return the names of SQLite's files in which the bytes of the person still stand."""
    database = Path(db.engine.url.database or "")
    files = sorted(database.parent.glob(f"{database.name}*"))
    assert database in files
    return [
        file.name for file in files if any(trace.encode() in file.read_bytes().lower() for trace in TRACES)
    ]


def registration(key: int) -> Registration:
    """Read a registration afresh."""
    db.session.rollback()
    return db.session.get_one(Registration, key)
