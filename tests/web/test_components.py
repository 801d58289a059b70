"""The macros: what they write for each state."""

from collections.abc import Callable

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from wtforms import StringField

from eventhub.errors import RuleBroken
from eventhub.web.forms import Form
from eventhub.web.pagination import Page, wanted_page
from eventhub.web.parts import capacity_ticks, disc_dash, few_places, initials

ENGLISH = {"Accept-Language": "en"}
IMPORTS = '{% import "components/ui.html" as ui %}{% import "components/forms.html" as forms %}'


class NameForm(Form):
    name = StringField("Name")


@pytest.fixture
def write(app: Flask) -> Callable[..., str]:
    def write(source: str, **values: object) -> str:
        with app.test_request_context(headers=ENGLISH):
            return render_template_string(IMPORTS + source, **values)

    return write


def test_every_part_renders_in_both_languages(client: FlaskClient) -> None:
    for language in ("de", "en"):
        answer = client.get("/demo/", headers={"Accept-Language": language})
        assert answer.status_code == 200
        assert answer.text.startswith("<!DOCTYPE html>")
        assert "style=" not in answer.text
        for path in ("/look", "/organise"):
            assert client.get(path, headers={"Accept-Language": language}).status_code == 200
        assert 'content="no-referrer"' in answer.text


def test_errors_stand_at_their_fields_and_in_the_summary(
    client: FlaskClient, token_in: Callable[[str], str]
) -> None:
    token = token_in(client.get("/demo/").text)
    data = {"csrf_token": token, "name": "<Ada>", "room": "b"}
    answer = client.post("/demo/", data=data, headers=ENGLISH)
    text = answer.text
    assert answer.status_code == 422
    assert "<title>Error: Demo</title>" in text
    assert 'role="alert" tabindex="-1" data-focus-first' in text
    assert '<a href="#email">Give an address</a>' in text
    assert '<a href="#consent">Agree, please</a>' in text
    assert 'aria-describedby="email-hint email-error" aria-invalid="true"' in text
    assert 'value="&lt;Ada&gt;"' in text
    assert text.index('id="email-hint"') < text.index('id="email-error"') < text.index('id="email" ')
    assert "Please check 2 entries" in text


def test_broken_rules_stand_where_they_belong(app: Flask, write: Callable[..., str]) -> None:
    with app.test_request_context(method="POST", headers=ENGLISH):
        form = NameForm()
        form.refuse(RuleBroken("Taken already", field="name"))
        form.refuse(RuleBroken("Closed"))
        form.refuse(RuleBroken("Elsewhere", field="unknown"))
        text = render_template_string(IMPORTS + "{{ forms.error_summary(form) }}", form=form)
    assert '<a href="#name">Taken already</a>' in text
    assert "<li>Closed</li><li>Elsewhere</li>" in text


def test_the_readers_elsewhere_and_the_sentence_for_them(client: FlaskClient) -> None:
    text = client.get("/look", headers=ENGLISH).text
    assert 'datetime="2021-12-07T15:00+01:00" data-local' in text
    assert 'data-here="that is {time} in {place}"' in text
    assert "Central European Time (Berlin)" in text


def test_optional_fields_say_so(client: FlaskClient) -> None:
    text = client.get("/demo/", headers=ENGLISH).text
    assert 'for="note">Note <span class="opt">optional</span>' in text
    assert 'for="name">Name</label>' in text


def test_groups_of_choices_are_linked_by_their_first(
    client: FlaskClient, token_in: Callable[[str], str]
) -> None:
    token = token_in(client.get("/demo/").text)
    text = client.post("/demo/", data={"csrf_token": token}, headers=ENGLISH).text
    assert '<a href="#room-0">' in text
    assert '<fieldset class="field is-bad" aria-describedby="room-error">' in text
    assert 'disabled id="room-0"' in text


@pytest.mark.parametrize(
    ("taken", "places", "waiting", "words"),
    [
        (12, 60, 0, "48 free"),
        (57, 60, 0, "only 3 left"),
        (960, 1000, 0, "only 40 left"),
        (60, 60, 4, "Waitlist open, 4 waiting"),
        (61, 60, 0, "Waitlist open, nobody is waiting"),
        (0, 0, 0, "Waitlist open, nobody is waiting"),
    ],
)
def test_capacity_in_words(
    write: Callable[..., str], taken: int, places: int, waiting: int, words: str
) -> None:
    text = write("{{ ui.capacity(taken, places, waiting) }}", taken=taken, places=places, waiting=waiting)
    assert f">{words}</span>" in text
    assert ("is-full" in text) == (taken >= places)


def test_places_left(write: Callable[..., str]) -> None:
    source = "{{ ui.places_left(47, 60) }}|{{ ui.places_left(59, 60) }}|{{ ui.places_left(9, 9) }}|"
    source += "{{ ui.places_left(9, none) }}|"
    assert write(source) == "13 of 60 places left|Only 1 of 60 places left|Sold out||"


def test_pages_of_long_lists(app: Flask, write: Callable[..., str]) -> None:
    text = write("{{ ui.pagination(page) }}", page=Page(["x"], 2, 10, 25))
    assert "11 to 20 of 25" in text
    assert 'href="?page=1" rel="prev"' in text
    assert 'href="?page=3" rel="next"' in text
    assert not write("{{ ui.pagination(page) }}", page=Page([], 1, 10, 0)).strip()
    for query, number in (("page=3", 3), ("page=x", 1), ("page=9999999999", 1), ("page=٣", 1), ("", 1)):
        with app.test_request_context(f"/?{query}"):
            assert wanted_page() == number


def test_values_behind_the_macros() -> None:
    assert initials("Dr. Ada Example-Lovelace") == "AE"
    assert [initials(name) for name in ("Ada", "Dr.", "")] == ["A", "D", ""]
    assert initials("Max Muster (invented)") == "MM"
    assert len(capacity_ticks(60)) == 11
    assert (50.0, True) in capacity_ticks(20)
    assert [few_places(free, 60) for free in (0, 3, 4)] == [False, True, False]
    assert disc_dash(900, 10) == (7.5, 712.5, -181)
    assert disc_dash(0, 9999) == (717.5, 2.5, -1)
    assert disc_dash(0, 1)[0] == 1


def test_unknown_assets_are_noticed(write: Callable[..., str]) -> None:
    with pytest.raises(LookupError, match="no file static/css/nothing"):
        write("{{ asset('css/nothing.css') }}")
