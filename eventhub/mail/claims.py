"""Who delivers which mail: parcels under a lease, claimed together and settled together.

Whoever claims has the mails for a short time. When the lease runs out, because the worker died, others may
take them; what a late worker then writes about them is ignored.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased, undefer

from eventhub import clock
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail import reasons
from eventhub.mail.models import MessageState, OutboxMessage

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


# Rows are changed one by one, in one round trip: PostgreSQL without statistics reads the table for many keys.
_table = cast(Table, OutboxMessage.__table__)
_TAKING = (
    update(_table)
    .where(_table.c.id == bindparam("row"))
    .values(state=MessageState.SENDING, leased_until=bindparam("until"), attempts=_table.c.attempts + 1)
)
_SETTLING = (
    update(_table)
    # whatever else changes the state of a mail ends its lease
    .where(_table.c.id == bindparam("row"), _table.c.leased_until == bindparam("lease"))
    .values(
        state=bindparam("new_state"),
        due_at=func.coalesce(bindparam("new_due"), _table.c.due_at),
        sent_at=bindparam("new_sent"),
        error=bindparam("new_error"),
        attempts=bindparam("new_attempts"),
        leased_until=None,
    )
)
_KEEPING = (
    update(_table)
    .where(_table.c.id == bindparam("row"), _table.c.content.is_(None))
    .values(
        content=bindparam("new_content"),
        subject=bindparam("new_subject"),
        return_path=bindparam("new_return_path"),
    )
)


@dataclass(slots=True)
class Parcel:
    """One claimed mail on its way, and what became of it."""

    id: int
    attempts: int
    address: str
    edition_id: int | None
    created_at: datetime
    content: bytes | None
    subject: str = ""
    return_path: str = ""
    is_new: bool = False
    """Rendered just now: its bytes are not in the database yet."""
    state: MessageState = MessageState.SENDING
    due_at: datetime | None = None
    sent_at: datetime | None = None
    error: str = ""
    nobody_there: bool = False

    @property
    def is_open(self) -> bool:
        return self.state is MessageState.SENDING

    def dropped(self, reason: str = "") -> None:
        self.state, self.error = MessageState.DROPPED, reason

    def sent(self) -> None:
        self.state, self.sent_at = MessageState.SENT, clock.now()

    def failed(self, reason: str) -> None:
        self.state, self.error = MessageState.FAILED, reason

    def postponed(self, reason: str, longest: timedelta = LONGEST_PAUSE) -> None:
        """Wait for the next try, with some chance in it so that a crowd does not come back at once."""
        now = clock.now()
        if self.attempts >= LEAST_TRIES and now - self.created_at > PATIENCE:
            self.failed(reasons.GIVEN_UP % {"tries": self.attempts, "reason": reason})
            return
        pause = min(PAUSES[min(self.attempts, len(PAUSES)) - 1], longest)
        jitter = random.uniform(0.9, 1.2)  # noqa: S311 - spreads load, protects nothing
        self.state, self.due_at, self.error = MessageState.WAITING, now + pause * jitter, reason

    def put_back(self) -> None:
        """Return it untried, to its place in the line."""
        self.state = MessageState.WAITING
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


def due() -> Sequence[OutboxMessage]:
    """Return the next mails that could be claimed, with the bytes that they have."""
    return db.session.scalars(_due(), {"now": clock.now(), "batch": BATCH}).all()


def exchange(done: Batch | None, wanted: Sequence[Parcel]) -> Batch | None:
    """Write down what became of a batch and claim the next, in one transaction; None where others have it."""
    now = clock.now()
    with transaction():
        if done:
            _settle(done)
        claimed = _claim([parcel.id for parcel in wanted], now) if wanted else set()
        mine = [parcel for parcel in wanted if parcel.id in claimed]
        _keep(mine)
    return Batch(now + LEASE, _renewal_time(), mine) if mine else None


def renew(batch: Batch) -> None:
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


# statements, each made once: SQLAlchemy needs longer to build them than to run them ------------------------


@cache
def _due() -> Select[OutboxMessage]:
    return (
        select(OutboxMessage)
        .where(*_claimable())
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(bindparam("batch"))
        .options(undefer(OutboxMessage.content))
    )


@cache
def _free() -> Select[int]:
    """Whoever comes second finds the mails locked or taken, and leaves them alone."""
    return (
        select(OutboxMessage.id)
        .where(OutboxMessage.id.in_(bindparam("ids", expanding=True)), *_claimable())
        .with_for_update(skip_locked=True, of=OutboxMessage)
    )


def _claimable() -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxMessage.state == MessageState.WAITING,
        OutboxMessage.due_at <= bindparam("now"),
        _is_next(),
    )


def _is_next() -> ColumnElement[bool]:
    """Match mails that need not wait for an earlier one of the same registration to the same address.

    Written as a value to look up, not as a join: PostgreSQL without statistics joins every open mail with
    every other.
    """
    open_one = aliased(OutboxMessage)
    first = (
        select(func.min(open_one.id))
        .where(
            open_one.registration_id == OutboxMessage.registration_id,
            open_one.to_address == OutboxMessage.to_address,
            open_one.state.in_([_literal(MessageState.WAITING), _literal(MessageState.SENDING)]),
        )
        .correlate(OutboxMessage)
        .scalar_subquery()
    )
    return func.coalesce(first, OutboxMessage.id) == OutboxMessage.id


def _literal(state: MessageState) -> ColumnElement[str]:
    """Write a state into the statement itself, as the condition of the index of open mails has it."""
    return literal_column(f"'{state.value}'")


def _claim(ids: list[int], now: datetime) -> set[int]:
    """Lock what is free of these mails, then take it: plain statements, which no plan makes slow."""
    free = list(db.session.scalars(_free(), {"ids": ids, "now": now}))
    if free:
        db.session.connection().execute(_TAKING, [{"row": key, "until": now + LEASE} for key in free])
    return set(free)


def _keep(parcels: Sequence[Parcel]) -> None:
    """Keep what was rendered, before anything is sent."""
    rows = [
        {
            "row": parcel.id,
            "new_content": parcel.content,
            "new_subject": parcel.subject,
            "new_return_path": parcel.return_path,
        }
        for parcel in parcels
        if parcel.is_new
    ]
    if rows:
        db.session.connection().execute(_KEEPING, rows)


def _settle(batch: Batch) -> None:
    """Write every fate, unless the lease was lost and another worker has the mail now."""
    for parcel in batch.open:
        parcel.put_back()
    rows = [
        {
            "row": parcel.id,
            "lease": batch.leased_until,
            "new_state": parcel.state,
            "new_due": parcel.due_at,
            "new_sent": parcel.sent_at,
            "new_error": parcel.error,
            "new_attempts": parcel.attempts,
        }
        for parcel in batch.parcels
    ]
    db.session.connection().execute(_SETTLING, rows)


def _renewal_time() -> float:
    return time.monotonic() + (LEASE - RENEWAL).total_seconds()
