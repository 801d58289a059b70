"""Whether and how somebody may register now, for the main action of a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import Window, closes_at, is_over, window


@dataclass(frozen=True, slots=True)
class Admission:
    window: Window
    full: bool
    """No place is free for the next person: somebody waits already, or all places are taken."""
    free: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    over: bool
    cancelled: bool

    @property
    def open(self) -> bool:
        return self.window is Window.OPEN


def admission_of(edition: Edition, now: datetime, *, over: bool | None = None) -> Admission:
    """Say what a page offers to somebody who wants to come; `over` where the series tells more."""
    free = edition.free_places
    return Admission(
        window=window(edition, now),
        full=free is not None and (free <= 0 or edition.waiting_count > 0),
        free=None if free is None else max(0, free),
        opens_at=edition.registration_opens_at,
        closes_at=closes_at(edition),
        over=is_over(edition, now) if over is None else over,
        cancelled=edition.state is EditionState.CANCELLED,
    )
