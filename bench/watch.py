"""Watching the processes of a drill: memory, processor time, and mails that left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from bench.processes import children, cpu_seconds, memory_mb, named

EVERY = 2.0
STEP = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """What about a thousand registrations cost, the last of which is `number`."""

    number: int
    cost: float
    """Milliseconds of processor time for each, of web and database."""
    database: float
    """The database's part."""
    crowd: float
    """What the load generator needed for each, whose work is always the same: how slow the machine is now."""


@dataclass(frozen=True, slots=True)
class _Look:
    moment: float
    number: int
    spent: float
    database: float
    crowd: float


class Watch:
    """Looks every two seconds at processes, their children, and the database server where it is one."""

    def __init__(
        self, processes: dict[str, int], registered: Callable[[], int], database: str | None = None
    ) -> None:
        self.processes, self.registered, self.database = processes, registered, database
        self.memory: dict[str, list[float]] = {name: [] for name in processes}
        self.looks: list[_Look] = []
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
        database = sum(cpu_seconds(one) for one in named(self.database)) if self.database else 0.0
        number = self.registered()
        now = time.perf_counter()
        self.looks.append(_Look(now, number, spent + database, database, time.process_time()))

    def mailing_seconds(self) -> float:
        """Return the processor time of the process that sends mails, so far."""
        return cpu_seconds(self.processes.get("worker") or next(iter(self.processes.values())))

    def most_memory(self) -> dict[str, float]:
        return {name: max(series) for name, series in self.memory.items()}

    def cost_curve(self, span: tuple[float, float]) -> list[Step]:
        """Return what registrations cost, for each thousand of them."""
        looks = [look for look in self.looks if span[0] <= look.moment <= span[1]]
        step = min(STEP, max(1, looks[-1].number // 12))
        curve, before = [], looks[0]
        for look in looks:
            number = look.number - before.number
            if number >= step:
                spent = (
                    look.spent - before.spent,
                    look.database - before.database,
                    look.crowd - before.crowd,
                )
                curve.append(Step(look.number, *(1000 * seconds / number for seconds in spent)))
                before = look
        return curve
