"""Talks as the API of pretalx describes them, however deep they lie in a file; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eventhub.calendars.reading import Reading
from eventhub.exchange.schedules.sessions import (
    Session,
    listed,
    moment_if_said,
    read_each,
    require_accepted,
    session,
    translated,
)

DEEPEST = 12
CALLED_OFF = ("canceled", "withdrawn", "rejected")


def is_ours(document: Any) -> bool:
    return next(_talks(document), None) is not None


def read(document: Any, zone: str) -> Reading:
    """Read the talks, each with every time that it takes place; a part called “schedule” is the programme."""
    if isinstance(document, dict):
        document = document.get("schedule") or document
    return read_each(
        _times(document), lambda at, pair: _session(at, pair[0], pair[1], zone), lambda pair: _title(pair[0])
    )


def _talks(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        if "code" in value and "title" in value and ("slot" in value or "slots" in value):
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _talks(one, depth + 1)


def _times(document: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Return each talk with each of its times once, also where the file shows it in several tables."""
    seen: set[tuple[str, str]] = set()
    for talk in _talks(document):
        for slot in listed(talk.get("slot")) or listed(talk.get("slots")) or [None]:
            key = str(talk["code"]), str(slot)
            if key not in seen:
                seen.add(key)
                yield talk, slot


def _session(at: int, talk: dict[str, Any], slot: Any, zone: str) -> Session:
    slot = slot if isinstance(slot, dict) else {}
    called_off = talk.get("state") in CALLED_OFF
    if not slot.get("start") and not called_off:
        require_accepted(talk.get("state"))
    return session(
        f"pretalx {talk['code']}",
        at,
        _title(talk),
        moment_if_said(slot.get("start"), zone),
        moment_if_said(slot.get("end"), zone),
        zone,
        room=_named(slot.get("room")),
        texts=(talk.get("abstract"), talk.get("description")),
        people=[_named(person) for person in listed(talk.get("speakers"))],
        track=_named(talk.get("track")),
        kind=_named(talk.get("submission_type")),
        language=talk.get("content_locale"),
        called_off=called_off,
    )


def _title(talk: dict[str, Any]) -> str:
    return str(talk.get("title") or "")[:300]


def _named(value: Any) -> str:
    """Return the name of what is a name, a name in several languages, or has one."""
    return translated(value["name"] if isinstance(value, dict) and "name" in value else value)
