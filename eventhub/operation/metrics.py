"""Numbers for Prometheus: request times of all web processes, and what the database counts."""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from eventhub.extensions import db
from eventhub.operation.numbers import numbers

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class _Database(Collector):
    """Asks the database at each scrape, whichever process answers it."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = list(numbers())
        except SQLAlchemyError:
            found = []
        finally:
            db.session.remove()
        answers = GaugeMetricFamily("eventhub_database_up", "Whether the database answers")
        answers.add_metric([], 1 if found else 0)
        yield answers
        for number in found:
            family = GaugeMetricFamily(
                number.name, number.words, labels=[number.label] if number.label else []
            )
            for label, value in number.values.items():
                family.add_metric([label] if number.label else [], value)
            yield family


class Metrics:
    """All numbers; where several processes serve, gunicorn.conf.py has named the folder that they share."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        self._registry = CollectorRegistry()
        self._times = Histogram(
            "eventhub_request_seconds",
            "Time until the answer is ready",
            ["endpoint", "status"],
            buckets=BUCKETS,
            registry=None if shared else self._registry,
        )
        if shared:
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        self._registry.register(_Database())

    def observe(self, endpoint: str, status: str, seconds: float) -> None:
        self._times.labels(endpoint, status).observe(seconds)

    def page(self) -> bytes:
        return generate_latest(self._registry)
