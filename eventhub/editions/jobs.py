"""Work on the clock for series."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from eventhub.database import transaction
from eventhub.editions.ahead import due_days, make_due, today_in
from eventhub.editions.models import SeriesRule
from eventhub.extensions import db


def plan_editions(stopping: Callable[[], bool] = lambda: False) -> None:
    """Make the next editions of every series with a rule, each series in a transaction of its own."""
    rules = db.session.scalars(select(SeriesRule).options(joinedload(SeriesRule.series)))
    due = [rule.series_id for rule in rules if due_days(rule, today_in(rule.series))]
    for key in due:
        if stopping():
            return
        with transaction():
            rule = db.session.get(SeriesRule, key)
            if rule is not None:
                make_due(rule)
