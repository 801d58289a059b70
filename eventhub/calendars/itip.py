"""Calendar messages to one participant (iTIP): an invitation with its updates, or its cancellation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from eventhub.calendars import files, writing
from eventhub.calendars.blocks import pieces
from eventhub.calendars.entries import Entry, Person

Method = Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]
Answer = Literal["NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"]

_PARAGRAPH = "\\n\\n"


@dataclass(frozen=True, slots=True)
class Copy:
    """What differs from participant to participant: who is asked by whom, when, and what only they read."""

    organizer: Person
    attendee: Person
    stamp: datetime
    partstat: Answer = "NEEDS-ACTION"
    rsvp: bool = True
    sequence: int | None = None  # the entry's own, unless this participant already has a higher one
    url: str = ""  # instead of the entry's own
    note: str = ""  # closes the description

    def __post_init__(self) -> None:
        if self.organizer.address.casefold() == self.attendee.address.casefold():
            raise ValueError("calendars offer no answer to someone who invites themselves")


@dataclass(frozen=True, slots=True)
class Template:
    """A message whose lines are ready, except for those that differ from participant to participant."""

    method: Method
    sequence: int
    opening: bytes
    history: bytes
    times_and_summary: bytes
    description: bytes  # its full lines
    description_end: bytes  # its last line, that a note continues
    location: bytes
    url: bytes
    state: bytes

    def fill(self, copy: Copy) -> bytes:
        """The whole message for one participant."""
        number = self.sequence if copy.sequence is None else copy.sequence
        return b"".join(
            (
                self.opening,
                f"DTSTAMP:{writing.instant(copy.stamp)}\r\n".encode(),
                self.history,
                f"SEQUENCE:{number}\r\n".encode(),
                self.times_and_summary,
                self.description,
                self._description_end(copy.note),
                self.location,
                writing.line("URL", writing.uri(copy.url)) if copy.url else self.url,
                self.state,
                _organizer(copy.organizer),
                self._attendee(copy),
                b"END:VEVENT\r\nEND:VCALENDAR\r\n",
            )
        )

    def _description_end(self, note: str) -> bytes:
        if not note:
            return self.description_end + b"\r\n" if self.description_end else b""
        added = writing.text(note)
        if not self.description_end:
            return writing.line("DESCRIPTION", added)
        return writing.fold(self.description_end + f"{_PARAGRAPH}{added}".encode()) + b"\r\n"

    def _attendee(self, copy: Copy) -> bytes:
        name = "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT"
        if self.method == "REQUEST":
            name += f";PARTSTAT={copy.partstat};RSVP={'TRUE' if copy.rsvp else 'FALSE'}"
        return writing.line(name + _common_name(copy.attendee), writing.mailto(copy.attendee.address))


@lru_cache(maxsize=256)
def template(entry: Entry, method: Method) -> Template:
    """The message of an entry, rendered once for the crowd."""
    if method == "CANCEL":
        entry = replace(entry, status="CANCELLED", conference=None)
    elif entry.status == "CANCELLED":
        raise ValueError("a cancelled entry invites nobody")
    zones = [*files.zone_blocks([entry]).values()]
    parts = pieces(entry, utc=None in zones)
    block = b"".join(zone for zone in zones if zone and b";TZID=" in parts.times_and_summary)
    full, _, end = parts.description.removesuffix(b"\r\n").rpartition(b"\r\n")
    return Template(
        method=method,
        sequence=entry.sequence,
        opening=files.opening(method) + block + parts.opening,
        history=parts.history,
        times_and_summary=parts.times_and_summary,
        description=full + b"\r\n" if full else b"",
        description_end=end,
        location=parts.location,
        url=writing.lines([("URL", writing.uri(entry.url))]),
        state=parts.state,
    )


def request(entry: Entry, copy: Copy) -> bytes:
    """Invite a participant, or tell them what has changed."""
    return template(entry, "REQUEST").fill(copy)


def decline_counter(entry: Entry, copy: Copy) -> bytes:
    """Answer somebody's proposal of another time: it stays as it is (RFC 5546 3.2.8)."""
    return template(entry, "DECLINECOUNTER").fill(copy)


def cancel(entry: Entry, copy: Copy) -> bytes:
    """Take an entry out of a participant's calendar; the sequence must be higher than the one they have."""
    return template(entry, "CANCEL").fill(copy)


@lru_cache(maxsize=256)
def _organizer(organizer: Person) -> bytes:
    return writing.line(f"ORGANIZER{_common_name(organizer)}", writing.mailto(organizer.address))


def _common_name(person: Person) -> str:
    name = " ".join(writing.clean(person.name).split())
    return f";CN={writing.parameter(name)}" if name else ""
