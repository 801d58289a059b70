"""Threads for tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def running_threads(*tasks: Callable[[], object]) -> Iterator[None]:
    """Run each task in a thread beside the block, and wait for all of them at its end."""
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
