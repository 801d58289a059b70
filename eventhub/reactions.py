"""The one table that says who reacts to which fact."""

from __future__ import annotations

from eventhub.agenda.copying import copy_agenda
from eventhub.agenda.shift import shift_slots
from eventhub.facts import (
    CapacityRaised,
    EditionCancelled,
    EditionChanged,
    EditionCopied,
    EditionMoved,
    MailFailed,
    PlaceGivenUp,
    Reaction,
    react,
)
from eventhub.registration import answers, mails
from eventhub.registration import service as registration
from eventhub.signups import service as signups

REACTIONS: list[tuple[type, Reaction]] = [
    (CapacityRaised, registration.follow_capacity),
    (EditionMoved, shift_slots),
    (EditionCopied, copy_agenda),
    (EditionCopied, answers.copy_questions),
    (EditionChanged, registration.follow_change),
    (EditionChanged, signups.follow_change),
    (PlaceGivenUp, signups.follow_given_up),
    (EditionCancelled, registration.follow_cancellation),
    (MailFailed, mails.tell_failure),
]


def connect() -> None:
    """Tell the announcer about every line of the table."""
    for fact, reaction in REACTIONS:
        react(fact, reaction)
