"""A reminder before the start, with the way there or the link, for whoever had a place when it was due."""

from __future__ import annotations

from sqlalchemy import Select, select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions import rules
from eventhub.editions.models import Edition, EditionState
from eventhub.facts import EditionChanged
from eventhub.history.service import SYSTEM, record
from eventhub.registration import mails


def remind(edition: Edition) -> bool:
    """Remind everybody with a place; False where it is not the time, or done already."""
    lock(edition)
    now, due = clock.now(), rules.reminds_at(edition)
    if due is None or not rules.must_remind(edition, now):
        return False
    edition.reminded_at = now
    mails.remind(edition, due)
    record("edition.reminded", edition_id=edition.id, actor=SYSTEM)
    return True


def follow_change(fact: EditionChanged) -> None:
    """Remind once more of a date that lies further away than the one people were reminded of."""
    due = rules.reminds_at(fact.edition)
    if due is not None and due > clock.now():
        fact.edition.reminded_at = None


def to_remind() -> Select[int]:
    """Select the editions near enough to remind of; their time is for the rules to decide."""
    today = clock.now().date()
    return select(Edition.id).where(
        Edition.state == EditionState.PUBLISHED,
        Edition.reminded_at.is_(None),
        Edition.start_date >= today - rules.ONE_DAY,
        Edition.start_date <= today + rules.LONGEST_AHEAD,
    )
