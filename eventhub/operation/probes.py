"""/healthz, /readyz and /metrics: answered in front of everything else.

So they need no host name that we trust, no session and no language, and they answer while a page can't.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.wrappers import Response

from eventhub.extensions import db
from eventhub.operation import health

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from eventhub.operation.metrics import Metrics

KEPT_FOR = 2.0
"""Seconds that an answer about readiness stands, so that asking often costs nothing."""


class Probes:
    """The pages for machines that watch over us."""

    def __init__(self, app: Flask, metrics: Metrics | None) -> None:
        self._app = app
        self._application: WSGIApplication = app.wsgi_app
        self._token = app.config["SETTINGS"].metrics_token or ""
        self._lock = Lock()
        self._checked_at = float("-inf")
        self._checks: list[health.Check] = []
        self._answers: dict[str, Callable[[WSGIEnvironment], Response]] = {
            "/healthz": self._health,
            "/readyz": self._readiness,
        }
        if metrics:
            self._answers["/metrics"] = partial(self._numbers, metrics)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._answers.get(environ.get("PATH_INFO", ""))
        if answer is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        response = answer(environ)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response(environ, start_response)

    def _health(self, _environ: WSGIEnvironment) -> Response:
        return Response("ok\n", mimetype="text/plain")

    def _readiness(self, _environ: WSGIEnvironment) -> Response:
        found = self._fresh_checks()
        ready = all(check.well for check in found)
        words = {check.name: f"{'ok' if check.well else 'FAIL'}: {check.words}" for check in found}
        body = json.dumps({"ready": ready, **words}, indent=2) + "\n"
        return Response(body, 200 if ready else 503, mimetype="application/json")

    def _fresh_checks(self) -> list[health.Check]:
        with self._lock:
            if time.monotonic() - self._checked_at > KEPT_FOR:
                with self._app.app_context():
                    self._checks = health.checks()
                    db.session.remove()
                self._checked_at = time.monotonic()
            return self._checks

    def _numbers(self, metrics: Metrics, environ: WSGIEnvironment) -> Response:
        given = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(given.encode("latin-1", "replace"), self._token.encode()):
            return Response("", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
        with self._app.app_context():
            return Response(metrics.page(), content_type=metrics.content_type)
