"""Whole registration journeys over HTTP: form, registration, own page."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select

from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration.models import Registration
from eventhub.tokens import derive

FORM = "/open/1/register"
HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|once_key)"[^>]*value="([^"]+)"')


class Visitor:
    """A browser with its cookies and one connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self.origin = f"http://127.0.0.1:{port}"

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin}
        self.connection.request(method, path, urlencode(form) if form else None, headers)
        answer = self.connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer.status, answer.read().decode()

    def register(self, email: str) -> None:
        """Fill in the form as a person would."""
        status, page = self.ask("GET", FORM)
        assert status == 200, status
        form = dict(HIDDEN.findall(page))
        form |= {"name": "Änne Beispiel", "email": email, "organisation": "Labor", "note": "", "consent": "y"}
        status, page = self.ask("POST", FORM, form)
        assert status in (302, 303), page[:500]


def own_page(app: Flask, email: str) -> str:
    """Return the address of a participant's own page, which only their mail names."""
    with app.app_context():
        seed = db.session.scalar(select(Registration.token_seed).where(Registration.email_key == email))
        db.session.rollback()
        assert seed is not None
        return f"/my/{derive('manage', seed)}/"


def unsent(app: Flask) -> int:
    with app.app_context():
        waiting = select(func.count()).where(
            OutboxMessage.state.in_([MessageState.WAITING, MessageState.SENDING])
        )
        return db.session.scalar(waiting) or 0
