"""Named reads of what has to be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import contains_eager

from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration


def past_with_people(today: date) -> Sequence[Edition]:
    """Return editions whose last day is over and whose people are still known, the oldest first."""
    known = exists().where(Registration.edition_id == Edition.id, Registration.erased_at.is_(None))
    written_to = exists().where(OutboxMessage.edition_id == Edition.id, OutboxMessage.to_address != "")
    last_day = func.coalesce(Edition.end_date, Edition.start_date)
    return db.session.scalars(
        select(Edition)
        .join(Edition.series)
        .where(last_day < today, or_(known, written_to))
        .order_by(last_day, Edition.id)
        .options(contains_eager(Edition.series))
    ).all()


def known_people(edition_id: int, most: int) -> Sequence[int]:
    """Return the keys of the first registrations of an edition that still name somebody."""
    return db.session.scalars(
        select(Registration.id)
        .where(Registration.edition_id == edition_id, Registration.erased_at.is_(None))
        .order_by(Registration.id)
        .limit(most)
    ).all()


def number_known(edition: Edition) -> int:
    """Count the registrations of an edition that still name somebody."""
    known = select(func.count()).where(
        Registration.edition_id == edition.id, Registration.erased_at.is_(None)
    )
    return db.session.scalar(known) or 0


def number_erased(edition: Edition) -> int:
    """Count the registrations whose person is forgotten."""
    erased = select(func.count()).where(
        Registration.edition_id == edition.id, Registration.erased_at.is_not(None)
    )
    return db.session.scalar(erased) or 0
