"""Entries to write, and what another library reads in what was written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
from hypothesis import strategies as st

from eventhub.calendars.entries import Days, Entry, Person, Timed

BERLIN = "Europe/Berlin"
ZONES = [BERLIN, "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York", "Africa/Casablanca", "UTC"]
ORGANIZER = Person("Straßenbahnfreunde", "events@events.example.org")
ATTENDEE = Person("Änne Müller", "anna.mueller@example.net")
STAMP = datetime(2027, 2, 1, 9, 30, 15, tzinfo=UTC)

_MEETING = Entry(
    uid="edition-4fTq@events.example.org",
    sequence=2,
    summary="Fahren üben",
    when=Timed(datetime(2027, 3, 25, 17, tzinfo=UTC), datetime(2027, 3, 25, 19, tzinfo=UTC), BERLIN),
    created_at=datetime(2027, 1, 1, 8, tzinfo=UTC),
    modified_at=datetime(2027, 1, 2, 8, tzinfo=UTC),
    description="18:00 Ankommen\n18:15 Bremsen; mit Sand, ohne Glocke",
    location="Betriebshof, Halle 2",
    url="https://events.example.org/fahren/4/",
)


def entry(**changes: Any) -> Entry:
    return replace(_MEETING, **changes)


def timed(zone: str, starts_at: tuple[int, ...], ends_at: tuple[int, ...]) -> Timed:
    return Timed(datetime(*starts_at, tzinfo=UTC), datetime(*ends_at, tzinfo=UTC), zone)  # type: ignore[misc, arg-type]


def unfolded(content: bytes) -> list[str]:
    return content.replace(b"\r\n ", b"").decode().split("\r\n")


def value_of(content: bytes, name: str) -> str:
    [line] = [line for line in unfolded(content) if line.startswith((f"{name}:", f"{name};"))]
    return line


@dataclass
class Reading:
    """A calendar with one event, as the icalendar library understands it."""

    calendar: icalendar.Calendar
    event: icalendar.Event

    @property
    def starts_at(self) -> datetime:
        return self.event.start.astimezone(UTC)  # type: ignore[union-attr]

    @property
    def ends_at(self) -> datetime:
        return self.event.end.astimezone(UTC)  # type: ignore[union-attr]


def read(content: bytes) -> Reading:
    check_form(content)
    calendar = icalendar.Calendar.from_ical(content)
    assert isinstance(calendar, icalendar.Calendar)
    [event] = calendar.events
    assert not event.errors
    return Reading(calendar, event)


def check_form(content: bytes) -> None:
    """Every line ends with CRLF, has at most 75 octets, is not empty and is whole UTF-8."""
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert all(0 < len(line.decode().encode()) <= 75 for line in lines)


EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
instants = st.integers(0, 65 * 365 * 24 * 60 * 60).map(lambda seconds: EARLIEST + timedelta(seconds=seconds))


@st.composite
def spans(draw: st.DrawFn) -> Timed:
    starts_at, ends_at = sorted((draw(instants), draw(instants)))
    return Timed(starts_at, ends_at, draw(st.sampled_from(ZONES)))


@st.composite
def whole_days(draw: st.DrawFn) -> Days:
    first, last = sorted(draw(st.tuples(*[st.dates(date(1995, 1, 1), date(2060, 1, 1))] * 2)))
    return Days.through(first, last)


entries = st.builds(
    entry,
    summary=st.text(min_size=1),
    description=st.text(max_size=400),
    location=st.text(),
    when=spans() | whole_days(),
    sequence=st.integers(0, 10_000),
    status=st.sampled_from(["CONFIRMED", "TENTATIVE"]),
    transparent=st.booleans(),
    categories=st.lists(st.text("abcÄ,;\\ß", min_size=1), max_size=3).map(tuple),
    created_at=instants,
    modified_at=instants,
)
