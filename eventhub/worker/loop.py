"""The loop that runs the jobs, in a thread: next to a web server or alone in a process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from flask import Flask

from eventhub.extensions import db
from eventhub.mail.outbox import doorbell
from eventhub.worker.jobs import JOBS, Job
from eventhub.worker.turns import Turn, nobody_waits
from eventhub.worker.watch import Watch

LOOK = 1.0
"""Seconds between two looks at the clock when nobody rings."""
GATHER = 0.4
"""Seconds between the ring and the work: mails of one moment go together, at a fraction of the cost."""
TRUCE = 10.0
"""Seconds that a job rests after it failed."""
STOP_TIMEOUT = 30.0
"""Seconds that the mail in hand may take when the worker is told to stop."""

logger = logging.getLogger(__name__)


class Worker:
    """Runs every job when it is due or when the doorbell rings, one after the other."""

    def __init__(
        self, app: Flask, jobs: Sequence[Job] = JOBS, people_wait: Callable[[], bool] = nobody_waits
    ) -> None:
        self._app, self._people_wait = app, people_wait
        self._next = dict.fromkeys(jobs, 0.0)
        self._watch = Watch()
        self._sends = app.config["SETTINGS"].mail_server is not None
        self._stop = threading.Event()
        # A thread's own join() believes that it has ended when a signal interrupts the wait.
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = STOP_TIMEOUT) -> None:
        """Let the work in hand be finished, then end the thread."""
        self._stop.set()
        doorbell.set()
        if self._thread.ident is not None:
            self._ended.wait(timeout)
            self._thread.join(1)

    def wait(self) -> None:
        """Block until the thread ends; short waits, so that signals get through."""
        while not self._ended.wait(0.5):
            pass

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._ended.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            rung = doorbell.wait(LOOK)
            if rung and self._sends:
                self._stop.wait(GATHER)
            doorbell.clear()
            for job in self._next:
                if not self._stop.is_set() and ((rung and job.on_doorbell) or self._is_due(job)):
                    self._do(job)

    def _is_due(self, job: Job) -> bool:
        return time.monotonic() >= self._next[job]

    def _do(self, job: Job) -> None:
        pause = job.seconds
        turn = Turn(self._stop.is_set, people_wait=self._people_wait)
        with self._app.app_context():
            try:
                if self._watch.look() or not job.by_time:
                    job.run(turn)
            except Exception:  # one bad moment, such as a database that restarts, must not end the worker
                logger.exception("job %s failed", job.name)
                pause = max(pause, TRUCE)
            finally:
                db.session.remove()
        self._next[job] = time.monotonic() + (0 if turn.cut_short else pause)


def run_forever(app: Flask) -> None:
    """Work in the foreground until a signal ends the process, then finish the mail in hand."""
    worker = Worker(app)
    worker.start()
    try:
        worker.wait()
    except (KeyboardInterrupt, SystemExit):
        logger.info("the worker was asked to stop")
    finally:
        worker.stop()
