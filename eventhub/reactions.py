"""The one table that says who reacts to which fact."""

from __future__ import annotations

from eventhub.facts import CapacityRaised, EditionCancelled, EditionChanged, MailFailed, Reaction, react
from eventhub.registration import mails
from eventhub.registration import service as registration

REACTIONS: list[tuple[type, Reaction]] = [
    (CapacityRaised, registration.follow_capacity),
    (EditionChanged, registration.follow_change),
    (EditionCancelled, registration.follow_cancellation),
    (MailFailed, mails.tell_failure),
]


def connect() -> None:
    """Tell the announcer about every line of the table."""
    for fact, reaction in REACTIONS:
        react(fact, reaction)
