"""What somebody has typed into a long form, kept on their own device for a day, if they ask for it.

It is a cookie, and only that: the server keeps nothing of people who have not registered, a link to go on
would carry personal data through histories and logs, and what scripts keep is lost without them. It goes to
the address of this form alone, no script reads it, its time is signed, and it ends with the registration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Response, current_app, make_response, redirect, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer

NAME = "typed"
HOURS = 24
LONGEST = 3800
"""Browsers keep cookies of 4096 bytes with their names and attributes."""
NEVER_KEPT = ("csrf_token", "once_key", "website", "go", "page", "consent", "more")
ASIDE = frozenset({"later", "forget"})
"""What the buttons say by which a form is put aside, or forgotten."""

Typed = Sequence[tuple[str, str]]


def kept(at: str = "") -> Typed:
    """Return what this device keeps for the form at an address; nothing where it is old or forged.

    `at` is the address of the form where it is another one than that of this request, here and below.
    """
    for found in request.cookies.getlist(NAME):  # what is kept for a form further up comes along
        try:
            typed = _serializer(at).loads(found, max_age=HOURS * 3600)
            return [(str(name), str(text)) for name, text in typed]
        except (BadData, ValueError, TypeError):
            continue
    return ()


def put_aside(page: int, show: Callable[[str], str], at: str = "") -> ResponseReturnValue:
    """Keep what was sent on the device, or forget it there; `show` returns the page that says so."""
    if request.form.get("go") == "forget":
        answer = make_response(redirect(at or request.path, 303))
        forget(answer, at)
        return answer
    answer = make_response(show("now"))
    return answer if keep(answer, page, at) else (show("too long"), 422)


def keep(answer: Response, page: int, at: str = "") -> bool:
    """Let the device keep what was sent, and the page that is shown now; False where it is too much."""
    sent = request.form.items(multi=True)
    typed = [(name, value) for name, value in sent if name not in NEVER_KEPT and value]
    text = _serializer(at).dumps([*typed, ("page", str(page))])
    if len(text) > LONGEST:
        return False
    answer.set_cookie(
        NAME,
        str(text),
        max_age=HOURS * 3600,
        path=at or request.path,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return True


def follow(answer: Response, page: int, at: str = "") -> None:
    """Keep what was sent now as well, if this device keeps something already."""
    if kept(at):
        keep(answer, page, at)


def forget(answer: Response, at: str = "") -> None:
    """Let the device forget it."""
    if NAME in request.cookies:
        answer.delete_cookie(NAME, path=at or request.path)


def _serializer(at: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"typed at {at or request.path}")
