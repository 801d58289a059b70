"""What a participant's own page shows of their calendar's answer."""

from __future__ import annotations

from eventhub.facts import OwnPageShown
from eventhub.replies import queries
from eventhub.replies.models import Answer


def add_reply(fact: OwnPageShown) -> None:
    """Ask somebody who has a place, and whose calendar says that they do not come."""
    reply = queries.reply_of(fact.registration)
    if reply is not None and reply.answer is Answer.DECLINED:
        fact.parts.append(("replies/own.html", {}))
