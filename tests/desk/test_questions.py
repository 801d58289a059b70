"""Building the form of a series or an edition."""

from __future__ import annotations

import re

import pytest

from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition, Series
from eventhub.extensions import db
from eventhub.questionnaires import queries
from eventhub.questionnaires.rules import Definition
from eventhub.registration.queries import roles
from tests.desk.counting import counted_queries
from tests.desk.hostile import FINE, LONG, TEXTS
from tests.desk.setting import Desk

FORM = "/manage/labcamp/5/questions/"
SERIES_FORM = "/manage/labcamp/questions/"


@pytest.fixture(autouse=True)
def in_english(desk: Desk) -> None:
    """Read the pages in English, as the words that are looked for are."""
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"


def add(desk: Desk, kind: str = "short_text", form: str = FORM, **values: str) -> str:
    """Add a question and return its address."""
    answer = desk.client.post(f"{form}new", data={"kind": kind, "label": "Why?", **values})
    assert answer.status_code == 303, answer.text
    return form + answer.location.rpartition("#question-")[2] + "/"


def asked(desk: Desk, key: int) -> Definition | None:
    with desk.app.app_context():
        return queries.definition_of(desk.edition(key).asks)


def labels(desk: Desk, key: int) -> list[str]:
    found = asked(desk, key)
    return [one.label for one in found.questions] if found else []


def test_a_form_is_built_from_nothing(desk: Desk) -> None:
    key = desk.publish()
    assert "No questions of your own yet" in desk.client.get(FORM).text
    options = "Tea\nCoffee | 12"
    add(desk, "one_of", label="Drink?", options=options, required="y")
    page = desk.client.get(FORM).text
    assert "One of several options, required, 2 options" in page
    assert 'type="radio"' in page.partition("preview-title")[2], "the preview shows it as it is asked"
    found = asked(desk, key)
    assert found
    assert [(one.label, one.capacity) for one in found.questions[0].options] == [
        ("Tea", None),
        ("Coffee", 12),
    ]


def test_a_question_is_changed_and_removed(desk: Desk) -> None:
    key = desk.publish()
    address = add(desk, "one_of", label="Drink?", options="Tea\nCoffee")
    sent = desk.form_of(address)
    assert sent["options"] == "Tea\nCoffee"
    desk.client.post(address, data=sent | {"label": "Which drink?"})
    assert labels(desk, key) == ["Which drink?"]
    desk.client.post(f"{address}remove")
    assert labels(desk, key) == []


def test_buttons_change_the_order(desk: Desk) -> None:
    key = desk.publish()
    for label in ("One", "Two", "Three"):
        address = add(desk, label=label)
    desk.client.post(f"{address}move", data={"position": "0"})
    assert labels(desk, key) == ["Three", "One", "Two"]
    page = desk.client.get(FORM).text
    assert 'aria-label="Move up: One"' in page
    assert 'aria-label="Move up: Three"' not in page


def test_a_question_depends_on_one_above_it(desk: Desk) -> None:
    key = desk.publish()
    first = add(desk, "yes_no", label="Coming by train?").removesuffix("/").rpartition("/")[2]
    add(desk, label="Which one?", only_if=f"{first}:yes")
    found = asked(desk, key)
    assert found
    assert (found.questions[1].only_if, found.questions[1].only_if_value) == (int(first), "yes")
    assert "Only if “Coming by train?” is “yes”" in desk.client.get(FORM).text


@pytest.mark.parametrize("purpose", ["access", "diet", "name_shown"])
def test_ready_made_questions_say_how_long_they_are_kept(desk: Desk, purpose: str) -> None:
    key = desk.publish()
    desk.client.post(f"{FORM}ready-made", data={"purpose": purpose})
    found = asked(desk, key)
    assert found
    assert found.questions[0].purpose == purpose
    assert found.questions[0].keep_days in {14, 28}
    assert f'value="{purpose}"' not in desk.client.get(FORM).text, "nobody asks it twice"


def test_an_edition_asks_what_its_series_asks_until_it_has_questions_of_its_own(desk: Desk) -> None:
    key = desk.publish()
    add(desk, form=SERIES_FORM, label="Of the series")
    assert labels(desk, key) == ["Of the series"]
    page = desk.client.get(FORM).text
    assert "This edition asks the questions of its series" in page
    assert desk.client.post(f"{FORM}new", data={"kind": "number", "label": "x"}).status_code == 409
    desk.client.post(f"{FORM}own")
    add(desk, label="Only here")
    assert labels(desk, key) == ["Of the series", "Only here"]
    desk.client.post(f"{FORM}inherit")
    assert labels(desk, key) == ["Of the series"]


def test_questions_are_copied_from_another_edition_but_not_from_strangers(desk: Desk) -> None:
    first, second = desk.publish(5), desk.publish(6)
    add(desk, label="From five")
    with desk.app.app_context():
        source = desk.edition(first).questionnaire_id
    desk.client.post("/manage/labcamp/6/questions/copy", data={"source": source})
    assert labels(desk, second) == ["From five"]
    assert desk.client.post("/manage/labcamp/6/questions/copy", data={"source": "999"}).status_code == 400


def test_the_next_edition_asks_the_same(desk: Desk) -> None:
    key = desk.publish()
    add(desk, label="Again?")
    with desk.app.app_context(), transaction():
        made = editions.copy(desk.edition(key), {"number": 6}).id
    assert labels(desk, made) == ["Again?"]
    with desk.app.app_context():
        assert desk.edition(made).questionnaire_id != desk.edition(key).questionnaire_id


def test_a_deleted_draft_takes_its_form_along(desk: Desk) -> None:
    key = desk.add()
    add(desk, label="Why?")
    desk.client.post("/manage/labcamp/5/delete", data={"sure": "y"})
    with desk.app.app_context():
        assert db.session.get(Edition, key) is None
        assert queries.definition_of(1) is None


def test_the_preview_shows_what_is_typed_and_saves_nothing(desk: Desk) -> None:
    key = desk.publish()
    sent = {"kind": "several_of", "label": "Which <b>?", "options": "Tea\nCoffee", "preview": "1"}
    page = desk.client.post(f"{FORM}new", data=sent)
    assert page.status_code == 200
    shown = page.text.partition('id="question-preview"')[2]
    assert "Which &lt;b&gt;?" in shown
    assert shown.count('type="checkbox"') == 2
    assert labels(desk, key) == []


def test_the_list_does_not_ask_more_for_more_questions(desk: Desk) -> None:
    desk.publish()
    add(desk)
    costs = []
    for _round in range(2):
        with counted_queries(desk.app) as statements:
            desk.client.get(FORM)
        costs.append(len(statements))
        for number in range(5):
            add(desk, label=f"More {number}")
    assert costs[0] == costs[1]


@pytest.mark.parametrize("text", [*TEXTS, LONG * 3])
def test_nothing_that_is_typed_breaks_the_builder(desk: Desk, text: str) -> None:
    desk.publish()
    address = add(desk, "one_of", options="Tea\nCoffee")
    for field in ("label", "help", "options", "keep_days", "only_if", "kind"):
        sent = {"kind": "one_of", "label": "Why?", "options": "a\nb", field: text}
        for path in (address, f"{FORM}new"):
            assert desk.client.post(path, data=sent).status_code in FINE | {404}
    for path, field in (("move", "position"), ("remove", "x")):
        assert desk.client.post(address + path, data={field: text}).status_code in FINE
    for path, field in (("ready-made", "purpose"), ("copy", "source")):
        assert desk.client.post(FORM + path, data={field: text}).status_code in FINE
    assert desk.client.get(FORM).status_code == 200


def test_questions_of_another_series_do_not_exist_here(desk: Desk) -> None:
    desk.publish(5)
    desk.publish(6)
    address = add(desk)
    foreign = re.sub("/5/", "/6/", address)
    for path in (foreign, f"{foreign}move", f"{foreign}remove"):
        assert desk.client.post(path, data={"label": "x", "position": "0"}).status_code == 404
    assert desk.client.get("/manage/other/questions/").status_code == 404
    with desk.app.app_context():
        assert db.session.query(Series).count() == 2


def test_a_question_is_asked_of_some_roles(desk: Desk) -> None:
    key = desk.publish()
    assert "Ask only people who come as" not in desk.client.get(f"{FORM}new?kind=short_text").text
    places = "/manage/labcamp/5/places/"
    desk.client.post(places, data=desk.form_of(places) | {"roles-0-title": "Mentor"})
    with desk.app.app_context():
        [role] = roles(desk.edition(key))
    for form in (FORM, SERIES_FORM):
        address = add(desk, form=form, label="Your field?", roles=role.slug)
        assert "Only for: Mentor" in desk.client.get(form).text
        assert re.search(rf'checked[^>]*value="{role.slug}"', desk.client.get(address).text)
    assert desk.client.post(address, data=desk.form_of(address) | {"roles": "forged"}).status_code == 422
    desk.client.post(places, data=desk.form_of(places) | {"roles-0-remove": "y"})
    assert "Asked of nobody: its role is removed" in desk.client.get(FORM).text
    assert "a role that is removed" in desk.client.get(address).text
