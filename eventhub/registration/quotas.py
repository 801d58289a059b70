"""Limits inside an edition: added, changed, lifted."""

from __future__ import annotations

from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.registration import queries
from eventhub.registration.models import Quota, QuotaKind
from eventhub.registration.places import pass_on
from eventhub.web.languages import ngettext


def add_quota(
    edition: Edition, kind: QuotaKind, reference: str, capacity: int | None, label: str = ""
) -> Quota:
    """Limit something in an edition. Whoever is registered already needs nothing of it."""
    lock(edition)
    quota = Quota(edition_id=edition.id, kind=kind, reference=reference, capacity=capacity, label=label)
    db.session.add(quota)
    edition.quota_count += 1
    db.session.flush()  # claims name its key
    return quota


def set_capacity(edition: Edition, quota: Quota, capacity: int | None) -> None:
    """Change a limit; not below what is taken. Where it grows, people move up."""
    lock(edition)
    lock(quota)
    require_at_least(quota.taken_count, capacity)
    if capacity == quota.capacity:
        return
    if quota.kind is QuotaKind.RESERVE:
        more = (capacity or 0) - (quota.capacity or 0)
        require_free(edition, more)
        edition.held_back_count += more
    quota.capacity = capacity
    pass_on(edition)


def remove_quota(edition: Edition, quota: Quota) -> None:
    """Lift a limit: nobody needs it any more, and who waits for it waits for the house, or moves up."""
    lock(edition)
    lock(quota)
    if quota.kind is QuotaKind.RESERVE:
        edition.held_back_count -= (quota.capacity or 0) - quota.taken_count
    for registration in queries.all_in_line(quota):
        registration.waits_for = None
    for claim in queries.claims_on(quota):
        db.session.delete(claim)
    db.session.flush()  # nothing refers to it any more
    db.session.expire_all()
    db.session.delete(quota)
    edition.quota_count -= 1
    pass_on(edition)


def require_at_least(taken: int, capacity: int | None) -> None:
    """Refuse a limit below what is taken."""
    if capacity is not None and capacity < taken:
        raise RuleBroken(
            ngettext(
                "%(num)s place is taken already; there can’t be fewer",
                "%(num)s places are taken already; there can’t be fewer",
                taken,
            ),
            field="capacity",
        )


def require_free(edition: Edition, number: int) -> None:
    """Refuse to hold more seats back than are free."""
    free = edition.free_places
    if free is not None and number > free:
        raise RuleBroken(
            ngettext(
                "Only %(num)s place is free, so no more can be held back",
                "Only %(num)s places are free, so no more can be held back",
                max(free, 0),
            ),
            field="capacity",
        )
