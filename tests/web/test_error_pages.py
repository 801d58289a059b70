"""What people see when something goes wrong."""

import logging
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub.web import error_pages


def test_a_missing_page_in_both_languages(client: FlaskClient) -> None:
    for language, home in (("de", "Startseite"), ("en", "start page")):
        answer = client.get("/nothing/here", headers={"Accept-Language": language})
        assert answer.status_code == 404
        assert f'<html lang="{language}"' in answer.text
        assert home in answer.text
        assert 'name="robots" content="noindex"' in answer.text


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/done")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_missing_slash_is_still_a_redirect(client: FlaskClient) -> None:
    assert client.get("/demo").status_code == 308


def test_a_broken_rule_says_what_it_says(client: FlaskClient) -> None:
    answer = client.get("/rule")
    assert answer.status_code == 409
    assert "Rooms &lt;A&gt; and B are full" in answer.text


def test_whoever_is_overtaken_hears_that_nothing_was_saved(client: FlaskClient) -> None:
    answer = client.get("/overtaken", headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    assert "Nothing was saved" in answer.text


def test_a_failure_shows_the_number_that_is_logged(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/fail/secret-token")
    assert answer.status_code == 500
    number = re.search(r"[0-9a-f]{8}</strong>", answer.text)
    assert number
    assert number[0][:8] in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "secret-token" not in caplog.text
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_error_page_itself_never_fails(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(error_pages, "render_template", lambda *_args, **_values: 1 / 0)
    with caplog.at_level(logging.CRITICAL):
        answer = client.get("/fail/x")
    assert (answer.status_code, answer.mimetype) == (500, "text/plain")


def test_every_code_has_its_words(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        found = {error_pages.words(code) for code in (400, 403, 404, 405, 410, 413, 415)}
        assert len(found) == 7
        assert error_pages.words(418) == error_pages.words(400)
