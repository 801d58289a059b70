"""Forgetting people: when they wish it, and when the retention of an edition is over.

Each feature erases its own part: `reactions.py` lists who does on RegistrationsErased and EditionErased.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import erases_on, is_over
from eventhub.extensions import db
from eventhub.facts import EditionErased, RegistrationsErased, RetentionEnds, announce
from eventhub.history.service import PARTICIPANT, SYSTEM, record
from eventhub.mail import erasure
from eventhub.mail.models import OutboxMessage
from eventhub.privacy import mails, rules
from eventhub.registration import service as registration
from eventhub.registration.models import ENDED, Registration


def erase_own(own: Registration) -> None:
    """Give the place up, say goodbye by mail, and forget who it was."""
    lock(own.edition)
    lock(own)
    if own.erased_at is not None:
        return
    if can_be_cancelled(own):
        registration.cancel(own, "participant")
    mails.erased(own)
    db.session.flush()  # what is erased must be in the database
    announce(RegistrationsErased((own.id,)))
    record("registration.erased", edition_id=own.edition_id, registration_id=own.id, actor=PARTICIPANT)


def can_be_cancelled(own: Registration) -> bool:
    """Tell whether there is a place, or one in the line, that others could have."""
    edition = own.edition
    passed = is_over(edition, clock.now()) or edition.state is EditionState.CANCELLED
    return own.state not in ENDED and not passed


def erase_people(edition: Edition, keys: Sequence[int]) -> None:
    """Forget who these registrations of one edition are, as its retention is over."""
    lock(edition)
    announce(RetentionEnds(edition))
    announce(RegistrationsErased(tuple(keys)))


def finish(edition: Edition) -> None:
    """Note that nobody of an edition is known any more, and forget what hangs on the edition itself."""
    lock(edition)
    announce(EditionErased(edition))
    if edition.erased_at is None:
        record("edition.erased", edition_id=edition.id, actor=SYSTEM)
    edition.erased_at = clock.now()


def forget_farewells() -> int:
    """Empty mails that were still on their way when their people were forgotten; return how many."""
    erased = select(Registration.id).where(Registration.erased_at.is_not(None))
    gone = select(Edition.id).where(Edition.erased_at.is_not(None))
    return erasure.empty(OutboxMessage.registration_id.in_(erased), erasure.is_done()) + erasure.empty(
        OutboxMessage.edition_id.in_(gone), erasure.is_done()
    )


def keep_until(edition: Edition, day: date | None) -> None:
    """Set the day on which people of an edition are forgotten; None leaves it to the series."""
    lock(edition)
    rules.check_day(edition, day, clock.now().date())
    if edition.erase_on == day:
        return
    changes = {"erase_on": (edition.erase_on, day)}
    edition.erase_on = day
    record("edition.changed", edition_id=edition.id, changes=changes)


def is_due(edition: Edition) -> bool:
    """Tell whether the people of an edition have to be forgotten now."""
    day = erases_on(edition)
    return day is not None and day <= clock.now().date()
