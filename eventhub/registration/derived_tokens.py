"""Tokens of a registration that are for one purpose only and open nothing else.

Each is the number of the registration with a proof that is derived from the row's seed and the secret key.
"""

from __future__ import annotations

import hmac

from sqlalchemy import select

from eventhub import tokens
from eventhub.extensions import db
from eventhub.registration.models import Registration

_CODE = 8
"""Signs of the number of a registration without its dash; the rest of a token is its proof."""


def token_for(purpose: str, registration: Registration, signs: int | None = None) -> str:
    """Return the token of a registration for one purpose, the same for life, in small letters and digits.

    Its proof has 26 signs; `signs` makes it shorter where people have to type it.
    """
    code = registration.code.replace("-", "").lower()
    return code + tokens.derive_for_address(purpose, registration.token_seed)[:signs]


def registration_of(purpose: str, token: str, signs: int | None = None) -> Registration | None:
    """Find the registration whose token this is."""
    code = token[:_CODE].upper()
    found = db.session.scalar(select(Registration).where(Registration.code == f"{code[:4]}-{code[4:]}"))
    if found is None or not hmac.compare_digest(token_for(purpose, found, signs).encode(), token.encode()):
        return None
    return found
