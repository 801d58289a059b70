"""Many people at once: a load generator that does what people do, with so many requests in flight.

Whoever has registered looks at their own page a moment later and chooses sessions; who comes next registers.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.drill_setting import Setting

FORM = "/drill/1/register"
CITIES = ("Berlin", "Stuttgart", "Hamburg", "Köln", "Leipzig")
HIDDEN = re.compile(rb'name="(csrf_token|once_key)"[^>]*value="([^"]+)"')
COOKIE = re.compile(rb"set-cookie: ([^=\r\n]+)=([^;\r\n]*)", re.IGNORECASE)
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
PATIENCE = 60.0
"""Seconds after which an answer is as good as none."""

OFFERED = b'name="slot"'
"""What stands in a page that lets people choose sessions."""

TRIES = 400
"""How often a patient person tries, with a short pause in between."""


@dataclass(slots=True)
class Person:
    """Somebody who wants to come; the seed decides what they answer."""

    number: int
    role: int
    path: str = ""
    """The address of their own page, once they have one."""
    has_chosen: bool = False
    """They have chosen sessions in the form already."""
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"person{self.number}@example.org"


@dataclass
class Answers:
    """What became of requests of one kind: when each was answered (seconds) and how long it took (ms)."""

    moments: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def add(self, status: int, began: float) -> None:
        now = time.perf_counter()
        self.moments.append(now)
        self.times.append(1000 * (now - began))
        self.statuses[status] = self.statuses.get(status, 0) + 1


class Unexpected(Exception):
    """An answer that nobody at a browser could go on with."""


class _Connection(asyncio.Protocol):
    """One keep-alive connection; a request waits for the answer to the one before."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.answer: asyncio.Future[tuple[int, bytes, bytes]] | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.open = transport, True

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(error or ConnectionResetError("closed in the middle of an answer"))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.buffer[:end])
        length = LENGTH.search(head)
        whole = end + 4 + (int(length[1]) if length else 0)
        if len(self.buffer) < whole:
            return
        body = bytes(self.buffer[end + 4 : whole])
        del self.buffer[:whole]
        if self.answer and not self.answer.done():
            self.answer.set_result((int(head[9:12]), head, body))

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await asyncio.wait_for(self.answer, PATIENCE)


class Browser:
    """Sends the requests of whoever's turn it is, over a connection for each person."""

    def __init__(self, port: int, log: dict[str, Answers]) -> None:
        self.port, self.log = port, log
        self.connection: _Connection | None = None

    async def ask(
        self, kind: str, person: Person, path: str, form: Iterable[tuple[str, str]] | None = None
    ) -> tuple[int, bytes]:
        """Ask once."""
        if self.connection is None or not self.connection.open:
            loop = asyncio.get_running_loop()
            _transport, self.connection = await loop.create_connection(_Connection, "127.0.0.1", self.port)
        body = urlencode(list(form)).encode() if form is not None else b""
        head = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if person.cookies:
            head.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in person.cookies.items()))
        if form is not None:
            head += [
                f"Origin: http://127.0.0.1:{self.port}",
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
            ]
        began = time.perf_counter()
        status, answered, page = await self.connection.ask("\r\n".join([*head, "", ""]).encode() + body)
        self.log.setdefault(kind, Answers()).add(status, began)
        for name, value in COOKIE.findall(answered):
            person.cookies[name.decode()] = value.decode()
        return status, page

    def leave(self) -> None:
        """Close the connection; the next person comes with another."""
        if self.connection is not None:
            self.connection.transport.close()
            self.connection = None


class Crowd:
    """Everybody who takes part, and what they do."""

    def __init__(self, setting: Setting, port: int, people: int, in_flight: int) -> None:
        lot = random.Random(42)
        roles = lot.choices(list(setting.roles), list(setting.roles.values()), k=people)
        self.people = [Person(number, role) for number, role in enumerate(roles)]
        self.by_email = {person.email: person for person in self.people}
        self.setting, self.port, self.in_flight = setting, port, in_flight
        self.patient = False
        """Whether people try again when the server is gone for a moment."""
        self.log: dict[str, Answers] = {}
        self.failures: list[str] = []
        self.journeys: list[float] = []
        """When each journey was complete: registered, own page seen, sessions chosen."""

    async def arrive(
        self, people: Iterable[Person], known: Callable[[], Iterable[tuple[str, str]]], every: float = 0.2
    ) -> None:
        """Let people register and then visit their own pages; `known` tells whose page has which address."""
        coming, registered = deque(people), deque[Person]()
        missing = len(coming)

        async def learn() -> None:
            while missing:
                for email, path in await asyncio.to_thread(lambda: list(known())):
                    person = self.by_email[email]
                    person.path = path
                    registered.append(person)
                await asyncio.sleep(every)

        async def take_turns(browser: Browser) -> None:
            nonlocal missing
            while missing:
                if registered:
                    missing -= 1
                    await self._safely(self._visit, browser, registered.popleft())
                elif coming:
                    person = coming.popleft()
                    if not await self._safely(self._register, browser, person):
                        missing -= 1
                else:
                    await asyncio.sleep(0.05)

        await asyncio.gather(learn(), *(take_turns(browser) for browser in self._browsers()))

    async def act(self, people: Iterable[Person], what: str) -> None:
        """Let people press a button of their own page: `cancel` or `coming`."""
        waiting = deque(people)

        async def press(browser: Browser, person: Person) -> None:
            _status, page = await self._expect(200, browser, f"{what} page", person, person.path)
            form = [("csrf_token", dict(_hidden(page))["csrf_token"])]
            await self._expect(303, browser, what, person, f"{person.path}{what}", form)

        async def take_turns(browser: Browser) -> None:
            while waiting:
                await self._safely(press, browser, waiting.popleft())

        await asyncio.gather(*(take_turns(browser) for browser in self._browsers()))

    async def arrive_steadily(self, people: Iterable[Person], per_second: float) -> None:
        """Let people register at a steady pace, whatever the answers take."""
        free = list(self._browsers())
        running: set[asyncio.Task[None]] = set()
        start = time.perf_counter()

        async def one(person: Person) -> None:
            browser = free.pop() if free else Browser(self.port, self.log)
            await self._safely(self._register, browser, person)
            free.append(browser)

        for number, person in enumerate(people):
            await asyncio.sleep(max(0.0, start + number / per_second - time.perf_counter()))
            task = asyncio.create_task(one(person))
            running.add(task)
            task.add_done_callback(running.discard)
        if running:
            await asyncio.wait(running)

    def _browsers(self) -> list[Browser]:
        return [Browser(self.port, self.log) for _ in range(self.in_flight)]

    async def _safely(
        self, what: Callable[[Browser, Person], Awaitable[None]], browser: Browser, person: Person
    ) -> bool:
        reason = ""
        for attempt in range(TRIES if self.patient else 1):
            await asyncio.sleep(0.3 if attempt else 0)
            try:
                await what(browser, person)
            except (Unexpected, OSError, TimeoutError) as error:
                reason = f"{person.email}: {type(error).__name__} {error}"
            else:
                return True
            finally:
                browser.leave()
        self.failures.append(reason)
        return False

    async def _register(self, browser: Browser, person: Person) -> None:
        _status, page = await self._expect(200, browser, "form", person, FORM)
        picks = self._picks(person) if _chooses_at_once(person) else []
        for _attempt in range(TRIES):  # what became full while the form was open is waited for
            form = [*_hidden(page), *self._typed(person)]
            if picks and OFFERED in page:  # nobody chooses while there is no place in the meeting
                form += _ticked(page, picks)
                person.has_chosen = True
            status, page = await self._expect((303, 422), browser, "register", person, FORM, form)
            if status == 303:
                return
        raise Unexpected("register goes on refusing")

    async def _visit(self, browser: Browser, person: Person) -> None:
        await self._expect(200, browser, "own page", person, person.path)
        picks = self._picks(person)
        if picks and not person.has_chosen:
            await self._choose(browser, person, picks)
        self.journeys.append(time.perf_counter())

    async def _choose(self, browser: Browser, person: Person, picks: list[int]) -> None:
        """Choose sessions; one that became full while the page was open is waited for."""
        path = f"{person.path}sessions"
        status, page = await self._expect(200, browser, "sessions", person, path)
        token = dict(_hidden(page)).get("csrf_token")
        while token and status != 303:  # whoever is on the waitlist has nothing to choose yet
            form = [("csrf_token", token), *_ticked(page, picks)]
            status, page = await self._expect((303, 422), browser, "choose", person, path, form)

    async def _expect(
        self,
        status: int | tuple[int, ...],
        browser: Browser,
        kind: str,
        person: Person,
        path: str,
        form: Iterable[tuple[str, str]] | None = None,
    ) -> tuple[int, bytes]:
        found, page = await browser.ask(kind, person, path, form)
        if found not in (status if isinstance(status, tuple) else (status,)):
            raise Unexpected(f"{kind} answers {found}")
        return found, page

    def _typed(self, person: Person) -> list[tuple[str, str]]:
        lot = random.Random(person.number)
        typed = [
            ("name", f"Änne Beispiel {person.number}"),
            ("email", person.email),
            ("organisation", "Labor"),
            ("note", ""),
            ("consent", "y"),
            ("role", str(person.role)),
        ]
        said = {"short_text": lot.choice(CITIES), "number": str(lot.randint(0, 40)), "long_text": "Neugier."}
        for key, kind, options in self.setting.questions:
            if kind == "several_of":
                typed += [(f"q{key}", option) for option in lot.sample(options, 2)]
            else:
                typed.append((f"q{key}", said.get(kind) or lot.choice(options or ["yes", "no"])))
        return typed

    def _picks(self, person: Person) -> list[int]:
        """Return two sessions at different times for one person in three; half choose them in the form."""
        if person.number % 3:
            return []
        lot = random.Random(-person.number)
        return [lot.choice(at_once) for at_once in lot.sample(self.setting.sessions, 2)]


def _chooses_at_once(person: Person) -> bool:
    return person.number % 2 == 0


def _hidden(page: bytes) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in HIDDEN.findall(page)]


def _ticked(page: bytes, picks: Iterable[int]) -> list[tuple[str, str]]:
    """Tick sessions as the page offers them now."""
    return [("slot", f"{key}w" if f'value="{key}w"'.encode() in page else str(key)) for key in picks]
