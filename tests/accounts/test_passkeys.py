"""What passkeys refuse; that they work stands in tests/browser/test_passkeys.py, with a real browser."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask import Flask

from config import Settings
from eventhub.accounts import passkeys
from tests.accounts.signing_in import organiser_of

pytest.importorskip("webauthn")
ANSWERS = ["", "{", "[]", "null", "{}", json.dumps({"rawId": "x"}), json.dumps({"rawId": "AAAA", "id": 7})]


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_no_device_signed_is_refused_in_words(app: Flask, answer: str) -> None:
    visitor = app.test_client()
    visitor.get("/manage/sign-in")
    status = visitor.post("/manage/sign-in/passkey", data={"answer": answer}).status_code
    assert status == (422 if answer else 400)
    organiser = organiser_of(app).client
    organiser.get("/manage/account")
    assert organiser.post("/manage/account/passkeys", data={"answer": answer}).status_code in (400, 409)


def test_without_the_library_the_account_page_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "find_spec", lambda _name: None)
    organiser = organiser_of(app).client
    assert "Extra „production“" in organiser.get("/manage/account").text
    assert "data-passkey" not in app.test_client().get("/manage/sign-in").text
    assert app.test_client().post("/manage/sign-in/passkey", data={"answer": "{}"}).status_code == 400


def test_bare_addresses_get_no_passkeys(app: Flask, settings: Settings) -> None:
    with app.app_context():
        assert passkeys.are_available()
        app.config["SETTINGS"] = replace(settings, base_url="http://127.0.0.1:8000")
        assert not passkeys.are_available()
        app.config["SETTINGS"] = settings
