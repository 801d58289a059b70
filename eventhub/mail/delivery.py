"""Delivering the outbox: render what is due once, claim it, hand it over, write down what became of it.

At least once: a mail whose process dies between the server's answer and our commit goes out again, with the
same bytes and Message-ID. No transaction is open while the mail server is spoken to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from itertools import takewhile

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from eventhub.database import transaction
from eventhub.facts import MailFailed, announce
from eventhub.mail import claims, pace, reach, reasons, rendering
from eventhub.mail.claims import Batch, Parcel
from eventhub.mail.composition import compose
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.transport import Answer, Outcome, Transport, Unreachable

logger = logging.getLogger(__name__)


def deliver(stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due and return how many mails were handled; `stopping` is asked before each mail."""
    handled, reached = 0, True
    batch: Batch | None = None
    with Transport() as transport:
        while True:
            parcels = _prepare(stopping) if reached else []
            if not parcels and batch is None:
                return handled
            done, batch = batch, claims.exchange(batch, parcels)
            if done:
                _tell_failures(done)
            if batch:
                reached = _send(batch, transport, stopping)
                handled += len(batch.parcels)


# rendering -------------------------------------------------------------------------------------------


def _prepare(stopping: Callable[[], bool]) -> list[Parcel]:
    """Return the next mails that are due, each rendered now unless it was before."""
    if stopping():
        return []
    messages = claims.due()
    held = rendering.load_together([message for message in messages if message.content is None])
    hopeless = reach.unreachable_among(messages)
    begun = takewhile(lambda _message: not stopping(), messages)
    parcels = [_parcel(message, hopeless=message.id in hopeless) for message in begun]
    del held
    return parcels


def _parcel(message: OutboxMessage, *, hopeless: bool) -> Parcel:
    parcel = Parcel(
        id=message.id,
        attempts=message.attempts + 1,
        address=message.to_address,
        edition_id=message.edition_id,
        created_at=message.created_at,
        content=message.content,
        return_path=message.return_path,
    )
    if hopeless:
        parcel.dropped(reasons.UNREACHABLE)
    elif parcel.content is None:
        _render(message, parcel)
    return parcel


def _render(message: OutboxMessage, parcel: Parcel) -> None:
    """Fill the parcel; a broken template costs this mail and nothing else."""
    try:
        letter = rendering.render(message)
        if letter is None:
            parcel.dropped()
            return
        parcel.content, parcel.subject, parcel.is_new = compose(letter), letter.subject[:400], True
        parcel.return_path = letter.return_path
    except SQLAlchemyError:
        raise
    except Exception as error:
        logger.exception("mail %s could not be written", message.id)
        parcel.failed((reasons.NOT_WRITTEN % {"words": f"{type(error).__name__}: {error}"})[:500])


# sending ---------------------------------------------------------------------------------------------


def _send(batch: Batch, transport: Transport, stopping: Callable[[], bool]) -> bool:
    """Hand over the open mails of a batch; False when the server is out of reach for all of them."""
    keeps_only = current_app.config["SETTINGS"].mail_server is None
    for parcel in batch.open:
        if stopping():
            return False
        if time.monotonic() > batch.renew_at:
            claims.renew(batch)
        if parcel not in batch.parcels or parcel.content is None:
            continue
        if keeps_only:
            parcel.sent()
            continue
        if not pace.wait_for_turn(lambda: stopping() or time.monotonic() > batch.renew_at):
            return False
        try:
            _note(parcel, transport.hand_over(parcel.address, parcel.content, parcel.return_path))
        except Unreachable as reason:
            for waiting in batch.open:
                waiting.postponed(str(reason), claims.PAUSE_WITHOUT_SERVER)
            logger.warning("%s", reason)
            return False
    return True


def _note(parcel: Parcel, outcome: Outcome) -> None:
    if outcome.answer is Answer.ACCEPTED:
        parcel.sent()
    elif outcome.answer is Answer.REFUSED:
        parcel.failed(outcome.reason)
        parcel.nobody_there = outcome.nobody_there
    else:
        parcel.postponed(outcome.reason)


def _tell_failures(batch: Batch) -> None:
    """Let higher features tell the organisers, each failure apart: none may undo what is written above."""
    for parcel in batch.parcels:
        if parcel.state is not MessageState.FAILED:
            continue
        logger.error("mail %s failed for good", parcel.id)
        try:
            with transaction():
                announce(MailFailed(parcel.id, parcel.edition_id, parcel.nobody_there))
        except SQLAlchemyError:
            logger.exception("nobody was told that mail %s failed", parcel.id)
