"""Meetings from a calendar file of any program, repetitions written out; pure.

A file is read meeting by meeting, so that one that is broken leaves the others alone. How much a rule may
cost is known before it is followed.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from html import unescape
from time import thread_time
from typing import Any
from zoneinfo import ZoneInfo

import nh3
import recurring_ical_events
from icalendar import Calendar

from eventhub.calendars.components import (
    Component,
    Zones,
    by_identity,
    identity,
    parts_of,
    property_name,
    zones_of,
)
from eventhub.calendars.foreign_zones import iana_name
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.security import FORBIDDEN_IN_TEXT

LARGEST = 1_000_000
"""Bytes of a file."""
MOST_EVENTS = 2000
MOST_ZONES = 50
MOST_FOUND = 1000
MOST_DAYS = 400_000
"""Days that all rules of a file may walk through together."""
MOST_SECONDS = 3
"""Of the processor, for all rules of a file."""
LONGEST_DESCRIPTION = 20_000
MOST_MOVED = 6
"""Days by which a series moves to other weekdays; a week is another meeting."""
_USED = frozenset(
    "UID SEQUENCE DTSTART DTEND DURATION RRULE RDATE EXDATE RECURRENCE-ID STATUS SUMMARY DESCRIPTION "
    "LOCATION CONFERENCE X-GOOGLE-CONFERENCE X-MICROSOFT-SKYPETEAMSMEETINGURL".split()
)
"""What the reader is given; the rest can't break anything then."""
_LINKED = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL")
_USUAL = {"RSCALE": "GREGORIAN", "SKIP": "OMIT"}
"""Parts of a rule (RFC 7529) that say what holds without them."""
_UNREADABLE = _l("Its dates or its rule can’t be read")
_NOT_IN = {
    "DAILY": ("BYYEARDAY", "BYWEEKNO", "BYSETPOS"),
    "WEEKLY": ("BYYEARDAY", "BYWEEKNO", "BYMONTHDAY"),
    "MONTHLY": ("BYYEARDAY", "BYWEEKNO"),
}
"""What RFC 5545 does not allow, and positions within a single day."""
_LENGTHS = {"2": 29, "4": 30, "6": 30, "9": 30, "11": 30}
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_ADDRESS = re.compile(r"(?:https?|webcals?|ftp)://\S+\Z", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"]+")
_TAG = re.compile(r"</?(?:br|p|div|a|b|i|u|ul|ol|li|span|html|strong|em)\b[^>]*>", re.IGNORECASE)
_BREAK = re.compile(r"<br[^>]*>|</p>|</div>|</li>", re.IGNORECASE)
_UTC = ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu", "Etc/Zulu", "UCT", "Etc/UCT")


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting at one time, as its own zone shows it."""

    key: str
    """Follows from UID and the day of RECURRENCE-ID, so it is the same in each version of the file."""
    at: int
    """The line on which it begins."""
    title: str
    day: date | None
    """None for a session of a programme that has no time yet; in calendars everything has its day."""
    start: time | None
    end_day: date | None
    """Only where it ends on another day."""
    end: time | None
    zone: str
    place: str = ""
    link: str = ""
    description: str = ""
    called_off: bool = False
    former_keys: tuple[str, ...] = ()
    """What its key may have been, earliest day first, where its whole series has moved by some days since."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A meeting that can't be taken, and why."""

    at: int
    title: str
    why: str


@dataclass
class Reading:
    """What a file holds in a stretch of time."""

    meetings: list[Meeting] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


class _Refused(ValueError):
    """A meeting is not read; the message says why."""


def text_of(content: bytes, largest: int = LARGEST) -> str:
    """Return an uploaded file as text; raises RuleBroken for what can't be a calendar."""
    if len(content) > largest:
        raise RuleBroken(
            _("The file is larger than %(most)s MB. Export a shorter time", most=largest // 1_000_000)
        )
    if content.startswith(b"PK"):
        raise RuleBroken(_("This is a packed file. Unpack it first and upload the .ics file in it"))
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16" if wide else "utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleBroken(_("This is no calendar file. Such a file begins with BEGIN:VCALENDAR"))


def read(text: str, first: date, last: date, zone: str) -> Reading:
    """Read the meetings that begin on one of these days; `zone` holds for times that name none.

    Raises RuleBroken where nothing in the file can be read.
    """
    text = FORBIDDEN_IN_TEXT.sub("", text.removeprefix("\ufeff"))
    parts = parts_of(text)
    _require_calendar(text, bool(parts.events), parts.head.get("CALSCALE", ""))
    if len(parts.events) > MOST_EVENTS or len(parts.zones) > MOST_ZONES:
        raise RuleBroken(
            _("The file holds more than %(most)s entries. Export a shorter time", most=MOST_EVENTS)
        )
    reader = _Reader(zones_of(parts.zones), parts.head.get("X-WR-TIMEZONE", ""), first, last, zone)
    began = thread_time()
    for group, name in (one for same in by_identity(parts.events) for one in _apart(same)):
        reader.read(group, name)
        if thread_time() - began > MOST_SECONDS:
            raise RuleBroken(_("The calendar takes too long to read. Export a shorter time"))
        if len(reader.found.meetings) > MOST_FOUND:
            raise RuleBroken(
                _("There are more than %(most)s meetings in this time. Choose a shorter one", most=MOST_FOUND)
            )
    reader.found.meetings.sort(key=lambda one: (one.day or first, one.start or time(), one.title))
    return reader.found


def _require_calendar(text: str, has_events: bool, calendar_scale: str) -> None:
    words = text.strip()
    if _ADDRESS.match(words):
        raise RuleBroken(
            _("eventhub opens no addresses. Open it in your browser, save the file, and upload it here")
        )
    if words[:200].lstrip().lower().startswith(("<!doctype", "<html")):
        raise RuleBroken(_("This is a web page, not a calendar. Look there for “iCal” or “.ics”"))
    if "BEGIN:VCALENDAR" not in words.upper() and not has_events:
        raise RuleBroken(_("This is no calendar file. Such a file begins with BEGIN:VCALENDAR"))
    if not has_events:
        raise RuleBroken(_("The calendar holds no meetings"))
    if calendar_scale.upper() not in ("", "GREGORIAN"):
        raise RuleBroken(_("The dates of this calendar are not Gregorian, so they can’t be read"))


@dataclass
class _Reader:
    """Reads one group of components after the other."""

    zones: Zones
    usual_zone: str
    first: date
    last: date
    home: str
    days_left: int = MOST_DAYS
    found: Reading = field(default_factory=Reading)

    def read(self, group: list[Component], name: str = "") -> None:
        """Add the meetings of one UID, or that of this name, or say why there are none."""
        try:
            found = self._meetings(group)
            if name:
                found = [replace(one, key=_key(identity(group[0]), name)) for one in found]
            self.found.meetings += found
        except _Refused as refused:
            self._refuse(group[0], str(refused))
        except Exception:  # the parsers of a foreign format fail in ways of their own
            self._refuse(group[0], str(_UNREADABLE))

    def _refuse(self, event: Component, why: str) -> None:
        self.found.unread.append(Unread(event.at, _plain(event.value("SUMMARY"))[:200], why))

    def _meetings(self, group: list[Component]) -> list[Meeting]:
        lines = [self._prepared(event) for event in group]
        self._require_zones(lines)
        calendar = self._calendar(lines)
        shifts = _shifts(calendar)
        masters = [event for event in group if not event.has("RECURRENCE-ID")]
        alone = len(masters) == 1 and not any(event.has("RRULE", "RDATE", "RECURRENCE-ID") for event in group)
        found = [(one, "" if alone else self._number(one, shifts)) for one in self._occurrences(calendar)]
        days = Counter(number[:8] for _one, number in found)
        keyed: dict[str, Meeting] = {}
        for one, number in found:
            meeting = self._meeting(one, group[0], number[:8] if days[number[:8]] == 1 else number)
            if meeting.day is None or not self.first <= meeting.day <= self.last:
                continue
            if number and days[number[:8]] == 1:
                meeting = replace(meeting, former_keys=self._former_keys(group[0], meeting.day, days))
            keyed.setdefault(meeting.key, meeting)
        return list(keyed.values())

    def _former_keys(self, event: Component, day: date, taken: Counter[str]) -> tuple[str, ...]:
        """Return the keys that a meeting near this day had; days that have one now are not looked for."""
        near = (day + timedelta(days=days) for days in range(-MOST_MOVED, MOST_MOVED + 1))
        numbers = (f"{one:%Y%m%d}" for one in near if self.first <= one <= self.last)
        return tuple(_key(identity(event), number) for number in numbers if number not in taken)

    def _number(self, one: Any, shifts: dict[Any, timedelta]) -> str:
        """Return the start that the rule gave to a meeting, which is what RECURRENCE-ID says.

        Where one day has one meeting, the day alone is its number: so it stays the same when the whole series
        begins an hour later.
        """
        start = _original_start(one, shifts)
        if not isinstance(start, datetime):
            return f"{start:%Y%m%d}"
        home = ZoneInfo(self.home)
        return f"{start.astimezone(home) if start.tzinfo else start:%Y%m%dT%H%M%S}"

    def _prepared(self, event: Component) -> list[str]:
        if not event.value("DTSTART"):
            raise _Refused(_("It has no start"))
        if sum(property_name(line) == "RRULE" for line in event.lines) > 1:
            raise _Refused(_("It has more than one rule"))
        used = [line for line in event.lines if property_name(line) in _USED]
        return [self._prepared_line(event, line) for line in used]

    def _prepared_line(self, event: Component, line: str) -> str:
        if property_name(line) != "RRULE":
            return self.zones.renamed(line)
        head, _colon, rule = line.partition(":")
        return f"{head}:{self._bounded(rule, _first_day(event.value('DTSTART')))}"

    def _bounded(self, rule: str, begins: date) -> str:
        """Let a rule end with the time that is asked for, and refuse one that costs too much."""
        parts = dict(part.upper().partition("=")[::2] for part in rule.strip().split(";") if part)
        parts = {name: value for name, value in parts.items() if _USUAL.get(name) != value}
        _require_plain_rule(parts)
        self.days_left -= max((self.last - begins).days, 1)
        if self.days_left < 0:
            raise _Refused(_("It repeats over too long a time"))
        bound = f"{self.last + timedelta(days=2):%Y%m%d}T235959Z"
        if parts.get("UNTIL", "9")[:8] >= bound[:8]:
            parts["UNTIL"] = bound
        return ";".join(f"{name}={value}" for name, value in parts.items())

    def _require_zones(self, events: Iterable[list[str]]) -> None:
        unknown = self.zones.unknown(line for lines in events for line in lines)
        if unknown:
            raise _Refused(_("The time zone “%(name)s” is not known", name=unknown[:80]))

    def _calendar(self, events: list[list[str]]) -> Any:
        usual = iana_name(self.usual_zone) if self.usual_zone else None
        text = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:eventhub",
            *([f"X-WR-TIMEZONE:{usual}"] if usual and usual not in _UTC else []),
            *self.zones.definitions(line for lines in events for line in lines),
            *(line for lines in events for line in ("BEGIN:VEVENT", *lines, "END:VEVENT")),
            "END:VCALENDAR",
            "",
        ]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries, about files that are not ours
            return Calendar.from_ical("\r\n".join(text))

    def _occurrences(self, calendar: Any) -> list[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # a day more on both sides: days of other zones begin earlier or later than ours
            span = (self.first - timedelta(days=1), self.last + timedelta(days=2))
            return list(recurring_ical_events.of(calendar).between(*span))

    # one meeting --------------------------------------------------------------------------------------

    def _meeting(self, one: Any, event: Component, number: str) -> Meeting:
        start, end = one["DTSTART"].dt, one["DTEND"].dt
        zone, start, end = self._local(start, end)
        place, link = _place_and_link(one)
        return Meeting(
            key=_key(identity(event), number),
            at=event.at,
            title=_plain(_text(one, "SUMMARY"))[:300].strip(),
            zone=zone,
            place=place,
            link=link,
            description=_plain(_text(one, "DESCRIPTION"))[:LONGEST_DESCRIPTION].strip(),
            called_off=_text(one, "STATUS").upper() == "CANCELLED",
            **_when(start, end),
        )

    def _local(self, start: Any, end: Any) -> tuple[str, Any, Any]:
        """Return the zone of a meeting, and its times as the clocks there show them."""
        if not isinstance(start, datetime):
            return self.home, start, end
        if start.tzinfo is None:
            return self.home, start, end.replace(tzinfo=None)
        zone = getattr(start.tzinfo, "key", None)
        if zone is None or zone in _UTC or iana_name(zone) is None:
            zone = self.home
        start, end = (one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in (start, end))
        return zone, start, end


def _apart(group: list[Component]) -> Iterator[tuple[list[Component], str]]:
    """Divide what only shares its UID by mistake: meetings that neither repeat nor replace each other.

    Some programs give all talks of a day the same UID; each is known by its title then.
    """
    known = {(one.value("DTSTART"), one.value("SUMMARY")): one for one in group}
    repeats = any(one.has("RRULE", "RDATE", "RECURRENCE-ID") for one in group)
    versions = {one.value("SEQUENCE").strip() for one in group}
    if repeats or len(versions) > 1 or len(known) == 1:
        yield group, ""
        return
    titles: Counter[str] = Counter()
    for (_start, title), one in known.items():
        titles[title] += 1
        yield [one], f"{title}\n{titles[title]}"


def _require_plain_rule(parts: dict[str, str]) -> None:
    """Refuse a rule that means several times a day, or that may meet no day until the end of time."""
    frequency, interval = parts.get("FREQ", ""), parts.get("INTERVAL", "1")
    if frequency in _TOO_OFTEN or not parts.keys().isdisjoint(("BYHOUR", "BYMINUTE", "BYSECOND")):
        raise _Refused(_("It repeats more often than daily"))
    if not parts.keys().isdisjoint(_NOT_IN.get(frequency, ())) or not _meets_a_day(parts):
        raise _Refused(str(_UNREADABLE))
    if not interval.isdecimal() or not 1 <= int(interval) <= 10_000:
        raise _Refused(str(_UNREADABLE))


def _meets_a_day(parts: dict[str, str]) -> bool:
    """Tell whether one of the months has one of the days."""
    months = {_LENGTHS.get(month, 31) for month in parts.get("BYMONTH", "1").split(",")}
    days = parts.get("BYMONTHDAY", "1").split(",")
    return any(abs(int(day)) <= max(months) for day in days)


def _shifts(calendar: Any) -> dict[Any, timedelta]:
    """Return how far each exception “for this and all following” moved, by its RECURRENCE-ID."""
    events = [one for one in calendar.walk("VEVENT") if "RECURRENCE-ID" in one]
    return {
        one["RECURRENCE-ID"].dt: one["DTSTART"].dt - one["RECURRENCE-ID"].dt
        for one in events
        if one["RECURRENCE-ID"].params.get("RANGE") == "THISANDFUTURE"
    }


def _original_start(one: Any, shifts: dict[Any, timedelta]) -> Any:
    """Return the start that the rule gave it; all that follow an exception carry the number of that one."""
    named = one["RECURRENCE-ID"].dt
    return one["DTSTART"].dt - shifts[named] if named in shifts else named


def _key(uid: str, number: str) -> str:
    return sha256(f"{uid}\n{number}".encode()).hexdigest()


def _first_day(start: str) -> date:
    try:
        return datetime.strptime(start[:8], "%Y%m%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise _Refused(str(_UNREADABLE)) from None


def _when(start: Any, end: Any) -> dict[str, Any]:
    if not isinstance(start, datetime):
        last = end - timedelta(days=1) if end > start else start
        return {"day": start, "start": None, "end_day": last if last > start else None, "end": None}
    start, end = (one.replace(second=0, microsecond=0, fold=0) for one in (start, end))
    if end <= start:
        return {"day": start.date(), "start": start.time(), "end_day": None, "end": None}
    other_day = end.date() if end.date() != start.date() else None
    return {"day": start.date(), "start": start.time(), "end_day": other_day, "end": end.time()}


def _text(component: Any, name: str) -> str:
    value = component.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _plain(text: str) -> str:
    """Return a text of a calendar, where some programs escape twice."""
    return plain(text.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";"))


def plain(text: str) -> str:
    """Return a text without the markup that some programs write into it."""
    if not _TAG.search(text):
        return FORBIDDEN_IN_TEXT.sub("", text)
    bare = nh3.clean(_BREAK.sub("\n", text), tags=set(), clean_content_tags={"script", "style"})
    return FORBIDDEN_IN_TEXT.sub("", re.sub(r"\n{3,}", "\n\n", unescape(bare)))


def _place_and_link(component: Any) -> tuple[str, str]:
    """Return where it is, and the address of a meeting online, wherever the program writes it."""
    place = " ".join(_plain(_text(component, "LOCATION")).split())
    links = (
        place,
        *(_text(component, name) for name in _LINKED),
    )
    link = next((found[0].rstrip(".,;)") for text in links if (found := _LINK.search(text))), "")
    return _LINK.sub("", place).strip(" ,;"), link if len(link) <= 1000 else ""
