"""Named reads of subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from eventhub import tokens
from eventhub.editions.models import Admission, Edition, EditionState, Series
from eventhub.editions.queries import is_listed
from eventhub.extensions import db
from eventhub.registration.rules import address_key
from eventhub.subscriptions.models import EditionNotice, Subscription


def by_token(token: str) -> Subscription | None:
    """Find the subscription that a personal link opens, with its series."""
    return db.session.scalar(
        select(Subscription)
        .where(Subscription.token_hash == tokens.fingerprint(token))
        .options(joinedload(Subscription.series))
    )


def by_address(series: Series, address: str) -> Subscription | None:
    return db.session.scalar(
        select(Subscription).where(
            Subscription.series_id == series.id, Subscription.email_key == address_key(address)
        )
    )


def number_of(series: Series) -> int:
    """Count who has confirmed; nobody learns more about them than this."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Subscription.series_id == series.id, Subscription.confirmed_at.is_not(None)
            )
        )
        or 0
    )


def untold_editions(now: datetime, series_id: int | None = None) -> Sequence[Edition]:
    """Return the coming editions that everybody may find and register for, and no subscriber knows of yet.

    Whether registration is open at this moment is left to the rules. A series without subscribers has none.
    """
    found = (
        select(Edition)
        .join(Edition.series)
        .where(
            is_listed(),
            Edition.state == EditionState.PUBLISHED,
            Edition.takes_registrations,
            Edition.admission != Admission.INVITATION,
            Edition.start_date >= now.date(),
            ~exists().where(EditionNotice.edition_id == Edition.id),
            exists().where(Subscription.series_id == Edition.series_id),
        )
        .order_by(Edition.id)
    )
    return db.session.scalars(found if series_id is None else found.where(Series.id == series_id)).all()
