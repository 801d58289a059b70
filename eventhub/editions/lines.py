"""Editions as plain rows, for feeds of hundreds: rows cost a fraction of objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from eventhub.database import UTCDateTime
from eventhub.editions.models import Edition, EditionState, Mode, Series
from eventhub.editions.queries import is_listed
from eventhub.extensions import db


@dataclass(frozen=True, slots=True)
class EditionLine:
    """What a calendar shows of an edition, under the names that the model has."""

    series: Series
    number: int | None
    slug: str | None
    calendar_uid: str
    sequence: int
    title: str
    theme: str
    zone: str
    start_date: date | None
    end_date: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    date_inferred: bool
    mode: Mode | None
    venue_name: str
    venue_address: str
    venue_city: str
    state: EditionState
    created_at: datetime
    changed_at: datetime

    @property
    def key(self) -> str:
        return str(self.number) if self.number is not None else str(self.slug)


def lines_for_feed(series: Series, cancelled_since: datetime) -> list[EditionLine]:
    """Return the listed editions of a series by date, without those cancelled before a moment."""
    values = {"series_id": series.id, "cancelled_since": cancelled_since}
    return [EditionLine(series, *row) for row in db.session.execute(_for_feed(), values)]


@cache
def _for_feed() -> Select[*tuple[Any, ...]]:
    """Compose the statement once: that costs more than running it."""
    columns = [getattr(Edition, name) for name in EditionLine.__slots__ if name != "series"]
    since = bindparam("cancelled_since", type_=UTCDateTime())
    return (
        select(*columns)
        .where(
            Edition.series_id == bindparam("series_id"),
            is_listed(),
            or_(Edition.state != EditionState.CANCELLED, Edition.changed_at >= since),
        )
        .order_by(Edition.start_date, Edition.id)
    )
