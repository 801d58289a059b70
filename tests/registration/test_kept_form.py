"""The empty form is rendered once a second for everybody; what belongs to one visitor never is."""

from __future__ import annotations

import re

from flask import Flask

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from tests.registration.browsing import FORM
from tests.registration.samples import add_edition


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf_token|once_key)"[^>]*value="([^"]+)"', page))


def page_for(app: Flask, language: str = "en") -> str:
    return app.test_client().get(FORM, headers={"Accept-Language": language}).text


def test_two_visitors_get_the_same_page_with_tokens_of_their_own(app: Flask) -> None:
    add_edition(app, capacity=5)
    pages = [page_for(app), page_for(app)]
    first, second = map(hidden, pages)
    assert first.keys() == second.keys() == {"csrf_token", "once_key"}
    assert not set(first.values()) & set(second.values())
    for page, values in zip(pages, (first, second), strict=True):
        assert page.count(values["once_key"]) == 1
    plain = [re.sub(r'value="[^"]*"', "", page) for page in pages]
    assert plain[0] == plain[1]


def test_a_kept_form_speaks_the_language_of_its_visitor(app: Flask) -> None:
    add_edition(app, capacity=5)
    assert 'lang="en"' in page_for(app, "en")
    assert 'lang="de"' in page_for(app, "de")


def test_a_change_by_the_organiser_shows_at_once(app: Flask) -> None:
    edition_id = add_edition(app, capacity=5)
    page_for(app)
    with app.app_context(), transaction():
        db.session.get_one(Edition, edition_id).title = "Ein neuer Titel"
    assert "Ein neuer Titel" in page_for(app)


def test_a_closed_registration_is_not_answered_from_memory(app: Flask) -> None:
    edition_id = add_edition(app, capacity=5)
    page_for(app)
    with app.app_context(), transaction():
        db.session.get_one(Edition, edition_id).takes_registrations = False
    assert "once_key" not in page_for(app)
