"""Tokens by which programs read what their user may see. Shown once; kept is only their SHA-256."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from eventhub import clock
from eventhub.accounts.models import ApiToken, User
from eventhub.database import lock
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.tokens import fingerprint
from eventhub.web.languages import gettext as _

PREFIX = "eventhub_"
"""By which people, and programs that search for secrets, know what it is."""
LONGEST = timedelta(days=366)
USUAL = timedelta(days=90)
MOST = 20
NOTED_EVERY = timedelta(hours=1)
KEPT_AFTERWARDS = timedelta(days=30)


def create(user: User, name: str, last_day: date, *, reads_people: bool) -> str:
    """Make a token that is good until the end of a day, and return it: nobody can read it again."""
    lock(db.session.get_one(User, user.id))  # what pages know as the user only stands for the row
    if len(tokens_of(user)) >= MOST:
        raise RuleBroken(_("At most %(most)s. Remove one first.", most=MOST))
    token = PREFIX + secrets.token_urlsafe(32)
    db.session.add(
        ApiToken(
            user_id=user.id,
            name=name,
            token_hash=fingerprint(token),
            reads_people=reads_people,
            ends_at=_end_of(last_day),
        )
    )
    return token


def usable(token: str) -> ApiToken | None:
    """Find what a program shows, unless it has ended or its account is closed."""
    return db.session.scalar(
        select(ApiToken)
        .join(ApiToken.user)
        .where(ApiToken.token_hash == fingerprint(token), ApiToken.ends_at > clock.now(), User.active)
        .options(joinedload(ApiToken.user))
    )


def tokens_of(user: User) -> list[ApiToken]:
    """Return a user's tokens, the latest first; also those that have ended a short while ago."""
    return list(db.session.scalars(select(ApiToken).filter_by(user_id=user.id).order_by(ApiToken.id.desc())))


def remove(user: User, key: int) -> bool:
    """Make a token void at once; False where the user has no such one."""
    token = next((one for one in tokens_of(user) if one.id == key), None)
    if token is not None:
        db.session.delete(token)
    return token is not None


def must_note_use(token: ApiToken) -> bool:
    """Tell whether it was last seen so long ago that it is worth a write."""
    return token.used_at is None or token.used_at < clock.now() - NOTED_EVERY


def note_use(token: ApiToken) -> None:
    token.used_at = clock.now()


def forget_ended() -> None:
    """Delete tokens that have ended and that their owner had time to miss."""
    db.session.execute(delete(ApiToken).where(ApiToken.ends_at < clock.now() - KEPT_AFTERWARDS))


def _end_of(last_day: date) -> datetime:
    """Return when a last day ends; refuses what is over, and what is more than a year ahead."""
    zone = ZoneInfo(current_app.config["SETTINGS"].default_timezone)
    today = clock.now().astimezone(zone).date()
    if not today <= last_day <= today + LONGEST:
        raise RuleBroken(_("Choose a day within the next 12 months"), field="last_day")
    return datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(UTC)
