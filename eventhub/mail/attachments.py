"""What the calendar message in a mail says, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from icalendar import Calendar, Component

from eventhub.web import times
from eventhub.web.languages import gettext as _


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """A calendar message for people: what it does and what it is about."""

    does: str
    rows: tuple[tuple[str, str], ...]


def calendar_words(content: bytes) -> CalendarWords:
    """Read a calendar message of ours."""
    calendar = Calendar.from_ical(content)
    event = calendar.walk("VEVENT")[0]
    cancels = str(calendar["METHOD"]) == "CANCEL"
    rows = (
        (_("Title"), str(event.get("SUMMARY", ""))),
        (_("Start"), _moment(event.decoded("DTSTART"))),
        (_("End"), _moment(event.decoded("DTEND")) if "DTEND" in event else ""),
        (_("Place"), str(event.get("LOCATION", ""))),
        (_("Description"), str(event.get("DESCRIPTION", ""))),
        (_("Answer"), _answer(event)),
        ("UID", str(event["UID"])),
        ("SEQUENCE", str(event.get("SEQUENCE", ""))),
    )
    does = _("Takes an entry out of the calendar") if cancels else _("Puts an entry into the calendar")
    return CalendarWords(does, tuple(row for row in rows if row[1]))


def _moment(value: date | datetime) -> str:
    if not isinstance(value, datetime):
        return times.day(value)
    zone = getattr(value.tzinfo, "key", None) or "UTC"
    return f"{times.day(value)}, {times.time_of_day(value, zone)}"


def _answer(event: Component) -> str:
    partstat = event["ATTENDEE"].params.get("PARTSTAT") if "ATTENDEE" in event else None
    if partstat is None:
        return ""
    return _("accepted already") if partstat == "ACCEPTED" else _("is asked for")
