"""Forgetting who was invited; that somebody was, and what became of it, stays."""

from __future__ import annotations

import secrets

from sqlalchemy import Select, delete, select

from eventhub.extensions import db
from eventhub.facts import EditionErased, RegistrationsErased
from eventhub.invitations.models import Invitation, Point
from eventhub.mail import erasure
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.tokens import new_seed


def forget_invited(fact: RegistrationsErased) -> None:
    """Empty the invitations by which these people came, and the mails with them."""
    _forget(select(Invitation).where(Invitation.registration_id.in_(fact.registration_ids)))


def forget_invitations(fact: EditionErased) -> None:
    """Empty all invitations to an edition, also of those who never answered; points of no slot go."""
    invited = select(Invitation).where(Invitation.edition_id == fact.edition.id)
    keys = invited.with_only_columns(Invitation.id)
    db.session.execute(delete(Point).where(Point.slot_id.is_(None), Point.invitation_id.in_(keys)))
    _forget(invited)


def _forget(wanted: Select[Invitation]) -> None:
    rows = db.session.scalars(wanted).all()
    for invitation in rows:
        invitation.name = invitation.words = invitation.email = ""
        invitation.email_key = f"erased:{invitation.id}"  # unique, and no address of anybody
        invitation.token_seed = new_seed()
        invitation.token_hash = secrets.token_bytes(32)  # of no token, so that no link leads here
    keys = [invitation.id for invitation in rows]
    erasure.empty(OutboxMessage.invitation_id.in_(keys), OutboxMessage.state != MessageState.SENDING)
