"""The broker between web processes, beat and workers: it carries "look now" and nothing else.

The database is the queue. So a message that gets lost costs seconds, and while the broker is away the web
processes go on and every worker looks by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from flask import Flask

from eventhub.mail.outbox import doorbell

if TYPE_CHECKING:
    from celery import Celery

GATHER = 0.4
"""Seconds between two messages of one process: mails of one moment go together."""
TRUCE = 5.0
"""Seconds without another try after the broker did not answer."""
PATIENCE = 3.0

logger = logging.getLogger(__name__)


def unreachable(url: str) -> str | None:
    """Say in a few words why the broker can't be used; None if it can."""
    from kombu import Connection  # noqa: PLC0415 - only installations with a broker have it

    connection = Connection(url, connect_timeout=PATIENCE, transport_options={"socket_timeout": PATIENCE})
    try:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
    except Exception as error:  # each kind of broker has errors of its own
        return f"does not answer: {type(error).__name__}"
    finally:
        connection.release()
    return None


class Messenger:
    """Passes the doorbell on to the workers, in a thread: no request ever waits for the broker."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._thread = threading.Thread(target=self._run, name="messenger", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        while True:
            doorbell.wait()
            doorbell.clear()
            time.sleep(GATHER if self._send() else TRUCE)

    def _send(self) -> bool:
        try:
            self._celery.send_task("eventhub.deliver_mail", retry=False, expires=60)
        except Exception as error:  # each kind of broker has errors of its own
            logger.warning("the broker can't be told of new mail: %s", type(error).__name__)
            return False
        return True


def start_messenger(app: Flask) -> None:
    """Tell the workers about new mail of this process, where there is a broker."""
    if app.config["SETTINGS"].broker_url:
        from eventhub.worker.celery import celery_for  # noqa: PLC0415 - as above

        Messenger(celery_for(app)).start()
