"""Measure the figures that eventhub promises: `make bench`, or `python -m bench --quick`."""

from __future__ import annotations

import json
import os
import platform
import secrets
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import figures
from bench.calendar_mails import calendar_mails
from bench.editor import editor
from bench.processes import ROOT

RESULTS = ROOT / "bench" / "results.json"


@dataclass
class Figure:
    """One measured figure; `ratio` is against the hello-world reference of the same run."""

    value: float
    unit: str
    goal: str
    met: bool
    ratio: float | None = None


class Run:
    """Collects figures and shows how far the run is."""

    def __init__(self, steps: int) -> None:
        self.figures: dict[str, Figure] = {}
        self.steps, self.step = steps, 0

    def advance(self, words: str) -> None:
        self.step += 1
        filled = round(30 * self.step / self.steps)
        sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {words:<50}")
        sys.stderr.flush()

    def add(
        self, name: str, value: float, unit: str, goal: str, met: bool, ratio: float | None = None
    ) -> None:
        self.figures[name] = Figure(
            round(value, 3), unit, goal, met, None if ratio is None else round(ratio, 3)
        )

    def write(self) -> None:
        sys.stderr.write("\n")
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        document = {
            "machine": machine,
            "figures": {name: asdict(figure) for name, figure in self.figures.items()},
        }
        RESULTS.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        for name, figure in self.figures.items():
            ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
            met = "met" if figure.met else "MISSED"
            print(f"{name:36}{figure.value:12.2f} {figure.unit:14}{ratio:>8}  {figure.goal:20}{met}")


def main() -> int:
    quick = "--quick" in sys.argv
    steps: list[Callable[[Run, figures.Bench], None]] = [
        figures.pages,
        figures.uncached,
        figures.journey,
        figures.mails,
        calendar_mails,
        editor,
        figures.replies,
        figures.start_and_memory,
        figures.packages,
        figures.weight,
    ]
    run = Run(len(steps) + 1)
    with tempfile.TemporaryDirectory() as folder:
        run.advance("seed")
        bench = figures.Bench(Path(folder), secrets.token_urlsafe(40), seconds=1.0 if quick else 4.0)
        for step in steps:
            run.advance(step.__name__.replace("_", " "))
            step(run, bench)
    run.write()
    return 0 if all(figure.met for figure in run.figures.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
