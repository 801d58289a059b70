"""Starting the SMTP server process and reading what arrived there."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

SERVER = Path(__file__).with_name("smtp_server.py")


@dataclass(frozen=True)
class Delivered:
    """One mail as the server took it."""

    sender: str
    recipient: str
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


@dataclass(frozen=True)
class PostOffice:
    """Where a running server listens, and what it has taken so far."""

    port: int
    folder: Path

    def delivered(self) -> list[Delivered]:
        """Return the mails in the order of their arrival."""
        return [_read(path) for path in sorted(self.folder.glob("*.mail"))]

    def recipients(self) -> list[str]:
        return [one.recipient for one in self.delivered()]


def _read(path: Path) -> Delivered:
    sender, recipient, content = path.read_bytes().split(b"\n", 2)
    return Delivered(sender.decode(), recipient.decode(), content)


@contextmanager
def open_post_office(folder: Path) -> Iterator[PostOffice]:
    """Run the server in a process of its own."""
    folder.mkdir()
    command = [sys.executable, str(SERVER), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield PostOffice(int(process.stdout.readline()), folder)
        finally:
            process.kill()


def wait_until(true: Callable[[], object], seconds: float = 15) -> None:
    """Wait for something another process or thread does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
