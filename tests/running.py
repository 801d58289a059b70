"""eventhub as its operators run it: a process of its own, started with the one command."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.needs import ROOT

PATIENCE = 60.0
"""Seconds that a start may take on a machine that is busy with other tests."""


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_environment(**settings: str) -> dict[str, str]:
    """Return the environment without this machine's settings of eventhub, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EVENTHUB_")}
    return inherited | {f"EVENTHUB_{name}": value for name, value in settings.items()}


class Server:
    """One running `eventhub serve` and what it says."""

    def __init__(self, instance: Path, port: int | None = None, **settings: str) -> None:
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.started = time.monotonic()
        self._environment = own_environment(INSTANCE=str(instance), **settings) | {"PORT": str(self.port)}
        self._said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "eventhub", "serve"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def said(self) -> str:
        return "".join(self._said)

    @property
    def first_sign_in_link(self) -> str:
        """Return the link that the start printed; it works once."""
        found = re.search(r"^organiser +(\S+)$", self.said, re.MULTILINE)
        assert found, self.said
        return found[1]

    def new_sign_in_link(self) -> str:
        """Ask for one more link, as an operator does; tests that share a server need one each."""
        command = [sys.executable, "-m", "eventhub", "accounts", "sign-in-link", "organiser@localhost"]
        asked = subprocess.run(
            command, cwd=ROOT, env=self._environment, check=True, capture_output=True, text=True
        )
        return asked.stdout.strip()

    def receive(self, content: bytes) -> None:
        """Hand a mail over, as a mail server does."""
        command = [sys.executable, "-m", "eventhub", "mail", "receive"]
        subprocess.run(command, cwd=ROOT, env=self._environment, check=True, input=content)

    def wait(self) -> None:
        """Wait for the first page."""
        while time.monotonic() < self.started + PATIENCE:
            if self.process.poll() is not None:
                raise AssertionError(f"eventhub ended with {self.process.returncode}: {self.said}")
            try:
                with urlopen(f"{self.address}/", timeout=PATIENCE):
                    return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"eventhub does not answer: {self.said}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return how the process ended."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self, seconds: float = 30.0) -> int:
        """Wait for the end of the process and return its code."""
        code = self.process.wait(seconds)
        self._listener.join(5)
        return code

    def kill(self) -> None:
        """End it as a power cut would."""
        self.stop(signal.SIGKILL)

    def _listen(self) -> None:
        assert self.process.stdout
        with self.process.stdout as output:
            self._said.extend(output)


@contextmanager
def serving(instance: Path, port: int | None = None, **settings: str) -> Iterator[Server]:
    """Run eventhub for the length of the block."""
    server = Server(instance, port, **settings)
    try:
        server.wait()
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()
