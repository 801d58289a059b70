"""A real SMTP server in a process of its own: `smtp_server.py FOLDER`; prints its port when it listens.

What it does depends on whom a mail is for: later@ is refused for now once, never@ for good, as are sender@
and blocked@ because of who sends, and spam@ because of what it says; hang@ gets no answer after its data,
drop@ loses the connection in the middle. All others arrive as files in the folder.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

FOR_GOOD = {
    "never": "550 5.1.1 No such user here",
    "sender": "550 5.1.8 Sender address rejected: Domain not found",
    "blocked": "554 5.7.1 Service unavailable; client host blocked",
}
TOO_MUCH = "550 5.7.1 Message content rejected as spam for this user"


class Postman:
    """Keeps every mail that arrives, named by the order of arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[str] = set()
        self.connections = 0

    async def handle_RCPT(  # noqa: N802 - the name and arguments that aiosmtpd wants
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        name = address.partition("@")[0]
        if name in FOR_GOOD:
            return FOR_GOOD[name]
        if name == "later" and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name == "hang":
            await asyncio.sleep(3600)
        if name == "drop" and name not in self.seen:
            self.seen.add(name)
            transport: Any = server.transport
            transport.abort()
            return "421 gone"
        if name == "spam":
            return TOO_MUCH
        if name.startswith("slow"):
            await asyncio.sleep(0.15)
        content = envelope.original_content or b""
        path = self.folder / f"{time.monotonic_ns():020}"
        path.with_suffix(".part").write_bytes(
            f"{envelope.mail_from}\n{envelope.rcpt_tos[0]}\n".encode() + content
        )
        path.with_suffix(".part").rename(path.with_suffix(".mail"))
        return "250 OK, taken"


async def serve(folder: Path) -> None:
    postman = Postman(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postman, enable_SMTPUTF8=False), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
