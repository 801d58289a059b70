"""Delivering the outbox: claim what is due, render it once, hand it over, write down what became of it.

At least once: a mail whose process dies between the server's answer and our commit goes out again, with the
same bytes and Message-ID. No transaction is open while the mail server is spoken to.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from eventhub import clock
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.facts import MailFailed, announce
from eventhub.mail import rendering
from eventhub.mail.composition import compose
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.transport import Answer, Outcome, Transport, Unreachable

BATCH = 50
LEASE = timedelta(minutes=2)
"""How long a worker may keep a mail; longer batches renew it."""
RENEWAL = timedelta(seconds=90)
"""A lease with less than this left is renewed before the next mail: no mail takes longer."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
"""The waiting times after each failed try; the last one again and again."""
LONGEST_PAUSE = PAUSES[-1] * 1.2
PAUSE_WITHOUT_SERVER = PAUSES[2]
"""While the server itself is away no mail is at fault, so all wait only so long at most."""
PATIENCE = timedelta(days=3)
LEAST_TRIES = 10
"""We give up when both are used up, so that a clock that jumps forward fails no mail."""

logger = logging.getLogger(__name__)
_table = cast(Table, OutboxMessage.__table__)


@dataclass(slots=True)
class Parcel:
    """One claimed mail on its way, and what became of it."""

    id: int
    attempts: int
    address: str
    edition_id: int | None
    created_at: datetime
    content: bytes | None
    state: MessageState = MessageState.SENDING
    due_at: datetime | None = None
    sent_at: datetime | None = None
    error: str = ""

    @property
    def is_open(self) -> bool:
        return self.state is MessageState.SENDING

    def sent(self) -> None:
        self.state, self.sent_at = MessageState.SENT, clock.now()

    def failed(self, reason: str) -> None:
        self.state, self.error = MessageState.FAILED, reason

    def postponed(self, reason: str, longest: timedelta = LONGEST_PAUSE) -> None:
        """Wait for the next try, with some chance in it so that a crowd does not come back at once."""
        now = clock.now()
        if self.attempts >= LEAST_TRIES and now - self.created_at > PATIENCE:
            self.failed(f"Given up after {self.attempts} tries. {reason}")
            return
        pause = min(PAUSES[min(self.attempts, len(PAUSES)) - 1], longest)
        jitter = random.uniform(0.9, 1.2)  # noqa: S311 - spreads load, protects nothing
        self.state, self.due_at, self.error = MessageState.WAITING, now + pause * jitter, reason

    def put_back(self) -> None:
        """Return it untried."""
        self.state, self.due_at = MessageState.WAITING, clock.now()
        self.attempts -= 1


@dataclass(slots=True)
class Batch:
    """Parcels under one lease."""

    leased_until: datetime
    renew_at: float
    parcels: list[Parcel]

    @property
    def open(self) -> list[Parcel]:
        return [parcel for parcel in self.parcels if parcel.is_open]


def deliver(stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due and return how many mails were handled; `stopping` is asked before each mail."""
    handled = 0
    with Transport() as transport:
        batch = _settle_and_claim(None)
        while batch:
            _prepare(batch)
            reached = _send(batch, transport, stopping)
            handled += len(batch.parcels)
            done, batch = batch, _settle_and_claim(batch, claim=reached and not stopping())
            _tell_failures(done.parcels)
    return handled


def recover() -> None:
    """Free mails whose worker died, and those that a jump of the clock has put far into the future."""
    now = clock.now()
    dead = and_(
        OutboxMessage.state == MessageState.SENDING,
        or_(OutboxMessage.leased_until <= now, OutboxMessage.leased_until > now + LEASE),
    )
    lost = and_(OutboxMessage.state == MessageState.WAITING, OutboxMessage.due_at > now + LONGEST_PAUSE)
    freed = {"state": MessageState.WAITING, "due_at": now, "leased_until": None}
    with transaction():
        db.session.execute(
            update(OutboxMessage)
            .where(or_(dead, lost))
            .values(freed)
            .execution_options(synchronize_session=False)
        )


# claiming and settling -------------------------------------------------------------------------------


def _settle_and_claim(done: Batch | None, *, claim: bool = True) -> Batch | None:
    """Write down what became of a batch and take the next one, in one transaction."""
    with transaction():
        if done:
            _settle(done)
        ids, leased_until = _claim() if claim else ([], clock.now())
    if not ids:
        return None
    return Batch(leased_until, _renewal_time(), _parcels(ids))


def _claim() -> tuple[Sequence[int], datetime]:
    """Lease due mails by one conditional update; whoever comes second finds them taken."""
    now = clock.now()
    due = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == MessageState.WAITING, OutboxMessage.due_at <= now, ~_has_predecessor())
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=OutboxMessage)
    )
    taken = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(due.scalar_subquery()), OutboxMessage.state == MessageState.WAITING)
        .values(state=MessageState.SENDING, leased_until=now + LEASE, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalars(taken).all(), now + LEASE


def _has_predecessor() -> ColumnElement[bool]:
    """Match mails that must wait for an earlier one of the same registration to the same address."""
    earlier = aliased(OutboxMessage)
    return exists().where(
        earlier.registration_id == OutboxMessage.registration_id,
        earlier.to_address == OutboxMessage.to_address,
        earlier.id < OutboxMessage.id,
        earlier.state.in_([MessageState.WAITING, MessageState.SENDING]),
    )


def _settle(batch: Batch) -> None:
    """Write every fate, unless the lease was lost and another worker has the mail now."""
    for parcel in batch.open:
        parcel.put_back()
    statement = (
        update(_table)
        .where(
            _table.c.id == bindparam("row"),
            _table.c.state == MessageState.SENDING,
            _table.c.leased_until == batch.leased_until,
        )
        .values(
            state=bindparam("new_state"),
            due_at=func.coalesce(bindparam("new_due"), _table.c.due_at),
            sent_at=bindparam("new_sent"),
            error=bindparam("new_error"),
            attempts=bindparam("new_attempts"),
            leased_until=None,
        )
    )
    rows = [
        {
            "row": parcel.id,
            "new_state": parcel.state,
            "new_due": parcel.due_at,
            "new_sent": parcel.sent_at,
            "new_error": parcel.error,
            "new_attempts": parcel.attempts,
        }
        for parcel in batch.parcels
    ]
    db.session.connection().execute(statement, rows)


def _renew(batch: Batch) -> None:
    """Keep the rest of a batch for longer; what another worker has taken meanwhile is let go."""
    now = clock.now()
    mine = (
        OutboxMessage.id.in_([parcel.id for parcel in batch.parcels]),
        OutboxMessage.state == MessageState.SENDING,
        OutboxMessage.leased_until == batch.leased_until,
    )
    with transaction():
        kept = set(
            db.session.scalars(
                update(OutboxMessage)
                .where(*mine)
                .values(leased_until=now + LEASE)
                .returning(OutboxMessage.id)
                .execution_options(synchronize_session=False)
            )
        )
    batch.parcels = [parcel for parcel in batch.parcels if parcel.id in kept]
    batch.leased_until, batch.renew_at = now + LEASE, _renewal_time()


def _renewal_time() -> float:
    return time.monotonic() + (LEASE - RENEWAL).total_seconds()


# rendering -------------------------------------------------------------------------------------------


def _parcels(ids: Sequence[int]) -> list[Parcel]:
    columns = (
        OutboxMessage.id,
        OutboxMessage.attempts,
        OutboxMessage.to_address,
        OutboxMessage.edition_id,
        OutboxMessage.created_at,
        OutboxMessage.content,
    )
    rows = db.session.execute(select(*columns).where(OutboxMessage.id.in_(ids)).order_by(OutboxMessage.id))
    return [Parcel(*row) for row in rows]


def _prepare(batch: Batch) -> None:
    """Render what was not rendered before and keep the bytes, before anything is sent."""
    blank = {parcel.id: parcel for parcel in batch.parcels if parcel.content is None}
    if not blank:
        return
    messages = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(blank))).all()
    held = rendering.load_together(messages)
    subjects = {message.id: _render(message, blank[message.id]) for message in messages}
    del held
    rendered = [
        {"row": number, "new_content": blank[number].content, "new_subject": subject}
        for number, subject in subjects.items()
        if blank[number].content is not None
    ]
    if rendered:
        with transaction():
            _keep(rendered)


def _keep(rendered: list[dict[str, Any]]) -> None:
    statement = (
        update(_table)
        .where(_table.c.id == bindparam("row"), _table.c.content.is_(None))
        .values(content=bindparam("new_content"), subject=bindparam("new_subject"))
    )
    db.session.connection().execute(statement, rendered)


def _render(message: OutboxMessage, parcel: Parcel) -> str:
    """Fill the parcel and return the subject; a broken template costs this mail and nothing else."""
    try:
        letter = rendering.render(message)
        if letter is None:
            parcel.state = MessageState.DROPPED
            return ""
        parcel.content = compose(letter)
        return letter.subject[:400]
    except SQLAlchemyError:
        raise
    except Exception as error:
        logger.exception("mail %s could not be written", message.id)
        parcel.failed(f"The mail could not be written: {type(error).__name__}: {error}"[:500])
        return ""


# sending ---------------------------------------------------------------------------------------------


def _send(batch: Batch, transport: Transport, stopping: Callable[[], bool]) -> bool:
    """Hand over the open mails of a batch; False when the server is out of reach for all of them."""
    keeps_only = current_app.config["SETTINGS"].mail_server is None
    for parcel in batch.open:
        if stopping():
            return False
        if time.monotonic() > batch.renew_at:
            _renew(batch)
        if parcel not in batch.parcels or parcel.content is None:
            continue
        if keeps_only:
            parcel.sent()
            continue
        try:
            _note(parcel, transport.hand_over(parcel.address, parcel.content))
        except Unreachable as reason:
            for waiting in batch.open:
                waiting.postponed(str(reason), PAUSE_WITHOUT_SERVER)
            logger.warning("%s", reason)
            return False
    return True


def _note(parcel: Parcel, outcome: Outcome) -> None:
    if outcome.answer is Answer.ACCEPTED:
        parcel.sent()
    elif outcome.answer is Answer.REFUSED:
        parcel.failed(outcome.reason)
    else:
        parcel.postponed(outcome.reason)


def _tell_failures(parcels: list[Parcel]) -> None:
    """Let higher features tell the organisers, each failure apart: none may undo what is written above."""
    for parcel in parcels:
        if parcel.state is not MessageState.FAILED:
            continue
        logger.error("mail %s failed for good", parcel.id)
        try:
            with transaction():
                announce(MailFailed(parcel.id, parcel.edition_id))
        except SQLAlchemyError:
            logger.exception("nobody was told that mail %s failed", parcel.id)
