"""What every request leaves behind: an id, a line in the log, and its time for the metrics."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from eventhub.operation.logs import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from eventhub.operation.metrics import Metrics

GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
logger = logging.getLogger("eventhub.requests")


@dataclass(slots=True)
class Passing:
    """One request on its way; what never reaches a view was answered by a cache in front of it."""

    endpoint: str = "cached"
    status: str = "500"


_passing: ContextVar[Passing | None] = ContextVar("passing", default=None)


class Requests:
    """Outermost of all: sees every request, also those that never reach Flask."""

    def __init__(
        self, application: WSGIApplication, *, metrics: Metrics | None, log: bool, believe_id: bool
    ) -> None:
        self._application = application
        self._metrics = metrics
        self._log = log
        self._believe_id = believe_id

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name, passing = self._name(environ), Passing()
        began = time.perf_counter()
        tokens = request_id.set(name), _passing.set(passing)

        def begin(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            passing.status = status[:3]
            return start_response(status, [*headers, ("X-Request-Id", name)], exc_info)

        try:
            return self._application(environ, begin)
        finally:
            self._note(environ, passing, time.perf_counter() - began)
            request_id.reset(tokens[0])
            _passing.reset(tokens[1])

    def _name(self, environ: WSGIEnvironment) -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._believe_id else ""
        return given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)

    def _note(self, environ: WSGIEnvironment, passing: Passing, seconds: float) -> None:
        if environ.get("PATH_INFO", "").startswith("/static/"):
            passing.endpoint = "static"
        if self._metrics:
            self._metrics.observe(passing.endpoint, passing.status, seconds)
        if self._log:  # never the path: it may hold a secret
            facts = {
                "method": environ["REQUEST_METHOD"],
                "endpoint": passing.endpoint,
                "status": int(passing.status),
                "ms": round(seconds * 1000, 1),
            }
            logger.info("request", extra=facts)


def _remember_endpoint() -> None:
    passing = _passing.get()
    if passing:
        passing.endpoint = request.endpoint or "unknown"


def init_app(app: Flask, metrics: Metrics | None) -> None:
    """Watch the requests where the log or the metrics want to know about them."""
    settings = app.config["SETTINGS"]
    log = settings.log_format == "json"
    if not log and metrics is None:
        return
    app.before_request_funcs.setdefault(None, []).insert(0, _remember_endpoint)
    app.wsgi_app = Requests(  # type: ignore[method-assign]
        app.wsgi_app, metrics=metrics, log=log, believe_id=settings.proxy_hops > 0
    )
