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
from tests.registration.test_asked_of_others import invite
from tests.registration.test_own_questions import go_on
from tests.registration.test_pages_of_others import TOGETHER, Paged, paged, person
from tests.registration.test_pages_of_others import go_on as go_on_at

ABOUT = {name: AYLIN[name] for name in ("name", "email", "organisation")}
__all__ = ["paged"]


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


# colleagues --------------------------------------------------------------------------------------------


def test_a_form_for_colleagues_goes_on_where_it_stopped(paged: Paged) -> None:
    client, one, two = paged.client, paged.one, paged.two
    about = person(0, "Ada", **{one: "a1"}) | person(2, "Bo", **{one: "b1"})
    second = go_on_at(client, TOGETHER, client.get(TOGETHER), **about, go="next")
    aside = go_on_at(client, TOGETHER, second, **{f"people-0-{two}": "half"}, go="later")
    assert (aside.status_code, "kept on this device" in aside.text) == (200, True)
    assert "Answer “Two?”" not in aside.text
    again = client.get(TOGETHER)
    assert "Page 2 of 2" in again.text
    assert "You can go on where you stopped" in again.text
    assert 'value="half"' in again.text
    assert (">Ada<" in again.text, ">Bo<" in again.text) == (True, True)
    answers = {f"people-0-{two}": "a2", f"people-1-{two}": "b2"}
    assert go_on_at(client, TOGETHER, again, **answers, consent="y").status_code == 303
    assert paged.asking.answers("ada@lab.example") == {"One?": "a1", "Two?": "a2"}
    assert paged.asking.answers("bo@lab.example") == {"One?": "b1", "Two?": "b2"}
    assert client.get_cookie(drafts.NAME, path=TOGETHER) is None, "it ends with the registration"


def test_whoever_still_has_to_ask_a_colleague_finds_room_for_them(asking: Asking) -> None:
    client = asking.client
    aside = go_on_at(client, TOGETHER, client.get(TOGETHER), **person(1, "Ada"), go="later")
    assert aside.status_code == 200
    again = client.get(TOGETHER)
    for page in (aside, again):
        assert 'value="Ada"' in page.text
        assert page.text.count("Organisation or lab") == 3
        assert "Enter a name" not in page.text, "nobody is told off for what they have not typed yet"
    more = go_on_at(client, TOGETHER, again, **person(0, "Ada") | person(1, "Bo"), more="1")
    assert more.text.count("Organisation or lab") == 3
    assert 'value="Bo"' in client.get(TOGETHER).text, "what is typed later is kept too"
    assert asking.number() == 0


def test_the_form_for_one_and_that_for_colleagues_are_kept_apart(paged: Paged) -> None:
    client, one = paged.client, paged.one
    second = go_on(client, client.get(FORM), **ABOUT, **{one: "1"}, go="next")
    go_on(client, second, go="later")
    together = client.get(TOGETHER)
    assert AYLIN["name"] not in together.text
    assert "You can go on" not in together.text
    about = person(0, "Ada", **{one: "a1"}) | person(1, "Bo", **{one: "b1"})
    go_on_at(client, TOGETHER, together, **about, go="next")
    assert client.get_cookie(drafts.NAME, path=TOGETHER) is None, "nothing is kept that nobody asked for"
    go_on_at(client, TOGETHER, client.get(TOGETHER), **about, go="later")
    forgotten = go_on_at(client, TOGETHER, client.get(TOGETHER), go="forget")
    assert forgotten.location == TOGETHER
    assert 'value="Ada"' not in client.get(TOGETHER).text
    assert "You can go on" in client.get(FORM).text


# invited people ----------------------------------------------------------------------------------------


def test_an_invitation_goes_on_where_it_stopped(paged: Paged) -> None:
    client, one, two = paged.client, paged.one, paged.two
    link = invite(paged, "ada@lab.example")  # type: ignore[arg-type]
    about = {"name": "Ada L.", "email": "ada@lab.example", "organisation": "", "note": ""}
    second = go_on_at(client, f"{link}accept", client.get(link), **about, **{one: "a1"}, go="next")
    assert client.get_cookie(drafts.NAME, path=link) is None
    aside = go_on_at(client, f"{link}accept", second, **{two: "half"}, go="later")
    assert (aside.status_code, "kept on this device" in aside.text) == (200, True)
    found = client.get_cookie(drafts.NAME, path=link)
    assert found is not None
    assert (found.http_only, found.same_site) == (True, "Lax")
    again = client.get(link)
    assert ("Page 2 of 2" in again.text, 'value="half"' in again.text) == (True, True)
    first = go_on_at(client, f"{link}accept", again, **{two: "later"}, go="back")
    assert ("Page 1 of 2" in first.text, 'value="Ada L."' in first.text) == (True, True)
    second = client.get(link)
    assert "Page 1 of 2" in second.text, "what is typed later is kept too"
    last = go_on_at(client, f"{link}accept", second, **about, **{one: "a1"}, go="next")
    assert 'value="later"' in last.text
    assert go_on_at(client, f"{link}accept", last, **{two: "a2"}, consent="y").status_code == 303
    assert paged.asking.answers("ada@lab.example") == {"One?": "a1", "Two?": "a2"}
    assert client.get_cookie(drafts.NAME, path=link) is None, "it ends with the registration"


def test_an_invitation_that_was_put_aside_can_be_forgotten(paged: Paged) -> None:
    link = invite(paged, "ada@lab.example")  # type: ignore[arg-type]
    client = paged.client
    aside = go_on_at(client, f"{link}accept", client.get(link), name="Somebody else", go="later")
    assert 'value="Somebody else"' in client.get(link).text
    assert go_on_at(client, f"{link}accept", aside, go="forget").location == link
    assert 'value="Somebody else"' not in client.get(link).text
    assert paged.asking.number() == 0
