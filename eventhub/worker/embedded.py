"""The worker as a thread next to the web server: nothing else to install or to start."""

from __future__ import annotations

import atexit
from collections.abc import Callable

from flask import Flask

from eventhub.worker.loop import Worker
from eventhub.worker.turns import nobody_waits

EXTENSION = "eventhub.worker"


def start_worker(app: Flask, people_wait: Callable[[], bool] = nobody_waits) -> None:
    """Start the worker of this process, which lets people go first; a second call changes nothing."""
    if EXTENSION in app.extensions:
        return
    worker = Worker(app, people_wait=people_wait)
    app.extensions[EXTENSION] = worker
    worker.start()
    atexit.register(stop_worker, app)


def stop_worker(app: Flask) -> None:
    """Stop it when the mail in hand is done."""
    worker: Worker | None = app.extensions.pop(EXTENSION, None)
    if worker is not None:
        worker.stop()
