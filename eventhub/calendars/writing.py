"""Content lines of RFC 5545: escaped, free of control characters, folded, as bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from urllib.parse import quote

_CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
# Readers that split at every Unicode line end must not see a line where there is none.
_LINE_ENDS = {0x2028: "\n", 0x2029: "\n"}
_CLEAN = dict.fromkeys(_CONTROLS) | {0x09: "\t", 0x0A: "\n"} | _LINE_ENDS
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_CARETS = str.maketrans({"^": "^^", '"': "^'", "\n": "^n", "\\": "/"})
_URI_SAFE = "%/:=&?~#+!$,;'@()*[]"
_ADDRESS_SAFE = "@!#$&'*+/=^_`{|}~"
_BACKSLASH = 0x5C


def clean(value: str) -> str:
    """The text without control characters, its lines ended by LF alone."""
    if value.isprintable():
        return value
    tidy = value.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN)
    return tidy.encode("utf-8", "replace").decode("utf-8")


def text(value: str) -> str:
    """A value of type TEXT."""
    return clean(value).translate(_ESCAPES)


def parameter(value: str) -> str:
    """A quoted parameter value (RFC 6868); some readers take a backslash in it for an escape."""
    return f'"{clean(value).translate(_CARETS)}"'


def uri(value: str) -> str:
    """An address of the web with everything encoded that may not stand there."""
    return quote(clean(value).strip(), safe=_URI_SAFE)


def mailto(address: str) -> str:
    """A calendar user address; only what would break it is encoded, since clients compare it as it is."""
    if address.isascii():
        return "mailto:" + quote(address, safe=_ADDRESS_SAFE)
    return "mailto:" + "".join(
        quote(character, safe=_ADDRESS_SAFE) if character.isascii() else character
        for character in clean(address)
    )


def instant(value: datetime) -> str:
    """A DATE-TIME in UTC."""
    return f"{wall_clock(value.astimezone(UTC))}Z"


def wall_clock(value: datetime) -> str:
    """A DATE-TIME as the clocks on the wall show it."""
    return f"{day(value)}T{value.hour:02}{value.minute:02}{value.second:02}"


def day(value: date) -> str:
    """A DATE."""
    return f"{value.year:04}{value.month:02}{value.day:02}"


def fold(content: bytes) -> bytes:
    """The line in pieces of at most 75 octets, never cut inside a character or an escape."""
    if len(content) <= 75:
        return content
    pieces = []
    start, room = 0, 75
    while len(content) - start > room:
        cut = _cut(content, start, start + room)
        pieces.append(content[start:cut])
        start, room = cut, 74
    pieces.append(content[start:])
    return b"\r\n ".join(pieces)


def exchanged(content: bytes, old: bytes, new: bytes) -> bytes:
    """Exchange a text in finished lines, wherever they were folded."""
    if old not in content.replace(b"\r\n ", b""):
        return content
    lines = content.replace(b"\r\n ", b"").replace(old, new).removesuffix(b"\r\n").split(b"\r\n")
    return b"\r\n".join(fold(line) for line in lines) + b"\r\n"


def _cut(content: bytes, start: int, cut: int) -> int:
    while content[cut] & 0xC0 == 0x80:
        cut -= 1
    if content[cut - 1] == _BACKSLASH:
        piece = content[start:cut]
        cut -= (len(piece) - len(piece.rstrip(b"\\"))) % 2
    return cut


def line(name: str, value: str) -> bytes:
    """One content line; `name` may carry parameters, `value` is already in its type's form."""
    return fold(f"{name}:{value}".encode()) + b"\r\n"


def lines(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Several content lines, leaving out those without a value."""
    return b"".join(line(name, value) for name, value in pairs if value)
