"""Named reads of organisations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from eventhub.accounts.models import User
from eventhub.extensions import db
from eventhub.organisations.models import Member, Organisation, Role

EDITORS = (Role.OWNER, Role.ORGANISER)


def by_slug(slug: str) -> Organisation | None:
    return db.session.scalar(select(Organisation).filter_by(slug=slug))


def all_organisations() -> Sequence[Organisation]:
    """Return every organisation by name: any of them may host, support or send a speaker."""
    return db.session.scalars(select(Organisation).order_by(Organisation.name)).all()


def organisations_of(user: User) -> Sequence[Organisation]:
    """Return the organisations for which a user may set up and edit meetings, by name."""
    return db.session.scalars(
        select(Organisation)
        .join(Member)
        .where(Member.user_id == user.id, Member.role.in_(EDITORS))
        .order_by(Organisation.name)
    ).all()


def has_logo(organisation: Organisation) -> bool:
    """Tell whether there is a logo, without loading it."""
    found = select(Organisation.id).where(Organisation.id == organisation.id, Organisation.logo.is_not(None))
    return db.session.scalar(found) is not None
