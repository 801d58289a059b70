"""Editions as plain rows, for feeds of hundreds: rows cost a fraction of objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from eventhub.database import UTCDateTime
from eventhub.editions.models import (
    Edition,
    EditionOrganisation,
    EditionState,
    Mode,
    Part,
    Series,
    SeriesOrganisation,
)
from eventhub.editions.queries import is_listed
from eventhub.extensions import db
from eventhub.organisations.models import Organisation

MOST_IN_A_FEED = 1000
"""More entries are more than calendars take at once."""


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


def lines_of_all(cancelled_since: datetime, days_since: date) -> list[EditionLine]:
    """Return the listed editions of all series from a day on."""
    values = {"cancelled_since": cancelled_since, "days_since": days_since}
    return [EditionLine(*row) for row in db.session.execute(_of_all(), values)]


def lines_of_organisation(
    organisation: Organisation, cancelled_since: datetime, days_since: date
) -> list[EditionLine]:
    """Return the same of what an organisation runs or hosts."""
    values = {
        "cancelled_since": cancelled_since,
        "days_since": days_since,
        "organisation_id": organisation.id,
    }
    return [EditionLine(*row) for row in db.session.execute(_of_organisation(), values)]


def is_run_by(organisation_id: BindParameter[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Match editions whose series an organisation runs, or which it hosts."""
    runs = exists().where(
        SeriesOrganisation.series_id == Edition.series_id,
        SeriesOrganisation.organisation_id == organisation_id,
    )
    hosts = exists().where(
        EditionOrganisation.edition_id == Edition.id,
        EditionOrganisation.organisation_id == organisation_id,
        EditionOrganisation.part == Part.HOST,
    )
    return or_(*(found.correlate(Edition, Organisation) for found in (runs, hosts)))


# Statements are composed once: that costs more than running them.


@cache
def _for_feed() -> Select[*tuple[Any, ...]]:
    return (
        select(*_columns())
        .where(Edition.series_id == bindparam("series_id"), _is_shown())
        .order_by(Edition.start_date, Edition.id)
    )


@cache
def _of_all() -> Select[*tuple[Any, ...]]:
    since = bindparam("days_since", type_=Date())
    return (
        select(Series, *_columns())
        .join(Edition.series)
        .where(_is_shown(), Edition.start_date >= since)
        .order_by(Edition.start_date, Edition.id)
        .limit(MOST_IN_A_FEED)
    )


@cache
def _of_organisation() -> Select[*tuple[Any, ...]]:
    return _of_all().where(is_run_by(bindparam("organisation_id", type_=Integer())))


def _columns() -> list[Any]:
    return [getattr(Edition, name) for name in EditionLine.__slots__ if name != "series"]


def _is_shown() -> ColumnElement[bool]:
    since = bindparam("cancelled_since", type_=UTCDateTime())
    return and_(is_listed(), or_(Edition.state != EditionState.CANCELLED, Edition.changed_at >= since))
