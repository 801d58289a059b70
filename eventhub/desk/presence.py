"""Who was there, as the organiser's lists say it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from eventhub import clock
from eventhub.editions.models import Edition
from eventhub.presence.models import Presence, Way
from eventhub.presence.queries import number_by_day, presences_of
from eventhub.web import times
from eventhub.web.languages import lazy_gettext as _l

WAYS = {Way.JOIN_LINK: _l("join link"), Way.CHECK_IN: _l("check-in"), Way.WALK_IN: _l("at the door")}


@dataclass(frozen=True)
class Present:
    """How many were there on which day, and what a list says of each person; empty before the first."""

    zone: str
    days: dict[date, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.days)

    def words_of(self, registration_ids: Collection[int]) -> dict[int, str]:
        """Return when and how these people were there, by the key of the registration."""
        if not self:
            return {}
        found = presences_of(registration_ids)
        return {key: ", ".join(self._words(row) for row in _days(rows)) for key, rows in found.items()}

    def _words(self, row: Presence) -> str:
        return f"{times.day_short(row.day)} {times.local(row.at, self.zone):%H:%M} ({WAYS[row.way]})"


def present_at(edition: Edition) -> Present:
    """Return who was there; before its first day nobody was, so nothing is asked."""
    if edition.start_date is None or times.local(clock.now(), edition.zone).date() < edition.start_date:
        return Present(edition.zone)
    return Present(edition.zone, number_by_day(edition))


def _days(rows: Sequence[Presence]) -> list[Presence]:
    return [row for row in rows if row.slot_id is None]
