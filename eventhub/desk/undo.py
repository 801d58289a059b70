"""One click right after saving brings the old values back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import session

from eventhub import clock
from eventhub.editions.models import Edition
from eventhub.editions.undo import Version

KEY = "undo"
LONGEST = timedelta(hours=1)
"""How long after saving the page offers to take it back."""


def remember(edition: Edition, versions: Iterable[Version]) -> None:
    """Keep in the browser's session what was saved just now, and from where it can be undone."""
    session[KEY] = {"edition": edition.id, "at": clock.now().isoformat(), "versions": [*versions]}


def remembered(edition: Edition) -> list[Version]:
    """Return what can be undone from the page of this edition; nothing once it has been changed again."""
    kept = session.get(KEY)
    if not kept or kept["edition"] != edition.id:
        return []
    if clock.now() - datetime.fromisoformat(kept["at"]) > LONGEST:
        return []
    versions = [Version(*version) for version in kept["versions"]]
    return versions if Version(edition.id, edition.version) in versions else []


def forget() -> None:
    session.pop(KEY, None)
