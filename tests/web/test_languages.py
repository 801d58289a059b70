"""Which language is spoken, and that texts come from the right catalogue."""

import gettext as gnu
from pathlib import Path

import flask_babel
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, g, render_template_string
from flask.testing import FlaskClient

from eventhub.web import languages
from eventhub.web.languages import gettext, lazy_gettext, ngettext, pgettext, speaking


@pytest.fixture(autouse=True)
def catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small catalogues instead of the real ones."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    _write(folder / "messages.mo", {"Go": "Geh", "Your place": "Dein Platz", "100%%": "100%% da"})
    _write(folder / "formal.mo", {"Your place": "Ihr Platz"})
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    languages.texts.cache_clear()
    yield
    languages.texts.cache_clear()


def _write(path: Path, texts: dict[str, str]) -> None:
    catalogue = Catalog("de")
    for original, text in texts.items():
        catalogue.add(original, text)
    catalogue.add(("%(num)s place", "%(num)s places"), ("%(num)s Platz", "%(num)s Plätze"))
    catalogue.add("May", "Mai", context="month")
    with path.open("wb") as file:
        write_mo(file, catalogue)
    assert gnu.find("messages", str(path.parents[2]), ["de"])


def page_language(client: FlaskClient, accept: str = "") -> str:
    text = client.get("/done", headers={"Accept-Language": accept}).text
    return text.split('<html lang="', 1)[1][:2]


@pytest.mark.parametrize(
    ("accept", "spoken"),
    [
        ("", "de"),
        ("en-GB,en;q=0.8", "en"),
        ("fr, de-AT;q=0.7, en;q=0.3", "de"),
        ("fr", "de"),
        ("*", "de"),
        ("x" * 9000, "de"),
        ("fr;q=zero,;;", "de"),
    ],
)
def test_the_browser_is_listened_to(client: FlaskClient, accept: str, spoken: str) -> None:
    assert page_language(client, accept) == spoken


def test_a_choice_is_kept_and_leaves_the_address(client: FlaskClient) -> None:
    answer = client.get("/done?a=%C3%A4&lang=en&mode=dark&b=")
    assert answer.status_code == 302
    assert answer.location == "/done?a=%C3%A4&b="
    cookies = answer.headers.getlist("Set-Cookie")
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert page_language(client, "de") == "en"
    assert 'data-mode="dark"' in client.get("/done").text


def test_an_impossible_choice_changes_nothing(client: FlaskClient) -> None:
    answer = client.get("/done?lang=xx&mode=neon")
    assert answer.location == "/done"
    assert not answer.headers.getlist("Set-Cookie")


def test_a_choice_never_leads_to_another_site(client: FlaskClient) -> None:
    answer = client.get("/?lang=en", environ_overrides={"PATH_INFO": "//evil.example/"})
    assert answer.location.startswith("/evil.example/")


def test_the_other_language_is_linked_with_the_query_kept(client: FlaskClient) -> None:
    text = client.get("/done?page=2").text
    assert '<a href="?page=2&amp;lang=en" lang="en" hreflang="en" rel="nofollow">English</a>' in text


def test_texts_singular_plural_and_context(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert gettext("Go") == "Geh"
        assert gettext("Unknown %(what)s", what="x") == "Unknown x"
        assert [ngettext("%(num)s place", "%(num)s places", n) for n in (0, 1, 2)] == [
            "0 Plätze",
            "1 Platz",
            "2 Plätze",
        ]
        assert pgettext("month", "May") == "Mai"


def test_flask_babel_finds_the_same_texts(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert flask_babel.gettext("Go") == "Geh"
        assert flask_babel.ngettext("%(num)s place", "%(num)s places", 2) == "2 Plätze"
        assert flask_babel.pgettext("month", "May") == "Mai"
        assert str(flask_babel.lazy_gettext("Go")) == "Geh"
        assert str(flask_babel.get_locale()) == "de"


def test_the_formal_address_overrides_only_what_addresses(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert gettext("Your place") == "Dein Platz"
        g.formal = True
        assert gettext("Your place") == "Ihr Platz"
        assert gettext("Go") == "Geh"


def test_speaking_works_inside_and_outside_of_requests(app: Flask) -> None:
    with speaking("de", formal=True):
        assert gettext("Your place") == "Ihr Platz"
    assert gettext("Your place") == "Your place"
    with app.test_request_context(headers={"Accept-Language": "en"}):
        with speaking("de"):
            assert gettext("Go") == "Geh"
            assert str(flask_babel.get_locale()) == "de"
        assert gettext("Go") == "Go"
        assert str(flask_babel.get_locale()) == "en"


def test_lazy_texts_are_translated_when_shown(app: Flask) -> None:
    text = lazy_gettext("Go")
    with speaking("de"):
        assert str(text) == "Geh"
    assert str(text) == "Go"


def test_templates_escape_values_but_not_texts(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        page = render_template_string(
            "{{ _('Go') }} {{ _('<b>%(x)s</b>', x='<i>') }} {% trans %}100%{% endtrans %}"
        )
        assert page == "Geh <b>&lt;i&gt;</b> 100% da"
        assert render_template_string("{{ ngettext('%(num)s place', '%(num)s places', 3) }}") == "3 Plätze"
