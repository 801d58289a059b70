"""What holds for every address of the application, whoever adds the next one."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.extensions import db, metadata
from eventhub.web.security import POLICY
from tests.desk.setting import Desk
from tests.desk.test_access import SAMPLE, addresses, is_public

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
HOSTILE = ["\x00", "\u202eevil", "\x1b[31m", "\ufffd", "\u2066x"]
MACHINES = {"operation"}
"""Probes and figures, which no browser shows."""
ONE_CLICK = "subscriptions.leave"


def everything(rows: object = None) -> dict[str, list[tuple[object, ...]]]:
    """Return the content of all tables."""
    db.session.rollback()
    return {
        table.name: [tuple(row) for row in db.session.execute(select(table))]
        for table in metadata.sorted_tables
    }


def test_every_answer_is_protected(app: Flask, desk: Desk) -> None:
    desk.publish()
    for client in (desk.client, app.test_client()):
        for method, endpoint, path in addresses(app, SAMPLE):
            headers = client.open(path, method=method).headers
            assert headers["X-Content-Type-Options"] == "nosniff", (method, path)
            assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, (method, path)
            if endpoint != "mail.html":  # a mail is shown in a frame of its own that may do nothing at all
                assert "default-src 'none'" in headers["Content-Security-Policy"], (method, path)
                assert "unsafe" not in headers["Content-Security-Policy"], (method, path)
            if path.startswith("/my/"):
                assert headers["Referrer-Policy"] == "no-referrer", (method, path)
                assert headers["X-Robots-Tag"] == "noindex, nofollow", (method, path)
    assert "unsafe" not in POLICY


def test_what_is_not_public_is_never_stored(app: Flask, desk: Desk) -> None:
    desk.publish()
    for method, endpoint, path in addresses(app, SAMPLE):
        if not is_public(endpoint):
            assert desk.client.open(path, method=method).headers["Cache-Control"] == "no-store", (
                method,
                path,
            )


def test_a_look_changes_nothing(app: Flask, desk: Desk) -> None:
    desk.publish()
    with app.app_context():
        before = everything()
    for method, _endpoint, path in addresses(app, SAMPLE):
        if method == "GET":
            assert desk.client.get(path).status_code < 500, path
    with app.app_context():
        assert everything() == before


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", "image/png"])
def test_only_forms_are_taken(app: Flask, desk: Desk, kind: str) -> None:
    desk.publish()
    for method, _endpoint, path in addresses(app, SAMPLE):
        if method in CHANGING:
            answer = desk.client.open(path, method=method, data="{}", content_type=kind)
            assert answer.status_code == 415, (method, path)


@pytest.mark.parametrize("sign", HOSTILE)
def test_no_address_takes_signs_that_nobody_sees(app: Flask, desk: Desk, sign: str) -> None:
    desk.publish()
    with app.app_context():
        before = everything()
    for method, _endpoint, path in addresses(app, SAMPLE):
        if method in CHANGING:
            for data in ({"name": f"a{sign}"}, {f"na{sign}me": "a"}):
                assert desk.client.open(path, method=method, data=data).status_code == 400, (method, path)
    with app.app_context():
        assert everything() == before


def test_no_address_takes_what_another_site_sends(app: Flask, desk: Desk) -> None:
    desk.publish()
    for method, _endpoint, path in addresses(app, SAMPLE):
        if method in CHANGING:
            answer = desk.client.open(path, method=method, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403, (method, path)


def test_no_address_takes_a_form_without_its_token(app: Flask, desk: Desk) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    desk.publish()
    for method, endpoint, path in addresses(app, SAMPLE):
        if method in CHANGING and endpoint != ONE_CLICK:
            assert desk.client.open(path, method=method, data={"name": "a"}).status_code == 400, (
                method,
                path,
            )
