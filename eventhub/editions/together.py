"""One change for this edition, for it and the following ones, or for all: planned, then carried out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from eventhub import clock
from eventhub.database import lock
from eventhub.editions import rules, service
from eventhub.editions.inheritance import DATES, SHARED, place_in_series, same
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.queries import editions_of
from eventhub.editions.service import Changes
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

OPEN = (EditionState.DRAFT, EditionState.PUBLISHED)
HOURS = ("start_time", "end_time")


class Scope(StrEnum):
    """For which editions a change is meant."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True)
class Share:
    """What a change does to one edition."""

    edition: Edition
    values: Mapping[str, Any]
    changes: Changes
    people: int
    kept: dict[str, Any] = field(default_factory=dict)
    """What it has of its own and keeps."""


class Outdated(RuleBroken):
    """Somebody changed one of the editions since the change was shown."""


def coming_editions(edition: Edition, editions: Sequence[Edition], scope: Scope = Scope.ALL) -> list[Edition]:
    """Return the other editions of the series that a change is meant for: none that are over or cancelled.

    An edition whose day nobody knows is taken as over where one with a higher number is.
    """
    if scope is Scope.THIS:
        return []
    now, here = clock.now(), place_in_series(edition)
    over = [one for one in editions if rules.is_over(one, now)]
    latest = max((one.number for one in over if one.number is not None), default=0)
    others = (one for one in editions if one.id != edition.id and one.state in OPEN and one not in over)
    coming = (one for one in others if one.start_date or one.number is None or one.number > latest)
    meant = (one for one in coming if scope is Scope.ALL or place_in_series(one) > here)
    return sorted(meant, key=place_in_series)


def plan(edition: Edition, values: Mapping[str, Any], scope: Scope) -> list[Share]:
    """Say what a change does, first to the edition itself; raises RuleBroken where it can't be."""
    impact = service.impact(edition, values)
    others = coming_editions(edition, editions_of(edition.series), scope)
    own = Share(edition, values, impact.changes, impact.people)
    return [own, *(_share(one, edition, values, impact.changes) for one in others)]


def seen(shares: list[Share]) -> str:
    """Return a digest of the editions as they were when the change was shown."""
    versions = " ".join(f"{share.edition.id}:{share.edition.version}" for share in shares[1:])
    return hashlib.sha256(versions.encode()).hexdigest()[:16]


def carry_out(
    edition: Edition, values: Mapping[str, Any], scope: Scope, seen_version: int, seen_others: str
) -> list[Share]:
    """Save the change of all editions, or of none; returns what it did."""
    others = coming_editions(edition, editions_of(edition.series), scope)
    for one in sorted([edition, *others], key=lambda row: row.id):
        lock(one)
    service.require_version(edition, seen_version)
    shares = plan(edition, values, scope)
    if scope is not Scope.THIS and seen(shares) != seen_others:
        raise Outdated(
            _("Somebody else has changed one of these editions in the meantime. Have another look.")
        )
    for share in shares:
        service.update(
            share.edition, share.values, share.edition.version, for_several=scope is not Scope.THIS
        )
    return [share for share in shares if share.changes]


def _share(other: Edition, edition: Edition, values: Mapping[str, Any], changes: Changes) -> Share:
    shared = {name: changes[name][1] for name in SHARED if name in changes and _can_have(other, name)}
    wanted = shared | _moved(other, edition, values)
    kept = {
        name: getattr(other, name)
        for name, value in wanted.items()
        if name in other.own_fields and not same(getattr(other, name), value)
    }
    own = {name: value for name, value in wanted.items() if name not in other.own_fields}
    try:
        impact = service.impact(other, own)
    except RuleBroken as broken:
        words = _("%(title)s: %(reason)s", title=other.title, reason=broken.message)
        raise RuleBroken(words, field=broken.field) from None
    return Share(other, own, impact.changes, impact.people, kept)


def _can_have(edition: Edition, name: str) -> bool:
    """Tell whether a value fits an edition: hours say nothing as long as no day is known."""
    return edition.start_date is not None or name not in HOURS


def _moved(other: Edition, edition: Edition, values: Mapping[str, Any]) -> dict[str, date | None]:
    """Return the days of another edition, moved by as many days as this one, and as long."""
    old, new = edition.start_date, values.get("start_date", edition.start_date)
    if other.start_date is None or old is None or new is None:
        return {}
    was, now = (edition.end_date or old) - old, (values.get("end_date", edition.end_date) or new) - new
    start = other.start_date + (new - old)
    length = now if now != was else (other.end_date or other.start_date) - other.start_date
    days = dict(zip(DATES, (start, start + length if length > timedelta() else None), strict=True))
    return {name: day for name, day in days.items() if not _same_day(other, name, day)}


def _same_day(edition: Edition, name: str, day: date | None) -> bool:
    stored = getattr(edition, name)
    return bool(stored == day) or (name == "end_date" and day is None and stored == edition.start_date)
