"""Calendar messages from anybody's program, read as leniently as possible (RFC 5546, 6047).

Only the few properties that an answer needs are looked at, so whatever else is broken does not matter, and
no rule of somebody else's recurrence is ever expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from icalendar.parser import Contentline
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

LONGEST_COMMENT = 1000
_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_WANTED = re.compile(
    r"(?:BEGIN|END|METHOD|UID|SEQUENCE|RECURRENCE-ID|DTSTAMP|DTSTART|DTEND|ATTENDEE|COMMENT)[;:]",
    re.IGNORECASE,
)
_DAY = re.compile(r"(.+)-day([2-9]|[1-9]\d)@(.+)")
_MEETINGS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_SAYS_NOTHING = "NEEDS-ACTION"  # RFC 5545 3.2.12: what an ATTENDEE without PARTSTAT means


class Unreadable(ValueError):
    """What calls itself a calendar message is none."""


@dataclass(frozen=True, slots=True)
class Attendee:
    address: str
    answer: str
    """PARTSTAT in capital letters."""


@dataclass(frozen=True, slots=True)
class CalendarMessage:
    """What a calendar message says about the first meeting in it."""

    method: str
    uid: str
    sequence: int
    recurrence_id: str | None = None
    attendees: tuple[Attendee, ...] = ()
    stamp: datetime | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    comment: str = ""


def day_in(uid: str) -> tuple[str, int]:
    """Return the UID of a meeting of several days, and about which of them a message is."""
    found = _DAY.fullmatch(uid)
    return (f"{found[1]}@{found[3]}", int(found[2])) if found else (uid, 1)


def read_calendar(content: str) -> CalendarMessage:
    """Read a calendar message; raises Unreadable where there is no meeting with a UID in it."""
    method, found, attendees = "", dict[str, tuple[str, str]](), list[Attendee]()
    inside: list[str] = []
    for name, parameters, value in _properties(content):
        if name == "BEGIN":
            inside.append(value.upper())
        elif name == "END":
            if inside and inside[-1] in _MEETINGS:
                break  # exceptions of a series may follow; the first says what is meant
            inside = inside[:-1]
        elif name == "METHOD" and not _MEETINGS.intersection(inside):
            method = value.upper()
        elif inside and inside[-1] in _MEETINGS:
            if name == "ATTENDEE":
                attendees.append(
                    Attendee(_address(value, parameters), parameters.get("PARTSTAT", "").upper())
                )
            else:
                found.setdefault(name, (parameters.get("TZID", ""), value))
    uid = found.get("UID", ("", ""))[1].strip()
    if not uid:
        raise Unreadable("no meeting with a UID")
    return CalendarMessage(
        method=method,
        uid=uid,
        sequence=_number(found.get("SEQUENCE", ("", "0"))[1]),
        recurrence_id=found["RECURRENCE-ID"][1] if "RECURRENCE-ID" in found else None,
        attendees=tuple(Attendee(one.address, one.answer or _SAYS_NOTHING) for one in attendees),
        stamp=_moment(found.get("DTSTAMP")),
        starts=_moment(found.get("DTSTART")),
        ends=_moment(found.get("DTEND")),
        comment=found.get("COMMENT", ("", ""))[1].strip()[:LONGEST_COMMENT],
    )


def _properties(content: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield name, parameters and value of each line that matters and can be read."""
    for line in _FOLD.sub("", content).splitlines():
        if not _WANTED.match(line):
            continue
        try:
            name, parameters, value = Contentline(line.strip()).parts()  # type: ignore[no-untyped-call]
        except ValueError:
            continue
        yield name.upper(), {key.upper(): _first(parameters[key]) for key in parameters}, str(value)


def _first(value: object) -> str:
    return str(value[0] if isinstance(value, list) and value else value)


def _address(value: str, parameters: dict[str, str]) -> str:
    """Return the mail address of a calendar user; Apple names it beside an alias of its own."""
    scheme, colon, rest = value.strip().partition(":")
    if colon and scheme.lower() == "mailto":
        return rest.strip().casefold()
    return parameters.get("EMAIL", value).strip().casefold()


def _number(value: str) -> int:
    value = value.strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0


def _moment(found: tuple[str, str] | None) -> datetime | None:
    """Return a time as a moment; None for whole days, and where only the sender knows the zone."""
    if found is None:
        return None
    zone, value = found[0], found[1].strip().upper()
    try:
        read = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - it follows
        return read.replace(tzinfo=UTC if value.endswith("Z") else _zone(zone)).astimezone(UTC)
    except (ValueError, OverflowError, LookupError, OSError):
        return None


def _zone(name: str) -> tzinfo:
    return ZoneInfo(WINDOWS_TO_OLSON.get(name, name))
