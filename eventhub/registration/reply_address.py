"""Where answers to a registration come to: an address with its token, which proves that they got our mail.

Calendars answer to the ORGANIZER and mail servers to the envelope sender, so both are this address. It is
derived, as it must never change for one calendar entry and reader.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app

from eventhub.mail.transport import envelope_sender
from eventhub.registration import derived_tokens
from eventhub.registration.models import Registration

PURPOSE = "reply"


def reply_address(registration: Registration) -> str:
    """Return the address for this registration; the one constant sender where none is set up."""
    base = _base()
    if base is None:
        return envelope_sender()
    name, _at, domain = base.partition("@")
    return f"{name}+{derived_tokens.token_for(PURPOSE, registration)}@{domain}"


def token_in(addresses: Iterable[str]) -> str:
    """Return the token in the first address that may hold one, or nothing."""
    base = _base()
    if base is None:
        return ""
    name, _at, domain = base.casefold().partition("@")
    for address in addresses:
        local, _at, host = address.casefold().rpartition("@")
        if host == domain and local.startswith(f"{name}+"):
            return local.removeprefix(f"{name}+")
    return ""


def is_ours(address: str) -> bool:
    """Tell whether mails to this address are answers: the address itself, with a token or without."""
    base = (_base() or envelope_sender()).casefold()
    return address.casefold() == base or bool(token_in([address]))


def registration_of(token: str) -> Registration | None:
    """Find the registration whose token this is."""
    return derived_tokens.registration_of(PURPOSE, token)


def _base() -> str | None:
    address: str | None = current_app.config["SETTINGS"].reply_address
    return address
