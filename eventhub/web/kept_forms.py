"""Public form pages, kept for a second for everybody: only their tokens differ from person to person.

A page with a form can't be kept in front of Flask, because it sets a session. But all of it except the CSRF
token and the once-only key is the same for everybody who speaks the same language, so it is rendered once and
these two are put in anew for each visitor.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from time import monotonic

from flask import current_app, g, request, session
from flask_wtf.csrf import generate_csrf

from eventhub.database import current_revision
from eventhub.web.languages import language, mode

EXTENSION = "eventhub.kept_forms"
SECONDS = 1.0
MOST = 64
TOKEN_HOLE, KEY_HOLE = secrets.token_hex(16), secrets.token_hex(16)
"""What stands for the two in a kept page; nobody can write it into a title."""


@dataclass(frozen=True, slots=True)
class _Page:
    text: str
    formal: bool
    revision: int
    until: float


def kept_page() -> str | None:
    """Return the form page of this address with fresh tokens, or None where it has to be rendered."""
    page = _pages().get(_key()) if _may_be_kept() else None
    if page is None or page.until < monotonic() or page.revision != _revision():
        return None
    g.formal = page.formal
    return page.text.replace(TOKEN_HOLE, generate_csrf()).replace(KEY_HOLE, new_once_key())


def keep_page(text: str, once_key: str) -> str:
    """Keep a form page that was just rendered with this once-only key; return it as it is."""
    if _may_be_kept():
        pages = _pages()
        if len(pages) >= MOST:
            pages.clear()
        holed = text.replace(generate_csrf(), TOKEN_HOLE).replace(once_key, KEY_HOLE)
        pages[_key()] = _Page(holed, g.get("formal", False), _revision(), monotonic() + SECONDS)
    return text


def new_once_key() -> str:
    """Return the key by which a form that is sent twice is known."""
    return secrets.token_urlsafe(16)


def _may_be_kept() -> bool:
    return request.method == "GET" and not request.query_string and "_flashes" not in session


def _key() -> tuple[str, str, str | None]:
    return request.path, language(), mode()


def _revision() -> int:
    return current_revision(current_app)


def _pages() -> dict[tuple[str, str, str | None], _Page]:
    pages: dict[tuple[str, str, str | None], _Page] = current_app.extensions.setdefault(EXTENSION, {})
    return pages
