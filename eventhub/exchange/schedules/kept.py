"""What was read, as text again while a page asks what to take of it, shorter than its file; pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, time
from typing import Any

from eventhub.calendars.reading import LONGEST_DESCRIPTION, Meeting, Reading
from eventhub.exchange.schedules.sessions import Session, link_of, read_each

_NAMES = tuple(field.name for field in fields(Session))


def text_of(sessions: Sequence[Meeting]) -> str:
    """Write sessions so that `read` gives the same ones."""
    rows = [[_plain(getattr(one, name)) for name in _NAMES] for one in sessions]
    return json.dumps({"kept": rows}, ensure_ascii=False, separators=(",", ":"))


def is_ours(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("kept"), list)


def read(document: Any, zone: str) -> Reading:
    """Read what `text_of` wrote. It comes from a form, so every value is looked at again."""
    return read_each(document["kept"], lambda _at, row: _session(row, zone), lambda _row: "")


def _session(row: list[Any], zone: str) -> Session:
    said = dict(zip(_NAMES, row, strict=True))
    return Session(
        key=str(said["key"])[:64],
        at=int(said["at"]),
        title=str(said["title"])[:300],
        day=_day(said["day"]),
        start=_clock(said["start"]),
        end_day=_day(said["end_day"]),
        end=_clock(said["end"]),
        zone=zone,
        place=str(said["place"])[:120],
        link=link_of(said["link"]),
        description=str(said["description"])[:LONGEST_DESCRIPTION],
        called_off=bool(said["called_off"]),
        people=tuple(str(name)[:200] for name in said["people"]),
        track=str(said["track"])[:300],
        kind=str(said["kind"])[:80],
        language=str(said["language"])[:8],
    )


def _day(words: Any) -> date | None:
    return date.fromisoformat(words) if words else None


def _clock(words: Any) -> time | None:
    return time.fromisoformat(words) if words else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | time) else value
