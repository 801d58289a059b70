"""The drill: 42,968 people register for one edition, 15 % cancel, it moves, and everybody is asked again.

`python -m bench.drill` runs it against PostgreSQL (gunicorn with two processes, one worker) and against
SQLite (one process), draws bench/drill.svg and writes bench/drill.json. `--people 800` makes it small,
`--database sqlite` runs one of the two.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from bench import drill_checks, load
from bench.__main__ import Figure
from bench.crowd import Answers, Crowd, Person
from bench.drill_picture import draw
from bench.drill_setting import PEOPLE, Setting, furnish
from bench.processes import ROOT, free_port, running, wait_for
from bench.watch import Step, Watch
from config import load_settings
from eventhub import clock
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration.models import Registration
from eventhub.tokens import derive
from tests.postgres import postgres_database

RESULTS, PICTURE = ROOT / "bench" / "drill.json", ROOT / "bench" / "drill.svg"
IN_FLIGHT = 64
MOST_AT_ONCE = 10_000
"""Keys of registrations that are looked for beyond the latest: more than come in between two looks."""
CANCEL_SHARE = 0.15
STEADY = 20
"""Registrations a second while POSTs are measured with and without mails leaving."""
JOURNEYS = {"postgresql": 80, "sqlite": 45}
MOST_MEMORY = 220
Timed = dict[str, float]


class Drill:
    """One run against one database."""

    def __init__(self, kind: str, folder: Path, url: str, people: int) -> None:
        self.kind, self.people, self.folder = kind, people, folder
        self.port, self.sink_port, self.hello_port = free_port(), free_port(), free_port()
        self.names = folder / "message-ids"
        self.environment = {
            "EVENTHUB_INSTANCE": str(folder),
            "EVENTHUB_DATABASE_URL": url,
            "EVENTHUB_SECRET_KEY": secrets.token_urlsafe(40),
            "EVENTHUB_RATE_LIMITS": "off",
            "EVENTHUB_BASE_URL": f"http://127.0.0.1:{self.port}",
            "EVENTHUB_MAIL_SERVER": "127.0.0.1",
            "EVENTHUB_MAIL_PORT": str(self.sink_port),
            "EVENTHUB_EMBEDDED_WORKER": "off" if kind == "postgresql" else "on",
        }
        self.app: Flask = create_app(load_settings(self.environment, folder))
        self.setting: Setting = furnish(self.app, people)
        self.crowd = Crowd(self.setting, self.port, people, IN_FLIGHT)
        self.figures: dict[str, Figure] = {}
        self.spans: dict[str, tuple[float, float]] = {}
        self.mailed: dict[str, tuple[int, float]] = {}
        """Number of mails and processor seconds of the process that sent them."""
        self.hello = 0.0
        self._seen: set[int] = set()
        """The keys of the latest registrations that are known already."""
        self._watch: Watch | None = None

    @contextmanager
    def site(self) -> Iterator[Watch]:
        """Run everything that an installation of this form runs, and watch its processes."""
        sink = running("-m", "bench.sink", str(self.sink_port), str(self.names))
        if self.kind == "sqlite":
            serve = ("-m", "eventhub", "serve", "--port", str(self.port))
            with sink, running(*serve, env=self.environment) as web:
                wait_for(f"http://127.0.0.1:{self.port}/imprint")
                with Watch({"web and worker": web.pid}, self._registered) as watch:
                    yield watch
            return
        gunicorn = ("-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "wsgi:app")
        with sink, running(*gunicorn, env=self.environment) as web:
            wait_for(f"http://127.0.0.1:{self.port}/imprint")
            with (
                running("-m", "eventhub", "worker", env=self.environment) as worker,
                Watch({"web": web.pid, "worker": worker.pid}, self._registered, database="postgres") as watch,
            ):
                yield watch

    def run(self, progress: Callable[[str], None]) -> None:
        """Go through all of it; the figures are in `figures` afterwards."""
        progress("reference")
        self.hello = self._reference()
        cancelling = random.Random(7).sample(range(self.people), round(CANCEL_SHARE * self.people))
        steady = min(400, self.people // 10)
        crowd = self.crowd.people
        early, quiet, busy = crowd[: -2 * steady], crowd[-2 * steady : -steady], crowd[-steady:]
        with self.site() as watch:
            self._watch = watch
            progress("registering")
            self._timed("registering", self.crowd.arrive(early, self._known))
            progress("mails of the registrations")
            self._wait_for_mails("mails of the registrations")
            progress("registering without mails beside")
            alone = self._steadily(quiet)
            self._wait_for_mails("mails of few")
            progress("15 % cancel")
            self._timed(
                "cancelling",
                self.crowd.act([crowd[at] for at in cancelling if crowd[at].path], "cancel"),
            )
            progress("the edition moves by 30 minutes")
            self._wait_for_mails("mails of cancelling")
            self._do("moving", self._move)
            progress("registering with mails beside")
            beside = self._steadily(busy)
            progress("mails about the move")
            self._wait_for_mails("mails about the move")
            progress("are you coming?")
            self._do("asking", self._ask_who_comes)
            self._wait_for_mails("mails that ask")
            self._timed("answering", self.crowd.act(self._silent(steady * 4), "coming"))
        progress("checking")
        self._judge(watch, alone, beside)
        self.disconnect()

    def disconnect(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def _judge(self, watch: Watch, alone: Answers, beside: Answers) -> None:
        span = self.spans["registering"]
        journeys = len(self.crowd.journeys) / (span[1] - span[0])
        goal = JOURNEYS[self.kind]
        self._add("journeys", journeys, "journeys/s", f"≥ {goal}", journeys >= goal, journeys / self.hello)
        posts = self.crowd.log["register"].times[: len(self.crowd.journeys)]
        p95 = statistics.quantiles(posts, n=20)[18]
        self._add("post_p95", p95, "ms", "≤ 250 ms at 64 in flight", p95 <= 250)
        self._add("post_median", statistics.median(posts), "ms", "for information", True)
        for name, number in drill_checks.broken(self.app, self.setting, self.crowd, self.names).items():
            self._add(name, number, "people", "0", number == 0)
        number, spent = self.mailed["mails about the move"]
        rate = number / max(spent, 0.01)
        self._add("mails_per_worker_core", rate, "mails/s", "≥ 200", rate >= 200)
        slower = 100 * (statistics.median(beside.times) / statistics.median(alone.times) - 1)
        self._add("post_slower_with_mails", slower, "%", "≤ 20 %", slower <= 20)
        for name, most in watch.most_memory().items():
            self._add(
                f"memory_{name.replace(' ', '_')}", most, "MB", f"≤ {MOST_MEMORY} MB", most <= MOST_MEMORY
            )
        curve = watch.cost_curve(span)
        # the machine is faster and slower by a quarter within minutes, and the load generator with it
        growth = _growth([step.cost / step.crowd for step in curve])
        self._add("cost_growth", growth, "%", "≤ 10 %, by the crowd's", growth <= 10)
        in_ms = _growth([step.cost for step in curve])
        self._add("cost_growth_in_ms", in_ms, "%", "for information", True)
        for name, values in (
            ("cost_per_registration", [step.cost for step in curve]),
            ("cost_in_database", [step.database for step in curve]),
        ):
            self._add(name, statistics.mean(values), "ms CPU", "for information", True)
        self.curve, self.memory = curve, watch.memory

    def _add(
        self, name: str, value: float, unit: str, goal: str, met: bool, ratio: float | None = None
    ) -> None:
        self.figures[name] = Figure(
            round(value, 3), unit, goal, bool(met), None if ratio is None else round(ratio, 4)
        )

    def _reference(self) -> float:
        with running("-m", "bench.hello", str(self.hello_port)):
            wait_for(f"http://127.0.0.1:{self.hello_port}/")
            return load.get(self.hello_port, "/", 4.0).per_second

    def _timed(self, name: str, what: object) -> None:
        self._do(name, lambda: asyncio.run(what))  # type: ignore[arg-type]

    def _do(self, name: str, what: Callable[[], object]) -> None:
        began = time.perf_counter()
        what()
        self.spans[name] = (began, time.perf_counter())

    def _steadily(self, people: list[Person]) -> Answers:
        before = len(self.crowd.log["register"].times)
        asyncio.run(self.crowd.arrive_steadily(people, STEADY))
        return Answers(times=self.crowd.log["register"].times[before:])

    def _registered(self) -> int:
        return len(self.crowd.log["register"].times) if "register" in self.crowd.log else 0

    def _known(self) -> list[tuple[str, str]]:
        """Return who has registered since the last call, with the address that their mail names."""
        with self.app.app_context():
            latest = max(self._seen, default=0)
            near = Registration.id.between(latest - 4 * IN_FLIGHT, latest + MOST_AT_ONCE)
            rows = db.session.execute(
                select(Registration.id, Registration.email_key, Registration.token_seed).where(near)
            ).all()
            db.session.rollback()
            # whoever got their key first need not be the first to get a place
            newer = [row for row in rows if row.id not in self._seen]
            self._seen = {row.id for row in rows} or self._seen
            return [(row.email_key, f"/my/{derive('manage', row.token_seed)}/") for row in newer]

    def _wait_for_mails(self, name: str) -> None:
        """Wait until every mail has left, and note what that took."""
        assert self._watch
        first, spent = self._unsent(), self._watch.mailing_seconds()

        def wait() -> None:
            while self._unsent():
                time.sleep(0.5)

        self._do(name, wait)
        self.mailed[name] = first, self._watch.mailing_seconds() - spent

    def _unsent(self) -> int:
        with self.app.app_context():
            waiting = OutboxMessage.state.in_([MessageState.WAITING, MessageState.SENDING])
            number = db.session.scalar(select(func.count()).where(waiting))
            db.session.rollback()
            return number or 0

    def _move(self) -> None:
        with self.app.app_context(), transaction():
            edition = db.session.get_one(Edition, self.setting.edition_id)
            later = {"start_time": "09:30", "end_time": "17:30"}
            values = {name: getattr(edition, name).replace(minute=30) for name in later}
            editions.update(edition, values, edition.version)

    def _ask_who_comes(self) -> None:
        """Let the worker's job ask, as it does so many days before the start."""
        with self.app.app_context():
            with transaction():
                db.session.get_one(Edition, self.setting.edition_id).reconfirm_days = 60
            asked = None
            while asked is None:
                time.sleep(0.5)
                db.session.rollback()
                asked = db.session.get_one(Edition, self.setting.edition_id).asked_to_reconfirm_at
            assert asked <= clock.now()

    def _silent(self, number: int) -> list[Person]:
        with self.app.app_context():
            silent = select(Registration.email_key).where(Registration.state == "confirmed").limit(number)
            return [
                self.crowd.by_email[email]
                for email in db.session.scalars(silent)
                if self.crowd.by_email[email].path
            ]


def _growth(costs: list[float]) -> float:
    """Return by how many percent the last are above the first, without the very first: it warms up."""
    return 100 * (statistics.mean(costs[-3:]) / statistics.mean(costs[1:4]) - 1)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Make an empty database and say where it is."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/eventhub.sqlite"
        return
    with postgres_database(f"eventhub_drill_{os.getpid()}") as url:
        yield url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--database", choices=[*JOURNEYS, "both"], default="both")
    chosen = parser.parse_args()
    kinds = list(JOURNEYS) if chosen.database == "both" else [chosen.database]
    document = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            drill = Drill(kind, Path(folder), url, chosen.people)
            drill.run(_progress(kind))
        document[kind] = {
            "people": chosen.people,
            "figures": {name: asdict(figure) for name, figure in drill.figures.items()},
            "seconds": {name: round(until - since, 1) for name, (since, until) in drill.spans.items()},
            "failures": drill.crowd.failures[:20],
            "cost_curve": [[one.number, *_rounded(one)] for one in drill.curve],
            "memory": {
                name: [round(mb) for mb in series[:: max(1, len(series) // 60)]]
                for name, series in drill.memory.items()
            },
        }
        _print(kind, document[kind])
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PICTURE.write_text(draw(document), encoding="utf-8")
    return 0 if all(one["met"] for kind in kinds for one in document[kind]["figures"].values()) else 1


def _rounded(step: Step) -> tuple[float, ...]:
    return round(step.cost, 2), round(step.database, 2), round(step.crowd, 3)


def _progress(kind: str) -> Callable[[str], None]:
    steps = 11
    done = iter(range(1, steps + 1))

    def say(words: str) -> None:
        filled = round(30 * next(done) / steps)
        sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {kind}: {words:<40}")
        sys.stderr.flush()

    return say


def _print(kind: str, result: dict[str, object]) -> None:
    figures = result["figures"]
    assert isinstance(figures, dict)
    print(f"\n{kind}, {result['people']} people, seconds: {result['seconds']}")
    for name, one in figures.items():
        ratio = "" if one["ratio"] is None else f"{one['ratio']:.4f}"
        met = "met" if one["met"] else "MISSED"
        print(f"{name:28}{one['value']:12.2f} {one['unit']:12}{ratio:>8}  {one['goal']:26}{met}")
    for failure in result["failures"]:  # type: ignore[attr-defined]
        print(f"  {failure}")


if __name__ == "__main__":
    raise SystemExit(main())
