"""Mails that a mail server returned, as reports (RFC 3464) or in plain words.

A library for this was looked for: the known one only tells "permanent" from "temporary", and is not kept.
How bad it is says `mail.failures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from eventhub.mail.failures import Failure, judged, status_in
from eventhub.replies.mime import leaves, messages_in, text_of, words_of


@dataclass(frozen=True, slots=True)
class Bounce:
    failure: Failure
    addresses: tuple[str, ...] = ()
    """Whom the mail did not reach, in small letters."""
    status: str = ""
    """Such as `5.1.1`."""
    original_id: str = ""
    """The Message-ID of the mail that came back, without angle brackets."""


_DAEMON = re.compile(r"mailer-daemon|mail delivery (?:sub)?system|postmaster", re.IGNORECASE)
_ADDRESS = r"[^\s<>\"'(),;:]+@[A-Za-z0-9._-]+[A-Za-z0-9]"
_NAMED = (
    re.compile(rf"^<({_ADDRESS})>:", re.MULTILINE),
    re.compile(rf"^\s*\"?({_ADDRESS})\"?:?\s*$", re.MULTILINE),
)
"""How plain texts name whom they did not reach: on a line of its own."""
_FAILED = re.compile(
    r"undeliver|delivery (?:has )?failed|could not be delivered|wasn't able to deliver|failure notice"
    r"|delivery status notification|returned mail|mail delivery failed|failure reason",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^-+ ?(?:this is a copy of the message|the header of the original message|original message"
    r"|below this line is a copy|returned message).*$|^original message headers:",
    re.IGNORECASE | re.MULTILINE,
)
_IDENTIFIER = re.compile(r"^message-id:\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)


def read_bounce(mail: Message) -> Bounce | None:
    """Read a mail that a mail server wrote about one that it could not deliver; None where it is none."""
    report = next(
        (part for part in leaves(mail) if part.get_content_type() == "message/delivery-status"), None
    )
    if report is not None:
        return _reported(mail, report)
    if not _is_returned(mail):
        return None
    words, copy = _told(mail)
    status = status_in(words)
    return Bounce(
        failure=judged(status, words),
        addresses=_addresses(mail, words),
        status=status,
        original_id=_original_id(mail) or _first(_IDENTIFIER.findall(copy)),
    )


def _is_returned(mail: Message) -> bool:
    if mail["X-Failed-Recipients"] is not None:
        return True
    is_report = mail.get_content_type() == "multipart/report"
    return (is_report or bool(_DAEMON.search(words_of(mail, "From")))) and bool(
        _FAILED.search(words_of(mail, "Subject")) or _FAILED.search(_told(mail)[0])
    )


def _reported(mail: Message, report: Message) -> Bounce:
    blocks = [dict(block) for block in _blocks(report)]
    failed = [
        block for block in blocks if block.get("action", "").split(" ")[0].lower() in ("failed", "delayed")
    ]
    about = failed or [block for block in blocks if "status" in block or "final-recipient" in block]
    status = status_in(" ".join(block.get("status", "") for block in about))
    delayed = bool(failed) and all(block["action"].lower().startswith("delayed") for block in failed)
    words = " ".join(block.get("diagnostic-code", "") for block in about) or _told(mail)[0]
    return Bounce(
        failure=Failure.DELAY if delayed else judged(status, words),
        addresses=tuple(dict.fromkeys(address for block in about for address in _recipients(block))),
        status=status,
        original_id=_original_id(mail),
    )


def _blocks(report: Message) -> Iterator[Iterator[tuple[str, str]]]:
    """Yield the groups of fields of a report; Python reads each of them as a message without a body."""
    for group in messages_in(report):
        yield ((name.lower(), words_of(group, name)) for name in group.keys())  # noqa: SIM118 - no mapping


def _recipients(block: dict[str, str]) -> Iterator[str]:
    for name in ("original-recipient", "final-recipient"):
        address = block.get(name, "").rpartition(";")[2].strip().strip("<>").casefold()
        if "@" in address:
            yield address


def _addresses(mail: Message, words: str) -> tuple[str, ...]:
    named = re.findall(_ADDRESS, words_of(mail, "X-Failed-Recipients"))
    for pattern in _NAMED:
        named = named or pattern.findall(words)
    return tuple(dict.fromkeys(address.casefold() for address in named))


def _told(mail: Message) -> tuple[str, str]:
    """Return what the mail server says, and the copy of the original where it follows in the same text."""
    text = next((text_of(part) for part in leaves(mail) if part.get_content_type() == "text/plain"), "")
    found = _COPY.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, text)


def _original_id(mail: Message) -> str:
    """Return the Message-ID of the mail that came back, or of its headers."""
    for part in leaves(mail):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            return "".join(words_of(inner, "Message-ID").strip("<> ") for inner in messages_in(part)[:1])
        if kind == "text/rfc822-headers":
            return _first(_IDENTIFIER.findall(text_of(part)))
    return ""


def _first(found: list[str]) -> str:
    return found[0] if found else ""
