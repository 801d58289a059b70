"""One run of a job: it ends in time for the other jobs, and lets people at their browsers go first."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST = 20.0
"""Seconds after which a job gives way; a provider's limit can make the mails of one moment last for hours."""
GENEROSITY = 20
"""People go first for at most so many times as long as the last piece of work took, so that it gets on."""
REST = 2
"""While people are about, each piece of work is followed by so many times as long without any."""
ABOUT = 1.0
"""Seconds for which people count as being about after somebody was seen waiting."""
STEP = 0.001


def nobody_waits() -> bool:
    return False


class Turn:
    """Asked by the job before each piece of work."""

    def __init__(
        self,
        stopping: Callable[[], bool],
        seconds: float = LONGEST,
        people_wait: Callable[[], bool] = nobody_waits,
    ) -> None:
        self._stopping, self._people_wait = stopping, people_wait
        self._end = time.monotonic() + seconds
        self._begun = time.thread_time()
        self._last_seen: float | None = None
        self.cut_short = False

    def __call__(self) -> bool:
        self._let_people_go_first()
        if time.monotonic() >= self._end:
            self.cut_short = True
        return self.cut_short or self._stopping()

    def _let_people_go_first(self) -> None:
        """Leave the interpreter to requests of the same process: it runs one thread at a time."""
        worked = time.thread_time() - self._begun
        if self._last_seen is not None and time.monotonic() - self._last_seen < ABOUT:
            time.sleep(REST * worked)  # whoever comes now finds the interpreter and the database free
        end = time.monotonic() + GENEROSITY * worked
        while self._people_wait() and time.monotonic() < end:
            self._last_seen = time.monotonic()
            time.sleep(STEP)
        self._begun = time.thread_time()
