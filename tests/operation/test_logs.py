"""The log says what happened, under which id, and nothing about people."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from config import Settings
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail import delivery
from eventhub.mail.models import OutboxMessage
from eventhub.operation import logs
from eventhub.operation.logs import discreet
from tests.mail.post_office import PostOffice, open_post_office
from tests.registration.samples import add_edition, signed_up


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.1.1 <änne.beispiel@lab.example>: unknown", "550 5.1.1 <<address>>: unknown"),
        ("from 203.0.113.77, port 5432", "from 203.0.x.x, port 5432"),
        ("at 127.0.0.1:5432", "at 127.0.0.1:5432"),
        ("from 2001:db8:1:2:3::4 now", "from <network> now"),
        ("at 12:30:45 it took 1:02", "at 12:30:45 it took 1:02"),
        ("GET /my/AbCd_efgh-ijkl/", "GET /my/<secret>/"),
        ("link /manage/sign-in/abcdefghijk", "link /manage/sign-in/<secret>"),
        ("token u7Zb3H0q9kLxW2vT5mNc8RsYdEfGhJ1p4oQaIiUuB6M", "token <secret>"),
        ("job forget_sign_in_links failed", "job forget_sign_in_links failed"),
    ],
)
def test_messages_are_made_discreet(said: str, kept: str) -> None:
    assert discreet(said) == kept


@given(st.emails(), st.text(max_size=20), st.text(max_size=20))
def test_no_address_gets_through(address: str, before: str, after: str) -> None:
    assert address not in discreet(f"{before} <{address}> {after}")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, log_format="json", proxy_hops=1)


@pytest.fixture
def log(settings: Settings) -> Iterator[StringIO]:
    """Collect what this process would write."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter(settings))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def lines(log: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_every_request_has_an_id_that_the_answer_names(client: FlaskClient, log: StringIO) -> None:
    answer = client.get("/")
    [line] = lines(log)
    assert line["message"] == "request"
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "site.start", 200)
    assert isinstance(line["ms"], float)
    client.get("/")
    assert lines(log)[1]["endpoint"] == "cached"
    assert lines(log)[1]["request"] != line["request"]


def test_a_proxys_id_is_taken_over_if_it_looks_like_one(client: FlaskClient) -> None:
    given = {"X-Request-Id": "0f8c1a52-77aa-4d0e"}
    assert client.get("/", headers=given).headers["X-Request-Id"] == given["X-Request-Id"]
    assert client.get("/", headers={"X-Request-Id": '{"a": 1}'}).headers["X-Request-Id"] != '{"a": 1}'


def test_a_failure_says_where_and_not_what_was_typed(settings: Settings, log: StringIO) -> None:
    def fail(name: str) -> str:
        raise ValueError(f"{name} is not a number")

    app = create_app(settings)
    app.add_url_rule("/<name>/fail", view_func=fail, endpoint="fail")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/Erika-Mustermann/fail")
    assert answer.status_code == 500
    failure, request = lines(log)
    assert failure["request"] == request["request"] == answer.headers["X-Request-Id"]
    trace = failure["trace"]
    assert isinstance(trace, list)
    assert trace[-1] == "ValueError"
    assert "test_logs.py" in trace[-2]
    assert "Mustermann" not in log.getvalue()


@pytest.mark.both_databases
def test_a_refusal_by_the_database_quotes_no_row(app: Flask, log: StringIO) -> None:
    edition = add_edition(app)
    with app.app_context():
        signed_up(edition, name="Erika Mustermann", email="erika@lab.example")
        try:
            with transaction():
                db.session.execute(text("UPDATE registration SET name = NULL"))
        except Exception:
            logging.getLogger("eventhub").exception("as a job would say it")
    assert "IntegrityError" in log.getvalue()
    assert "Mustermann" not in log.getvalue()
    assert "erika" not in log.getvalue()


@pytest.fixture
def post_office(tmp_path: object) -> Iterator[PostOffice]:
    with open_post_office(tmp_path / "arrived") as office:  # type: ignore[operator]
        yield office


def test_a_whole_registration_leaves_no_person_in_the_log(
    settings: Settings, post_office: PostOffice, log: StringIO
) -> None:
    app = create_app(replace(settings, mail_server="127.0.0.1", mail_port=post_office.port))
    app.config.update(WTF_CSRF_ENABLED=False)
    add_edition(app)
    client = app.test_client()
    typed = {"name": "Erika Mustermann", "email": "never@mustermann.example", "consent": "y"}
    client.get("/lab/5/register", environ_base={"REMOTE_ADDR": "203.0.113.77"})
    answer = client.post("/lab/5/register", data=typed, environ_base={"REMOTE_ADDR": "203.0.113.77"})
    assert answer.status_code == 303
    with app.app_context():
        delivery.deliver()
        content = db.session.scalars(select(OutboxMessage.content)).first() or b""
        [token, *_] = re.findall(r"/my/([\w-]{20,})", message_from_bytes(content).as_string())
        db.session.remove()
        db.engine.dispose()
    assert client.get(f"/my/{token}/").status_code == 200
    written = log.getvalue()
    assert "failed for good" in written
    for secret in ("Erika", "mustermann", "203.0.113.77", token):
        assert secret.lower() not in written.lower()
