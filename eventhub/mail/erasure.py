"""Forgetting who got which mail; that there was one, when and with what result stays."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, String, and_, case, literal, or_, update
from sqlalchemy import cast as sql_cast

from eventhub.extensions import db
from eventhub.facts import EditionErased, RegistrationsErased
from eventhub.mail.models import MessageState, OutboxMessage

FAREWELLS = frozenset({"cancelled", "erased"})
"""Mails that people still get after they were forgotten; their addresses go once they are on their way."""
DONE = (MessageState.SENT, MessageState.FAILED, MessageState.DROPPED)


def forget_recipients(fact: RegistrationsErased) -> None:
    """Empty the mails to these people, and stop what waits, except for the last words to them."""
    unsent = OutboxMessage.state == MessageState.WAITING
    empty(
        OutboxMessage.registration_id.in_(fact.registration_ids),
        or_(is_done(), and_(unsent, OutboxMessage.kind.not_in(FAREWELLS))),
    )


def forget_mails(fact: EditionErased) -> None:
    """Empty every mail about an edition, those to organisers as well."""
    empty(OutboxMessage.edition_id == fact.edition.id, OutboxMessage.state != MessageState.SENDING)


def is_done() -> ColumnElement[bool]:
    """Match mails that nobody will try to send any more."""
    return OutboxMessage.state.in_(DONE)


def empty(*which: ColumnElement[bool]) -> int:
    """Erase content and recipient of the mails that match and still have them; return how many."""
    dropped = (
        OutboxMessage.state == MessageState.WAITING,
        literal(MessageState.DROPPED, OutboxMessage.state.type),
    )
    result = db.session.execute(
        update(OutboxMessage)
        .where(*which, OutboxMessage.to_address != "")
        .values(
            to_name="",
            to_address="",
            subject="",
            content=None,
            facts={},
            error="",
            dedupe_key=literal("erased:") + sql_cast(OutboxMessage.id, String),  # it may hold an address
            state=case(dropped, else_=OutboxMessage.state),
        )
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", result).rowcount
