"""Registering for an edition that asks questions of its own."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.facts import RegistrationsErased, announce
from eventhub.questionnaires.models import Answer, AnswerFile, Kind
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Wording
from eventhub.registration.answers import erase_due_answers
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.registration.asking import Asking
from tests.registration.browsing import AYLIN, FORM, cancel_place, my_link, once_key, registration_of, send

TEA = (Option("o1", "Tea"), Option("o2", "Coffee"))
ENGLISH = {"Accept-Language": "en"}


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, kind)
    return out.getvalue()


def test_answers_are_taken_with_the_registration(asking: Asking) -> None:
    drink = asking.ask("Drink?", Kind.ONE_OF, options=TEA, required=True)
    days = asking.ask("Which days?", Kind.SEVERAL_OF, options=TEA)
    best = asking.ask("Best?", Kind.RANKING, options=TEA)
    why = asking.ask("Why?", Kind.LONG_TEXT)
    page = asking.client.get(FORM).text
    assert page.count(f'name="{drink}"') == 2
    values = {drink: "o2", days: ["o1", "o2"], best: ["o2", "o1"], why: "Because\r\nof you"}
    assert send(asking.client, **values).status_code == 303
    assert asking.answers() == {
        "Drink?": "Coffee",
        "Which days?": "Tea, Coffee",
        "Best?": "1. Coffee, 2. Tea",
        "Why?": "Because\nof you",
    }


def test_a_wrong_answer_is_named_at_its_question_and_nothing_is_lost(asking: Asking) -> None:
    drink = asking.ask("Drink?", Kind.ONE_OF, options=TEA, required=True)
    mail = asking.ask("Second address", Kind.EMAIL)
    page = send(asking.client, **{drink: "o9", mail: "nonsense"})
    assert page.status_code == 422
    assert f'href="#{drink}-0"' in page.text
    assert f'href="#{mail}"' in page.text
    assert 'value="nonsense"' in page.text
    assert asking.number() == 0


def test_answers_for_hidden_questions_are_ignored(asking: Asking) -> None:
    train = asking.ask("By train?", Kind.YES_NO)
    which = asking.ask("Which train?", required=True, only_if=int(train[1:]), only_if_value="yes")
    assert send(asking.client, **{train: "no", which: "ICE 1"}).status_code == 303
    assert asking.answers() == {"By train?": "no"}
    other = {"email": "other@lab.example", train: "yes"}
    assert send(asking.client, **other).status_code == 422, "now it is asked, and missing"
    assert send(asking.client, **other, **{which: "ICE 2"}).status_code == 303
    assert asking.answers("other@lab.example") == {"By train?": "yes", "Which train?": "ICE 2"}


def test_a_known_address_keeps_its_answers_whoever_types_it(asking: Asking) -> None:
    why = asking.ask("Why?")
    send(asking.client, **{why: "mine"})
    send(asking.client, **{why: "a stranger’s"})
    assert asking.answers() == {"Why?": "mine"}


def test_whoever_cancelled_and_comes_back_answers_anew(asking: Asking) -> None:
    why = asking.ask("Why?")
    send(asking.client, **{why: "first"})
    cancel_place(asking.app)
    send(asking.client, **{why: "second"})
    assert asking.answers() == {"Why?": "second"}


def test_answers_are_changed_behind_the_personal_link(app: Flask, asking: Asking) -> None:
    drink = asking.ask("Drink?", Kind.ONE_OF, options=TEA)
    why = asking.ask("Why?")
    send(asking.client, **{drink: "o1", why: "so"})
    asking.change(drink, Wording("Which drink?", options=(TEA[1], Option("o3", "Water"))))
    mine = f"{my_link(app)}change"
    page = asking.client.get(mine).text
    assert re.search(r'checked[^>]*value="o1"', page), (
        "what is no longer offered stays for those who chose it"
    )
    details = {**AYLIN, "note": ""}
    assert asking.client.post(mine, data=details | {drink: "o1", why: "changed"}).status_code == 303
    assert asking.answers() == {"Drink?": "Tea", "Why?": "changed"}
    asking.client.post(mine, data=details | {drink: "o3", why: ""})
    assert asking.answers() == {"Which drink?": "Water"}


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("me.png", picture("PNG"), "me.png"),
        ("me.JPEG", picture("JPEG"), "me.jpg"),
        ("cv.pdf", b"%PDF-1.4\n1 0 obj\n%%EOF\n", "cv.pdf"),
        ("..\\..\\evil<>.exe", picture("PNG"), "evil.png"),
    ],
)
def test_a_file_is_kept_by_what_it_is(
    app: Flask, asking: Asking, name: str, content: bytes, kept: str
) -> None:
    file = asking.ask("Poster", Kind.FILE)
    assert send(asking.client, **{file: (io.BytesIO(content), name)}).status_code == 303
    assert asking.answers() == {"Poster": kept}
    answer = asking.client.get(f"{my_link(app)}files/{file[1:]}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.data[:4] == content[:4]


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.4 without an end",
        b"\x89PNG\r\n\x1a\nnothing",
        b"GIF89a",
        b"",
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(asking: Asking, content: bytes) -> None:
    file = asking.ask("Poster", Kind.FILE, required=True)
    page = send(asking.client, **{file: (io.BytesIO(content), "poster.pdf")})
    assert page.status_code == 422
    assert asking.number() == 0


def test_a_file_stays_when_the_rest_is_changed(app: Flask, asking: Asking) -> None:
    file, why = asking.ask("Poster", Kind.FILE, required=True), asking.ask("Why?")
    send(asking.client, **{file: (io.BytesIO(picture()), "a.png"), why: "x"})
    details = {**AYLIN, "note": "", why: "y"}
    assert asking.client.post(f"{my_link(app)}change", data=details).status_code == 303
    assert asking.answers() == {"Poster": "a.png", "Why?": "y"}
    assert asking.client.get(f"{my_link(app)}files/{file[1:]}").status_code == 200


def test_a_condition_that_comes_later_takes_no_answer_and_no_file_away(app: Flask, asking: Asking) -> None:
    train, file = asking.ask("By train?", Kind.YES_NO), asking.ask("Ticket", Kind.FILE)
    why = asking.ask("Why?")
    send(asking.client, **{train: "no", file: (io.BytesIO(picture()), "a.png")})
    asking.change(file, Wording("Ticket", only_if=int(train[1:]), only_if_value="yes"))
    mine, details = f"{my_link(app)}change", {**AYLIN, "note": ""}
    assert asking.client.post(mine, data=details | {train: "no", why: "x"}).status_code == 303
    assert asking.answers() == {"By train?": "no", "Ticket": "a.png", "Why?": "x"}
    assert asking.client.get(f"{my_link(app)}files/{file[1:]}").status_code == 200
    asking.client.post(mine, data=details | {train: "yes", why: "x"})
    assert asking.answers()["Ticket"] == "a.png"
    asking.client.post(mine, data=details | {train: "no", why: "x"})
    assert "Ticket" not in asking.answers(), "this they hid themselves"


def test_my_data_names_my_answers(app: Flask, asking: Asking) -> None:
    drink = asking.ask("Drink?", Kind.ONE_OF, options=TEA)
    send(asking.client, **{drink: "o1"})
    kept = json.loads(asking.client.get(f"{my_link(app)}data.json").text)
    assert kept["answers"] == [{"question": "Drink?", "answer": "Tea"}]


def go_on(client: FlaskClient, page: TestResponse, **values: Any) -> TestResponse:
    """Send a page of the form with everything that it carries along."""
    carried: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text):
        carried.setdefault(name, []).append(value)
    return client.post(FORM, data=carried | {"once_key": once_key(page)} | values)


def test_a_form_of_several_pages_keeps_what_was_typed(asking: Asking) -> None:
    one = asking.ask("One?", required=True)
    asking.ask("More", Kind.PAGE)
    two = asking.ask("Two?", Kind.SEVERAL_OF, options=TEA)
    asking.ask("Last", Kind.PAGE)
    three = asking.ask("Three?", required=True)
    client = asking.client
    about = {key: AYLIN[key] for key in ("name", "email", "organisation")}
    first = client.get(FORM)
    assert "Page 1 of 3" in first.text
    assert 'name="consent"' not in first.text
    wrong = go_on(client, first, **about, go="next")
    assert (wrong.status_code, "Page 1 of 3" in wrong.text) == (422, True)
    second = go_on(client, first, **about, **{one: "1"}, go="next")
    assert (second.status_code, "Page 2 of 3" in second.text) == (200, True)
    third = go_on(client, second, **{two: ["o1", "o2"]}, go="next")
    back = go_on(client, third, **{three: "3"}, go="back")
    assert back.text.count("checked") == 2
    third = go_on(client, back, **{two: ["o2"]}, go="next")
    assert 'value="3"' in third.text, "going back loses nothing"
    assert go_on(client, third, **{three: "3"}).status_code == 422, "nobody registers without consent"
    assert go_on(client, third, **{three: "3"}, consent="y").status_code == 303
    assert asking.answers() == {"One?": "1", "Two?": "Coffee", "Three?": "3"}


def test_a_plain_edition_pays_nothing_for_questions(app: Flask, asking: Asking) -> None:
    def cost() -> tuple[int, int]:
        asking.client.get(FORM)
        key = once_key(asking.client.get(FORM))
        with counted_queries(app) as statements:
            asking.client.post(
                FORM, data={**AYLIN, "once_key": key, "email": f"{key[:9].lower()}@lab.example"}
            )
        return len(statements), sum("question_version" in statement for statement in statements)

    cost()
    plain, about_questions = cost()
    assert about_questions == 0
    asking.ask("Why?")
    cost()
    assert cost()[0] == plain, "an answer that is left out costs nothing either"


def test_a_new_question_shows_at_once_on_the_kept_page(asking: Asking) -> None:
    assert "Why?" not in asking.client.get(FORM).text
    asking.ask("Why?")
    assert "Why?" in asking.client.get(FORM).text


def test_access_needs_are_erased_after_their_time(clock: FrozenClock, app: Flask, asking: Asking) -> None:
    need = asking.ask("Needs?", keep_days=14)
    why = asking.ask("Why?")
    send(asking.client, **{need: "captions", why: "so"})
    clock.advance(timedelta(days=31))
    with app.app_context():
        assert erase_due_answers(lambda: False) == 0
    clock.advance(timedelta(days=30))
    with app.app_context():
        assert erase_due_answers(lambda: False) == 1
        assert [answer.value for answer in db.session.scalars(select(Answer))] == ["so"]


def test_how_long_an_answer_is_kept_is_said_as_it_is(asking: Asking) -> None:
    need = asking.ask("Needs?", keep_days=14, help="For the venue.")
    assert "For the venue. The answer is erased 14 days after the meeting." in asking.client.get(FORM).text
    asking.change(need, Wording("Needs?", keep_days=1))
    assert "The answer is erased 1 day after the meeting." in asking.client.get(FORM).text
    asking.change(need, Wording("Needs?"))
    assert "The answer is erased" not in asking.client.get(FORM).text


def test_whoever_is_forgotten_leaves_no_answer(app: Flask, asking: Asking) -> None:
    drink = asking.ask("Drink?", Kind.ONE_OF, options=TEA)
    why = asking.ask("Why?")
    need = asking.ask("Needs?", Kind.ONE_OF, options=TEA, keep_days=14)
    file = asking.ask("Poster", Kind.FILE)
    send(asking.client, **{drink: "o1", why: "so", need: "o2", file: (io.BytesIO(picture()), "a.png")})
    with app.app_context(), transaction():
        announce(RegistrationsErased((registration_of().id,)))
    with app.app_context():
        assert not db.session.scalars(select(Answer)).all()
        assert not db.session.scalars(select(AnswerFile)).all()


@pytest.mark.parametrize("sent", [{"page": "99"}, {"page": "-1"}, {"page": "٣"}, {"go": "x"}, {"go": "back"}])
def test_a_forged_page_leads_nowhere_strange(asking: Asking, sent: dict[str, str]) -> None:
    asking.ask("One?")
    asking.ask("More", Kind.PAGE)
    asking.ask("Two?", required=True)
    assert send(asking.client, **sent).status_code in {200, 422}
    assert asking.number() == 0
