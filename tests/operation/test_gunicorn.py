"""Several web processes under gunicorn: counted together, and none drops whom it has let in."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from config import Settings
from tests.mail.post_office import wait_until
from tests.operation.processes import answers, running
from tests.processes import visitors
from tests.registration.samples import add_edition
from tests.running import free_port

TOKEN = "a token that only Prometheus knows"
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


def gunicorn(port: int) -> tuple[str, ...]:
    return ("gunicorn", f"--bind=127.0.0.1:{port}", "wsgi:app")


def people(settings: Settings) -> list[str]:
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        found = list(connection.scalars(text("SELECT email FROM registration")))
    engine.dispose()
    return found


def test_told_to_stop_it_answers_whom_it_has_let_in(
    app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_edition(app)
    monkeypatch.setattr(visitors, "FORM", "/lab/5/register")
    port, accepted = free_port(), []

    def come(number: int) -> None:
        email = f"person-{number}@lab.example"
        with suppress(OSError, HTTPException):
            if visitors.register(port, email) == 303:
                accepted.append(email)

    with running(settings, tmp_path, *gunicorn(port), METRICS_TOKEN=TOKEN, EMBEDDED_WORKER="off") as web:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), seconds=60)
        with ThreadPoolExecutor(8) as crowd:
            for number in range(200):
                crowd.submit(come, number)
            while len(accepted) < 20:
                assert web.process.poll() is None, web.said
            assert web.stop() == 0
    assert 20 <= len(accepted) < 200
    assert sorted(people(settings)) == sorted(accepted)


def test_processes_are_counted_together_and_log_as_json(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    add_edition(app)
    port = free_port()
    with running(settings, tmp_path, *gunicorn(port), METRICS_TOKEN=TOKEN, EMBEDDED_WORKER="off") as web:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), seconds=60)
        for _ in range(40):
            with urlopen(f"http://127.0.0.1:{port}/lab/5/register", timeout=30):
                pass
        asked = Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        with urlopen(asked, timeout=30) as answer:
            page = answer.read().decode()
        assert web.stop() == 0
        said = [json.loads(line) for line in web.said.splitlines()]
    assert 'eventhub_request_seconds_count{endpoint="registration.register",status="200"} 40.0' in page
    assert sum(line.get("endpoint") == "registration.register" for line in said) == 40
