"""Forgetting details of what people did; that it happened, and when, stays."""

from __future__ import annotations

from sqlalchemy import update

from eventhub.extensions import db
from eventhub.facts import RegistrationsErased
from eventhub.history.models import HistoryEntry


def forget_details(fact: RegistrationsErased) -> None:
    """Empty the details of entries about these registrations."""
    db.session.execute(
        update(HistoryEntry)
        .where(HistoryEntry.registration_id.in_(fact.registration_ids))
        .values(details={})
        .execution_options(synchronize_session=False)
    )
