"""Watching the processes of a drill: memory, processor time, and mails that left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from bench.processes import children, cpu_seconds, memory_mb, named

EVERY = 2.0
STEP = 1000


class Watch:
    """Looks every two seconds at processes, their children, and the database server where it is one."""

    def __init__(
        self, processes: dict[str, int], registered: Callable[[], int], database: str | None = None
    ) -> None:
        self.processes, self.registered, self.database = processes, registered, database
        self.memory: dict[str, list[float]] = {name: [] for name in processes}
        self.costs: list[tuple[float, int, float]] = []
        """Moment, registrations so far, processor seconds of web and database so far."""
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look_again, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _look_again(self) -> None:
        while not self._end.wait(EVERY):
            with suppress(OSError, ValueError):  # a process may end while it is looked at
                self._look()

    def _look(self) -> None:
        spent = 0.0
        for name, pid in self.processes.items():
            family = [pid, *children(pid)]
            self.memory[name].append(max(memory_mb(one) for one in family))
            if name != "worker":
                spent += sum(cpu_seconds(one) for one in family)
        if self.database:
            spent += sum(cpu_seconds(one) for one in named(self.database))
        self.costs.append((time.perf_counter(), self.registered(), spent))

    def mailing_seconds(self) -> float:
        """Return the processor time of the process that sends mails, so far."""
        return cpu_seconds(self.processes.get("worker") or next(iter(self.processes.values())))

    def most_memory(self) -> dict[str, float]:
        return {name: max(series) for name, series in self.memory.items()}

    def cost_curve(self, span: tuple[float, float]) -> list[tuple[int, float]]:
        """Return how many ms of processor time a registration cost, for each thousand of them."""
        looks = [(number, spent) for moment, number, spent in self.costs if span[0] <= moment <= span[1]]
        step = min(STEP, max(1, looks[-1][0] // 12))
        curve, (before, before_spent) = [], looks[0]
        for number, spent in looks:
            if number - before >= step:
                curve.append((number, 1000 * (spent - before_spent) / (number - before)))
                before, before_spent = number, spent
        return curve
