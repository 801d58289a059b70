"""Putting a long form aside: it is kept on the device that asked for it, for a day, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from werkzeug.test import TestResponse

from eventhub.extensions import db
from eventhub.questionnaires.models import Kind
from eventhub.registration import drafts
from tests.registration.asking import Asking
from tests.registration.browsing import AYLIN, FORM
from tests.registration.test_own_questions import go_on

ABOUT = {name: AYLIN[name] for name in ("name", "email", "organisation")}


class Long:
    """A form of two pages, of which somebody has filled in the first and begun the second."""

    def __init__(self, asking: Asking) -> None:
        self.asking, self.client = asking, asking.client
        self.one = asking.ask("One?", required=True)
        asking.ask("More", Kind.PAGE)
        self.two = asking.ask("Two?", required=True)
        self.three = asking.ask("Three?", Kind.LONG_TEXT)

    def second(self, **values: str) -> TestResponse:
        return go_on(self.client, self.client.get(FORM), **ABOUT, **{self.one: "1"}, go="next", **values)

    def put_aside(self, **values: Any) -> TestResponse:
        return go_on(self.client, self.second(), **{self.three: "half a sent"} | values, go="later")


@pytest.fixture
def long(asking: Asking) -> Long:
    return Long(asking)


def cookie(client: FlaskClient) -> Any:
    return client.get_cookie(drafts.NAME, path=FORM)


def test_it_goes_on_in_a_new_tab_where_it_stopped(long: Long) -> None:
    aside = long.put_aside()
    assert (aside.status_code, "kept on this device" in aside.text) == (200, True)
    assert "Answer “Two?”" not in aside.text, "nobody is told off for what they have not typed yet"
    again = long.client.get(FORM)
    assert "Page 2 of 2" in again.text
    assert "half a sent" in again.text
    assert "You can go on where you stopped" in again.text
    done = go_on(long.client, again, **{long.two: "2", long.three: "a sentence"}, consent="y")
    assert done.status_code == 303
    assert long.asking.answers() == {"One?": "1", "Two?": "2", "Three?": "a sentence"}
    assert cookie(long.client) is None, "it ends with the registration"


def test_only_the_device_knows_it(long: Long) -> None:
    long.put_aside()
    found = cookie(long.client)
    assert (found.http_only, found.same_site, found.path) == (True, "Lax", FORM)
    assert (
        "You can go on" not in long.asking.app.test_client().get(FORM, headers={"Accept-Language": "en"}).text
    )
    assert long.asking.number() == 0
    with long.asking.app.app_context():
        for table in inspect(db.engine).get_table_names():
            rows = db.session.execute(text(f'SELECT * FROM "{table}"')).all()
            assert "aylin@lab.example" not in repr(rows).lower(), table


def test_without_a_click_nothing_is_kept(long: Long) -> None:
    long.second()
    assert cookie(long.client) is None
    assert "Page 1 of 2" in long.client.get(FORM).text


def test_what_is_typed_later_is_kept_too_once_somebody_asked_for_it(long: Long) -> None:
    page = long.put_aside()
    go_on(long.client, page, **{long.two: "late"}, go="back")
    again = long.client.get(FORM)
    second = go_on(long.client, again, **ABOUT, **{long.one: "1"}, go="next")
    assert 'value="late"' in second.text


def test_it_can_be_forgotten(long: Long) -> None:
    page = long.put_aside()
    assert go_on(long.client, page, go="forget").status_code == 303
    assert cookie(long.client) is None
    assert "Page 1 of 2" in long.client.get(FORM).text


def test_after_a_day_it_is_gone(long: Long, monkeypatch: pytest.MonkeyPatch) -> None:
    long.put_aside()
    monkeypatch.setattr(drafts, "HOURS", -1)
    assert "Page 1 of 2" in long.client.get(FORM).text


@pytest.mark.parametrize("forged", ["x", "W10.aaaa.bbbb", "é" * 50, "." * 4000])
def test_a_forged_one_is_none(long: Long, forged: str) -> None:
    page = long.client.get(FORM, headers={"Cookie": f"{drafts.NAME}={forged}".encode().decode("latin-1")})
    assert (page.status_code, "Page 1 of 2" in page.text) == (200, True)


def test_what_is_too_long_says_so_and_stays_in_the_form(long: Long) -> None:
    words = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(1900))
    answer = long.put_aside(**{long.three: words})
    assert (answer.status_code, "too long to be kept" in answer.text) == (422, True)
    assert words in answer.text
    assert cookie(long.client) is None


def test_consent_is_given_with_the_registration_alone(long: Long) -> None:
    long.put_aside(consent="y", **{long.two: "2"})
    again = long.client.get(FORM)
    refused = go_on(long.client, again, **{long.two: "2"})
    assert refused.status_code == 422
    assert long.asking.number() == 0


def test_a_short_form_offers_nothing_of_the_kind(asking: Asking) -> None:
    asking.ask("One?")
    assert 'value="later"' not in asking.client.get(FORM).text
