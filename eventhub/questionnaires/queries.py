"""Named reads of questionnaires and answers; their number does not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from eventhub.database import kept
from eventhub.extensions import db
from eventhub.questionnaires.models import (
    Answer,
    AnswerFile,
    Kind,
    Question,
    Questionnaire,
    QuestionVersion,
)
from eventhub.questionnaires.rules import Asked, Definition, Option, Sense


class Answered(NamedTuple):
    """What somebody answered, with the question as it was asked then."""

    question: Asked
    value: str


def definition_of(key: int | None) -> Definition | None:
    """Read a questionnaire as it is now; None where there is none."""
    if key is None:
        return None
    current = and_(QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.version)
    rows = db.session.execute(
        select(Questionnaire.version, Question, QuestionVersion)
        .outerjoin(Question, and_(Question.questionnaire_id == Questionnaire.id, Question.retired.is_(False)))
        .outerjoin(QuestionVersion, current)
        .where(Questionnaire.id == key)
        .order_by(Question.position, Question.id)
    ).all()
    # an empty questionnaire is one row without a question
    questions = [asked(*row[1:]) for row in rows if all(row[1:])]
    return Definition(key, rows[0][0], tuple(questions)) if rows else None


def kept_definition(key: int | None) -> Definition | None:
    """Return the same from memory: any change of a question raises the content revision."""
    return None if key is None else kept(("questionnaire", key), lambda: definition_of(key))


def asked(question: Question, version: QuestionVersion) -> Asked:
    """Return a version of a question as plain values."""
    return Asked(
        id=question.id,
        kind=question.kind,
        label=version.label,
        version=version.number,
        help=version.help,
        required=version.required,
        options=_options(version, "offered"),
        gone=_options(version, "gone"),
        only_if=version.only_if_id,
        only_if_value=version.only_if_value,
        roles=frozenset(version.roles),
        purpose=question.purpose,
        keep_days=question.keep_days,
    )


def _options(version: QuestionVersion, state: str) -> tuple[Option, ...]:
    return tuple(
        Option(option["key"], option["label"], option["capacity"])
        for option in version.options
        if option["state"] == state
    )


def senses(which: ColumnElement[bool]) -> list[Sense]:
    """Return all senses of some questions in the order of these, the one that holds first."""
    rows = db.session.execute(
        select(Question, QuestionVersion, _first_in_sense())
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .where(which)
        .order_by(Question.retired, Question.position, Question.id, QuestionVersion.number)
    ).all()
    found: list[Sense] = []
    for question, same in groupby(rows, key=lambda row: row[0]):
        versions = [(row[1], row[2]) for row in same]
        replaced_at = {version.number - 1: version.created_at for version, _first in versions}
        by_sense: dict[int, list[QuestionVersion]] = {}
        for version, first in versions:
            by_sense.setdefault(first, []).append(version)
        alike = sorted(by_sense.values(), key=lambda members: -members[-1].number)
        found += [
            Sense(
                asked(question, members[-1]),
                tuple(one.number for one in members),
                replaced_at.get(members[-1].number),
            )
            for members in alike
        ]
    return found


def versions_in_sense(question_id: int, first: int) -> Select[int]:
    """Select the versions of a question that say the same as the one with this number, which is the first."""
    return (
        select(QuestionVersion.number)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.id == question_id, _first_in_sense() == first)
    )


def _first_in_sense() -> ScalarSelect[int]:
    """Find the first version of a question that says what another one says.

    What people agree to is all that they were told; else help explains the question and doesn't change it. An
    option says the same for ever, for another one gets another key.
    """
    first = aliased(QuestionVersion)
    return (
        select(func.min(first.number))
        .where(
            first.question_id == QuestionVersion.question_id,
            first.label == QuestionVersion.label,
            or_(Question.kind != Kind.CONSENT, first.help == QuestionVersion.help),
        )
        .correlate(Question, QuestionVersion)
        .scalar_subquery()
    )


def question_of(questionnaire_id: int | None, key: int) -> Question | None:
    """Find a question that this questionnaire asks."""
    return db.session.scalar(
        select(Question).where(
            Question.id == key, Question.questionnaire_id == questionnaire_id, Question.retired.is_(False)
        )
    )


def is_answered(question_id: int) -> bool:
    """Tell whether anybody has answered a question."""
    return bool(db.session.scalar(select(exists().where(Answer.question_id == question_id))))


def answers_of(registration_id: int) -> list[Answered]:
    """Return everything that was answered with a registration, in the order of the questions."""
    return answers_of_many([registration_id]).get(registration_id, [])


def answers_of_many(registration_ids: Iterable[int]) -> Mapping[int, list[Answered]]:
    """Return the answers of several registrations by their keys, in one read."""
    version = and_(
        QuestionVersion.question_id == Answer.question_id, QuestionVersion.number == Answer.version
    )
    rows = db.session.execute(
        select(Answer.registration_id, Answer.value, Question, QuestionVersion)
        .join(Question, Question.id == Answer.question_id)
        .join(QuestionVersion, version)
        .where(Answer.registration_id.in_(list(registration_ids)))
        .order_by(Question.retired, Question.position, Question.id)
    )
    found: dict[int, list[Answered]] = {}
    for registration_id, value, question, asked_then in rows:
        found.setdefault(registration_id, []).append(Answered(asked(question, asked_then), value))
    return found


def file_of(registration_id: int, question_id: int) -> tuple[str, bytes] | None:
    """Return name and content of a file that was given as an answer."""
    row = db.session.execute(
        select(Answer.value, AnswerFile.content)
        .join(
            AnswerFile,
            and_(
                AnswerFile.registration_id == Answer.registration_id,
                AnswerFile.question_id == Answer.question_id,
            ),
        )
        .where(Answer.registration_id == registration_id, Answer.question_id == question_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None
