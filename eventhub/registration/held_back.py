"""Seats held back for an organisation, for mail domains, or for whoever has a link, until a date.

They are places of the house that nobody else gets. A seat that is given back is held back again, and released
seats are like all others. An address alone opens a seat only once it is confirmed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import SYSTEM, record
from eventhub.registration import queries
from eventhub.registration.models import Quota, QuotaKind
from eventhub.registration.quotas import add_quota, remove_quota, require_free, set_capacity
from eventhub.web.languages import gettext as _

CODE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom seats are held back, how many, and until when; domains are parted by spaces."""

    label: str
    number: int
    until: datetime | None = None
    domains: str = ""


def hold_back(edition: Edition, terms: Terms) -> Quota:
    """Keep free seats for somebody in particular, until a moment or until they are released."""
    lock(edition)
    _require_future(terms)
    require_free(edition, terms.number)
    quota = add_quota(
        edition, QuotaKind.RESERVE, secrets.token_urlsafe(CODE_BYTES), terms.number, terms.label
    )
    quota.release_at, quota.domains = terms.until, terms.domains
    edition.held_back_count += terms.number
    record("seats.held_back", edition_id=edition.id, title=terms.label, number=terms.number)
    return quota


def change(edition: Edition, quota: Quota, terms: Terms) -> bool:
    """Hold back more or fewer seats, or on other terms; False where nothing is different."""
    lock(edition)
    lock(quota)
    before = terms_of(quota)
    if terms == before:
        return False
    if terms.until != before.until:
        _require_future(terms)
    quota.label, quota.release_at, quota.domains = terms.label, terms.until, terms.domains
    set_capacity(edition, quota, terms.number)
    record("seats.changed", edition_id=edition.id, title=terms.label, number=terms.number, row=quota.id)
    return True


def release(quota: Quota, actor: str | None = None) -> None:
    """Give seats that are still held back to all; who has one of them keeps it."""
    edition = db.session.get_one(Edition, quota.edition_id)
    lock(edition)
    left = (quota.capacity or 0) - quota.taken_count
    record("seats.released", edition_id=edition.id, actor=actor, title=quota.label, number=left)
    remove_quota(edition, quota)


def release_due(edition_id: int) -> int:
    """Release what is held back until now in an edition; return how many there were."""
    edition = db.session.get_one(Edition, edition_id)
    lock(edition)
    now = clock.now()
    due = [one for one in reserves(edition) if one.release_at is not None and one.release_at <= now]
    for quota in due:
        release(quota, SYSTEM)
    return len(due)


def editions_to_release() -> Sequence[int]:
    """Return the keys of the editions in which seats are held back for no longer than now."""
    due = select(Quota.edition_id).where(Quota.release_at <= clock.now()).distinct()
    return db.session.scalars(due).all()


def reserves(edition: Edition) -> list[Quota]:
    """Return what is held back in an edition; one without quotas costs no query."""
    if not edition.quota_count:
        return []
    return [quota for quota in queries.quotas(edition) if quota.kind is QuotaKind.RESERVE]


def reserve_of(edition: Edition, key: int) -> Quota | None:
    """Find seats that are held back in this edition; those of another edition do not exist here."""
    return next((one for one in reserves(edition) if one.id == key), None)


def by_code(edition: Edition, code: str) -> Quota | None:
    """Return the seats that a link opens."""
    return next((one for one in reserves(edition) if one.reference == code), None) if code else None


def terms_of(quota: Quota) -> Terms:
    return Terms(quota.label, quota.capacity or 0, quota.release_at, quota.domains)


def _require_future(terms: Terms) -> None:
    if terms.until is not None and terms.until <= clock.now():
        raise RuleBroken(_("Choose a moment that is still to come"), field="until")
