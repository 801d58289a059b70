"""How confirmed participants get into an online meeting: its link, or one of their own that counts them.

The link of their own has a token that opens nothing else, as calendar entries get around.
"""

from __future__ import annotations

from eventhub.editions.models import Edition
from eventhub.mail.sheets import mark
from eventhub.registration.derived_tokens import registration_of, token_for
from eventhub.registration.models import Registration
from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to

PURPOSE = "join"


def counts(edition: Edition) -> bool:
    """Tell whether whoever joins by their own link is noted as present."""
    return edition.joining_counts and edition.join_url.startswith(("https://", "http://"))


def token_of(registration: Registration) -> str:
    return token_for(PURPOSE, registration)


def opened(token: str) -> Registration | None:
    """Find the registration whose link for joining this is."""
    return registration_of(PURPOSE, token)


def link_of(registration: Registration) -> str:
    """Return what one participant joins by; nothing where there is no link."""
    edition = registration.edition
    return link_to("presence.join", token=token_of(registration)) if counts(edition) else edition.join_url


def shared_link(edition: Edition) -> str:
    """Return the same with a mark in it, for what is laid out once for all participants."""
    return link_to("presence.join", token=mark("join")) if counts(edition) else edition.join_url


def words(edition: Edition, link: str) -> list[str]:
    """Return the link for an entry's description, and that it counts."""
    if not link:
        return []
    return [link, notice()] if counts(edition) else [link]


def notice() -> str:
    """Say what becomes of it when somebody joins by their own link."""
    return _("This link is yours alone: joining by it at the time of the meeting notes you as present.")
