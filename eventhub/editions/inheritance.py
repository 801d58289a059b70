"""What editions of a series have in common, and what is set for one of them alone; pure.

An edition keeps every value in its own row. `own_fields` names those that were set for it alone: changes of
several editions leave them. Everything else is as in the edition before that has it from its series, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from eventhub.editions.models import Edition

SHARED = (
    "description",
    "language",
    "zone",
    "start_time",
    "end_time",
    "mode",
    "venue_name",
    "venue_address",
    "venue_city",
    "venue_directions",
    "venue_access",
    "join_url",
    "join_details",
    "joining_counts",
    "capacity",
    "takes_registrations",
    "choose_days",
    "reconfirm_days",
    "release_days",
    "admission",
    "visibility",
)
DATES = ("start_date", "end_date")
"""Each edition has its own day; changes of several move it by as many days."""
_EMPTY = (None, "")


def place_in_series(edition: Edition) -> tuple[bool, date, bool, int, int]:
    """Return the key by which editions follow each other: by day, those without one last, by number."""
    return (
        edition.start_date is None,
        edition.start_date or date.max,
        edition.number is None,
        edition.number or 0,
        edition.id,
    )


def source_of(edition: Edition, name: str, editions: Iterable[Edition]) -> Edition | None:
    """Return the edition whose value this one would have: the nearest before it, else the nearest after."""
    here = place_in_series(edition)
    others = [one for one in editions if one.id != edition.id and name not in one.own_fields]
    before = [one for one in others if place_in_series(one) < here]
    if before:
        return max(before, key=place_in_series)
    return min(others, key=place_in_series, default=None)


def differs(edition: Edition, name: str, editions: Sequence[Edition]) -> bool:
    """Tell whether an edition has another value than it would have from its series."""
    source = source_of(edition, name, editions)
    return source is not None and not same(getattr(edition, name), getattr(source, name))


def same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one in _EMPTY and other in _EMPTY)


def is_detached(edition: Edition) -> bool:
    """Tell whether no change of several editions reaches this one."""
    return set(edition.own_fields).issuperset((*SHARED, *DATES))
