"""Two states of a programme beside each other, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from types import SimpleNamespace
from typing import Any

from eventhub.agenda.forms import ROLES
from eventhub.agenda.models import SpeakerRole
from eventhub.web import times
from eventhub.web.languages import gettext as _

Snapshot = Mapping[str, Any]
"""What people know of a slot, as `agenda.snapshots.snapshot` returns it."""
State = Mapping[str, Snapshot]
"""What versions keep of all slots, by their UIDs: see `agenda.snapshots.kept_of`."""
Names = Mapping[int, str]
"""The names of speakers by their keys; of whom there is none, nothing is said."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is new about one slot."""

    title: str
    words: list[str]


def differences(old: State, new: State, names: Names) -> list[Difference]:
    """Say what is new, in the order of the new programme; what is gone comes last."""
    found = []
    for key, now in sorted(new.items(), key=lambda pair: _order(pair[1])):
        if key not in old:
            found.append(Difference(now["title"], [_("New in the programme: %(when)s", when=when_of(now))]))
        elif words := [*news(old[key], now), *_other_news(old[key], now, names)]:
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
    if when_of(was) != when_of(now):
        found.append(_("Time: %(new)s, until now %(old)s", new=when_of(now), old=when_of(was)))
    if was["room"] != now["room"]:
        nowhere = _("not known yet")
        found.append(
            _("Room: %(new)s, until now %(old)s", new=now["room"] or nowhere, old=was["room"] or nowhere)
        )
    return found


def _other_news(was: Snapshot, now: Snapshot, names: Names) -> list[str]:
    """Say what changed of that which nobody has to plan for; early versions did not keep it."""
    found = []
    if "people" in was and was["people"] != now["people"]:
        old, new = (_people(one["people"], names) for one in (was, now))
        nobody = _("nobody")
        found.append(_("People: %(new)s, until now %(old)s", new=new or nobody, old=old or nobody))
    if "details" in was and was["details"] != now["details"]:
        found.append(_("What it is about, or another detail, is new."))
    return found


def _people(people: Sequence[tuple[int, str]], names: Names) -> str:
    return ", ".join(
        names[key] if role == SpeakerRole.SPEAKER else f"{names[key]} ({ROLES[SpeakerRole(role)]})"
        for key, role in people
        if key in names
    )


def when_of(one: Snapshot) -> str:
    """Return day and hours in words."""
    day = date.fromisoformat(one["day"]) if one["day"] else None
    end_day = date.fromisoformat(one["end_day"]) if one["end_day"] else None
    start, end = (time.fromisoformat(one[name]) if one[name] else None for name in ("start_time", "end_time"))
    known = SimpleNamespace(
        start_date=day, end_date=end_day or day, start_time=start, end_time=end, zone=one["zone"], planned=""
    )
    return times.when(known) or _("not known yet")
