"""Two states of a programme beside each other, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from types import SimpleNamespace
from typing import Any

from eventhub.web import times
from eventhub.web.languages import gettext as _

Snapshot = Mapping[str, Any]
"""What people know of a slot, as `agenda.snapshots.snapshot` returns it."""
State = Mapping[str, Snapshot]
"""The snapshots of all slots by their UIDs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is new about one slot."""

    title: str
    words: list[str]


def differences(old: State, new: State) -> list[Difference]:
    """Say what is new, in the order of the new programme; what is gone comes last."""
    found = []
    for key, now in sorted(new.items(), key=lambda pair: _order(pair[1])):
        if key not in old:
            found.append(Difference(now["title"], [_("New in the programme: %(when)s", when=_when(now))]))
        elif words := news(old[key], now):
            found.append(Difference(now["title"], words))
    gone = sorted((was for key, was in old.items() if key not in new), key=_order)
    return found + [Difference(was["title"], [_("No longer in the programme.")]) for was in gone]


def _order(one: Snapshot) -> tuple[str, str, str]:
    return one["day"] or "9", one["start_time"] or "", one["title"]


def news(was: Snapshot, now: Snapshot) -> list[str]:
    """Say what changed: the new beside the old."""
    if now["cancelled"] and not was["cancelled"]:
        return [_("Does not take place.")]
    found = [_("Takes place after all.")] if was["cancelled"] and not now["cancelled"] else []
    if was["title"] != now["title"]:
        found.append(_("Title: %(new)s, until now %(old)s", new=now["title"], old=was["title"]))
    if _when(was) != _when(now):
        found.append(_("Time: %(new)s, until now %(old)s", new=_when(now), old=_when(was)))
    if was["room"] != now["room"]:
        nowhere = _("not known yet")
        found.append(
            _("Room: %(new)s, until now %(old)s", new=now["room"] or nowhere, old=was["room"] or nowhere)
        )
    return found


def _when(one: Snapshot) -> str:
    """Return day and hours in words."""
    day = date.fromisoformat(one["day"]) if one["day"] else None
    end_day = date.fromisoformat(one["end_day"]) if one["end_day"] else None
    start, end = (time.fromisoformat(one[name]) if one[name] else None for name in ("start_time", "end_time"))
    known = SimpleNamespace(
        start_date=day, end_date=end_day or day, start_time=start, end_time=end, zone=one["zone"], planned=""
    )
    return times.when(known) or _("not known yet")
