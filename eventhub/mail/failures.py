"""How bad it is that a mail was not taken, by the words of a mail server; pure.

What decides is the enhanced status code (RFC 3463), and a few words where there is none. The same holds for
an answer while a mail is handed over, and for a report that comes back later.
"""

from __future__ import annotations

import re
from enum import StrEnum

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_NOBODY = re.compile(
    r"(?:user|recipient|address|mailbox|account|alias)[^.\n]{0,40}"
    r"(?:unknown|not found|n.t found|does not exist|illegal)"
    r"|unknown[^.\n]{0,30}(?:user|recipient|address|mailbox|alias)|no such (?:user|mailbox|recipient)",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"(?:mailbox|inbox|quota)[^.\n]{0,40}(?:full|exceeded|out of storage)|over ?quota", re.IGNORECASE
)

_SENDER = re.compile(
    r"sender (?:address|domain)[^.\n]{0,40}(?:rejected|refused|unknown|not found|invalid)|sender verif",
    re.IGNORECASE,
)
"""Whoever the mail is for has nothing to do with it."""
_OF_SENDER = ("1.7", "1.8", "1.9")


class Failure(StrEnum):
    """How bad it is."""

    HARD = "hard"
    """Nobody is at this address."""
    SOFT = "soft"
    """Something that may pass, such as a full mailbox."""
    POLICY = "policy"
    """The mail was not wanted; the address may be right."""
    DELAY = "delay"
    """The mail server is still trying."""
    UNCLEAR = "unclear"


def status_in(words: str) -> str:
    """Return the first enhanced status code in these words, or nothing."""
    found = _STATUS.search(words)
    return found[1] if found else ""


def judged(status: str, words: str) -> Failure:  # noqa: PLR0911 - one line per case
    """Say how bad it is, by the code and, where that says little, by the words."""
    kind, _dot, detail = status.partition(".")
    if kind != "4" and (detail in _OF_SENDER or _SENDER.search(words)):
        return Failure.POLICY
    if detail in ("0.0", "5.0", ""):
        if kind != "4" and _NOBODY.search(words):
            return Failure.HARD
        if _FULL.search(words):
            return Failure.SOFT
        return Failure.SOFT if kind == "4" else Failure.UNCLEAR
    if kind == "4" or detail == "2.2":
        return Failure.SOFT
    if detail.startswith("1."):
        return Failure.HARD
    if detail == "2.1":
        return Failure.HARD if _NOBODY.search(words) else Failure.SOFT
    return Failure.POLICY if detail.startswith(("7.", "6.", "2.0")) else Failure.UNCLEAR
