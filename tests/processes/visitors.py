"""People who register over HTTP, while the server may die at any moment."""

import re
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

FORM = "/labcamp/11/register"
HIDDEN = re.compile(r'name="(csrf_token|once_key)"[^>]*? value="([^"]+)"')


def ask(port: int, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str, str]:
    """Send one request and return status, cookie and text; raises OSError or HTTPException if cut off."""
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        return answer.status, cookie, answer.read().decode()


def register(port: int, email: str) -> int:
    """Open the form and send it, as a browser does; return the last status."""
    _status, cookie, page = ask(port, "GET", FORM)
    typed = {"name": "Änne Beispiel", "email": email, "organisation": "Labor", "consent": "y"}
    return ask(port, "POST", FORM, urlencode(dict(HIDDEN.findall(page)) | typed), cookie)[0]


class Crowd:
    """People who come one after the other through several doors, whether the server is there or not."""

    def __init__(self, port: int, address: Callable[[int], str], doors: int = 4) -> None:
        self.accepted: list[str] = []
        self.refused: list[str] = []
        self._port, self._address = port, address
        self._numbers = iter(range(1_000_000))
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._doors = [threading.Thread(target=self._come) for _ in range(doors)]

    def __enter__(self) -> "Crowd":
        for door in self._doors:
            door.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closed.set()
        for door in self._doors:
            door.join()

    def wait_for(self, many: int, seconds: float = 60) -> None:
        """Wait until so many more are accepted."""
        wanted, end = len(self.accepted) + many, time.monotonic() + seconds
        while len(self.accepted) < wanted:
            assert time.monotonic() < end, "nobody is accepted any more"
            time.sleep(0.01)

    def _come(self) -> None:
        while not self._closed.is_set():
            with self._lock:
                email = self._address(next(self._numbers))
            with suppress(OSError, HTTPException):
                status = register(self._port, email)
                (self.accepted if status == 303 else self.refused).append(email)
                continue
            time.sleep(0.05)
