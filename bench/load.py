"""A small load generator: keep-alive connections on loopback, bounded in time, one request in flight each."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Load:
    """What a run of requests brought: answers by status, bytes, and how long each took (seconds)."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    received: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds if self.seconds else 0.0

    def only(self, status: int) -> bool:
        return set(self.statuses) == {status}


class _Connection(asyncio.Protocol):
    """Sends the same request again as soon as its answer is complete, until the deadline."""

    def __init__(self, request: bytes, deadline: float, load: Load, done: asyncio.Future[None]) -> None:
        self.request, self.deadline, self.load, self.done = request, deadline, load, done
        self.buffer = bytearray()
        self.missing: int | None = None
        self.status = 0
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self.sent_at = time.perf_counter()
        if self.sent_at >= self.deadline:
            self.transport.close()
            return
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.load.received += len(data)
        if self.missing is None:
            self.buffer += data
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.buffer[:end]).lower()
            self.status = int(head[9:12])
            self.missing = _length(head, self.status) - (len(self.buffer) - end - 4)
            self.buffer.clear()
        else:
            self.missing -= len(data)
        if self.missing <= 0:
            self._finish()

    def _finish(self) -> None:
        self.missing = None
        self.load.statuses[self.status] = self.load.statuses.get(self.status, 0) + 1
        self.load.times.append(time.perf_counter() - self.sent_at)
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes, status: int) -> int:
    if status in (204, 304):
        return 0
    start = head.find(b"\r\ncontent-length:")
    return int(
        head[start + 17 : head.find(b"\r\n", start + 2) if head.find(b"\r\n", start + 2) > 0 else None]
    )


def get(port: int, path: str, seconds: float, connections: int = 8, **headers: str) -> Load:
    """Ask for one page for `seconds` over several connections."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: */*"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    return asyncio.run(_run(port, request, seconds, connections))


async def _run(port: int, request: bytes, seconds: float, connections: int) -> Load:
    loop = asyncio.get_running_loop()
    load, start = Load(), time.perf_counter()
    waiting = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        waiting.append(done)
        await loop.create_connection(
            lambda done=done: _Connection(request, start + seconds, load, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    await asyncio.wait_for(asyncio.gather(*waiting), seconds + 30)
    load.seconds = time.perf_counter() - start
    return load
