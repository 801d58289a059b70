"""From where questions can be copied, and whose an edition asks."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from eventhub.accounts.models import User
from eventhub.editions.models import Edition, Series
from eventhub.editions.rights import editions_for, series_for
from eventhub.extensions import db
from eventhub.registration.choices import role_title
from eventhub.registration.models import ParticipantRole
from eventhub.registration.queries import roles

MOST = 200
MOST_ROLES = 40


@dataclass(frozen=True)
class Source:
    """A questionnaire that the user may copy, and what it belongs to."""

    key: int
    title: str


def sources(user: User, row: Series | Edition) -> list[Source]:
    """Return the questionnaires of the user's series and editions, except that of `row`."""
    own_series = db.session.execute(
        select(Series.questionnaire_id, Series.title)
        .where(series_for(user), Series.questionnaire_id.is_not(None))
        .order_by(Series.title)
        .limit(MOST)
    )
    own_editions = db.session.execute(
        select(Edition.questionnaire_id, Edition.title)
        .join(Edition.series)
        .where(editions_for(user), Edition.questionnaire_id.is_not(None))
        .order_by(Edition.id.desc())
        .limit(MOST)
    )
    return [
        Source(key, title)
        for key, title in (*own_series, *own_editions)
        if key is not None and key != row.questionnaire_id
    ]


def roles_of(row: Series | Edition) -> dict[str, str]:
    """Return names and titles of what people can come as, in a series those of all its editions."""
    if isinstance(row, Edition):
        return {role.slug: role_title(role) for role in roles(row)}
    found = db.session.scalars(
        select(ParticipantRole)
        .join(Edition, Edition.id == ParticipantRole.edition_id)
        .where(Edition.series_id == row.id)
        .order_by(Edition.id.desc(), ParticipantRole.position, ParticipantRole.id)
        .limit(MOST)
    )
    titles: dict[str, str] = {}
    for role in found:
        if len(titles) < MOST_ROLES:
            titles.setdefault(role.slug, role_title(role))
    return titles
