"""Named reads. What the public may see is decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import contains_eager, selectinload
from sqlalchemy.sql.base import ExecutableOption

from eventhub.editions.models import (
    Edition,
    EditionOrganisation,
    EditionState,
    Series,
    Visibility,
)
from eventhub.extensions import db


def is_visible() -> ColumnElement[bool]:
    """An edition that everybody with its address may see: anything but a draft."""
    return Edition.state != EditionState.DRAFT


def is_listed() -> ColumnElement[bool]:
    """An edition that lists, search, feeds, the sitemap and the Atom feed may name."""
    return and_(is_visible(), Edition.visibility == Visibility.PUBLIC)


def number_of(key: str) -> int | None:
    """Return the number that a key of an address stands for; None for a slug."""
    return int(key) if key.isdecimal() and len(key) < 10 and str(int(key)) == key else None


def address(series_slug: str, key: str) -> ColumnElement[bool]:
    """Match the edition that stands behind `/<series>/<key>/`, where the key is a number or a slug."""
    number = number_of(key)
    named = Edition.slug == key if number is None else or_(Edition.number == number, Edition.slug == key)
    return and_(Series.slug == series_slug, named)


def visible_edition(series_slug: str, key: str) -> Edition | None:
    """Find an edition for the public; drafts do not exist for it."""
    values = {"series_slug": series_slug, "key": key, "number": number_of(key)}
    return db.session.scalar(_visible_edition(), values)


@cache
def _visible_edition() -> Select[Edition]:
    """Compose the statement once: that costs more than running it."""
    named = or_(Edition.number == bindparam("number"), Edition.slug == bindparam("key"))
    return (
        select(Edition)
        .join(Edition.series)
        .where(Series.slug == bindparam("series_slug"), named, is_visible())
        .options(contains_eager(Edition.series), *with_organisations())
    )


def visible_series(slug: str) -> Series | None:
    """Find a series that has at least one edition the public may see."""
    return db.session.scalar(
        select(Series).where(
            Series.slug == slug, exists().where(Edition.series_id == Series.id, is_visible())
        )
    )


def listed_editions(series: Series) -> Sequence[Edition]:
    """Return the editions of a series that its page shows, by number and date."""
    return db.session.scalars(
        select(Edition)
        .where(Edition.series_id == series.id, is_listed())
        .order_by(Edition.number, Edition.start_date, Edition.id)
        .options(*with_organisations())
    ).all()


def with_organisations() -> tuple[ExecutableOption, ...]:
    return (selectinload(Edition.organisation_links).joinedload(EditionOrganisation.organisation),)


def editions_of(series: Series) -> Sequence[Edition]:
    """Return all editions of a series."""
    return db.session.scalars(select(Edition).where(Edition.series_id == series.id)).all()


def last_edition(series: Series) -> Edition | None:
    """Find the edition that the next one follows: the one with the highest number, then the latest."""
    return db.session.scalar(
        select(Edition)
        .where(Edition.series_id == series.id, Edition.state != EditionState.CANCELLED)
        .order_by(
            Edition.number.is_(None),
            Edition.number.desc(),
            Edition.start_date.is_(None),
            Edition.start_date.desc(),
        )
        .limit(1)
        .options(selectinload(Edition.organisation_links), contains_eager(Edition.series))
        .join(Edition.series)
    )


def taken_numbers(series: Series) -> set[int]:
    found = db.session.scalars(select(Edition.number).where(Edition.series_id == series.id))
    return {number for number in found if number is not None}
