"""What organisers learn from the answers: columns, filters, counts, files to take along."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from openpyxl import load_workbook

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.questionnaires import queries, service
from eventhub.questionnaires.models import Kind, Question
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Given, Wording
from tests.desk.counting import counted_queries
from tests.desk.hostile import TEXTS
from tests.desk.setting import Desk
from tests.registration.samples import signed_up

LIST = "/manage/labcamp/5/registrations/"
TEA = (Option("o1", "Tea"), Option("o2", "Coffee", 20))


class Answered:
    """An edition with two questions and some answers."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.key = desk.publish()
        with desk.app.app_context(), transaction():
            edition = db.session.get_one(Edition, self.key)
            edition.questionnaire = service.create()
            self.drink = service.add(
                edition.questionnaire, Kind.SEVERAL_OF, Wording("Drink?", options=TEA), {}
            ).id
            self.why = service.add(edition.questionnaire, Kind.SHORT_TEXT, Wording("Why?"), {}).id

    def answer(self, person: str, values: dict[int, str]) -> int:
        with self.desk.app.app_context():
            key = signed_up(self.key, person).registration.id
            with transaction():
                definition = queries.definition_of(db.session.get_one(Edition, self.key).asks)
                assert definition
                service.record(key, Given(definition, values))
            return key


@pytest.fixture
def answered(desk: Desk) -> Answered:
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    found = Answered(desk)
    found.answer("Ada", {found.drink: '["o1","o2"]', found.why: "=HYPERLINK(1)"})
    found.answer("Ben", {found.drink: '["o2"]'})
    found.answer("Cem", {})
    return found


def names(page: str) -> set[str]:
    return set(re.findall(r"Person (\w+)</bdi>", page))


def test_the_list_shows_answers_and_filters_by_them(desk: Desk, answered: Answered) -> None:
    page = desk.client.get(LIST).text
    assert "Tea, Coffee" in page
    assert names(page) == {"Ada", "Ben", "Cem"}
    assert names(desk.client.get(f"{LIST}?answer={answered.drink}:o1").text) == {"Ada"}
    assert names(desk.client.get(f"{LIST}?answer={answered.drink}:o2").text) == {"Ada", "Ben"}


@pytest.mark.parametrize("text", ["999:o1", "x", ":", "1:%25", *TEXTS])
def test_a_filter_that_names_nothing_filters_nothing(desk: Desk, answered: Answered, text: str) -> None:
    page = desk.client.get(LIST, query_string={"answer": text})
    assert page.status_code in {200, 400}
    if page.status_code == 200:
        assert names(page.text) == {"Ada", "Ben", "Cem"}


def test_answers_are_counted_and_lead_to_who_gave_them(desk: Desk, answered: Answered) -> None:
    page = desk.client.get(f"{LIST}answers/").text
    assert "2 answers" in page
    numbers = re.findall(r'class="end num">([^<]+)<', page)
    assert numbers == ["1", "2 of 20"]
    assert f"answer={answered.drink}:o2" in page


def test_an_option_that_is_gone_is_still_counted(desk: Desk, answered: Answered) -> None:
    with desk.app.app_context(), transaction():
        edition = db.session.get_one(Edition, answered.key)
        question = db.session.get_one(Question, answered.drink)
        wording = Wording("Drink?", options=(TEA[1], Option("o3", "Water")))
        service.change(edition.questionnaire, question, wording, {})
    page = desk.client.get(f"{LIST}answers/").text
    assert re.findall(r"<th scope=\"row\"><a[^>]*>([^<]+)<", page) == ["Coffee", "Water", "Tea"]
    assert "Tea, Coffee" in desk.client.get(LIST).text


def test_the_table_holds_every_answer_and_no_formula(desk: Desk, answered: Answered) -> None:
    table = desk.client.get("/manage/labcamp/5/registrations.csv?sort=name").data.decode("utf-8-sig")
    lines = table.splitlines()
    assert lines[0].endswith("Drink?;Why?")
    assert lines[1].endswith(";Tea, Coffee;'=HYPERLINK(1)")
    assert lines[3].endswith(";;")


def test_the_workbook_holds_the_same_as_text(desk: Desk, answered: Answered) -> None:
    answer = desk.client.get(f"/manage/labcamp/5/registrations.xlsx?answer={answered.drink}:o1")
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    rows = list(load_workbook(io.BytesIO(answer.data)).active.values)
    assert [row[-2:] for row in rows] == [("Drink?", "Why?"), ("Tea, Coffee", "'=HYPERLINK(1)")]


def test_the_pages_ask_no_more_for_more_people(app: Flask, desk: Desk, answered: Answered) -> None:
    def costs() -> list[int]:
        found = []
        for path in (LIST, f"{LIST}answers/", "/manage/labcamp/5/registrations.csv"):
            with counted_queries(app) as statements:
                desk.client.get(path)
            found.append(len(statements))
        return found

    few = costs()
    for number in range(5):
        answered.answer(f"More{number}", {answered.drink: '["o1"]', answered.why: "so"})
    assert costs() == few


def test_strangers_see_no_answers(desk: Desk, answered: Answered) -> None:
    for path in ("answers/", "1/files/1"):
        assert desk.client.get(f"/manage/other/5/registrations/{path}").status_code == 404
