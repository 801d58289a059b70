"""A door to a server: while it is shut the server is gone, as when it restarts."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Door:
    """Passes connections on to a server until it is shut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open = threading.Event()
        self._open.set()
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Cut everybody off."""
        self._open.clear()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._connections.clear()

    def reopen(self) -> None:
        self._open.set()

    def _accept(self) -> None:
        while True:
            visitor, _ = self._listener.accept()
            if not self._open.is_set():
                visitor.close()
                continue
            target = socket.create_connection(self._target)
            self._connections += [visitor, target]
            for ends in ((visitor, target), (target, visitor)):
                threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
