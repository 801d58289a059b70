"""The web server of one process: waitress, with connections that outlive a 304."""

from __future__ import annotations

import gc
import os
from typing import Any

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

THREADS = 4
COLLECTING = (10_000, 20, 50)
"""So many new objects until Python looks for circles among them, and so many looks until it looks further."""
WAITING = 2
"""Requests that may wait for a thread before new visitors wait at the door."""


class _Task(WSGITask):  # type: ignore[misc]
    """Keeps the connection after a 304, which waitress ends although it has no body (RFC 9112 6.3)."""

    def set_close_on_finish(self) -> None:
        asked = self.request.headers.get("CONNECTION", "").lower()
        if self.has_body or self.version != "1.1" or asked == "close":
            super().set_close_on_finish()


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task


class _Server(TcpWSGIServer):  # type: ignore[misc]
    """Lets new visitors wait at the socket while people who are in, with a form half filled, are answered."""

    channel_class = _Channel

    def readable(self) -> bool:
        return super().readable() and len(self.task_dispatcher.queue) < WAITING

    @property
    def is_answering(self) -> bool:
        """Whether a request is being answered or waits for a thread."""
        return bool(self.task_dispatcher.active_count or self.task_dispatcher.queue)


def server_for(app: Flask, host: str, port: int, **adjustments: Any) -> Any:
    """Return a waitress server that is ready to `run()`, on the first address of the host."""
    wanted = Adjustments(host=host, port=port, threads=THREADS, ident=None, **adjustments)
    return _Server(app, map={}, adj=wanted, sockinfo=wanted.listen[0])


def stay_on_one_core(turn: int) -> None:
    """Keep this process, and all threads that it starts from now on, on one of the processor's cores.

    The threads of one interpreter run in turn anyway. Where each turn may be on another core it finds cold
    caches, and a registration costs half as much again. `turn` spreads several processes over the cores; the
    system moves everything else out of the way.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[turn % len(cores)]})


def collect_seldom() -> None:
    """Spare what lives until the process ends the search for circles of objects, and search less often.

    Modules, mappers and templates are some hundred thousand objects. Looking through them again and again
    costs a registration a fifth of its time; what a request leaves behind goes without, but for few circles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTING)
