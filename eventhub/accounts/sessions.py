"""Who is signed in, and where the browser remembers it."""

from __future__ import annotations

import secrets
from dataclasses import asdict

from flask import Flask, Response, current_app, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import login_user

from eventhub.accounts import queries
from eventhub.accounts.models import SignInLink, User
from eventhub.accounts.openid import Attempt
from eventhub.accounts.service import HOME, LIFETIME
from eventhub.extensions import login
from eventhub.web.links import path_to

LINK = "sign_in"
"""The session's key for the link that opened it."""
CHALLENGE = "passkey"
ATTEMPT = "openid"


def init_app(app: Flask) -> None:
    """Let sessions last a month and start again at sign-in; who isn't signed in is asked to."""
    app.config["PERMANENT_SESSION_LIFETIME"] = queries.SESSION_LIFETIME
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    login.user_loader(lambda session_id: queries.user_of_session(session_id, session.get(LINK)))
    login.unauthorized_handler(_ask_to_sign_in)


def open_session(user: User, link: SignInLink) -> None:
    """Sign the user in with a fresh session; nothing of the old one stays."""
    session.clear()
    session[LINK] = link.id
    session.permanent = True
    login_user(user)


def new_challenge() -> bytes:
    """Return what a passkey has to sign, and remember it in the session for one try."""
    challenge = secrets.token_bytes(32)
    session[CHALLENGE] = challenge.hex()
    return challenge


def spent_challenge() -> bytes:
    """Return the challenge of this session, once; empty where there is none."""
    return bytes.fromhex(session.pop(CHALLENGE, ""))


def remember_attempt(attempt: Attempt) -> None:
    """Keep what was begun at an OpenID provider for one try; the latest counts."""
    session[ATTEMPT] = asdict(attempt)


def spent_attempt() -> Attempt | None:
    """Return what this browser has begun, once."""
    kept = session.pop(ATTEMPT, None)
    return Attempt(**kept) if kept else None


def close_session() -> None:
    """Forget everything that this browser's session knew."""
    session.clear()


def browser_cookie() -> str | None:
    """Return the secret by which a browser that asked for a link is known again."""
    return request.cookies.get(_cookie_name()) or None


def remember_browser(answer: Response, browser: str) -> None:
    """Keep the secret in the browser for as long as a link is good."""
    answer.set_cookie(
        _cookie_name(),
        browser,
        max_age=int(LIFETIME.total_seconds()),
        secure=_secure(),
        httponly=True,
        samesite="Lax",
    )


def forget_browser(answer: Response) -> None:
    answer.delete_cookie(_cookie_name(), secure=_secure(), httponly=True, samesite="Lax")


def new_browser() -> str:
    return secrets.token_urlsafe(32)


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _cookie_name() -> str:
    return "__Host-sign-in" if _secure() else "sign-in"


def _ask_to_sign_in() -> ResponseReturnValue:
    target = request.full_path.rstrip("?") if request.method == "GET" else HOME
    return redirect(path_to("accounts.sign_in", next=target), 303)
