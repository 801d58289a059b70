"""What people answered, for organisers: columns of the table, counts per option, filters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, or_, select

from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.numbers import queries as numbers
from eventhub.numbers.rules import Spread, subject_of
from eventhub.numbers.rules import answers as spread_of
from eventhub.organisations.roles import Capability
from eventhub.questionnaires import rules
from eventhub.questionnaires.models import Answer, Question, QuestionVersion
from eventhub.questionnaires.queries import asked
from eventhub.questionnaires.rules import Asked
from eventhub.registration.models import Registration

IN_THE_LIST = 3
"""How many questions have a column of the list; the exports have all of them."""


@dataclass(frozen=True)
class Line:
    """How often an option was chosen; `share` is its part of all who answered, in per cent."""

    value: str
    words: str
    number: int
    share: float
    capacity: int | None = None


@dataclass(frozen=True)
class Counted:
    """A question with the counts of its options."""

    question: Asked
    answered: int
    lines: Sequence[Line]


@pages.get("/<series>/<edition>/registrations/answers/")
@needs(Capability.PEOPLE)
def answers(series: str, edition: str) -> ResponseReturnValue:
    """Show how often each option was chosen."""
    found = found_edition(series, edition)
    return render_template("desk/registrations/answers.html", edition=found, counted=counted(found))


def questions_of(edition: Edition) -> list[Asked]:
    """Return what an edition asks, and then what it asked before and somebody answered."""
    if edition.asks is None:
        return []
    answered = (
        select(Answer.question_id)
        .join(Registration, Registration.id == Answer.registration_id)
        .where(Registration.edition_id == edition.id)
    )
    current = and_(QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.version)
    rows = db.session.execute(
        select(Question, QuestionVersion)
        .join(QuestionVersion, current)
        .where(
            or_(
                and_(Question.questionnaire_id == edition.asks, Question.retired.is_(False)),
                Question.id.in_(answered),
            )
        )
        .order_by(Question.retired, Question.position, Question.id)
    )
    return [asked(*row) for row in rows if row[0].kind not in rules.SILENT]


def in_the_list(questions: Sequence[Asked]) -> list[Asked]:
    """Return the questions that have a column of the list: those with few answers first."""
    return sorted(questions, key=lambda question: question.kind not in rules.COUNTED)[:IN_THE_LIST]


def texts_of(registration_ids: Collection[int], questions: Sequence[Asked]) -> Mapping[int, dict[int, str]]:
    """Return the answers of some registrations in words, by registration and question."""
    by_key = {question.id: question for question in questions}
    rows = db.session.execute(
        select(Answer.registration_id, Answer.question_id, Answer.value).where(
            Answer.registration_id.in_(registration_ids), Answer.question_id.in_(by_key)
        )
    )
    found: dict[int, dict[int, str]] = {}
    for registration_id, question_id, value in rows:
        found.setdefault(registration_id, {})[question_id] = rules.words(by_key[question_id], value)
    return found


def counted(edition: Edition) -> list[Counted]:
    """Count the options of all questions that have some; whoever has cancelled does not count."""
    spreads = {one.subject: one for one in numbers.answers_of([edition.id]).get(edition.id, [])}
    return [
        _counted(question, spreads.get(subject_of(question.id)) or spread_of(question, ()))
        for question in questions_of(edition)
        if question.kind in rules.COUNTED
    ]


def _counted(question: Asked, spread: Spread) -> Counted:
    capacities = {option.key: option.capacity for option in question.options}
    lines = [
        Line(
            cell.value,
            cell.label,
            cell.number,
            round(100 * cell.number / max(spread.people, 1), 1),
            capacities.get(cell.value),
        )
        for cell in spread.cells
    ]
    return Counted(question, spread.people, lines)


def filter_choices(questions: Sequence[Asked]) -> list[tuple[Asked, list[tuple[str, str]]]]:
    """Return the questions whose answers the list can be filtered by, with values and words."""
    return [
        (question, [*rules.choices(question), *((option.key, option.label) for option in question.gone)])
        for question in questions
        if question.kind in rules.COUNTED
    ]


def wanted_answer(text: str, questions: Sequence[Asked]) -> tuple[Asked, str] | None:
    """Read a filter such as `12:o3`; one that names nothing filters nothing."""
    key, _colon, value = text.partition(":")
    for question, values in filter_choices(questions):
        if str(question.id) == key and value in {found for found, _words in values}:
            return question, value
    return None
