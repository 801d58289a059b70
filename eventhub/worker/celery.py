"""Celery's worker and beat over the table of jobs: beat says when to look, workers look.

A task takes nothing along and returns nothing. It gives way after some seconds, so that it may be
acknowledged late however much there is to do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from celery import Celery, signals
from flask import Flask
from kombu import Queue

from eventhub.extensions import db
from eventhub.worker.jobs import JOBS, Job
from eventhub.worker.loop import Worker
from eventhub.worker.turns import Turn
from eventhub.worker.watch import Watch

SILENCE = 30.0
"""Seconds after which a worker that heard nothing looks by itself: beat or broker are away."""
THREADS = 4
QUEUE = "eventhub"
WORKER = [
    "--quiet",
    "worker",
    "--pool=threads",
    f"--concurrency={THREADS}",
    "--without-gossip",
    "--without-mingle",
]
BEAT = ["--quiet", "beat", "--scheduler=celery.beat:Scheduler", "--pidfile="]


class Errands:
    """The jobs of one worker process: one run of each at a time, and another if it was asked for."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._locks = {job.name: threading.Lock() for job in JOBS}
        self._wanted = {job.name: threading.Event() for job in JOBS}
        self._heard_at = time.monotonic()
        self._watch = Watch()
        self.stopping = threading.Event()

    def told(self, job: Job) -> None:
        """Run a job because the broker says so."""
        self._heard_at = time.monotonic()
        self.run(job)

    def unless_told(self, job: Job, _stopping: Callable[[], bool]) -> None:
        """Run a job by ourselves: a worker's own always, all others if nobody told us for a while."""
        if job.by_each or time.monotonic() - self._heard_at > SILENCE:
            self.run(job)

    def run(self, job: Job) -> None:
        wanted, lock = self._wanted[job.name], self._locks[job.name]
        wanted.set()
        while wanted.is_set() and not self.stopping.is_set() and lock.acquire(blocking=False):
            try:
                wanted.clear()
                self._run_once(job)
            finally:
                lock.release()

    def _run_once(self, job: Job) -> None:
        with self._app.app_context():
            try:
                if self._watch.look() or not job.by_time:
                    job.run(Turn(self.stopping.is_set))
            finally:
                db.session.remove()


def celery_for(app: Flask, errands: Errands | None = None) -> Celery:
    """Return the Celery application; with `errands` its tasks can be run here."""
    signals.setup_logging.connect(_leave_logging_alone)
    celery = Celery("eventhub", broker=app.config["SETTINGS"].broker_url, set_as_current=False)
    celery.conf.update(
        accept_content=["json"],
        beat_schedule={job.name: _entry(job) for job in JOBS if not job.by_each},
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=4,
        task_acks_late=True,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_queues=[Queue(QUEUE, message_ttl=60)],
        task_reject_on_worker_lost=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_prefetch_multiplier=1,
    )
    if errands:
        for job in JOBS:
            celery.task(_task(errands, job), name=f"eventhub.{job.name}", shared=False)
    return celery


def _task(errands: Errands, job: Job) -> Callable[[], None]:
    """Return a function with a name, as Celery wants it."""

    def run() -> None:
        errands.told(job)

    return run


def _entry(job: Job) -> dict[str, object]:
    """A message that nobody took in time is void: the next one says the same."""
    return {
        "task": f"eventhub.{job.name}",
        "schedule": job.seconds,
        "options": {"expires": max(job.seconds, 30)},
    }


def _leave_logging_alone(**_details: object) -> None:
    """Celery would set up the log by itself."""


def run_worker(app: Flask) -> None:
    """Work until a signal ends the process, then finish the mail in hand."""
    errands = Errands(app)
    alone = Worker(app, [replace(job, run=partial(errands.unless_told, job)) for job in JOBS])

    def stop(**_details: object) -> None:
        errands.stopping.set()

    signals.worker_shutting_down.connect(stop)
    alone.start()
    try:
        celery_for(app, errands).worker_main(WORKER)
    finally:
        stop()
        alone.stop()


def run_beat(app: Flask) -> None:
    """Say when to look, until a signal ends the process. It keeps nothing; a second one does no harm."""
    celery_for(app).start(BEAT)
