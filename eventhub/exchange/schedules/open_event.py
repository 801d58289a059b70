"""The sessions.json of Open Event (eventyay), which names room, track and people itself; pure."""

from __future__ import annotations

from typing import Any

from eventhub.calendars.reading import Reading
from eventhub.exchange.schedules.sessions import (
    Session,
    listed,
    moment_if_said,
    read_each,
    require_accepted,
    session,
)


def is_ours(document: Any) -> bool:
    return (
        isinstance(document, list)
        and bool(document)
        and isinstance(document[0], dict)
        and {"starts-at", "microlocation"} <= document[0].keys()
    )


def read(document: Any, zone: str) -> Reading:
    """Read the sessions of the file."""
    return read_each(
        document, lambda at, said: _session(at, said, zone), lambda said: str(said.get("title"))[:300]
    )


def _session(at: int, said: dict[str, Any], zone: str) -> Session:
    if not said.get("starts-at"):
        require_accepted(said.get("state"))
    return session(
        f"open-event {said['id']}",
        at,
        said.get("title"),
        moment_if_said(said.get("starts-at"), zone),
        moment_if_said(said.get("ends-at"), zone),
        zone,
        room=_named(said.get("microlocation")),
        texts=(said.get("subtitle"), said.get("short-abstract"), said.get("long-abstract")),
        people=[_named(person) for person in listed(said.get("speakers"))],
        track=_named(said.get("track")),
        kind=_named(said.get("session-type")),
        language=said.get("language"),
    )


def _named(value: Any) -> Any:
    return value.get("name") if isinstance(value, dict) else value
