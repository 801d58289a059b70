"""Named reads of the public lists: start page, series page, feeds and sitemap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased, contains_eager

from eventhub.agenda.models import Kind, Slot, SlotSpeaker, Speaker
from eventhub.database import UTCDateTime
from eventhub.editions.lines import is_run_by
from eventhub.editions.models import Edition, EditionState, Series, SeriesOrganisation
from eventhub.editions.queries import is_listed, with_organisations
from eventhub.extensions import db
from eventhub.organisations.models import Organisation
from eventhub.web.links import link_to, path_to

Moment = datetime | BindParameter[datetime]
Day = date | BindParameter[date]
MOST_MARKS = 11
"""More columns do not fit on the ruler of a series."""
MOST_NEAR = 6
"""The same for phones."""


def is_past(now: Moment, today: Day) -> ColumnElement[bool]:
    """Match editions that are over, as far as their date is known; the counterpart of `rules.is_over`."""
    end = func.coalesce(Edition.ends_at, Edition.starts_at)
    last_day = func.coalesce(Edition.end_date, Edition.start_date)
    found = or_(
        Edition.state == EditionState.COMPLETED,
        end <= now,
        and_(end.is_(None), last_day < today),
        and_(Edition.state == EditionState.CANCELLED, last_day.is_(None)),
        and_(last_day.is_(None), Edition.planned == "", _is_overtaken(today)),
    )
    return func.coalesce(found, False)


def _is_overtaken(today: Day) -> ColumnElement[bool]:
    """Match editions whose number comes before that of one that is over, so they must be as well."""
    later = aliased(Edition)
    return exists().where(
        later.series_id == Edition.series_id,
        later.number > Edition.number,
        later.start_date < today,
        later.state.in_((EditionState.PUBLISHED, EditionState.COMPLETED)),
    )


def listed() -> Select[Edition]:
    """Start from the editions that lists may name, each with its series."""
    return select(Edition).join(Edition.series).where(is_listed()).options(contains_eager(Edition.series))


def coming(now: datetime) -> Select[Edition]:
    """Return what lies ahead, the next one first; what has no day yet stands last."""
    return (
        listed()
        .where(is_past(now, now.date()).is_(False))
        .order_by(
            Edition.start_date.asc().nulls_last(),
            Edition.start_time.asc().nulls_last(),
            Series.title,
            Edition.id,
        )
    )


def past(now: datetime) -> Select[Edition]:
    """Return what is over, the latest first; what has no day stands last."""
    return (
        listed()
        .where(is_past(now, now.date()))
        .order_by(
            Edition.start_date.desc().nulls_last(),
            Series.title,
            Edition.number.desc().nulls_last(),
            Edition.id,
        )
    )


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A series in a list."""

    slug: str
    title: str
    subtitle: str
    language: str
    editions: int


def listed_series() -> list[SeriesLine]:
    """Return the series that have something to show, with the number of their listed editions."""
    statement = (
        select(Series.slug, Series.title, Series.subtitle, Series.language, func.count(Edition.id))
        .join(Edition, Edition.series_id == Series.id)
        .where(is_listed())
        .group_by(Series.id)
        .order_by(Series.is_example, Series.title)
    )
    return [SeriesLine(*row) for row in db.session.execute(statement)]


def public_organisations() -> list[Organisation]:
    """Return the organisations that run or host something that lists may name."""
    has_some = exists().where(is_listed(), is_run_by(Organisation.id)).correlate(Organisation)
    return list(db.session.scalars(select(Organisation).where(has_some).order_by(Organisation.name)))


def public_organisation(slug: str) -> Organisation | None:
    """Find such an organisation; its calendar stays when all that it ran is cancelled."""
    has_some = exists().where(is_listed(), is_run_by(Organisation.id)).correlate(Organisation)
    return db.session.scalar(select(Organisation).where(Organisation.slug == slug, has_some))


@dataclass(frozen=True, slots=True)
class Mark:
    """An edition on the ruler of its series."""

    id: int
    number: int | None
    slug: str | None
    title: str
    start_date: date | None
    planned: str
    past: bool

    @property
    def key(self) -> str:
        return str(self.number) if self.number is not None else str(self.slug)

    @property
    def label(self) -> str:
        return f"#{self.number}" if self.number is not None else "•"


def marks(series_id: int, now: datetime) -> list[Mark]:
    """Return all listed editions of a series in their order, as little of each as the ruler needs."""
    values = {"series_id": series_id, "now": now, "today": now.date()}
    found = [Mark(*row) for row in db.session.execute(_marks(), values)]
    numbered = all(mark.number is not None for mark in found)
    return sorted(found, key=_by_number if numbered else _by_date)


@cache
def _marks() -> Select[*tuple[Any, ...]]:
    """Compose the statement once: that costs more than running it."""
    return select(
        Edition.id,
        Edition.number,
        Edition.slug,
        Edition.title,
        Edition.start_date,
        Edition.planned,
        is_past(bindparam("now", type_=UTCDateTime()), bindparam("today", type_=Date())),
    ).where(Edition.series_id == bindparam("series_id"), is_listed())


def _by_number(mark: Mark) -> tuple[int, int]:
    return (mark.number or 0, mark.id)


def _by_date(mark: Mark) -> tuple[bool, date, int, int]:
    return (not mark.past, mark.start_date or date.max, mark.number or 0, mark.id)


class Notch(NamedTuple):
    """A mark on a ruler cut to size; those not near the current one give way on phones."""

    mark: Mark
    current: bool
    near: bool


def around(found: Sequence[Mark], current: int | None) -> list[Notch]:
    """Cut the ruler to what fits on it: up to two editions after the current one, the rest before it."""
    at = next((at for at, mark in enumerate(found) if mark.id == current), len(found) - 1)
    kept, near = _window(len(found), at, MOST_MARKS), _window(len(found), at, MOST_NEAR)
    return [Notch(found[place], found[place].id == current, place in near) for place in kept]


def _window(size: int, at: int, width: int) -> range:
    last = min(size, max(at + 3, width))
    return range(max(0, last - width), last)


def editions_by_id(ids: Sequence[int]) -> dict[int, Edition]:
    """Return editions with their series and organisations, by id."""
    statement = (
        select(Edition)
        .join(Edition.series)
        .where(Edition.id.in_(ids))
        .options(contains_eager(Edition.series), *with_organisations())
    )
    return {edition.id: edition for edition in db.session.scalars(statement)}


def with_slots(ids: Sequence[int]) -> set[int]:
    """Return which of these editions have a programme."""
    return set(db.session.scalars(select(Slot.edition_id).where(Slot.edition_id.in_(ids)).distinct()))


@dataclass(frozen=True, slots=True)
class Organiser:
    """An organisation that runs a series; `logo` is the address of its logo, if it has one."""

    name: str
    url: str
    logo: str


def organisers(series: Series) -> list[Organiser]:
    """Return the organisations that run a series."""
    rows = db.session.execute(_organisers(), {"series_id": series.id})
    return [
        Organiser(name, url, path_to("site.logo", series=series.slug, organisation=slug) if has_logo else "")
        for name, url, slug, has_logo in rows
    ]


@cache
def _organisers() -> Select[str, str, str, bool]:
    return (
        select(Organisation.name, Organisation.url, Organisation.slug, Organisation.logo.is_not(None))
        .join(SeriesOrganisation, SeriesOrganisation.organisation_id == Organisation.id)
        .where(SeriesOrganisation.series_id == bindparam("series_id"))
        .order_by(SeriesOrganisation.position, Organisation.name)
    )


def visible_logo(series: Series, slug: str) -> bytes | None:
    """Return the logo of an organisation that runs the series; other logos stand on no public page."""
    return db.session.scalar(
        select(Organisation.logo)
        .join(SeriesOrganisation, SeriesOrganisation.organisation_id == Organisation.id)
        .where(SeriesOrganisation.series_id == series.id, Organisation.slug == slug)
    )


def newest(limit: int, series: Series | None = None) -> Sequence[Edition]:
    """Return the editions published last, for an Atom feed."""
    statement = listed().options(*with_organisations())
    if series is not None:
        statement = statement.where(Edition.series_id == series.id)
    published = func.coalesce(Edition.published_at, Edition.created_at)
    return db.session.scalars(statement.order_by(published.desc(), Edition.id.desc()).limit(limit)).all()


class Place(NamedTuple):
    """The address of a page and its last change."""

    address: str
    changed_at: datetime | None


def places(limit: int) -> list[Place]:
    """Return every page that a sitemap may name: start, series, editions, slots, speakers."""
    key = func.coalesce(cast(Edition.number, String), Edition.slug)
    statements: list[tuple[str, tuple[str, ...], Select[*tuple[Any, ...]]]] = [
        (
            "site.series",
            ("series",),
            select(Series.slug, func.max(Edition.updated_at)).join(Series.editions).group_by(Series.slug),
        ),
        (
            "site.edition",
            ("series", "edition"),
            select(Series.slug, key, Edition.updated_at).join(Edition.series),
        ),
        (
            "site.slot",
            ("series", "edition", "slot"),
            select(Series.slug, key, Slot.slug, Slot.changed_at)
            .join(Slot.edition)
            .join(Edition.series)
            .where(Slot.kind != Kind.BREAK),
        ),
        (
            "site.speaker",
            ("series", "speaker"),
            select(Series.slug, Speaker.slug, func.max(Slot.changed_at))
            .join(Speaker.series)
            .join(SlotSpeaker, SlotSpeaker.speaker_id == Speaker.id)
            .join(SlotSpeaker.slot)
            .join(Slot.edition)
            .group_by(Series.slug, Speaker.slug),
        ),
    ]
    found = [Place(link_to("site.start"), None)]
    for endpoint, names, statement in statements:
        for row in db.session.execute(statement.where(is_listed()).limit(limit - len(found))):
            address = link_to(endpoint, **dict(zip(names, row, strict=False)))
            found.append(Place(address, row[-1]))
    return found
