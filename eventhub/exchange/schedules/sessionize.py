"""What Sessionize offers as “all data”; pure."""

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

DECLINED = ("Declined", "Decline_Queue")


def is_ours(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("sessions"), list) and "rooms" in document


def read(document: Any, zone: str) -> Reading:
    """Read the sessions; their times are meant on the clocks of the place."""
    rooms = {one["id"]: one.get("name") for one in listed(document.get("rooms"))}
    names = {one["id"]: _name(one) for one in listed(document.get("speakers"))}
    tracks = {
        item["id"]: item.get("name")
        for category in listed(document.get("categories"))
        if "track" in str(category.get("title")).lower()
        for item in listed(category.get("items"))
    }

    def one(at: int, said: Any) -> Session:
        called_off = said.get("status") in DECLINED
        if not said.get("startsAt") and not called_off:
            require_accepted(said.get("status"))
        return session(
            f"sessionize {said['id']}",
            at,
            said.get("title"),
            moment_if_said(said.get("startsAt"), zone),
            moment_if_said(said.get("endsAt"), zone),
            zone,
            room=rooms.get(said.get("roomId")),
            texts=(said.get("description"),),
            people=[names.get(_key(person), "") for person in listed(said.get("speakers"))],
            track=next((tracks[key] for key in listed(said.get("categoryItems")) if key in tracks), ""),
            kind=_kind(said),
            link=said.get("liveUrl"),
            called_off=called_off,
        )

    return read_each(document["sessions"], one, lambda said: str(said.get("title") or "")[:300])


def _kind(said: dict[str, Any]) -> str:
    if said.get("isServiceSession"):
        return "break"
    return "plenary" if said.get("isPlenumSession") else ""


def _key(person: Any) -> Any:
    return person.get("id") if isinstance(person, dict) else person


def _name(person: dict[str, Any]) -> str:
    parts = (person.get("firstName"), person.get("lastName"))
    return str(person.get("fullName") or " ".join(part for part in parts if part))
