"""How the one command starts and ends."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPException
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from sqlite3 import connect
from urllib.request import urlopen

import pytest

from tests.needs import ROOT
from tests.processes.visitors import register
from tests.running import free_port, own_environment, serving

LATER_START = 6
"""Times the processor time of loading the libraries alone; nothing else takes time at a start."""
LIBRARIES = "import alembic, flask, flask_migrate, flask_sqlalchemy, flask_wtf, icalendar, sqlalchemy"


def emails(instance: Path) -> list[str]:
    with closing(connect(instance / "eventhub.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT email FROM registration ORDER BY id")]


def processor_seconds_of_children() -> float:
    """Return what all ended processes have used that this one started."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
def test_a_newcomer_gets_three_lines_and_a_first_page(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert re.fullmatch(
            rf"eventhub   {server.address}/\n"
            rf"organiser  {server.address}/manage/sign-in/[\w-]{{20,}}\n"
            rf"mail       nowhere: read it at {server.address}/mailbox\n",
            server.said,
        )
        with urlopen(f"{server.address}/", timeout=30) as page:
            assert "LabCamp #11" in page.read().decode()
        assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_later_start_is_quick_and_keeps_all_data(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert register(server.port, "ada@example.org") == 303
        assert server.stop() == 0
    before = processor_seconds_of_children()
    with serving(tmp_path) as server:
        assert server.stop() == 0
    started = processor_seconds_of_children()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    libraries = processor_seconds_of_children() - started
    assert emails(tmp_path) == ["ada@example.org"]
    assert started - before < LATER_START * libraries


@pytest.mark.slow
def test_being_asked_to_stop_it_answers_whom_it_has_let_in(tmp_path: Path) -> None:
    answered: list[str] = []

    def come(port: int, number: int) -> None:
        email = f"person-{number}@example.org"
        with suppress(OSError, HTTPException):
            if register(port, email) == 303:
                answered.append(email)

    with serving(tmp_path, RATE_LIMITS="off") as server, ThreadPoolExecutor(12) as crowd:
        for number in range(60):
            crowd.submit(come, server.port, number)
        while len(answered) < 10:
            assert server.process.poll() is None
        server.process.terminate()
        assert server.ended(10) == 0
    assert 10 <= len(answered) < 60
    assert sorted(emails(tmp_path)) == sorted(answered)


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting",
    [
        "COLOUR=red",
        "DATABASE_URL=sqlite:////nowhere/at/all.sqlite",
        "DATABASE_URL=postgresql://127.0.0.1:1/nothing",
        "INSTANCE=/dev/null/folder",
    ],
)
def test_an_impossible_setting_stops_the_start_with_one_line(tmp_path: Path, setting: str) -> None:
    name, value = setting.split("=", 1)
    ended = start(tmp_path, free_port(), **{name: value})
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert re.fullmatch(rf"eventhub: EVENTHUB_{name}\b.*\n", ended.stderr)


@pytest.mark.slow
def test_a_port_in_use_stops_the_start_with_one_line(tmp_path: Path) -> None:
    with serving(tmp_path / "first") as server:
        ended = start(tmp_path / "second", server.port)
    assert ended.returncode == 1
    assert re.fullmatch(rf"eventhub: PORT {server.port} can not be used: .*\n", ended.stderr)
    assert not (tmp_path / "second" / "eventhub.sqlite").exists()


def start(instance: Path, port: int, **settings: str) -> subprocess.CompletedProcess[str]:
    """Try to start eventhub and return what came of it."""
    environment = own_environment(**{"INSTANCE": str(instance), **settings}) | {"PORT": str(port)}
    command = [sys.executable, "-m", "eventhub", "serve"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
