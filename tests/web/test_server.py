"""What the server process asks of the system."""

import os

import pytest

from eventhub.web.server import stay_on_one_core


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
