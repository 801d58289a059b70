"""A programme as schedule.xml and schedule.json, which apps and signs of conferences read; pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring
from zoneinfo import ZoneInfo

LONGEST_DURATION = timedelta(hours=99, minutes=59)
TIMESLOT = "00:05"


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Event:
    """One slot as these formats want it."""

    id: int
    uid: str
    """The one of its calendar entry: both stand for the same slot for ever."""
    slug: str
    url: str
    title: str
    starts_at: datetime
    """On the clocks of the edition."""
    ends_at: datetime | None
    day: date
    room: str
    track: str
    kind: str
    language: str
    abstract: str
    people: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Conference:
    """An edition with its timed slots."""

    acronym: str
    title: str
    url: str
    source: str
    zone: str
    first: date
    last: date
    version: datetime
    events: Sequence[Event]

    @property
    def days(self) -> list[date]:
        """All days on which something happens; one at least, as the schema demands it."""
        return sorted({event.day for event in self.events}) or [self.first]

    def rooms(self, day: date) -> dict[str, list[Event]]:
        """Return the events of a day by room, in the order in which rooms come first."""
        found: dict[str, list[Event]] = {}
        for event in self.events:
            if event.day == day:
                found.setdefault(event.room, []).append(event)
        return found


def acronym(*words: str) -> str:
    """Return a short name without hyphens, of four characters at least."""
    return "_".join(word.replace("-", "_") for word in words).ljust(4, "_")


def as_json(conference: Conference) -> bytes:
    """Write schedule.json."""
    days = [
        {
            "index": number,
            "date": day.isoformat(),
            **dict(zip(("day_start", "day_end"), _bounds(conference, day), strict=True)),
            "rooms": {
                room: [_event(conference, event) | {"persons": _persons(event)} for event in events]
                for room, events in conference.rooms(day).items()
            },
        }
        for number, day in enumerate(conference.days, 1)
    ]
    said = {name: value for name, value in _about(conference).items() if name != "days"}
    document = {
        "generator": {"name": "eventhub"},
        "schedule": {
            "version": _version(conference),
            "base_url": conference.url,
            "conference": said | {"daysCount": len(days), "days": days},
        },
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def as_xml(conference: Conference) -> bytes:
    """Write schedule.xml."""
    root = Element("schedule")
    SubElement(root, "generator", name="eventhub")
    _add(root, {"url": conference.source, "version": _version(conference)})
    _add(SubElement(root, "conference"), _about(conference))
    for number, day in enumerate(conference.days, 1):
        start, end = _bounds(conference, day)
        part = SubElement(root, "day", index=str(number), date=day.isoformat(), start=start, end=end)
        for room, events in conference.rooms(day).items():
            place = SubElement(part, "room", name=room)
            for event in events:
                _add_event(place, conference, event)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _add_event(place: Element, conference: Conference, event: Event) -> None:
    said = _event(conference, event)
    row = SubElement(place, "event", id=str(said.pop("id")), guid=said.pop("guid"))
    del said["links"]
    _add(row, said)
    people = SubElement(row, "persons")
    for person in event.people:
        SubElement(people, "person", id=str(person.id)).text = person.name


def _add(parent: Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        SubElement(parent, name).text = str(value)


def _about(conference: Conference) -> dict[str, Any]:
    return {
        "acronym": conference.acronym,
        "title": conference.title,
        "start": conference.first.isoformat(),
        "end": conference.last.isoformat(),
        "days": len(conference.days),
        "timeslot_duration": TIMESLOT,
        "url": conference.url,
        "time_zone_name": conference.zone,
    }


def _event(conference: Conference, event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "guid": str(uuid5(NAMESPACE_URL, event.uid)),
        "date": event.starts_at.isoformat(timespec="seconds"),
        "start": f"{event.starts_at:%H:%M}",
        "duration": _duration(event),
        "room": event.room,
        "slug": f"{conference.acronym}-{event.slug}-{event.id:04}",
        "url": event.url,
        "title": event.title,
        "subtitle": "",
        "track": event.track,
        "type": event.kind,
        "language": event.language,
        "abstract": event.abstract,
        "description": "",
        "links": [],
    }


def _persons(event: Event) -> list[dict[str, Any]]:
    return [{"id": person.id, "public_name": person.name} for person in event.people]


def _duration(event: Event) -> str:
    """Return hours and minutes of real time; nothing where the end is open."""
    if event.ends_at is None:
        return "00:00"
    lasts = event.ends_at.astimezone(UTC) - event.starts_at.astimezone(UTC)
    minutes = int(min(lasts, LONGEST_DURATION).total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _bounds(conference: Conference, day: date) -> tuple[str, str]:
    """Return start and end of a day with the offset that holds on it."""
    zone = ZoneInfo(conference.zone)
    first, last = (datetime.combine(day, clock, zone) for clock in (time(), time(23, 59, 59)))
    return first.isoformat(timespec="seconds"), last.isoformat(timespec="seconds")


def _version(conference: Conference) -> str:
    return conference.version.astimezone(UTC).isoformat(timespec="seconds")
