"""No input to an organiser's form ends in anything but a clear answer."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.desk.setting import Desk
from tests.desk.test_access import SAMPLE, addresses

STRANGE = {
    "empty": "",
    "spaces": "   ",
    "emoji": "👩‍🔬🧪",
    "right to left": "שלום عليكم",
    "long": "x" * 10_000,
    "markup": "<script>alert(1)</script>{{ 7 * 7 }}",
    "quotes": "'\"; drop table edition; --",
    "huge number": "9" * 40,
    "negative": "-1",
    "float": "1e308",
    "date that is none": "2026-02-30",
    "year nought": "0000-00-00",
    "last day": "9999-12-31",
    "time that is none": "25:61",
    "format": "%s %d {0} %(x)s",
    "lines": "a\r\nb\rc\nd",
    "sharp s": "ẞſıİ",
}
REFUSED = {"nul": "a\0b", "bidi": "a\u202eb", "control": "a\x1bb"}


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(len(STRANGE)), ids=STRANGE)
def test_strange_values_in_every_form(app: Flask, desk: Desk, turn: int) -> None:
    """Put a value into all fields, and into some alone; all turns together reach each field."""
    desk.publish()
    value = list(STRANGE.values())[turn]
    for path in forms(app):
        page = desk.client.get(path)
        if page.status_code != 200 or 'method="post"' not in page.text:
            continue
        fields = desk.form_of(path)
        bad = [dict.fromkeys(fields, value)]
        bad += [fields | {name: value} for name in list(fields)[turn :: len(STRANGE)]]
        for sent in bad:
            assert desk.client.post(path, data=sent).status_code in (200, 303, 404, 409, 422), (path, sent)


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_invisible_characters_are_refused(app: Flask, desk: Desk, value: str) -> None:
    desk.publish()
    for path in forms(app):
        assert desk.client.post(path, data={"title": value}).status_code in (400, 404), path


def test_single_fields_are_taken_once(desk: Desk) -> None:
    desk.publish()
    answer = desk.client.post("/manage/labcamp/5/edit", data={"title": ["one", "two"]})
    assert answer.status_code == 400


def forms(app: Flask) -> list[str]:
    """Return the paths of all organisers' pages that take a form."""
    taking = {
        path
        for method, endpoint, path in addresses(app, SAMPLE)
        if method == "POST" and endpoint.startswith("desk.")
    }
    shown = {
        path
        for method, endpoint, path in addresses(app, SAMPLE)
        if method == "GET" and endpoint.startswith("desk.")
    }
    return sorted(taking & shown)
