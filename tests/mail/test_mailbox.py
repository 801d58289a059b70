"""The mailbox: there for one person at their own machine, and for nobody else."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from eventhub.app import create_app
from eventhub.editions.models import Mode
from eventhub.mail import delivery
from tests.mail.letters import found, write
from tests.registration.samples import add_edition, signed_up

PAGES = ("/mailbox", "/mailbox/1/", "/mailbox/1/html", "/mailbox/1/source", "/mailbox/1/mail.eml")


@pytest.fixture
def filled(app: Flask) -> Flask:
    """Register somebody and deliver the confirmation."""
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, name="<script>alert(1)</script>")
        delivery.deliver()
    return app


def test_it_is_empty_at_first(client: FlaskClient) -> None:
    page = client.get("/mailbox?lang=en", follow_redirects=True).get_data(as_text=True)
    assert "No mail yet" in page


def test_it_shows_what_would_have_been_sent(filled: Flask, client: FlaskClient) -> None:
    assert "Du bist dabei: LabCamp #5" in client.get("/mailbox").get_data(as_text=True)
    page = client.get("/mailbox/1/").get_data(as_text=True)
    assert "Bringt einen Eintrag in den Kalender" in page
    assert "15\N{NO-BREAK SPACE}Uhr (Berlin)" in page
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page


def test_a_mail_that_was_not_written_yet_says_so(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        write("a@lab.example")
    assert "noch nicht geschrieben" in client.get("/mailbox/1/").get_data(as_text=True)
    assert client.get("/mailbox/1/source").status_code == 404
    assert client.get("/mailbox/1/html").status_code == 404
    assert client.get("/mailbox/2/").status_code == 404


def test_the_html_part_may_do_nothing(filled: Flask, client: FlaskClient) -> None:
    answer = client.get("/mailbox/1/html")
    allowed = answer.headers["Content-Security-Policy"]
    assert allowed.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in allowed
    assert "<style>" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in client.get("/mailbox/1/").headers["Content-Security-Policy"]


def test_the_ticket_in_a_mail_is_to_be_seen_in_the_html_part(app: Flask, client: FlaskClient) -> None:
    edition_id = add_edition(app, mode=Mode.ON_SITE)
    with app.app_context():
        signed_up(edition_id)
        delivery.deliver()
    answer = client.get("/mailbox/1/html")
    assert "cid:" not in answer.text
    picture = re.findall(r'<img src="data:image/png;base64,([^"]+)"', answer.text)
    assert b64decode(picture[0]).startswith(b"\x89PNG")
    assert "img-src data:;" in answer.headers["Content-Security-Policy"]


def test_source_and_file_are_the_bytes(filled: Flask, client: FlaskClient) -> None:
    with filled.app_context():
        content = found(1).content
    assert client.get("/mailbox/1/source").data == content
    answer = client.get("/mailbox/1/mail.eml")
    assert answer.data == content
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mail-1.eml"'
    assert message_from_bytes(answer.data, policy=policy.default)["Subject"].startswith("Du bist dabei")


@pytest.mark.parametrize("path", PAGES)
def test_other_machines_find_nothing(filled: Flask, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
    for address in ("192.0.2.7", "10.0.0.1", "2001:db8::1", ""):
        assert client.get(path, environ_overrides={"REMOTE_ADDR": address}).status_code == 404
    assert client.get(path, environ_overrides={"REMOTE_ADDR": "::1"}).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"mail_server": "mail.lab.example"},
        {"base_url": "https://events.lab.example"},
    ],
)
def test_real_installations_have_none(settings: Settings, changed: dict[str, str], tmp_path: Path) -> None:
    client = create_app(replace(settings, **changed)).test_client()
    host = changed.get("base_url", "http://localhost")
    for path in PAGES:
        assert client.get(path, base_url=host).status_code == 404
