"""Whether the time of day can be believed: a wrong date must not end what nobody can bring back."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from eventhub import clock
from eventhub.database import transaction
from eventhub.history.service import SYSTEM, record

LEAP = timedelta(minutes=10)
"""Clocks are set right by seconds; whatever is further ahead than this may be a mistake."""
LEAPT = "clock.leapt"
"""The action under which the history keeps it for the doctor."""
REST = 600.0
"""Seconds after which the new time is believed: a computer that has slept has leapt as well, and is right."""

logger = logging.getLogger(__name__)


class Watch:
    """Compares the time of day with a clock that nobody can set."""

    def __init__(self) -> None:
        self._zero = _zero(clock.now(), time.monotonic())
        self._doubts_since: float | None = None

    def believes(self, now: datetime, ticks: float) -> bool:
        """Tell whether the time of day is one that can have come by itself since the last look."""
        zero = _zero(now, ticks)
        if zero - self._zero > LEAP:
            if self._doubts_since is None:
                self._doubts_since = ticks
            if ticks - self._doubts_since < REST:
                return False
        self._zero, self._doubts_since = zero, None
        return True

    def look(self) -> bool:
        """Do so with the clocks as they stand; say it in the log and to the doctor when doubt begins."""
        doubted = self._doubts_since is not None
        now, ticks = clock.now(), time.monotonic()
        believed = self.believes(now, ticks)
        if not believed and not doubted:
            _tell(_zero(now, ticks) - self._zero)
        return believed


def _zero(now: datetime, ticks: float) -> datetime:
    """Return what time it was when the other clock stood at 0."""
    return now - timedelta(seconds=ticks)


def _tell(leap: timedelta) -> None:
    logger.warning(
        "the clock leapt ahead by %d s; nothing is ended or erased for the next %d s",
        leap.total_seconds(),
        REST,
    )
    with transaction():
        record(LEAPT, actor=SYSTEM, seconds=round(leap.total_seconds()))
