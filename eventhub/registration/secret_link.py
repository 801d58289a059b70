"""The registration that a personal link opens."""

from __future__ import annotations

from flask import g, render_template
from flask.typing import ResponseReturnValue

from eventhub.registration import queries
from eventhub.registration.models import Registration
from eventhub.web.security import secret_address


def opened(token: str, *, to_change: bool = False) -> Registration | None:
    """Find the registration, locked `to_change` it, and keep the address of its page to itself."""
    secret_address()
    found = queries.locked_by_token(token) if to_change else queries.by_token(token)
    if found is not None:
        address_formally(found)
    return found


def address_formally(registration: Registration) -> None:
    """Let the page speak to its reader as the series does."""
    g.formal = registration.edition.series.is_formal


def unknown() -> ResponseReturnValue:
    """Say that the link opens nothing."""
    return render_template("registration/unknown.html"), 404
