"""Who may do what in series and editions, as the database knows it.

What a role is good for stands in `organisations.roles`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Subquery,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import contains_eager

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.editions.models import Edition, Series, SeriesOrganisation
from eventhub.editions.queries import address, with_organisations
from eventhub.extensions import db
from eventhub.organisations.models import Grant, Member
from eventhub.organisations.queries import lasts
from eventhub.organisations.roles import Capability, Held, Rights, Role, roles_with

AFTERWARDS = timedelta(days=7)
"""How long after its last day a right that ends with an edition is good: for thanks and corrections."""


def found_series(user: User, slug: str) -> tuple[Series, Rights] | None:
    """Find a series in which the user has any role, be it in one edition, and what they may do there."""
    held = _held()
    rows = db.session.execute(
        select(Series, held.c.edition_id, held.c.role, held.c.within)
        .join(held, held.c.series_id == Series.id)
        .where(Series.slug == slug, held.c.user_id == user.id)
    ).all()
    return (rows[0][0], _rights(rows)) if rows else None


def found_edition(user: User, series_slug: str, key: str) -> tuple[Edition, Rights] | None:
    """Find an edition in any state in which the user has any role, and what they may do there."""
    held = _held()
    rows = db.session.execute(
        select(Edition, held.c.edition_id, held.c.role, held.c.within)
        .join(Edition.series)
        .join(held, _covers(held))
        .where(address(series_slug, key), held.c.user_id == user.id)
        .options(contains_eager(Edition.series), *with_organisations())
    ).all()
    return (rows[0][0], _rights(rows)) if rows else None


def rights_of(user: User) -> dict[int, Rights]:
    """Return what a user may do everywhere, by series."""
    held = _held()
    found: dict[int, list[Held]] = {}
    for series_id, *one in db.session.execute(
        select(held.c.series_id, held.c.edition_id, held.c.role, held.c.within).where(
            held.c.user_id == user.id
        )
    ):
        found.setdefault(series_id, []).append(_held_by(one))
    return {series_id: Rights(tuple(them)) for series_id, them in found.items()}


def series_for(user: User) -> ColumnElement[bool]:
    """Match the series in which a user has a role, as a whole."""
    held = _held()
    return exists().where(
        held.c.series_id == Series.id, held.c.edition_id.is_(None), held.c.user_id == user.id
    )


def editions_for(user: User) -> ColumnElement[bool]:
    """Match the editions in which a user has a role, in any of the ways there are."""
    held = _held()
    return exists().where(_covers(held), held.c.user_id == user.id)


def users_with(capability: Capability, edition: Edition) -> Sequence[User]:
    """Return the active users who may do this in an edition, by address."""
    held, roles = _held(), roles_with(capability)
    having = select(held.c.user_id).where(
        held.c.series_id == edition.series_id,
        or_(held.c.edition_id.is_(None), held.c.edition_id == edition.id),
        held.c.role.in_(roles),
        held.c.within.in_(roles),
    )
    return db.session.scalars(select(User).where(User.active, User.id.in_(having)).order_by(User.email)).all()


def grant_lasts() -> ColumnElement[bool]:
    """Match grants that have not ended yet; `Edition` must be joined."""
    last_day = func.coalesce(Edition.end_date, Edition.start_date)
    return and_(
        lasts(Grant.ends_at),
        or_(~Grant.ends_with_edition, last_day.is_(None), last_day >= clock.now().date() - AFTERWARDS),
    )


def _held() -> Subquery:
    """Compose what everybody holds: as members of organisations that run a series, and by grants."""
    whole, unbounded = cast(null(), Integer), literal(Role.OWNER, Member.role.type)
    running = (
        select(
            Member.user_id,
            SeriesOrganisation.series_id,
            whole.label("edition_id"),
            Member.role,
            unbounded.label("within"),
        )
        .join(SeriesOrganisation, SeriesOrganisation.organisation_id == Member.organisation_id)
        .where(lasts(Member.ends_at))
    )
    granted = (
        select(Grant.user_id, Grant.series_id, Grant.edition_id, Grant.role, unbounded)
        .outerjoin(Edition, Edition.id == Grant.edition_id)
        .where(Grant.user_id.is_not(None), grant_lasts())
    )
    through_organisation = (
        select(Member.user_id, Grant.series_id, Grant.edition_id, Grant.role, Member.role)
        .join(Member, Member.organisation_id == Grant.organisation_id)
        .outerjoin(Edition, Edition.id == Grant.edition_id)
        .where(lasts(Member.ends_at), grant_lasts())
    )
    return union_all(running, granted, through_organisation).subquery("held")


def _covers(held: Subquery) -> ColumnElement[bool]:
    return and_(
        held.c.series_id == Edition.series_id,
        or_(held.c.edition_id.is_(None), held.c.edition_id == Edition.id),
    )


def _rights(rows: Sequence[Row[Any]]) -> Rights:
    return Rights(tuple(_held_by(row[1:]) for row in rows))


def _held_by(columns: Sequence[Any]) -> Held:
    edition_id, role, within = columns
    return Held(edition_id, role, within)
