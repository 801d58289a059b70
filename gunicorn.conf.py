"""How gunicorn serves eventhub; it reads this file by itself: `gunicorn wsgi:app`. Its own options win."""

import os
import shutil
import tempfile
from typing import Any

from config import load_settings
from eventhub.operation.logs import JsonFormatter, TextFormatter
from eventhub.web.server import collect_seldom, stay_on_one_core

bind = "127.0.0.1:8000"
workers = 2
worker_class = "eventhub.web.gunicorn.DoorWorker"
threads = 4
keepalive = 30
timeout = 60
graceful_timeout = 30
control_socket_disable = True  # two gunicorns of one user would share it

_settings = load_settings()
_formatter = JsonFormatter if _settings.log_format == "json" else TextFormatter
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"eventhub": {"()": _formatter}},
    "handlers": {"errors": {"class": "logging.StreamHandler", "formatter": "eventhub"}},
    "root": {"level": "WARNING", "handlers": ["errors"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["errors"], "propagate": False}},
}

if _settings.metrics_token:
    # all processes count into files of this folder, before they import the library that does it
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="eventhub-metrics-")


def post_fork(_server: Any, worker: Any) -> None:
    """Give each worker a core of its own."""
    stay_on_one_core(worker.age)


def post_worker_init(_worker: Any) -> None:
    """Begin with everything loaded."""
    collect_seldom()


def child_exit(_server: Any, worker: Any) -> None:
    """Keep the counts of a worker that ended, but not its open files."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    """Leave nothing behind."""
    shutil.rmtree(os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""), ignore_errors=True)
