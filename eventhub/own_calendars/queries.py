"""Named reads of own calendars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from eventhub import tokens
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.own_calendars.models import OwnCalendar
from eventhub.registration.models import Registration

MOST = 200
"""How many places one calendar shows, the latest first."""


def by_token(token: str) -> OwnCalendar | None:
    return db.session.scalar(select(OwnCalendar).where(OwnCalendar.token_hash == tokens.fingerprint(token)))


def by_address(email_key: str) -> OwnCalendar | None:
    return db.session.scalar(select(OwnCalendar).where(OwnCalendar.email_key == email_key))


def registrations_of(calendar: OwnCalendar, since: datetime) -> Sequence[Registration]:
    """Return the places of the address with their editions, without those long ago."""
    return db.session.scalars(
        select(Registration)
        .join(Registration.edition)
        .join(Edition.series)
        .where(
            Registration.email_key == calendar.email_key,
            or_(Edition.start_date.is_(None), Edition.start_date >= since.date()),
        )
        .order_by(Edition.start_date.desc(), Registration.id)
        .limit(MOST)
        .options(contains_eager(Registration.edition).contains_eager(Edition.series))
    ).all()


def latest_registration(calendar: OwnCalendar) -> Registration | None:
    return db.session.scalar(
        select(Registration)
        .where(Registration.email_key == calendar.email_key)
        .order_by(Registration.id.desc())
        .limit(1)
    )
