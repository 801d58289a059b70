"""Rules about places, the waitlist and what people type; none needs a database."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from eventhub.registration.models import RegistrationState

LONGEST_NAME = 120
LONGEST_EMAIL = 254
LONGEST_ORGANISATION = 200
LONGEST_NOTE = 1000

EXISTING = "existing"
"""The kind of the mail that shows somebody the place they have."""
ON_ITS_WAY = timedelta(minutes=2)
MAILS_PER_HOUR = 3
MAILS_PER_DAY = 10

_MAILBOXES_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})


class Places(NamedTuple):
    """The numbers that decide about places; `capacity` is None where there is no limit."""

    capacity: int | None
    confirmed: int
    waiting: int


def admission(places: Places) -> RegistrationState:
    """Decide what the next person gets: while somebody waits, nobody else is confirmed."""
    has_room = places.capacity is None or places.confirmed < places.capacity
    return RegistrationState.CONFIRMED if has_room and not places.waiting else RegistrationState.WAITLISTED


def to_promote(places: Places) -> int:
    """Return how many waiting people can have a place now."""
    if places.capacity is None:
        return places.waiting
    return max(0, min(places.waiting, places.capacity - places.confirmed))


def one_line(text: str) -> str:
    """Return the text in composed characters with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def several_lines(text: str) -> str:
    """Return the text in composed characters with plain line breaks, without space at its ends."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def has_letters(text: str) -> bool:
    """Tell whether somebody can be called by this text; signs that show nothing are no name."""
    return any(sign.isalpha() for sign in text)


def mail_address(text: str) -> str | None:
    """Return the address as mail servers take it, or None where it is none."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except (EmailNotValidError, ValueError):
        return None
    address = found.ascii_email or ""
    return address if 0 < len(address) <= LONGEST_EMAIL else None


def address_key(address: str) -> str:
    """Return what makes two addresses the same person's within an edition."""
    return address.lower()


def mailbox(address: str) -> str:
    """Return the mailbox behind an address and its aliases; only limits go by it, never identity."""
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '') if domain in _MAILBOXES_WITHOUT_DOTS else local}@{domain}"


def may_mail_again(mails: Iterable[tuple[str, datetime]], now: datetime) -> bool:
    """Decide whether somebody may have their link mailed once more.

    `mails` are kind and time of what was written to this registration during the last day. Whatever left in
    the last minutes counts as on its way; beyond that, people get three such mails an hour and ten a day.
    """
    written = list(mails)
    asked_for = [at for kind, at in written if kind == EXISTING]
    return (
        all(now - at >= ON_ITS_WAY for _, at in written)
        and sum(now - at < timedelta(hours=1) for at in asked_for) < MAILS_PER_HOUR
        and sum(now - at < timedelta(days=1) for at in asked_for) < MAILS_PER_DAY
    )
