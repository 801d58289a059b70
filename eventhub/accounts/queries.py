"""Named reads of users and sign-in links."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from eventhub import clock
from eventhub.accounts.models import SignInLink, User
from eventhub.extensions import db
from eventhub.tokens import fingerprint

SESSION_LIFETIME = timedelta(days=30)


def normalised(email: str) -> str:
    """Return an address as accounts store it."""
    return email.strip().lower()


def user_by_email(email: str) -> User | None:
    return db.session.scalar(select(User).filter_by(email=normalised(email)))


def user_of_session(session_id: str, link_id: int | None) -> User | None:
    """Find who is signed in: the session is good as long as the link that opened it exists."""
    user_id, _, version = session_id.partition(":")
    if link_id is None or not user_id.isdecimal() or not version.isdecimal():
        return None
    return db.session.scalar(
        select(User)
        .join(SignInLink, SignInLink.user_id == User.id)
        .where(
            User.id == int(user_id),
            User.session_version == int(version),
            User.active,
            SignInLink.id == link_id,
            SignInLink.used_at > clock.now() - SESSION_LIFETIME,
        )
    )


def sessions_of(user: User) -> list[SignInLink]:
    """Return where a user is signed in, the latest first: each session is the link that opened it."""
    return list(
        db.session.scalars(
            select(SignInLink)
            .where(SignInLink.user_id == user.id, SignInLink.used_at > clock.now() - SESSION_LIFETIME)
            .order_by(SignInLink.used_at.desc(), SignInLink.id.desc())
        )
    )


def usable_link(token: str) -> SignInLink | None:
    """Find the link of a token, unless it was used or is too old."""
    return db.session.scalar(
        select(SignInLink).where(
            SignInLink.token_hash == fingerprint(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > clock.now(),
        )
    )


def links_of_browser(browser: str) -> list[SignInLink]:
    """Return the usable links that one browser asked for, newest first."""
    return list(
        db.session.scalars(
            select(SignInLink)
            .where(
                SignInLink.browser_hash == fingerprint(browser),
                SignInLink.used_at.is_(None),
                SignInLink.expires_at > clock.now(),
            )
            .order_by(SignInLink.id.desc())
        )
    )


def links_asked_for(email: str, since: datetime) -> int:
    """Count the links that were asked for with one address."""
    return (
        db.session.scalar(
            select(func.count()).where(SignInLink.email == email, SignInLink.created_at > since)
        )
        or 0
    )
