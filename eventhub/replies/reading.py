"""From the bytes of a mail to what it says, as plain values: no database, no settings, and nothing raises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from eventhub.replies.bounces import Bounce, read_bounce
from eventhub.replies.calendar_messages import CalendarMessage, Unreadable, read_calendar
from eventhub.replies.mime import leaves, octets_of, parse, text_of, words_of

LONGEST_WORDS = 1000
LONGEST_SUBJECT = 200


class MailKind(StrEnum):
    """What came in."""

    REPLY = "reply"
    """A calendar answers an invitation."""
    COUNTER = "counter"
    """A calendar proposes another time."""
    REFRESH = "refresh"
    """A calendar asks for the invitation once more."""
    BOUNCE = "bounce"
    AWAY = "away"
    """Out of office, or anything else that a machine wrote."""
    COMPLAINT = "complaint"
    """A provider forwards that somebody calls our mail spam."""
    LETTER = "letter"
    """Words of a person."""
    UNREADABLE = "unreadable"
    IGNORED = "ignored"
    """A calendar message that only organisers may send, or nothing that concerns us."""


_METHODS = {"REPLY": MailKind.REPLY, "COUNTER": MailKind.COUNTER, "REFRESH": MailKind.REFRESH}
_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_AUTOMATIC = re.compile(
    r"^(?:automatic reply|automatische antwort|auto(?:matisch)?e? ?reply|autoreply|out of (?:the )?office"
    r"|abwesen|abwesenheitsnotiz|réponse automatique)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail says."""

    kind: MailKind
    message_id: str = ""
    sender: str = ""
    """The address in From, in small letters."""
    subject: str = ""
    sent_at: datetime | None = None
    recipients: tuple[str, ...] = ()
    """Every address that it may have come to; the one with our token is among them."""
    results: tuple[str, ...] = ()
    """Its Authentication-Results."""
    calendar: CalendarMessage | None = None
    bounce: Bounce | None = None
    words: str = ""
    """What somebody wrote, shortened."""

    @property
    def answer(self) -> str:
        """PARTSTAT of the one who answers."""
        return self.calendar.attendees[0].answer if self.calendar and self.calendar.attendees else ""

    @property
    def attendee(self) -> str:
        return self.calendar.attendees[0].address if self.calendar and self.calendar.attendees else ""


def read(content: bytes) -> Reading:
    """Read a mail."""
    mail = parse(content)
    kind, calendar, bounce = _judged(mail)
    return Reading(
        kind=kind,
        message_id=words_of(mail, "Message-ID").strip("<> "),
        sender=next(iter(_addresses(mail, "From")), ""),
        subject=words_of(mail, "Subject")[:LONGEST_SUBJECT],
        sent_at=_sent_at(mail),
        recipients=tuple(dict.fromkeys(address for name in _TO for address in _addresses(mail, name))),
        results=tuple(str(value) for value in mail.get_all("Authentication-Results", [])),
        calendar=calendar,
        bounce=bounce,
        words=_words(mail) if kind is MailKind.LETTER else "",
    )


def read_head(content: bytes) -> Reading:
    """Read who sent what to whom of a mail that is too large to be read."""
    head = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0] + b"\n\n"
    found = read(head)
    return Reading(
        MailKind.UNREADABLE, found.message_id, found.sender, found.subject, found.sent_at, found.recipients
    )


def calendar_parts(mail: Message) -> list[Message]:
    """Return the parts that hold a calendar message, those that say so best first."""
    found = [part for part in leaves(mail) if _is_calendar(part)]
    return sorted(found, key=lambda part: part.get_content_type() != "text/calendar")


def _judged(mail: Message) -> tuple[MailKind, CalendarMessage | None, Bounce | None]:
    """Say what a mail is; reports of mail servers may hold our own invitation, so they come first."""
    if any(part.get_content_type() == "message/feedback-report" for part in leaves(mail)):
        return MailKind.COMPLAINT, None, None
    bounce = read_bounce(mail)
    if bounce is not None:
        return MailKind.BOUNCE, None, bounce
    parts = calendar_parts(mail)
    if parts:
        return _calendar_kind(parts)
    if any(part.get_content_type() == "application/ms-tnef" for part in leaves(mail)):
        return MailKind.UNREADABLE, None, None
    if not mail.keys():
        return MailKind.UNREADABLE, None, None
    return (MailKind.AWAY if _is_automatic(mail) else MailKind.LETTER), None, None


def _calendar_kind(parts: list[Message]) -> tuple[MailKind, CalendarMessage | None, None]:
    for part in parts:
        try:
            found = read_calendar(text_of(part))
        except Unreadable:
            continue
        kind = _METHODS.get(found.method, MailKind.IGNORED)
        if kind is MailKind.REPLY and len(found.attendees) != 1:
            return MailKind.UNREADABLE, found, None
        return kind, found, None
    return MailKind.UNREADABLE, None, None


def _is_calendar(part: Message) -> bool:
    if part.get_content_type() in _CALENDAR_TYPES:
        return True
    named = str(part.get_filename() or "").lower().endswith(".ics")
    return named and part.get_content_type() in ("application/octet-stream", "text/plain")


def _is_automatic(mail: Message) -> bool:
    """Tell whether a machine wrote it (RFC 3834), also those that do not say so."""
    if words_of(mail, "Auto-Submitted").lower() not in ("", "no"):
        return True
    if words_of(mail, "Precedence").lower() in ("auto_reply", "bulk", "junk", "list"):
        return True
    if any(mail[name] is not None for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")):
        return True
    null_sender = mail["Return-Path"] is not None and words_of(mail, "Return-Path") in ("", "<>")
    return null_sender or bool(_AUTOMATIC.search(words_of(mail, "Subject")))


def _addresses(mail: Message, name: str) -> Iterator[str]:
    values = [str(value) for value in mail.get_all(name, [])]
    for _name, address in getaddresses(values):
        if "@" in address:
            yield address.strip().casefold()


def _sent_at(mail: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(words_of(mail, "Date"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _words(mail: Message) -> str:
    """Return what a person wrote, without what they quote."""
    for part in leaves(mail):
        if part.get_content_type() == "text/plain" and octets_of(part):
            lines = [line.rstrip() for line in text_of(part).splitlines() if not line.startswith(">")]
            return "\n".join(lines).strip().replace("\0", "")[:LONGEST_WORDS]
    return ""
