"""What `eventhub doctor` says of an installation."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from eventhub.doctor import examine
from tests.registration.samples import add_edition, signed_up


def words(app: Flask) -> dict[str, bool]:
    with app.app_context():
        return {finding.words: finding.well for finding in examine()}


def test_a_new_installation_is_well(app: Flask) -> None:
    found = words(app)
    assert all(found.values()), found
    assert "database (sqlite) is up to date" in found


def test_another_secret_key_is_noticed_because_it_opens_no_link(app: Flask) -> None:
    edition = add_edition(app)
    with app.app_context():
        signed_up(edition)
    assert words(app)["personal links fit the secret key"]
    app.config["SECRET_KEY"] = "another key, as after a restore without it"
    assert words(app)["personal links do not fit the secret key"] is False


def test_an_address_without_https_is_named(app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], base_url="http://events.example.org")
    assert any("not https" in sentence and not well for sentence, well in words(app).items())
