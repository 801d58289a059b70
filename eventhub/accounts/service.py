"""Sign-in by a mailed link: no passwords, one use, a quarter of an hour, one browser."""

from __future__ import annotations

import hmac
from datetime import timedelta

from sqlalchemy import delete, select, update

from eventhub import clock
from eventhub.accounts import mails, queries
from eventhub.accounts.models import SignInLink, User
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.tokens import derive, fingerprint, new_seed
from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to
from eventhub.web.security import safe_target

HOME = "/manage/"
LONGEST_TARGET = 500
LIFETIME = timedelta(minutes=15)
LINKS_PER_HOUR = 5
CODE_TRIES = 5


class LinkUnusable(RuleBroken):
    """The link was used, is too old, or belongs to nobody."""


class WrongCode(RuleBroken):
    """The typed code belongs to no link of this browser."""


def request_link(email: str, browser: str, target: str) -> None:
    """Make a link for the address and have it mailed.

    Known and unknown addresses take the same way; the worker drops the mail when nobody owns one.
    """
    email = queries.normalised(email)
    forget_old_links()
    if queries.links_asked_for(email, clock.now() - timedelta(hours=1)) >= LINKS_PER_HOUR:
        return
    link = _new_link(email, target)
    link.browser_hash = fingerprint(browser)
    db.session.flush()  # the mail names the link's id
    mails.sign_in_link(link)


def operator_link(user: User) -> str:
    """Make a link that works in any browser and return its address, for the operator."""
    link = _new_link(user.email, HOME)
    link.user_id = user.id
    return link_to("accounts.follow", token=token_of(link))


def token_of(link: SignInLink) -> str:
    return derive("sign-in", link.seed)


def code_of(link: SignInLink) -> str:
    """Return the six digits that stand for a link which was opened in another browser than the asking one."""
    digest = derive("sign-in-code", link.seed).encode()
    return f"{int.from_bytes(digest) % 1_000_000:06}"


def belongs_to(link: SignInLink, browser: str | None) -> bool:
    """Tell whether this browser asked for the link."""
    if link.browser_hash is None:
        return True
    return browser is not None and hmac.compare_digest(link.browser_hash, fingerprint(browser))


def use(link: SignInLink, browser: str = "") -> User:
    """Spend the link and return whom it signs in; a second use fails."""
    user = link.user or queries.user_by_email(link.email)
    if user is None or not user.active or not _spend(link):
        raise LinkUnusable(_("This link has been used already or is too old. Ask for a new one."))
    link.user_id = user.id
    link.browser = browser
    return user


def session_for(user: User, browser: str) -> SignInLink:
    """Return what a session lives on where no link was mailed: a passkey was proven instead."""
    link = _new_link(user.email, HOME)
    link.user_id, link.used_at, link.browser = user.id, clock.now(), browser
    db.session.flush()  # the session names its key
    return link


def use_code(browser: str, code: str) -> SignInLink | None:
    """Return the link of a typed code, or None; every try counts against all links of the browser."""
    links = queries.links_of_browser(browser)
    found = None
    for link in links:
        if link.code_tries < CODE_TRIES and hmac.compare_digest(code_of(link).encode(), code.encode()):
            found = link
        link.code_tries += 1
    return found


def end_session(link_id: int | None) -> None:
    """Make one session void: it lives as long as the link that opened it."""
    db.session.execute(delete(SignInLink).where(SignInLink.id == link_id))


def end_all_sessions(user: User) -> None:
    """Make all sessions of a user void, in every browser."""
    user.session_version += 1
    db.session.execute(delete(SignInLink).where(SignInLink.user_id == user.id))


def create_user(email: str, name: str = "", language: str = "de") -> User:
    """Add an account, or return the one that has this address."""
    user = queries.user_by_email(email)
    if user is None:
        user = User(email=queries.normalised(email), name=name, language=language)
        db.session.add(user)
        db.session.flush()  # memberships need its key
    return user


def _new_link(email: str, target: str) -> SignInLink:
    seed = new_seed()
    link = SignInLink(
        email=email,
        seed=seed,
        token_hash=fingerprint(derive("sign-in", seed)),
        target=safe_target(target[:LONGEST_TARGET], HOME),
        expires_at=clock.now() + LIFETIME,
    )
    db.session.add(link)
    return link


def _spend(link: SignInLink) -> bool:
    """Mark the link as used; False when somebody was faster or it is too old."""
    now = clock.now()
    unused = (SignInLink.id == link.id, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
    spent = db.session.scalar(update(SignInLink).where(*unused).values(used_at=now).returning(SignInLink.id))
    return spent is not None


def forget_old_links() -> None:
    """Delete links that nobody can use and sessions that are over."""
    now = clock.now()
    unused = (SignInLink.used_at.is_(None), SignInLink.expires_at < now - timedelta(days=1))
    ended = SignInLink.used_at < now - queries.SESSION_LIFETIME
    old = select(SignInLink.id).where(*unused).union(select(SignInLink.id).where(ended))
    db.session.execute(delete(SignInLink).where(SignInLink.id.in_(old)))
