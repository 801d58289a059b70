"""In a rush new visitors wait at the door, and people who are in are answered before them."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from eventhub.web.server import server_for
from tests.needs import ROOT
from tests.running import free_port, own_environment

SLOW = 0.4
"""Seconds that each new visitor keeps a thread."""
VISITORS = 24


def slow_app() -> Flask:
    """Return an application one page of which takes its time."""
    app = Flask("slow")

    @app.get("/")
    def quick() -> str:
        return "quick"

    @app.get("/slow")
    def slow() -> str:
        time.sleep(SLOW)
        return "slow"

    return app


@contextmanager
def _waitress(_folder: Path) -> Iterator[int]:
    server = server_for(slow_app(), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield int(server.effective_port)
    server.task_dispatcher.shutdown()
    server.close()


@contextmanager
def _gunicorn(folder: Path) -> Iterator[int]:
    port = free_port()
    options = [
        f"--bind=127.0.0.1:{port}",
        "--workers=1",
        f"--chdir={ROOT}",
        f"--config={ROOT}/gunicorn.conf.py",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, "tests.web.test_door:slow_app()"],
        cwd=ROOT,
        env=own_environment(INSTANCE=str(folder)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _ask(connection: http.client.HTTPConnection, path: str = "/") -> str:
    connection.request("GET", path)
    return connection.getresponse().read().decode()


def _let_in(port: int) -> http.client.HTTPConnection:
    """Return a connection over which somebody has been answered already."""
    for _attempt in range(300):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            assert _ask(connection) == "quick"
        except OSError:
            time.sleep(0.1)
        else:
            return connection
    raise AssertionError("the server does not start")


@pytest.mark.parametrize("served", [_waitress, pytest.param(_gunicorn, marks=pytest.mark.slow)])
def test_people_who_are_in_do_not_stand_behind_new_visitors(served: object, tmp_path: Path) -> None:
    with served(tmp_path) as port:  # type: ignore[operator]
        inside = _let_in(port)
        visitors = []
        for _number in range(VISITORS):
            visitor = socket.create_connection(("127.0.0.1", port), timeout=60)
            visitor.sendall(b"GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            visitors.append(visitor)
        time.sleep(SLOW / 4)
        began = time.monotonic()
        assert _ask(inside) == "quick"
        waited = time.monotonic() - began
        # behind all the others it would take a turn for each of the threads
        assert waited < 3 * SLOW
        assert all(_is_answered(visitor) for visitor in visitors)
        inside.close()


def _is_answered(visitor: socket.socket) -> bool:
    with visitor, visitor.makefile("rb") as answer:
        return answer.read().endswith(b"slow")
