"""How a process of gunicorn takes connections: only as many as it can answer now."""

from __future__ import annotations

from gunicorn.workers.gthread import ThreadWorker


class DoorWorker(ThreadWorker):  # type: ignore[misc]
    """Lets new visitors wait at the socket, which all processes share, while its threads have work.

    Whoever waits there goes to the first process that is free, and people who are in, with a form half
    filled, don't stand behind them. Connections that rest take nobody's turn.
    """

    @property
    def worker_connections(self) -> int:
        """How many connections may be open at this moment."""
        resting = len(self.keepalived_conns) + len(self.pending_conns)
        return min(self._most, int(self.cfg.threads) + 1 + resting)

    @worker_connections.setter
    def worker_connections(self, most: int) -> None:
        self._most = most
