"""The small drill while processes are killed: `make kills` does it 50 times, and writes bench/killed.json.

People come, and every other second a process that serves them or sends their mails is ended with kill -9.
Afterwards everybody who was told that they are registered must be so, once, and have their mails: each once,
or again with the same Message-ID.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from bench import drill_checks
from bench.drill import JOURNEYS, Drill, database
from bench.processes import ROOT, children, running, wait_for

PAUSES = 0.1, 1.6
"""Shortest and longest time (seconds) between a start and the next kill."""
RESULTS = ROOT / "bench" / "killed.json"
REPEATED = "mails_repeated"
"""Mails that left again because a process died before it could note it: the same bytes, one Message-ID."""


class Unkillable:
    """A command that is started again whenever it is killed."""

    def __init__(self, *command: str, env: dict[str, str], ready: str | None = None) -> None:
        self._command, self._env, self._ready = command, {**os.environ, **env}, ready
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *self._command],
            cwd=ROOT,
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if self._ready:
            wait_for(self._ready)

    def kill(self, lot: random.Random) -> None:
        """Kill a child, where it has some (it replaces them by itself), or else the only process."""
        family = children(self.process.pid)
        if family:
            with suppress(ProcessLookupError):
                os.kill(lot.choice(family), signal.SIGKILL)
            return
        self.process.kill()
        self.process.wait()
        self.start()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


class KilledDrill(Drill):
    """A drill in which nothing may rely on living long."""

    def __init__(self, kind: str, folder: Path, url: str, people: int, kills: int) -> None:
        super().__init__(kind, folder, url, people)
        self.crowd.patient = True
        self.kills = kills
        self.killed = 0

    @contextmanager
    def mortals(self) -> Iterator[list[Unkillable]]:
        """Run the processes of an installation of this form."""
        home = f"http://127.0.0.1:{self.port}/imprint"
        serve = ("-m", "eventhub", "serve", "--port", str(self.port))
        gunicorn = ("-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "wsgi:app")
        with running("-m", "bench.sink", str(self.sink_port), str(self.names)):
            mortals = [
                Unkillable(*(serve if self.kind == "sqlite" else gunicorn), env=self.environment, ready=home)
            ]
            if self.kind != "sqlite":
                mortals.append(Unkillable("-m", "eventhub", "worker", env=self.environment))
            yield mortals
            for one in mortals:
                one.stop()

    def run_killed(self) -> dict[str, int]:
        """Let people come, cancel and be told of a move; return what was counted afterwards."""
        began = time.monotonic()
        with self.mortals() as mortals:
            reaper = threading.Thread(target=self._kill, args=[mortals], daemon=True)
            reaper.start()
            crowd = self.crowd.people
            self._timed("registering", self.crowd.arrive(crowd, self._known))
            self._timed("cancelling", self.crowd.act([one for one in crowd[::7] if one.path], "cancel"))
            self._do("moving", self._move)
            reaper.join()
            while self._unsent():
                time.sleep(0.2)
        found = drill_checks.broken(self.app, self.setting, self.crowd, self.names)
        self.disconnect()
        found[REPEATED] = found.pop("mails_doubled")
        return {
            "people": self.people,
            "kills": self.killed,
            **found,
            "seconds": round(time.monotonic() - began),
        }

    def _kill(self, mortals: list[Unkillable]) -> None:
        lot = random.Random()
        while self.killed < self.kills:
            time.sleep(lot.uniform(*PAUSES))
            lot.choice(mortals).kill(lot)
            self.killed += 1


def broken(counted: Mapping[str, int]) -> dict[str, int]:
    """Return what must not be."""
    harmless = {"people", "kills", "seconds", REPEATED}
    return {name: number for name, number in counted.items() if name not in harmless and number}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=800)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--database", choices=[*JOURNEYS, "both"], default="both")
    chosen = parser.parse_args()
    document = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    kinds = JOURNEYS if chosen.database == "both" else [chosen.database]
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            drill = KilledDrill(kind, Path(folder), url, chosen.people, chosen.kills)
            document[kind] = drill.run_killed()
            print(f"{kind}: {document[kind]} {drill.crowd.failures[:5]}")
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 1 if any(broken(document[kind]) for kind in kinds) else 0


if __name__ == "__main__":
    raise SystemExit(main())
