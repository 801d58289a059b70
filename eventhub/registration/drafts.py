"""What somebody has typed into a long form, kept on their own device for a day, if they ask for it.

It is a cookie, and only that: the server keeps nothing of people who have not registered, a link to go on
would carry personal data through histories and logs, and what scripts keep is lost without them. It goes to
the address of this form alone, no script reads it, its time is signed, and it ends with the registration.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

NAME = "typed"
HOURS = 24
LONGEST = 3800
"""Browsers keep cookies of 4096 bytes with their names and attributes."""
NEVER_KEPT = ("csrf_token", "once_key", "website", "go", "page", "consent")

Typed = Sequence[tuple[str, str]]


def kept() -> Typed:
    """Return what this device keeps for the form at this address; nothing where it is old or forged."""
    found = request.cookies.get(NAME, "")
    try:
        typed = _serializer().loads(found, max_age=HOURS * 3600) if found else ()
        return [(str(name), str(text)) for name, text in typed]
    except (BadData, ValueError, TypeError):
        return ()


def keep(answer: Response, page: int) -> bool:
    """Let the device keep what was sent, and the page that is shown now; False where it is too much."""
    sent = request.form.items(multi=True)
    typed = [(name, value) for name, value in sent if name not in NEVER_KEPT and value]
    text = _serializer().dumps([*typed, ("page", str(page))])
    if len(text) > LONGEST:
        return False
    answer.set_cookie(
        NAME,
        str(text),
        max_age=HOURS * 3600,
        path=request.path,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return True


def follow(answer: Response, page: int) -> None:
    """Keep what was sent now as well, if this device keeps something already."""
    if NAME in request.cookies:
        keep(answer, page)


def forget(answer: Response) -> None:
    """Let the device forget it."""
    if NAME in request.cookies:
        answer.delete_cookie(NAME, path=request.path)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"typed at {request.path}")
