"""The parts, headers and texts of any mail, however broken: nothing here raises."""

from __future__ import annotations

from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

MOST_PARTS = 100
_parser = BytesParser(policy=compat32)  # it takes what the stricter ones stumble over, in a tenth of the time


def parse(content: bytes) -> Message:
    """Return the mail of these bytes; old programs end their lines with a bare carriage return."""
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    return _parser.parsebytes(content)


def leaves(mail: Message) -> Iterator[Message]:
    """Yield the parts that hold content. What is in a mail that was attached belongs to that mail."""
    waiting, seen = [mail], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting[:0] = messages_in(part)
        else:
            yield part


def messages_in(part: Message) -> list[Message]:
    """Return the parts of a part, or the mail that it holds."""
    payload = part.get_payload() if part.is_multipart() else ()
    return [child for child in payload if isinstance(child, Message)]


def octets_of(part: Message) -> bytes:
    """Return the content of a part, decoded from what it travelled in."""
    try:
        payload = part.get_payload(decode=True)
    except (TypeError, ValueError):  # the library stumbles over some damaged charsets
        return b""
    return payload if isinstance(payload, bytes) else b""


def text_of(part: Message) -> str:
    """Return the content of a part as text, as well as it can be read."""
    return decoded(octets_of(part), part.get_content_charset() or "utf-8").replace("\r\n", "\n")


def decoded(content: bytes, charset: str) -> str:
    """Return bytes as text; a charset that nobody knows is taken as UTF-8."""
    try:
        return content.decode(charset, "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def words_of(mail: Message, name: str) -> str:
    """Return a header in one readable line, or nothing."""
    raw = mail.get(name)
    if raw is None:
        return ""
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        parts = [(str(raw), None)]
    words = (part if isinstance(part, str) else decoded(part, charset or "utf-8") for part, charset in parts)
    return " ".join("".join(words).split())
