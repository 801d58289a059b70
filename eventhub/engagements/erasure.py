"""Forgetting how speakers were reached and what they said; that they were on the programme stays."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from eventhub.engagements.models import Engagement
from eventhub.extensions import db
from eventhub.facts import EditionErased
from eventhub.mail import erasure
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.tokens import new_seed


def forget_engagements(fact: EditionErased) -> None:
    """Empty addresses, words and needs, and the mails with them; no link leads here any more."""
    rows = db.session.scalars(select(Engagement).where(Engagement.edition_id == fact.edition.id)).all()
    for one in rows:
        one.email = one.words = one.message = one.availability = one.access_needs = ""
        one.token_seed = new_seed()
        one.token_hash = secrets.token_bytes(32)
    keys = [one.id for one in rows]
    erasure.empty(OutboxMessage.engagement_id.in_(keys), OutboxMessage.state != MessageState.SENDING)
