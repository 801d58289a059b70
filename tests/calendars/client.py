"""A calendar client that follows RFC 5546: it keeps the newest word about each entry."""

from __future__ import annotations

from datetime import datetime

import icalendar


class Client:
    """The calendar of one person."""

    def __init__(self) -> None:
        self._newest: dict[str, tuple[tuple[int, datetime], icalendar.Event | None, bytes]] = {}

    def takes(self, content: bytes) -> None:
        """Take in an iTIP message; one older than the last about the entry changes nothing (2.1.5)."""
        calendar = icalendar.Calendar.from_ical(content)
        [event] = calendar.walk("VEVENT")
        uid, rank = str(event["UID"]), (int(event["SEQUENCE"]), event["DTSTAMP"].dt)
        if uid in self._newest and self._newest[uid][0] >= rank:
            return
        kept = None if str(calendar["METHOD"]) == "CANCEL" else event
        self._newest[uid] = rank, kept, content

    @property
    def entries(self) -> dict[str, icalendar.Event]:
        """What the calendar shows now, by UID."""
        return {uid: event for uid, (_rank, event, _raw) in self._newest.items() if event is not None}

    @property
    def stored(self) -> dict[str, bytes]:
        """The same as it was received."""
        return {uid: raw for uid, (_rank, event, raw) in self._newest.items() if event is not None}
