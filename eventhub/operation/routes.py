"""Puts what operators look at in front of the application."""

from __future__ import annotations

from flask import Flask

from eventhub.operation import requests
from eventhub.operation.pages import pages
from eventhub.operation.probes import Probes


def init_app(app: Flask) -> None:
    """Answer the probes, and watch the requests where somebody wants to know about them."""
    metrics = None
    if app.config["SETTINGS"].metrics_token:
        from eventhub.operation.metrics import Metrics  # noqa: PLC0415 - only those who ask pay for it

        metrics = Metrics()
    requests.init_app(app, metrics)
    app.register_blueprint(pages)
    app.wsgi_app = Probes(app, metrics)  # type: ignore[method-assign]
