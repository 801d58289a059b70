"""Named reads of organisations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.extensions import db
from eventhub.organisations.models import Level, Member, Organisation
from eventhub.organisations.roles import Capability, roles_with


def lasts(ends_at: InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
    """Match roles that have not ended yet."""
    return or_(ends_at.is_(None), ends_at > clock.now())


def by_slug(slug: str) -> Organisation | None:
    return db.session.scalar(select(Organisation).filter_by(slug=slug))


def all_organisations() -> Sequence[Organisation]:
    """Return every organisation by name: any of them may host, support or send a speaker."""
    return db.session.scalars(select(Organisation).order_by(Organisation.name)).all()


def levels_by_name() -> dict[str, Level]:
    """Return the level of government of every organisation that has one, by its names in a plain writing."""
    rows = db.session.execute(
        select(Organisation.name, Organisation.short_name, Organisation.level)
        .where(Organisation.level.is_not(None))
        .order_by(Organisation.name)
    )
    return {
        plain(name): level for *names, level in rows for name in names if name.strip() and level is not None
    }


def plain(name: str) -> str:
    """Return a name so that it is found however people write it: in capitals, or with more spaces."""
    return " ".join(name.casefold().split())


def organisations_of(user: User, capability: Capability = Capability.EDIT) -> Sequence[Organisation]:
    """Return the organisations for which a user may do this, as a rule set up and edit meetings, by name."""
    return db.session.scalars(
        select(Organisation)
        .join(Member)
        .where(Member.user_id == user.id, Member.role.in_(roles_with(capability)), lasts(Member.ends_at))
        .order_by(Organisation.name)
    ).all()


def may_set_up(user: User) -> bool:
    """Tell whether a user may set up a series for any organisation."""
    own = select(Member.user_id).where(
        Member.user_id == user.id, Member.role.in_(roles_with(Capability.EDIT)), lasts(Member.ends_at)
    )
    return bool(db.session.scalar(select(own.exists())))


def has_logo(organisation: Organisation) -> bool:
    """Tell whether there is a logo, without loading it."""
    found = select(Organisation.id).where(Organisation.id == organisation.id, Organisation.logo.is_not(None))
    return db.session.scalar(found) is not None
