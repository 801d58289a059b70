"""Whole calendars to download or to subscribe to: nobody is invited by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from eventhub import __version__
from eventhub.calendars import writing, zones
from eventhub.calendars.blocks import event_block
from eventhub.calendars.entries import Entry, Timed

PRODUCT = f"-//eventhub//eventhub {__version__}//EN"
CONTENT_TYPE = "text/calendar; charset=utf-8"

_CLOSING = b"END:VCALENDAR\r\n"


def calendar_file(entries: Sequence[Entry], *, name: str = "") -> bytes:
    """Entries to download; a name makes some clients propose a calendar of its own, so give it for many."""
    head = writing.lines([("NAME", writing.text(name)), ("X-WR-CALNAME", writing.text(name))])
    return b"".join([opening(), head, *_components(entries), _CLOSING])


def feed(
    entries: Sequence[Entry],
    *,
    name: str,
    zone: str,
    url: str,
    source: str,
    modified_at: datetime,
    description: str = "",
    color: str = "",
) -> bytes:
    """A calendar to subscribe to: `url` is the page, `source` the address of the feed itself.

    `color` is a CSS colour name; `modified_at` is when the calendar itself (not an entry) last changed.
    """
    latest = max([modified_at, *(entry.modified_at for entry in entries)])
    head = writing.lines(
        [
            ("NAME", writing.text(name)),
            ("X-WR-CALNAME", writing.text(name)),
            ("DESCRIPTION", writing.text(description)),
            ("X-WR-CALDESC", writing.text(description)),
            ("X-WR-TIMEZONE", writing.text(zone)),
            ("REFRESH-INTERVAL;VALUE=DURATION", "PT1H"),
            ("X-PUBLISHED-TTL", "PT1H"),
            ("URL", writing.uri(url)),
            ("SOURCE;VALUE=URI", writing.uri(source)),
            ("COLOR", writing.text(color)),
            ("LAST-MODIFIED", writing.instant(latest)),
        ]
    )
    # A calendar must have a component, also while nothing is planned yet.
    components = _components(entries) or [_any_zone(zone, latest.year)]
    return b"".join([opening(), head, *components, _CLOSING])


def opening(method: str = "") -> bytes:
    """How every calendar object of ours begins."""
    return b"BEGIN:VCALENDAR\r\n" + writing.lines(
        [("VERSION", "2.0"), ("PRODID", PRODUCT), ("CALSCALE", "GREGORIAN"), ("METHOD", method)]
    )


def zone_blocks(entries: Iterable[Entry]) -> dict[str, bytes | None]:
    """For each zone its VTIMEZONE for all years in which entries use it; None where only UTC is safe."""
    years: dict[str, list[int]] = {}
    for entry in entries:
        if isinstance(entry.when, Timed):
            # A day more on both sides, so that the local year is covered wherever the zone lies.
            used = years.setdefault(entry.when.zone, [9999, 0])
            used[0] = min(used[0], entry.when.starts_at.year)
            used[1] = max(used[1], entry.when.ends_at.year)
    return {zone: zones.zone_block(zone, first - 1, last + 1) for zone, (first, last) in years.items()}


def _components(entries: Sequence[Entry]) -> list[bytes]:
    blocks = zone_blocks(entries)
    in_utc = {zone for zone, block in blocks.items() if block is None}
    events = [
        event_block(entry, utc=isinstance(entry.when, Timed) and entry.when.zone in in_utc)
        for entry in entries
    ]
    used = b"".join(events)
    written = [
        block for zone, block in blocks.items() if block is not None and f";TZID={zone}:".encode() in used
    ]
    return [*written, used] if events else []


def _any_zone(zone: str, year: int) -> bytes:
    return zones.zone_block(zone, year, year) or zones.zone_block("Etc/GMT", year, year) or b""
