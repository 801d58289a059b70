"""eventhub's processes as the production form starts them, on a database of the test."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from flask import Flask
from sqlalchemy import select

from config import Settings
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from tests.needs import ROOT
from tests.running import own_environment


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Return the variables that make a process work on the same data."""
    usual = {
        "INSTANCE": str(settings.instance),
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "MAIL_SERVER": settings.mail_server or "",
        "MAIL_PORT": str(settings.mail_port),
        "LOG_FORMAT": "json",
        "RATE_LIMITS": "off",
    }
    return own_environment(**usual | more)


@dataclass
class Running:
    """One process and where it writes its log."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def stop(self, seconds: float = 30) -> int:
        """Ask it to end, as a supervisor does."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


@contextmanager
def running(settings: Settings, folder: Path, *command: str, **more: str) -> Iterator[Running]:
    """Run `python -m …` for the length of the block."""
    log = folder / f"{command[-1].strip('-')}-{time.monotonic_ns()}.log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment(settings, **more),
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Running(process, log)
        finally:
            process.kill()


def states(app: Flask) -> list[MessageState]:
    """Return the state of every mail, in their order."""
    with app.app_context():
        found = list(db.session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)))
        db.session.remove()
        return found


def answers(url: str) -> bool:
    """Tell whether a page is there."""
    try:
        with urlopen(url, timeout=5) as page:
            return bool(page.status == 200)
    except OSError:
        return False
