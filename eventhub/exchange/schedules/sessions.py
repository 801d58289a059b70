"""One item of a foreign programme as plain values, and how a list of them is read; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from eventhub.calendars.foreign_zones import iana_name
from eventhub.calendars.reading import LONGEST_DESCRIPTION, Meeting, Reading, Unread, plain
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

LONGEST_TITLE = 300
LONGEST_NAME = 200
LONGEST_WORD = 80
LONGEST_LINK = 1000
MOST_SESSIONS = 2000
MOST_PEOPLE = 50
LONGEST_SESSION = timedelta(days=31)
ACCEPTED = ("accepted", "confirmed")
"""States of a submission that belongs to the programme, in the words of all systems that say one."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2})?\Z")
_LANGUAGES = {"english": "en", "englisch": "en", "german": "de", "deutsch": "de", "french": "fr"}
_DURATION = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?::\d{2})?\Z")


class Unreadable(ValueError):
    """A session is not read; the message says why."""


@dataclass(frozen=True, slots=True)
class Session(Meeting):
    """A meeting with what only a programme says; `at` counts the sessions of its file."""

    people: tuple[str, ...] = ()
    track: str = ""
    kind: str = ""
    """In the file's own word."""
    language: str = ""


def read_each(
    entries: Iterable[Any], read: Callable[[int, Any], Session], title: Callable[[Any], str]
) -> Reading:
    """Read one session after the other, so that one that is broken leaves the others alone."""
    found = Reading()
    for at, entry in enumerate(entries, 1):
        if at > MOST_SESSIONS:
            raise RuleBroken(_("The file holds more than %(most)s sessions", most=MOST_SESSIONS))
        try:
            found.meetings.append(read(at, entry))
        except Unreadable as unreadable:
            found.unread.append(Unread(at, title(entry), str(unreadable)))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            found.unread.append(Unread(at, title(entry), _("Its day or its time can’t be read")))
    found.meetings = _each_once(found.meetings)
    return found


def session(
    source: str, at: int, title: Any, start: datetime | None, end: datetime | None, zone: str, **more: Any
) -> Session:
    """Return a session on the clocks of `zone`; times without an offset are meant there already.

    Without a start it has no time at all, or the day alone that is named beside.
    """
    start, end = _on_clocks(start, zone), _on_clocks(end, zone)
    if start is None or (end is not None and not start < end <= start + LONGEST_SESSION):
        end = None
    texts = [plain(str(text)).strip() for text in more.pop("texts", ()) if text]
    people = (_line(name, LONGEST_NAME) for name in more.pop("people", ()))
    return Session(
        key=key_of(source),
        at=at,
        title=_line(title, LONGEST_TITLE),
        day=start.date() if start else more.pop("day", None),
        start=start.time() if start else None,
        end_day=end.date() if start and end and end.date() != start.date() else None,
        end=end.time() if end else None,
        zone=zone,
        place=_line(more.pop("room", ""), 120),
        link=link_of(more.pop("link", "")),
        description="\n\n".join(dict.fromkeys(texts))[:LONGEST_DESCRIPTION].strip(),
        called_off=bool(more.pop("called_off", False)),
        people=tuple(dict.fromkeys(name for name in people if name))[:MOST_PEOPLE],
        track=_line(more.pop("track", ""), LONGEST_TITLE),
        kind=_line(more.pop("kind", ""), LONGEST_WORD),
        language=_language(more.pop("language", "")),
    )


def key_of(source: str) -> str:
    """Return the key under which a slot remembers the session that it became."""
    return sha256(f"session\n{source}".encode()).hexdigest()


def zone_of(name: Any, usual: str) -> str:
    """Return the zone that a file names, or the usual one."""
    return (iana_name(name) if isinstance(name, str) and name else None) or usual


def moment(text: Any, zone: str) -> datetime:
    """Read a date with a time; without an offset it is meant on the clocks of `zone`."""
    found = datetime.fromisoformat(str(text).strip())
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def moment_if_said(text: Any, zone: str) -> datetime | None:
    return moment(text, zone) if text else None


def require_accepted(state: Any) -> None:
    """Leave out what has no time because nobody has decided on it yet."""
    if str(state or "accepted").lower() not in ACCEPTED:
        raise Unreadable(_("It has no time, and is not accepted"))


def duration(text: Any) -> timedelta:
    """Read hours and minutes, perhaps with days before or seconds behind; what is not known is nothing."""
    words = str(text or "").strip()
    if words.count(":") == 2 and len(words.rsplit(":", 1)[0]) >= 4:
        words = words.rsplit(":", 1)[0]
    found = _DURATION.match(words)
    if found is None:
        return timedelta()
    return timedelta(days=int(found[1] or 0), hours=int(found[2]), minutes=int(found[3]))


def link_of(address: Any) -> str:
    words = str(address or "").strip()
    fits = words.startswith(("http://", "https://")) and len(words) <= LONGEST_LINK and " " not in words
    return words if fits else ""


def listed(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty one, and anything else as its only member."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def translated(value: Any) -> str:
    """Return a text that may stand in several languages: the English one, else the first."""
    if isinstance(value, dict):
        return str(value.get("en") or next(iter(value.values()), "") or "")
    return str(value or "")


def _on_clocks(value: datetime | None, zone: str) -> datetime | None:
    if value is None:
        return None
    here = value.astimezone(ZoneInfo(zone)) if value.tzinfo else value
    return here.replace(second=0, microsecond=0, tzinfo=None, fold=0)


def _line(text: Any, longest: int) -> str:
    """Return a text as one line without markup."""
    return " ".join(plain(str(text or "")).split())[:longest].strip()


def _language(name: Any) -> str:
    word = str(name or "").strip().lower()
    word = _LANGUAGES.get(word, word)
    return word if _LANGUAGE.match(word) else ""


def _each_once(sessions: list[Any]) -> list[Any]:
    """Give sessions of the same name in their file keys of their own."""
    counted: Counter[str] = Counter()
    found = []
    for one in sessions:
        counted[one.key] += 1
        again = counted[one.key]
        key = one.key if again == 1 else sha256(f"{one.key}\n{again}".encode()).hexdigest()
        found.append(replace(one, key=key))
    return found
