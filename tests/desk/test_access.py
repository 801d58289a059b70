"""Deny by default: every page is public on purpose or asks for sign-in, and series of others do not exist."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from tests.desk.permissions import NO_SIGN_IN
from tests.desk.setting import Desk

PUBLIC_FEATURES = {
    "site",
    "registration",
    "signups",
    "groups",
    "subscriptions",
    "engagements",
    "invitations",
    "own_calendars",
    "presence",
    "certificates",
    "replies",
    "privacy",
    "mail",
}
"""Features whose pages are for everybody; those behind a secret link, and the mailbox, see to
it themselves that nobody else gets in."""
SAMPLE: dict[str, Any] = {
    "series": "labcamp",
    "edition": "5",
    "token": "x",
    "slot": "x",
    "mail": 1,
    "step": "publish",
}
FOREIGN = SAMPLE | {"series": "other"}


def addresses(app: Flask, values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return method, endpoint and path of every page, filled with these values."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            path = _filled(app, rule, values)
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            found += [(method, rule.endpoint, path) for method in sorted(methods)]
    return found


def _filled(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    wanted = {}
    for name, converter in rule._converters.items():
        whole = type(converter).__name__ == "IntegerConverter"
        wanted[name] = values.get(name, 1 if whole else "x")
    return app.url_map.bind("localhost").build(
        rule.endpoint, wanted, method=next(iter(rule.methods or {"GET"}))
    )


def is_public(endpoint: str) -> bool:
    return endpoint in NO_SIGN_IN or endpoint.split(".", maxsplit=1)[0] in PUBLIC_FEATURES


def test_every_page_is_public_on_purpose_or_asks_for_sign_in(app: Flask, desk: Desk) -> None:
    desk.publish()
    visitor = app.test_client()
    for method, endpoint, path in addresses(app, SAMPLE):
        if is_public(endpoint):
            continue
        answer = visitor.open(path, method=method)
        if endpoint.startswith("api."):
            assert answer.status_code == 401, f"{endpoint} ({method} {path}) lets programs in without a token"
            continue
        assert answer.status_code == 303, f"{endpoint} ({method} {path}) lets visitors in"
        assert answer.location.startswith("/manage/sign-in?next="), endpoint


def test_no_public_page_is_in_the_organisers_blueprint(app: Flask) -> None:
    assert not [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and is_public(rule.endpoint)
    ]


def test_series_of_others_do_not_exist(app: Flask, desk: Desk) -> None:
    own = 0
    for method, endpoint, path in addresses(app, FOREIGN):
        if not endpoint.startswith("desk.") or "/other/" not in path:
            continue
        answer = desk.client.open(path, method=method, data={})
        assert answer.status_code == 404, f"{endpoint} ({method} {path}) shows a foreign series"
        own += 1
    assert own > 20


def test_what_does_not_exist_is_answered_alike(app: Flask, desk: Desk) -> None:
    foreign = desk.client.get("/manage/other/5/").text
    missing = desk.client.get("/manage/nothing/5/").text
    assert foreign == missing
    assert desk.client.get("/manage/labcamp/99/").status_code == 404


def test_organisers_pages_are_never_kept_by_others(desk: Desk) -> None:
    desk.publish()
    for path in ("/manage/", "/manage/labcamp/5/", "/manage/labcamp/5/mails/"):
        answer = desk.client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert 'content="noindex"' in answer.text
