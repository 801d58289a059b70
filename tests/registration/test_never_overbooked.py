"""Ten places, sixty-four people at once, in processes of their own: through the service and through HTTP."""

from __future__ import annotations

import multiprocessing
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from multiprocessing.synchronize import Barrier
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import ROOT, Settings
from eventhub.app import create_app
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration
from tests.registration.samples import add_edition, signed_up

PEOPLE = 64
PLACES = 10
PROCESSES = 4

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]


def check(app: Flask, edition_id: int) -> None:
    """Compare counters, rows, order and mails after the rush."""
    with app.app_context():
        edition = db.session.get_one(Edition, edition_id)
        rows = db.session.scalars(select(Registration).order_by(Registration.id)).all()
        assert len(rows) == PEOPLE
        assert sum(row.state == "confirmed" for row in rows) == PLACES == edition.taken_count
        assert edition.waiting_count == PEOPLE - PLACES
        waiting = sorted(row.place_in_line for row in rows if row.place_in_line is not None)
        assert waiting == list(range(1, PEOPLE - PLACES + 1))
        mails = db.session.execute(
            select(OutboxMessage.kind, func.count())
            .where(OutboxMessage.registration_id.is_not(None))
            .group_by(OutboxMessage.kind)
        )
        assert dict(tuple(row) for row in mails) == {"confirmed": PLACES, "waitlisted": PEOPLE - PLACES}


def take_part(settings: Settings, edition_id: int, numbers: range, start: Barrier) -> None:
    """Register a few people, beginning at the same moment as the other processes."""
    app = create_app(settings)
    with app.app_context():
        start.wait(60)
        for number in numbers:
            signed_up(edition_id, number)
            db.session.remove()


def test_sixty_four_processes_worth_of_people_get_ten_places(app: Flask, settings: Settings) -> None:
    edition_id = add_edition(app, capacity=PLACES)
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(PROCESSES)
    shares = [range(first, PEOPLE, PROCESSES) for first in range(PROCESSES)]
    processes = [
        spawn.Process(target=take_part, args=(settings, edition_id, share, start)) for share in shares
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    check(app, edition_id)


class Server(NamedTuple):
    port: int
    process: subprocess.Popen[bytes]


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    """Run gunicorn with three processes on the test's database."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    environment = {name: text for name, text in os.environ.items() if not name.startswith("EVENTHUB_")}
    environment |= {
        "EVENTHUB_INSTANCE": str(settings.instance),
        "EVENTHUB_DATABASE_URL": settings.database_url,
        "EVENTHUB_SECRET_KEY": settings.secret_key,
        "EVENTHUB_BASE_URL": f"http://127.0.0.1:{port}",
        "EVENTHUB_RATE_LIMITS": "off",
        "EVENTHUB_EMBEDDED_WORKER": "off",
    }
    command = [sys.executable, "-m", "gunicorn", "--workers=3", "--threads=4", f"--bind=127.0.0.1:{port}"]
    with subprocess.Popen(
        [*command, "wsgi:app"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(port, process)
            yield Server(port, process)
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert process.poll() is None, "the server did not start"
        try:
            assert ask(port, "GET", "/lab/5/register")[0] == 200
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not answer")


def ask(port: int, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str, str]:
    """Send one request and return status, cookie and text."""
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        return answer.status, cookie, answer.read().decode()


def fill_in(port: int, number: int) -> int:
    """Open the form and send it, as a browser does."""
    _status, cookie, page = ask(port, "GET", "/lab/5/register")
    hidden = dict(re.findall(r'name="(csrf_token|once_key)"[^>]*? value="([^"]+)"', page))
    typed = {"name": f"Person {number}", "email": f"person{number}@lab.example", "consent": "y"}
    try:
        return ask(port, "POST", "/lab/5/register", urlencode(hidden | typed), cookie)[0]
    except HTTPException:
        return 0


def test_sixty_four_browsers_get_ten_places(
    app: Flask, settings: Settings, request: pytest.FixtureRequest
) -> None:
    edition_id = add_edition(app, capacity=PLACES)
    server: Server = request.getfixturevalue("server")
    with ThreadPoolExecutor(32) as browsers:
        statuses = list(browsers.map(lambda number: fill_in(server.port, number), range(PEOPLE)))
    assert statuses == [303] * PEOPLE
    check(app, edition_id)
