"""Taking back the change of one or several editions that was saved last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Date, DateTime, Enum, Time, select

from eventhub.database import UTCDateTime, lock
from eventhub.editions import service
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.web.languages import gettext as _


class Version(NamedTuple):
    """An edition as a change has left it."""

    edition_id: int
    number: int


def undo(versions: Iterable[Version]) -> int:
    """Give each edition the values from before the change that made this version of it; all or none.

    It is a change as any other, but people to whom the first one was not told yet hear of neither.
    Returns how many editions changed.
    """
    rows = sorted(versions)
    if not rows:
        raise RuleBroken(_("This can’t be undone any more."))
    for version in rows:
        _take_back(version)
    return len(rows)


def _take_back(version: Version) -> None:
    edition, entry = db.session.get(Edition, version.edition_id), _entry(version)
    if edition is None or entry is None:
        raise RuleBroken(_("This can’t be undone any more."))
    lock(edition)
    if edition.version != version.number:
        raise RuleBroken(_("%(title)s has been changed since, so nothing is undone.", title=edition.title))
    before = {name: revived(name, old) for name, (old, _new) in entry.details["changes"].items()}
    service.update(edition, before, edition.version, undoes=entry.at)
    edition.own_fields = entry.details["own"]


def _entry(version: Version) -> HistoryEntry | None:
    """Find what the history says about the change."""
    return db.session.scalar(
        select(HistoryEntry).where(
            HistoryEntry.edition_id == version.edition_id,
            HistoryEntry.action == "edition.changed",
            HistoryEntry.details["version"].as_integer() == version.number,
        )
    )


def revived(name: str, value: Any) -> Any:
    """Return the value of a column that the history keeps as JSON."""
    kind = Edition.__table__.columns[name].type
    if value is None:
        return None
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    if isinstance(kind, UTCDateTime | DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return time.fromisoformat(value) if isinstance(kind, Time) else value
