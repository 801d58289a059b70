"""The measurements, one function per group of figures."""

from __future__ import annotations

import gzip
import re
import smtplib
import statistics
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from flask import Flask

from bench import answers, journeys, load
from bench.processes import ROOT, cpu_seconds, free_port, memory_mb, running, wait_for
from bench.seed import seed
from config import Settings, load_settings
from eventhub.app import create_app
from eventhub.calendars.blocks import event_block
from eventhub.database import transaction
from eventhub.editions.queries import visible_edition
from eventhub.registration.applicants import Applicant
from eventhub.registration.service import register
from eventhub.replies.jobs import work_off_received

EDITION = "/big/1/"
CALENDAR = "/big/1/calendar.ics"
LONG_CALENDAR = "/long/1/calendar.ics"
FEED = "/many/calendar.ics"
ROUNDS = 3


class Report(Protocol):
    def add(
        self, name: str, value: float, unit: str, goal: str, met: bool, ratio: float | None = None
    ) -> None: ...


class Bench:
    """A seeded instance in a folder, and the applications and servers that use it."""

    def __init__(self, folder: Path, key: str, seconds: float) -> None:
        self.folder, self.seconds = folder, seconds
        self.key = key
        self.port = free_port()
        self.app: Flask = create_app(self.settings())
        seed(self.app)

    def env(self, **more: str) -> dict[str, str]:
        return {
            "EVENTHUB_INSTANCE": str(self.folder),
            "EVENTHUB_SECRET_KEY": self.key,
            "EVENTHUB_RATE_LIMITS": "off",
            "EVENTHUB_BASE_URL": f"http://127.0.0.1:{self.port}",
            **more,
        }

    def settings(self) -> Settings:
        return load_settings(self.env(), self.folder)

    @contextmanager
    def server(self, **more: str) -> Iterator[int]:
        """Run eventhub as an operator would; yields its process id."""
        with running("-m", "eventhub", "serve", "--port", str(self.port), env=self.env(**more)) as process:
            wait_for(f"http://127.0.0.1:{self.port}/imprint")
            yield process.pid


def pages(report: Report, bench: Bench) -> None:
    """Requests per second of cached pages, in turn with the reference."""
    hello_port = free_port()
    tag = ""
    wanted: dict[str, tuple[str, float, int]] = {
        "edition_page_100_slots": (EDITION, 0.70, 200),
        "edition_page_304": (EDITION, 0.80, 304),
        "calendar_100_slots": (CALENDAR, 0.70, 200),
        "feed_200_editions": (FEED, 0.70, 200),
    }
    with running("-m", "bench.hello", str(hello_port)), bench.server():
        wait_for(f"http://127.0.0.1:{hello_port}/")
        with urllib.request.urlopen(f"http://127.0.0.1:{bench.port}{EDITION}") as answer:
            tag = answer.headers["ETag"]
        rates: dict[str, list[float]] = {name: [] for name in wanted}
        hello: list[float] = []
        for _ in range(ROUNDS):
            hello.append(load.get(hello_port, "/", bench.seconds).per_second)
            for name, (path, _goal, status) in wanted.items():
                headers = {"If_None_Match": tag} if status == 304 else {"Accept_Encoding": "gzip"}
                result = load.get(bench.port, path, bench.seconds, **headers)
                if not result.only(status):
                    raise AssertionError(f"{path}: {result.statuses}")
                rates[name].append(result.per_second)
    report.add("hello_world", statistics.median(hello), "requests/s", "the reference", True, 1.0)
    for name, (_path, goal, _status) in wanted.items():
        ratio = statistics.median(rate / base for rate, base in zip(rates[name], hello, strict=True))
        report.add(
            name, statistics.median(rates[name]), "requests/s", f"≥ {goal:.0%} of hello", ratio >= goal, ratio
        )


def uncached(report: Report, bench: Bench) -> None:
    """Server time of pages that nothing was kept of, as processor time of the application alone."""
    for name, path in {
        "edition_page_uncached": EDITION,
        "calendar_uncached": CALENDAR,
        "feed_uncached": FEED,
    }.items():
        value = _server_time(bench, path, fresh=True)
        report.add(name, value, "ms", "≤ 15 ms", value <= 15)
    value = _server_time(bench, LONG_CALENDAR, fresh=True, before=event_block.cache_clear)
    report.add("calendar_500_slots_uncached", value, "ms", "≤ 150 ms", value <= 150)
    value = _server_time(bench, LONG_CALENDAR, fresh=False)
    report.add("calendar_500_slots_cached", value, "ms", "≤ 3 ms", value <= 3)


def _server_time(bench: Bench, path: str, *, fresh: bool, before: Callable[[], None] = lambda: None) -> float:
    """Return the median of what an answer costs; with `fresh` no page that was kept is of use."""
    client = bench.app.test_client()
    times = []
    for turn in range(25):
        before()
        address = f"{path}?fresh={turn}" if fresh else path
        start = time.process_time()
        answer = client.get(address, base_url=f"http://127.0.0.1:{bench.port}")
        times.append(time.process_time() - start)
        assert answer.status_code == 200, (path, answer.status)
    return 1000 * statistics.median(times[5:])


def journey(report: Report, bench: Bench) -> None:
    """Processor time of the server for form, registration, own page and the mail."""
    hello_port, sink_port = free_port(), free_port()
    count = 40 if bench.seconds < 2 else 100
    with (
        running("-m", "bench.sink", str(sink_port)),
        running("-m", "bench.hello", str(hello_port)) as hello,
        bench.server(EVENTHUB_MAIL_SERVER="127.0.0.1", EVENTHUB_MAIL_PORT=str(sink_port)) as server,
    ):
        wait_for(f"http://127.0.0.1:{hello_port}/")
        _journeys(bench, "warm", 20)
        costs, ratios = [], []
        for turn in range(ROUNDS):
            ours, theirs = cpu_seconds(server), cpu_seconds(hello.pid)
            _journeys(bench, f"person{turn}-", count, visited_between=hello_port)
            costs.append(1000 * (cpu_seconds(server) - ours) / count)
            ratios.append(costs[-1] / (1000 * (cpu_seconds(hello.pid) - theirs) / (3 * count)))
    cost, ratio = statistics.median(costs), statistics.median(ratios)
    report.add("registration_journey", cost, "ms CPU", "≤ 18 ms", cost <= 18, ratio)
    report.add("registration_journey_in_hellos", ratio, "requests", "≤ 35", ratio <= 35)


def _journeys(bench: Bench, who: str, count: int, visited_between: int | None = None) -> None:
    """Let people register one after the other.

    Between two of them the reference gets as many requests in the same way: then both find the processor's
    caches as cold, and both notice alike when the machine becomes slower.
    """
    for number in range(count):
        email = f"{who}{number}@example.org"
        visitor = journeys.Visitor(bench.port)
        visitor.register(email)
        status, _page = visitor.ask("GET", journeys.own_page(bench.app, email))
        assert status == 200, status
        visitor.connection.close()
        if visited_between is not None:
            _visit(visited_between)
    until(lambda: journeys.unsent(bench.app) == 0)


def _visit(port: int) -> None:
    visitor = journeys.Visitor(port)
    for _ in range(3):
        visitor.ask("GET", "/")
    visitor.connection.close()


def until(done: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for something that another process does."""
    start = time.perf_counter()
    while not done():
        if time.perf_counter() - start > seconds:
            raise TimeoutError("the outbox does not get empty")
        time.sleep(0.05)


def mails(report: Report, bench: Bench) -> None:
    """Mails rendered and handed over per second of one core by a worker process."""
    count = 200 if bench.seconds < 2 else 1000
    with bench.app.app_context():
        for number in range(count):
            with transaction():
                edition = visible_edition("open", "1")
                assert edition is not None
                applicant = Applicant(
                    name=f"Person {number}", email=f"mail{number}@example.org", language="de"
                )
                register(edition, applicant, f"bench-{number}")
    sink_port = free_port()
    with running("-m", "bench.sink", str(sink_port)):
        wait_for_port(sink_port)
        mail = {"EVENTHUB_MAIL_SERVER": "127.0.0.1", "EVENTHUB_MAIL_PORT": str(sink_port)}
        with running("-m", "eventhub", "worker", env=bench.env(**mail)) as worker:
            until(lambda: journeys.unsent(bench.app) < count)
            first, start, began = journeys.unsent(bench.app), cpu_seconds(worker.pid), time.perf_counter()
            until(lambda: journeys.unsent(bench.app) == 0)
            spent, wall = cpu_seconds(worker.pid) - start, time.perf_counter() - began
    rate = first / max(spent, 0.001)
    report.add("mails_per_core_second", rate, "mails/s CPU", "≥ 200/s per core", rate >= 200)
    report.add("mails_per_second", first / max(wall, 0.001), "mails/s", "for information", True)


def replies(report: Report, bench: Bench) -> None:
    """Answers of calendars worked off per second of one core; they were stored before."""
    count = 200 if bench.seconds < 2 else 1000
    with bench.app.app_context():
        answers.store(bench.app, count)
        start, began = time.process_time(), time.perf_counter()
        done = work_off_received()
        spent, wall = time.process_time() - start, time.perf_counter() - began
    assert done == count, done
    rate = count / max(spent, 0.001)
    report.add("replies_per_core_second", rate, "replies/s CPU", "≥ 200/s per core", rate >= 200)
    report.add("replies_per_second", count / max(wall, 0.001), "replies/s", "for information", True)


def wait_for_port(port: int) -> None:
    """Wait until a mail server answers."""
    for _ in range(200):
        try:
            smtplib.SMTP("127.0.0.1", port, timeout=2).quit()
        except OSError:
            time.sleep(0.02)
        else:
            return


def start_and_memory(report: Report, bench: Bench) -> None:
    """From the command to the first answer, and what web and worker hold when idle."""
    starts, memories = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        with bench.server() as pid:
            starts.append(time.perf_counter() - began)
            urllib.request.urlopen(f"http://127.0.0.1:{bench.port}{EDITION}").read()
            time.sleep(2)
            memories.append(memory_mb(pid))
    report.add(
        "start_to_first_answer", statistics.median(starts), "s", "≤ 2 s", statistics.median(starts) <= 2
    )
    memory = statistics.median(memories)
    report.add("idle_memory_web_and_worker", memory, "MB", "≤ 120 MB", memory <= 120)


def packages(report: Report, _bench: Bench) -> None:
    """Packages that `make run` installs, as the lock file lists them for Linux."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    # a package stands there once for each version of Python that needs another one
    names = {line.split("==")[0] for line in lines if re.match(r"[a-z0-9]", line) and "win32" not in line}
    report.add("packages_at_run_time", len(names), "packages", "≤ 45", len(names) <= 45)


def weight(report: Report, bench: Bench) -> None:
    """Compressed size of the edition page with all that it loads."""
    with bench.server():
        page, size = _fetch(bench.port, EDITION)
        for path in sorted(set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))):
            content, weight_of_it = _fetch(bench.port, path)
            size += weight_of_it
            for inner in (
                set(re.findall(r'url\("?(/static/[^")]+)', content)) if path.endswith(".css") else ()
            ):
                if "latin-ext" not in inner and inner not in page:
                    size += _fetch(bench.port, inner)[1]
    value = size / 1024
    report.add("edition_page_weight", value, "KB", "≤ 60 KB", value <= 60)


def _fetch(port: int, path: str) -> tuple[str, int]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
        plain = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
    return plain.decode("utf-8", "replace"), len(body)
