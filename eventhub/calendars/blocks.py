"""One entry as a VEVENT: whole for files and feeds, in pieces for messages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from eventhub.calendars import writing, zones
from eventhub.calendars.entries import Entry, Timed

# Beyond this, calendars refuse the whole message.
_LONGEST_DESCRIPTION = 100_000


@dataclass(frozen=True, slots=True)
class Pieces:
    """A VEVENT without DTSTAMP, SEQUENCE, URL and people, between which those are put."""

    opening: bytes
    history: bytes
    times_and_summary: bytes
    description: bytes
    location: bytes
    state: bytes


def description_of(entry: Entry) -> str:
    """The description, cut at a word and closed by the link when it is too long for calendars."""
    whole = entry.description.encode("utf-8", "replace")
    if len(whole) <= _LONGEST_DESCRIPTION:
        return entry.description
    kept = whole[:_LONGEST_DESCRIPTION].decode("utf-8", "ignore")
    at_word = kept.rsplit(maxsplit=1)[0]
    return f"{at_word} … {entry.url}".rstrip()


def pieces(entry: Entry, *, utc: bool) -> Pieces:
    """The parts of an entry; `utc` writes its times without a zone."""
    description = writing.text(description_of(entry))
    return Pieces(
        opening=b"BEGIN:VEVENT\r\n" + writing.line("UID", writing.text(entry.uid)),
        history=writing.line("CREATED", writing.instant(entry.created_at))
        + writing.line("LAST-MODIFIED", writing.instant(entry.modified_at)),
        times_and_summary=_times(entry, utc=utc) + writing.line("SUMMARY", writing.text(entry.summary)),
        description=writing.line("DESCRIPTION", description) if description else b"",
        location=writing.lines([("LOCATION", writing.text(entry.location))]),
        state=_state(entry),
    )


def _times(entry: Entry, *, utc: bool) -> bytes:
    when = entry.when
    if not isinstance(when, Timed):
        return writing.line("DTSTART;VALUE=DATE", writing.day(when.starts_on)) + writing.line(
            "DTEND;VALUE=DATE", writing.day(when.ends_on)
        )
    if utc or _ambiguous(when):
        zone, written = "", [writing.instant(when.starts_at), writing.instant(when.ends_at)]
    else:
        zone = f";TZID={when.zone}"
        written = [
            writing.wall_clock(zones.to_local(when.zone, instant))
            for instant in (when.starts_at, when.ends_at)
        ]
    starts = writing.line(f"DTSTART{zone}", written[0])
    # An entry of no length has no DTEND: that would have to lie after DTSTART.
    return starts + (writing.line(f"DTEND{zone}", written[1]) if when.ends_at > when.starts_at else b"")


def _ambiguous(when: Timed) -> bool:
    """Readers disagree about local times that happen twice, so such entries are written in UTC."""
    return zones.happens_twice(when.zone, when.starts_at) or zones.happens_twice(when.zone, when.ends_at)


def _state(entry: Entry) -> bytes:
    label = writing.parameter(entry.summary)
    return writing.lines(
        [
            ("STATUS", entry.status),
            ("TRANSP", "TRANSPARENT" if entry.transparent else "OPAQUE"),
            ("CATEGORIES", ",".join(writing.text(category) for category in entry.categories)),
            (
                f"CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL={label}",
                writing.uri(entry.conference or ""),
            ),
        ]
    )


@lru_cache(maxsize=2048)
def event_block(entry: Entry, *, utc: bool = False) -> bytes:
    """The VEVENT of downloads and feeds; its DTSTAMP is the last change, so its bytes are stable."""
    parts = pieces(entry, utc=utc)
    return b"".join(
        (
            parts.opening,
            writing.line("DTSTAMP", writing.instant(entry.modified_at)),
            parts.history,
            writing.line("SEQUENCE", str(entry.sequence)),
            parts.times_and_summary,
            parts.description,
            parts.location,
            writing.lines([("URL", writing.uri(entry.url))]),
            parts.state,
            b"END:VEVENT\r\n",
        )
    )
