"""What organisers learn from the answers: columns, filters, counts, files to take along."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from openpyxl import load_workbook

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.questionnaires import queries, service
from eventhub.questionnaires.models import Kind, Question, Questionnaire
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Given, Wording
from tests.conftest import FrozenClock
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


@pytest.mark.both_databases
def test_the_list_is_filtered_by_answers_to_several_questions_at_once(desk: Desk, answered: Answered) -> None:
    assert "<summary>Answers</summary>" not in desk.client.get(LIST).text
    with desk.app.app_context(), transaction():
        questionnaire = db.session.get_one(Edition, answered.key).questionnaire
        assert questionnaire
        diet, first = (
            service.add(questionnaire, Kind.ONE_OF, Wording(words, options=TEA), {}).id
            for words in ("Again?", "First time?")
        )
    answered.answer("Dua", {answered.drink: '["o2"]', diet: "o1", first: "o2"})
    answered.answer("Eli", {answered.drink: '["o2"]', diet: "o2", first: "o2"})
    assert "<summary>Answers</summary>" in desk.client.get(LIST).text
    for chosen, found in (
        ([f"{answered.drink}:o2"], {"Ada", "Ben", "Dua", "Eli"}),
        ([f"{answered.drink}:o2", f"{first}:o2", ""], {"Dua", "Eli"}),
        ([f"{answered.drink}:o2", f"{first}:o2", f"{diet}:o1"], {"Dua"}),
        ([f"{answered.drink}:o1", f"{diet}:o1"], set()),
        ([f"{answered.drink}:o1", "999:o1"], {"Ada"}),
        ([f"{answered.drink}:o1", f"{answered.drink}:o2"], {"Ada"}),
    ):
        page = desk.client.get(LIST, query_string={"answer": chosen}).text
        assert names(page) == found, chosen
        table = unescape(re.findall(r'href="([^"]*registrations\.csv[^"]*)"', page)[0])
        rows = desk.client.get(table).data.decode("utf-8-sig")
        assert set(re.findall(r"Person (\w+)", rows)) == found, table
    both = {"answer": [f"{answered.drink}:o2", f"{diet}:o1"]}
    asked = desk.client.post(LIST, query_string=both, data={"id": "4", "action": "cancel"}).text
    kept = unescape(re.findall(rf'href="({LIST}[^"]*answer=[^"]*)"', asked)[0])
    assert names(desk.client.get(kept).text) == {"Dua"}


@pytest.mark.both_databases
def test_the_search_finds_texts_numbers_and_dates_that_people_answered(
    desk: Desk, answered: Answered
) -> None:
    with desk.app.app_context(), transaction():
        questionnaire = db.session.get_one(Edition, answered.key).questionnaire
        assert questionnaire
        keys = [
            service.add(questionnaire, kind, Wording(f"Say {kind}"), {}).id
            for kind in (Kind.NUMBER, Kind.DATE, Kind.LONG_TEXT)
        ]
    number, day, text = keys
    answered.answer("Dua", {number: "2.5", day: "2026-12-07", text: "Needs a\nRAMP 100%"})

    def found(words: str) -> set[str]:
        return names(desk.client.get(LIST, query_string={"q": words}).text)

    for words in ("ramp", "needs 100%", "2,5", "7.12.2026", "Dua ramp"):
        assert found(words) == {"Dua"}, words
    assert found("o1") == set(), "what is chosen is no text"
    assert found("Ada ramp") == set()
    table = desk.client.get("/manage/labcamp/5/registrations.csv?q=ramp").data.decode("utf-8-sig")
    assert table.count("Person ") == 1


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
    assert numbers == ["1", "2"]
    assert f"answer={answered.drink}:o2" in page


def test_places_of_an_option_are_those_that_are_taken_and_who_waits_stands_beside_them(
    desk: Desk, answered: Answered
) -> None:
    full = desk.publish(6, capacity=1)
    with desk.app.app_context():
        with transaction():
            edition, other = db.session.get_one(Edition, full), db.session.get_one(Edition, answered.key)
            edition.series.questionnaire_id, other.questionnaire_id = other.questionnaire_id, None
        definition = queries.definition_of(db.session.get_one(Edition, full).asks)
        assert definition
        coffee = Given(definition, {answered.drink: '["o2"]'})
        for person in ("Ada", "Ben", "Cem"):
            signed_up(full, person, answers=coffee)
    page = desk.client.get("/manage/labcamp/6/registrations/answers/").text
    assert ">3<br>" in page
    assert "1 of 20 places taken; 2 people wait" in page


def test_an_option_that_is_gone_is_still_counted(desk: Desk, answered: Answered) -> None:
    with desk.app.app_context(), transaction():
        edition = db.session.get_one(Edition, answered.key)
        question = db.session.get_one(Question, answered.drink)
        wording = Wording("Drink?", options=(TEA[1], Option("o3", "Water")))
        service.change(edition.questionnaire, question, wording, {})
    page = desk.client.get(f"{LIST}answers/").text
    assert re.findall(r"<th scope=\"row\"><a[^>]*>([^<]+)<", page) == ["Coffee", "Water", "Tea"]
    assert "Tea, Coffee" in desk.client.get(LIST).text


class Asked:
    """A consent that is asked for in other words once somebody has agreed."""

    def __init__(self, answered: Answered) -> None:
        self.answered = answered
        with answered.desk.app.app_context(), transaction():
            self.questionnaire_id = service.create().id
            edition = db.session.get_one(Edition, answered.key)
            edition.questionnaire_id = self.questionnaire_id
            questionnaire = db.session.get_one(Questionnaire, self.questionnaire_id)
            self.key = service.add(questionnaire, Kind.CONSENT, Wording("Photos for documentation"), {}).id

    def say(self, label: str, about: str = "") -> None:
        with self.answered.desk.app.app_context(), transaction():
            questionnaire = db.session.get_one(Questionnaire, self.questionnaire_id)
            question = db.session.get_one(Question, self.key)
            assert service.change(questionnaire, question, Wording(label, help=about), {})


@pytest.fixture
def consent(desk: Desk, answered: Answered, clock: FrozenClock) -> Asked:
    """Ina and Jo agreed to one thing, Kim to another."""
    found = Asked(answered)
    for person in ("Ina", "Jo"):
        answered.answer(person, {found.key: "yes"})
    clock.advance(timedelta(days=2))
    found.say("Photos for advertising")
    answered.answer("Kim", {found.key: "yes"})
    return found


def columns_of(desk: Desk, *heads: str) -> dict[str, set[str]]:
    """Return who has a word in columns of the table that begin so."""
    table = desk.client.get("/manage/labcamp/5/registrations.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table), delimiter=";"))
    return {
        head: {row["Name"].removeprefix("Person ") for row in rows if row[head]}
        for head in rows[0]
        if head.startswith(heads)
    }


@pytest.mark.both_databases
def test_a_consent_in_other_words_is_never_read_into_what_somebody_agreed_to_before(
    desk: Desk, consent: Asked
) -> None:
    before = "Photos for documentation (until 4\xa0Mar\xa02026)"
    now = "Photos for advertising"
    assert columns_of(desk, "Photos") == {now: {"Kim"}, before: {"Ina", "Jo"}}
    page = desk.client.get(LIST).text
    assert now in page
    assert before in page
    assert names(desk.client.get(f"{LIST}?answer={consent.key}.2:yes").text) == {"Kim"}
    assert names(desk.client.get(f"{LIST}?answer={consent.key}:yes").text) == {"Ina", "Jo"}
    counts = desk.client.get(f"{LIST}answers/").text
    assert re.findall(r"<h3 id[^>]*>(Photos[^<]+)</h3><p class=\"sub\">([^<]+)<", counts) == [
        (now, "1 answer"),
        (before, "2 answers"),
    ]
    figures = desk.client.get("/manage/labcamp/5/numbers/").text
    for label in ("Photos for documentation", "Photos for advertising"):
        assert re.search(rf"<h\d[^>]*>{label}<", figures)
    sent = desk.client.get("/manage/labcamp/5/messages/new").text
    assert f'value="{consent.key}:yes">{before}: agreed' in sent


def test_what_was_agreed_to_is_the_explanation_as_well(desk: Desk, consent: Asked) -> None:
    consent.say("Photos for advertising", "On billboards.")
    assert list(columns_of(desk, "Photos for advertising").values()) == [set(), {"Kim"}]


def test_a_question_that_is_asked_as_before_has_one_column_again(desk: Desk, consent: Asked) -> None:
    consent.say("Photos for documentation")
    assert columns_of(desk, "Photos")["Photos for documentation"] == {"Ina", "Jo"}


def test_other_help_or_options_leave_a_question_in_one_column(desk: Desk, answered: Answered) -> None:
    with desk.app.app_context(), transaction():
        edition = db.session.get_one(Edition, answered.key)
        question = db.session.get_one(Question, answered.drink)
        wording = Wording("Drink?", help="For the break", options=(*TEA, Option("o3", "Water")))
        service.change(edition.questionnaire, question, wording, {})
    answered.answer("Dua", {answered.drink: '["o3"]'})
    assert columns_of(desk, "Drink") == {"Drink?": {"Ada", "Ben", "Dua"}}


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
