"""Who saved something that somebody else was editing, too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from eventhub.desk import words
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.web.languages import gettext as _
from eventhub.web.times import day_and_time


def last_author(actions: str | tuple[str, ...], zone: str, **where: Any) -> str:
    """Say who did one of these last and when; `where` names columns, anything else is one of the details."""
    known = (actions,) if isinstance(actions, str) else actions
    found = select(HistoryEntry).where(HistoryEntry.action.in_(known))
    for name, value in where.items():
        column = getattr(HistoryEntry, name, None)
        found = found.where((_detail(name, value) if column is None else column) == value)
    entry = db.session.scalar(found.order_by(HistoryEntry.id.desc()).limit(1))
    if entry is None:
        return ""
    return _("%(who)s, %(at)s", who=words.author(entry), at=day_and_time(entry.at, zone))


def _detail(name: str, value: Any) -> ColumnElement[Any]:
    detail = HistoryEntry.details[name]
    found: ColumnElement[Any] = detail.as_integer() if isinstance(value, int) else detail.as_string()
    return found
