"""Forgetting who is behind a registration; the row stays, so that the numbers stay right."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from eventhub import clock, tokens
from eventhub.extensions import db
from eventhub.facts import RegistrationsErased
from eventhub.registration.models import Registration


def forget_persons(fact: RegistrationsErased) -> None:
    """Empty what names somebody, and let the personal link open nothing any more."""
    rows = db.session.scalars(select(Registration).where(Registration.id.in_(fact.registration_ids)))
    for registration in rows:
        _forget(registration)


def _forget(registration: Registration) -> None:
    registration.name = registration.organisation = registration.note = registration.email = ""
    registration.email_key = f"erased:{registration.id}"  # unique, and no address of anybody
    registration.once_key = f"erased:{registration.id}"
    registration.code = tokens.new_code()  # people know the old one
    registration.token_seed = tokens.new_seed()
    registration.token_hash = secrets.token_bytes(32)  # of no token, so that no link leads here
    registration.erased_at = clock.now()
