"""What the server process asks of the system."""

import os
import subprocess
import sys
import threading
from urllib.request import urlopen

import pytest
from flask import Flask

from eventhub.web.server import COLLECTING, server_for, stay_on_one_core
from tests.mail.post_office import wait_until
from tests.needs import ROOT


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="this system lets no process choose its cores"
)
def test_processes_are_spread_over_the_cores_that_they_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        chosen = []
        for turn in range(len(allowed)):
            os.sched_setaffinity(0, allowed)
            stay_on_one_core(turn)
            chosen += os.sched_getaffinity(0)
    finally:
        os.sched_setaffinity(0, allowed)
    assert sorted(chosen) == sorted(allowed)


def test_the_server_knows_whether_somebody_waits_for_an_answer() -> None:
    app = Flask(__name__)
    came, go_on = threading.Event(), threading.Event()

    @app.get("/")
    def slow() -> str:
        came.set()
        go_on.wait(5)
        return "done"

    server = server_for(app, "127.0.0.1", 0)
    serving = threading.Thread(
        target=server.asyncore.loop, kwargs={"timeout": 0.05, "map": server._map, "count": 100}
    )
    serving.start()
    asking = threading.Thread(target=lambda: urlopen(f"http://127.0.0.1:{server.effective_port}/").read())
    asking.start()
    assert came.wait(5)
    assert server.is_answering
    go_on.set()
    asking.join(5)
    wait_until(lambda: not server.is_answering)
    serving.join(10)
    server.close()


def test_a_process_that_has_started_looks_for_circles_of_objects_seldom() -> None:
    program = (
        "import gc; from eventhub.web.server import collect_seldom; "
        "collect_seldom(); print(gc.get_freeze_count(), *gc.get_threshold())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    frozen, *thresholds = map(int, run.stdout.split())
    assert frozen > 10_000
    assert thresholds == [*COLLECTING]
