"""Letters in the name of a series: its title before our one address, and answers go to whom it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eventhub.editions.models import Series
from eventhub.mail.composition import Letter, Mailbox
from eventhub.mail.letters import letter_from
from eventhub.mail.models import OutboxMessage
from eventhub.mail.sheets import Sheet
from eventhub.mail.transport import envelope_sender


def sender_of(series: Series) -> Mailbox:
    """Return the sender of mails that no calendar answers to."""
    return Mailbox(series.title, envelope_sender())


def contact_of(series: Series) -> Mailbox | None:
    """Return where people’s answers go; None where the series names nobody."""
    if not series.contact_email:
        return None
    return Mailbox(series.contact_name or series.title, series.contact_email)


def letter_of(series: Series, message: OutboxMessage, sheet: Sheet, values: Mapping[str, str]) -> Letter:
    """Write to whom a message is for; `values` are what is theirs alone."""
    return replace(letter_from(sender_of(series), message, sheet, values), reply_to=contact_of(series))
