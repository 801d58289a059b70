"""Named reads of what came in by mail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.orm import joinedload, undefer

from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration, RegistrationState
from eventhub.replies.calendar_messages import day_in
from eventhub.replies.models import Answer, ReceivedMail, Reply

AT_ONCE = 50


def waiting() -> Sequence[ReceivedMail]:
    """Return the next mails to work off, in the order in which they came, with their bytes."""
    return db.session.scalars(
        select(ReceivedMail)
        .where(ReceivedMail.worked_off_at.is_(None))
        .order_by(ReceivedMail.id)
        .limit(AT_ONCE)
        .options(undefer(ReceivedMail.content))
    ).all()


def claimed(key: int) -> ReceivedMail | None:
    """Return a mail for this transaction alone; None where another worker has it or had it."""
    return db.session.scalar(
        select(ReceivedMail)
        .where(ReceivedMail.id == key, ReceivedMail.worked_off_at.is_(None))
        .with_for_update(skip_locked=True)
    )


def edition_by_uid(uid: str) -> Edition | None:
    """Find the meeting that a calendar message is about, or one of its days."""
    named = select(Edition).where(Edition.calendar_uid.in_({uid, day_in(uid)[0]}))
    return db.session.scalars(named.order_by((Edition.calendar_uid == uid).desc())).first()


def registration_by_mail(message_id: str) -> Registration | None:
    """Find the registration that one of our mails was about; nobody else knows its Message-ID."""
    return db.session.scalar(
        select(Registration)
        .join(OutboxMessage, OutboxMessage.registration_id == Registration.id)
        .where(OutboxMessage.message_id == message_id)
    )


def number_from(sender: str, now: datetime) -> int:
    """Count what one sender has sent in the last hour, this mail among them."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(ReceivedMail)
            .where(ReceivedMail.sender == sender, ReceivedMail.received_at > now - timedelta(hours=1))
        )
        or 0
    )


def received_by(edition: Edition) -> Select[ReceivedMail]:
    """Select what came in about an edition, the latest first."""
    return (
        select(ReceivedMail)
        .where(ReceivedMail.edition_id == edition.id, ReceivedMail.worked_off_at.is_not(None))
        .options(joinedload(ReceivedMail.registration))
        .order_by(ReceivedMail.id.desc())
    )


def received_from(registration: Registration) -> Sequence[ReceivedMail]:
    """Return what came in about one registration, the latest first."""
    return db.session.scalars(
        select(ReceivedMail)
        .where(ReceivedMail.registration_id == registration.id, ReceivedMail.worked_off_at.is_not(None))
        .order_by(ReceivedMail.id.desc())
    ).all()


def has_replies(edition: Edition) -> bool:
    """Tell whether what any calendar has answered for an edition still holds."""
    return bool(db.session.scalar(select(exists(_holding().where(Registration.edition_id == edition.id)))))


def replies_of(keys: Collection[int]) -> dict[int, Reply]:
    """Return the answers of these registrations that still hold, by their keys."""
    rows = db.session.scalars(_holding().where(Reply.registration_id.in_(keys)))
    return {row.registration_id: row for row in rows}


def reply_of(registration: Registration) -> Reply | None:
    """Return the answer of one of them."""
    return db.session.scalar(_reply_of(), {"registration": registration.id})


@cache
def _reply_of() -> Select[Reply]:
    """Compose the statement of every own page once: it costs more than running it."""
    return _holding().where(Reply.registration_id == bindparam("registration"))


def latest_reply(registration: Registration) -> Reply | None:
    """Return the latest answer that counted, whether it still holds or not."""
    return db.session.get(Reply, registration.id)


def answered(answer: Answer) -> Select[int]:
    """Select the registrations whose calendar has answered so."""
    return _holding().with_only_columns(Reply.registration_id).where(Reply.answer == answer)


def _holding() -> Select[Reply]:
    """Select answers that are about the place that somebody has now, and its date.

    Who could not come to the date before has not said that they come to the new one, so a refusal stays.
    """
    same_date = or_(Reply.answer == Answer.DECLINED, Reply.sequence >= Registration.last_sequence)
    same_place = Reply.noted_at >= Registration.state_changed_at
    has_place = Registration.state == RegistrationState.CONFIRMED
    return select(Reply).join(Reply.registration).where(or_(not_(has_place), and_(same_place, same_date)))
