"""Named reads of questionnaires and answers; their number does not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import and_, exists, select

from eventhub.database import kept
from eventhub.extensions import db
from eventhub.questionnaires.models import Answer, AnswerFile, Question, Questionnaire, QuestionVersion
from eventhub.questionnaires.rules import Asked, Definition, Option


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
