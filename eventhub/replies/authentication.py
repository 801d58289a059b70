"""What our own mail server says about who sent a mail (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*(dmarc|dkim)\s*=\s*([a-z]+)(.*)", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(r"\bheader\.(?:d|from)\s*=\s*\"?@?([A-Za-z0-9.-]+)", re.IGNORECASE)


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - no secret
    """The mail comes from the domain in its From."""
    FAIL = "fail"
    UNKNOWN = "unknown"
    """Nobody has looked, or nothing speaks for or against it."""


def verdict(results: Sequence[str], server: str | None, sender: str) -> Verdict:
    """Judge the Authentication-Results of a mail by those that `server` wrote; others anybody can write.

    The server has to take foreign headers with its own name out, as they all do. Without a name none counts.
    """
    domain = sender.rpartition("@")[2].casefold()
    if not server or not domain:
        return Verdict.UNKNOWN
    found = [one for header in results for one in _written_by(server, header)]
    if any(method == "dmarc" and result == "fail" for method, result, _about in found):
        return Verdict.FAIL
    if any(result == "pass" and _fits(method, about, domain) for method, result, about in found):
        return Verdict.PASS
    return Verdict.UNKNOWN


def _written_by(server: str, header: str) -> list[tuple[str, str, str]]:
    """Return method, result and the domain it is about; nothing where somebody else wrote the header."""
    name, _semicolon, rest = _COMMENT.sub(" ", header).partition(";")
    if name.split()[:1] != [server]:
        return []
    results = (_RESULT.match(part) for part in rest.split(";"))
    return [
        (one[1].lower(), one[2].lower(), "".join(_DOMAIN.findall(one[3])[:1]).casefold())
        for one in results
        if one
    ]


def _fits(method: str, about: str, domain: str) -> bool:
    """Tell whether a result speaks for the sender's domain; a signature may be that of a domain above."""
    if method == "dmarc":
        return about in ("", domain)
    return about == domain or ("." in about and domain.endswith(f".{about}"))
