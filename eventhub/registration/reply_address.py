"""Where answers to a registration come to: an address with its token, which proves that they got our mail.

Calendars answer to the ORGANIZER and mail servers to the envelope sender, so both are this address. It is
derived, as it must never change for one calendar entry and reader.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from flask import current_app
from sqlalchemy import select

from eventhub import tokens
from eventhub.extensions import db
from eventhub.mail.transport import envelope_sender
from eventhub.registration.models import Registration

_CODE = 8
"""Signs of the number of a registration without its dash; the rest of a token is its signature."""


def reply_address(registration: Registration) -> str:
    """Return the address for this registration; the one constant sender where none is set up."""
    base = _base()
    if base is None:
        return envelope_sender()
    name, _at, domain = base.partition("@")
    return f"{name}+{_token(registration)}@{domain}"


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
    code = token[:_CODE].upper()
    found = db.session.scalar(select(Registration).where(Registration.code == f"{code[:4]}-{code[4:]}"))
    if found is None or not hmac.compare_digest(_token(found).encode(), token.encode()):
        return None
    return found


def _base() -> str | None:
    address: str | None = current_app.config["SETTINGS"].reply_address
    return address


def _token(registration: Registration) -> str:
    code = registration.code.replace("-", "").lower()
    return code + tokens.derive_for_address("reply", registration.token_seed)
