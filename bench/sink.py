"""An SMTP server that takes every mail and forgets it: `python -m bench.sink PORT [FILE FOR THEIR NAMES]`."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TextIO

MESSAGE_ID = re.compile(rb"^Message-ID: *(?:\r\n )?(\S+)", re.MULTILINE | re.IGNORECASE)


class Sink(asyncio.Protocol):
    """As little SMTP (RFC 5321) as a well-behaved client needs, so that the measurement is the client's."""

    names: TextIO | None = None
    """Where the Message-ID of each mail is noted, a line each."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""
        self.in_data = False
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            end = self.buffer.find(b"\r\n.\r\n" if self.in_data else b"\r\n")
            if end < 0:
                return
            line, self.buffer = self.buffer[:end], self.buffer[end + (5 if self.in_data else 2) :]
            self.transport.write(self._answer(line))

    def _answer(self, line: bytes) -> bytes:
        if self.in_data:
            self.in_data = False
            if self.names:
                self.names.write(_message_id(line) + "\n")
            return b"250 taken\r\n"
        verb = line[:4].upper()
        if verb == b"DATA":
            self.in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            return b"221 bye\r\n"
        return b"250 ok\r\n"


def _message_id(mail: bytes) -> str:
    found = MESSAGE_ID.search(mail)
    return found[1].decode() if found else "none"


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        Sink.names = Path(sys.argv[2]).open("a", buffering=1)  # noqa: SIM115 - open as long as the process lives
    asyncio.run(main(int(sys.argv[1])))
