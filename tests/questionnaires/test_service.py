"""Building a form, and that no change of it touches what people have answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.questionnaires import queries, rules, service
from eventhub.questionnaires.models import Kind, Question, Questionnaire
from eventhub.questionnaires.rules import Option
from eventhub.questionnaires.service import Given, Wording
from eventhub.web.languages import speaking
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases
TEA = (Option("o1", "Tea"), Option("o2", "Coffee"))


class Built:
    """An edition with a form of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.edition_id = add_edition(app)
        with app.app_context(), transaction():
            edition = db.session.get_one(Edition, self.edition_id)
            edition.questionnaire = service.create()
            db.session.flush()
            self.id = edition.questionnaire.id

    @property
    def row(self) -> Questionnaire:
        return db.session.get_one(Questionnaire, self.id)

    def add(self, label: str, kind: Kind = Kind.SHORT_TEXT, **values: object) -> int:
        with transaction():
            wording = Wording(label, **values)  # type: ignore[arg-type]
            return service.add(self.row, kind, wording, {"edition_id": self.edition_id}).id

    def change(self, key: int, wording: Wording) -> bool:
        with transaction():
            question = db.session.get_one(Question, key)
            return service.change(self.row, question, wording, {"edition_id": self.edition_id})

    def answer(self, values: dict[int, str], person: int = 1) -> int:
        key = signed_up(self.edition_id, person).registration.id
        with transaction():
            service.record(key, Given(self.definition, values))
        return key

    @property
    def definition(self) -> rules.Definition:
        found = queries.definition_of(self.id)
        assert found
        return found

    @property
    def labels(self) -> list[str]:
        return [question.label for question in self.definition.questions]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def built(app: Flask) -> Built:
    return Built(app)


def test_a_changed_question_leaves_the_answers_in_the_words_they_were_given_to(
    app: Flask, built: Built
) -> None:
    with app.app_context():
        key = built.add("Drink?", Kind.ONE_OF, options=TEA)
        registration = built.answer({key: "o1"})
        assert built.change(key, Wording("Which drink?", options=(TEA[1], Option("o3", "Water"))))
        assert built.definition.questions[0].version == 2
        (then,) = queries.answers_of(registration)
        assert then.question.label == "Drink?"
        assert rules.words(then.question, then.value) == "Tea"


def test_saving_without_a_change_makes_no_version(app: Flask, built: Built) -> None:
    with app.app_context():
        key = built.add("Drink?", Kind.ONE_OF, options=TEA)
        assert not built.change(key, Wording("Drink?", options=TEA))
        assert built.change(key, Wording("Drink?", options=TEA, keep_days=14))
        question = built.definition.questions[0]
        assert (question.version, question.keep_days) == (1, 14), "how long it is kept is no other question"


def test_a_removed_question_is_gone_unless_it_was_answered(app: Flask, built: Built) -> None:
    with app.app_context():
        kept, gone = built.add("Kept"), built.add("Gone")
        registration = built.answer({kept: "yes indeed"})
        for key in (kept, gone):
            with transaction():
                service.remove(built.row, db.session.get_one(Question, key), {"edition_id": built.edition_id})
        assert built.labels == []
        assert [one.value for one in queries.answers_of(registration)] == ["yes indeed"]
        assert db.session.get(Question, gone) is None


def test_questions_move_but_never_above_what_they_depend_on(app: Flask, built: Built) -> None:
    with app.app_context():
        first = built.add("Coming?", Kind.YES_NO)
        second = built.add("By train?", Kind.YES_NO, only_if=first, only_if_value="yes")
        third = built.add("Anything else?")
        with transaction():
            assert service.move(built.row, db.session.get_one(Question, third), 0)
        assert built.labels == ["Anything else?", "Coming?", "By train?"]
        with pytest.raises(RuleBroken, match="stays below"), transaction():
            service.move(built.row, db.session.get_one(Question, second), 0)
        assert built.labels == ["Anything else?", "Coming?", "By train?"]


def test_an_option_that_decides_about_another_question_stays(app: Flask, built: Built) -> None:
    with app.app_context():
        first = built.add("Drink?", Kind.ONE_OF, options=TEA)
        built.add("With milk?", Kind.YES_NO, only_if=first, only_if_value="o1")
        with pytest.raises(RuleBroken, match="With milk"):
            built.change(first, Wording("Drink?", options=(TEA[1], Option("o3", "Water"))))
        with pytest.raises(RuleBroken, match="With milk"), transaction():
            service.remove(built.row, db.session.get_one(Question, first), {})


@pytest.mark.parametrize(
    ("kind", "wording"),
    [
        (Kind.SHORT_TEXT, Wording("")),
        (Kind.ONE_OF, Wording("One?", options=(Option("o1", "only"),))),
        (Kind.RANKING, Wording("Best?", options=(Option("o1", "a", 3), Option("o2", "b")))),
        (Kind.SHORT_TEXT, Wording("Why?", only_if=999, only_if_value="yes")),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    app: Flask, built: Built, kind: Kind, wording: Wording
) -> None:
    with app.app_context():
        with pytest.raises(RuleBroken), transaction():
            service.add(built.row, kind, wording, {})
        assert built.labels == []


def test_a_copy_keeps_order_conditions_and_options(app: Flask, built: Built) -> None:
    with app.app_context():
        first = built.add("Drink?", Kind.ONE_OF, options=TEA)
        built.add("With milk?", Kind.YES_NO, only_if=first, only_if_value="o1", required=True)
        with transaction():
            made = service.copy(built.definition, {}).id
        copied = queries.definition_of(made)
        assert copied
        assert [one.label for one in copied.questions] == ["Drink?", "With milk?"]
        assert copied.questions[1].only_if == copied.questions[0].id != first
        assert copied.questions[0].options == TEA


def test_only_what_is_different_is_written_anew(app: Flask, built: Built) -> None:
    with app.app_context():
        one, two, three = built.add("One"), built.add("Two"), built.add("Three")
        registration = built.answer({one: "a", two: "b"})
        built.change(one, Wording("One, in other words"))
        with transaction():
            changed = service.record_change(registration, Given(built.definition, {one: "a", three: "c"}))
        assert changed == [two, three]
        now = {one.question.id: (one.question.version, one.value) for one in queries.answers_of(registration)}
        assert now == {one: (1, "a"), three: (1, "c")}


def test_the_database_refuses_an_answer_to_a_version_that_never_was(app: Flask, built: Built) -> None:
    with app.app_context():
        key = built.add("One")
        registration = built.answer({})
        wrong = rules.Definition(built.id, 1, (rules.Asked(key, Kind.SHORT_TEXT, "One", version=7),))
        with pytest.raises(Exception, match=r"(?i)foreign key"), transaction():
            service.record(registration, Given(wrong, {key: "a"}))
