"""Forgetting what came in by mail; that something came, and what it did, stays."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, update

from eventhub.extensions import db
from eventhub.facts import EditionErased, OwnDataAsked, RegistrationsErased
from eventhub.replies.models import ReceivedMail, Reply


def forget_replies(fact: RegistrationsErased) -> None:
    """Empty what these people, their calendars and mail servers wrote."""
    _empty(ReceivedMail.registration_id.in_(fact.registration_ids))
    db.session.execute(
        update(Reply).where(Reply.registration_id.in_(fact.registration_ids)).values(comment="")
    )


def forget_received(fact: EditionErased) -> None:
    """Empty the rest as well, of people who were never registered."""
    _empty(ReceivedMail.edition_id == fact.edition.id)


def _empty(which: ColumnElement[bool]) -> None:
    """What is not worked off yet is known to be nobody's, so it is found by none of these."""
    db.session.execute(
        update(ReceivedMail)
        .where(which)
        .values(sender="", words="")
        .execution_options(synchronize_session=False)
    )


def add_replies(fact: OwnDataAsked) -> None:
    """Add to somebody's download what their calendar answered, and what else came in from them."""
    reply = db.session.get(Reply, fact.registration_id)
    rows = db.session.scalars(
        select(ReceivedMail).filter_by(registration_id=fact.registration_id).order_by(ReceivedMail.id)
    )
    fact.found["calendar_reply"] = (
        {"answer": reply.answer, "comment": reply.comment, "sent_at": reply.sent_at} if reply else None
    )
    fact.found["received_mails"] = [
        {
            "received_at": row.received_at,
            "kind": row.kind,
            "outcome": row.outcome,
            "answer": row.answer,
            "sender": row.sender,
            "words": row.words,
        }
        for row in rows
    ]
