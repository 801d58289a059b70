"""Contributions as Indico exports them (`/export/event/….json?detail=contributions`); pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from eventhub.calendars.reading import Reading
from eventhub.exchange.schedules.sessions import (
    Session,
    listed,
    moment,
    read_each,
    session,
    zone_of,
)


def is_ours(document: Any) -> bool:
    return isinstance(document, dict) and document.get("_type") == "HTTPAPIResult"


def read(document: Any, zone: str) -> Reading:
    """Read the contributions of all meetings of the export."""
    entries = [
        one for meeting in listed(document.get("results")) for one in listed(meeting.get("contributions"))
    ]
    return read_each(
        entries, lambda at, said: _session(at, said, zone), lambda said: str(said.get("title"))[:300]
    )


def _session(at: int, said: dict[str, Any], zone: str) -> Session:
    start, end = (_when(said.get(name), zone) for name in ("startDate", "endDate"))
    people = listed(said.get("speakers")) or listed(said.get("primaryauthors"))
    return session(
        f"indico {said.get('url') or said['id']}",
        at,
        said.get("title"),
        start,
        end,
        zone,
        room=said.get("roomFullname") or said.get("room") or said.get("location"),
        texts=(said.get("description"),),
        people=[_name(person) for person in people],
        track=said.get("session") or said.get("track"),
        kind=said.get("type"),
    )


def _when(said: Any, zone: str) -> datetime | None:
    return moment(f"{said['date']}T{said['time']}", zone_of(said.get("tz"), zone)) if said else None


def _name(person: dict[str, Any]) -> str:
    return " ".join(part for part in (person.get("first_name"), person.get("last_name")) if part)
