"""The web server of one process: waitress, with connections that outlive a 304."""

from __future__ import annotations

from typing import Any

from flask import Flask
from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

THREADS = 8


class _Task(WSGITask):  # type: ignore[misc]
    """Keeps the connection after a 304, which waitress ends although it has no body (RFC 9112 6.3)."""

    def set_close_on_finish(self) -> None:
        asked = self.request.headers.get("CONNECTION", "").lower()
        if self.has_body or self.version != "1.1" or asked == "close":
            super().set_close_on_finish()


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task


def server_for(app: Flask, host: str, port: int, **adjustments: Any) -> Any:
    """Return a waitress server that is ready to `run()`."""
    server = create_server(app, host=host, port=port, threads=THREADS, ident=None, **adjustments)
    server.channel_class = _Channel
    return server
