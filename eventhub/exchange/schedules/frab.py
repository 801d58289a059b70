"""schedule.xml and schedule.json, as frab, pretalx, Pentabarf and hub write them; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from eventhub.calendars.reading import Reading
from eventhub.exchange.schedules.sessions import (
    Session,
    Unreadable,
    duration,
    listed,
    moment,
    read_each,
    session,
    zone_of,
)
from eventhub.web.languages import gettext as _

CALLED_OFF = ("canceled", "cancelled")
LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class _Entry:
    """One event where it stands: on a day, in a room."""

    day: Any
    room: Any
    said: Any


def from_json(document: Any, zone: str) -> Reading:
    """Read the sessions of a schedule.json, also of one that was made of XML by a program."""
    schedule = document["schedule"]
    conference = schedule.get("conference", {}) if isinstance(schedule, dict) else {}
    return _read(conference, _of_document(schedule, conference), zone)


def from_xml(root: Element, zone: str) -> Reading:
    """Read the sessions of a schedule.xml."""
    conference = {child.tag: child.text for child in root.findall("conference/*")}
    return _read(conference, _of_tree(root), zone)


def _read(conference: dict[str, Any], entries: Iterator[_Entry], zone: str) -> Reading:
    there = zone_of(conference.get("time_zone_name"), zone)
    turn = _clock(conference.get("day_change") or "00:00")
    return read_each(
        entries, lambda at, entry: _session(at, entry, there, zone, turn), lambda entry: _title(entry.said)
    )


def _of_document(schedule: Any, conference: dict[str, Any]) -> Iterator[_Entry]:
    days = conference.get("days")
    for day in listed(days if isinstance(days, list) else schedule.get("day")):
        when = day.get("date") or day.get("-date")
        rooms = day.get("rooms")
        if isinstance(rooms, dict):
            for name, events in rooms.items():
                yield from (_Entry(when, name, event) for event in listed(events))
        for room in listed(day.get("room")):
            yield from (_Entry(when, room.get("-name"), event) for event in listed(room.get("event")))


def _of_tree(root: Element) -> Iterator[_Entry]:
    for day in root.iterfind("day"):
        for room in day.iterfind("room"):
            for event in room.iterfind("event"):
                said: dict[str, Any] = dict(event.attrib) | {child.tag: child.text for child in event}
                said["persons"] = [person.text for person in event.iterfind("persons/person")]
                yield _Entry(day.get("date"), room.get("name"), said)


def _session(at: int, entry: _Entry, there: str, zone: str, turn: time) -> Session:
    said = entry.said
    start = _start(said, entry.day, there, turn)
    source = said.get("guid") or said.get("id") or said.get("-guid") or said.get("-id")
    if not source:
        raise Unreadable(_("It has neither guid nor id, so that it would be new each time"))
    lasts = duration(said.get("duration"))
    return session(
        str(source),
        at,
        _title(said),
        start,
        start + lasts if start and lasts else None,
        zone,
        room=said.get("room") or entry.room,
        texts=(said.get("subtitle"), said.get("abstract"), said.get("description")),
        people=[_name(person) for person in _people(said.get("persons"))],
        track=_word(said.get("track")),
        kind=said.get("type"),
        language=said.get("language"),
        called_off=str(said.get("status") or "").lower() in CALLED_OFF,
    )


def _start(said: dict[str, Any], day: Any, there: str, turn: time) -> datetime | None:
    """Return when it starts: its own date counts, else its clock on the day, which may end after midnight."""
    if "T" in str(said.get("date") or ""):
        return moment(said["date"], there)
    if not said.get("start"):
        return None
    clock = _clock(said["start"])
    first = date.fromisoformat(str(said.get("date") or day))
    if clock < turn:
        first += timedelta(days=1)
    return datetime.combine(first, clock, ZoneInfo(there))


def _clock(words: Any) -> time:
    hour, minute = str(words).strip().split(":")[:2]
    return time(int(hour), int(minute))


def _people(persons: Any) -> list[Any]:
    return listed(persons.get("person") if isinstance(persons, dict) else persons)


def _name(person: Any) -> str:
    if not isinstance(person, dict):
        return str(person or "")
    names = ("public_name", "name", "full_public_name", "#text")
    return str(next((person[name] for name in names if person.get(name)), ""))


def _word(value: Any) -> Any:
    return value.get("name") if isinstance(value, dict) else value


def _title(said: Any) -> str:
    return str(said.get("title") or "")[:LONGEST_SHOWN] if isinstance(said, dict) else ""
