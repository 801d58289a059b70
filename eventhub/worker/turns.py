"""One run of a job, which ends when the worker shall stop or when the other jobs have waited long enough."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST = 20.0
"""Seconds after which a job gives way; a provider's limit can make the mails of one moment last for hours."""


class Turn:
    """Asked by the job before each piece of work."""

    def __init__(self, stopping: Callable[[], bool], seconds: float = LONGEST) -> None:
        self._stopping = stopping
        self._end = time.monotonic() + seconds
        self.cut_short = False

    def __call__(self) -> bool:
        if time.monotonic() >= self._end:
            self.cut_short = True
        return self.cut_short or self._stopping()
