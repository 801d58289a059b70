"""A laid out mail becomes the letter of one person."""

from __future__ import annotations

from collections.abc import Mapping

from eventhub import clock
from eventhub.mail.composition import Letter, Mailbox
from eventhub.mail.models import OutboxMessage
from eventhub.mail.sheets import Sheet
from eventhub.mail.transport import envelope_sender, sender_name


def letter_from(sender: Mailbox, message: OutboxMessage, sheet: Sheet, values: Mapping[str, str]) -> Letter:
    """Write to whom a message is for; `values` are what is theirs alone."""
    text, html = sheet.fill(values)
    return Letter(
        sender=sender,
        recipient=Mailbox(message.to_name, message.to_address),
        subject=sheet.subject,
        message_id=message.message_id,
        date=clock.now(),
        text=text,
        html=html,
    )


def operators_letter(message: OutboxMessage, sheet: Sheet, values: Mapping[str, str]) -> Letter:
    """Write what is about no series, in the name of whoever operates eventhub."""
    return letter_from(Mailbox(sender_name(), envelope_sender()), message, sheet, values)
