"""The verbs of questionnaires: build one, and keep what people answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict, cast

from sqlalchemy import Table, delete, insert, select, update

from eventhub import clock
from eventhub.database import lock
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import QuestionsChanged, announce
from eventhub.history.service import record as note
from eventhub.questionnaires import queries, rules
from eventhub.questionnaires.models import (
    Answer,
    AnswerFile,
    Kind,
    Purpose,
    Question,
    Questionnaire,
    QuestionVersion,
)
from eventhub.questionnaires.rules import Asked, Definition, Option
from eventhub.web.languages import gettext as _

_answers = cast(Table, Answer.__table__)
_INSERTING = insert(_answers).returning(_answers.c.question_id)  # all rows in one statement, not one each


class About(TypedDict, total=False):
    """Whose questionnaire it is, as the history keeps it."""

    edition_id: int
    series_id: int


@dataclass(frozen=True, slots=True)
class Wording:
    """What an organiser says about a question."""

    label: str
    help: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    only_if: int | None = None
    only_if_value: str = ""
    roles: tuple[str, ...] = ()
    keep_days: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answered, as `rules.checked` wrote it; `files` holds the content of new files."""

    definition: Definition
    values: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[int, bytes] = field(default_factory=dict)


# building -----------------------------------------------------------------------------------------------


def create() -> Questionnaire:
    """Make an empty questionnaire."""
    made = Questionnaire(version=1)
    db.session.add(made)
    db.session.flush()  # its owner points at it
    return made


def add(
    questionnaire: Questionnaire,
    kind: Kind,
    wording: Wording,
    about: About,
    purpose: Purpose | None = None,
) -> Question:
    """Add a question below the others."""
    lock(questionnaire)
    present = _definition(questionnaire)
    if len(present.questions) >= rules.MOST_QUESTIONS:
        raise RuleBroken(_("A form holds at most %(max)d questions.", max=rules.MOST_QUESTIONS))
    question = Question(
        questionnaire_id=questionnaire.id,
        kind=kind,
        purpose=purpose,
        position=_last_position(questionnaire) + 1,
        keep_days=wording.keep_days,
        version=1,
        retired=False,
    )
    db.session.add(question)
    db.session.flush()  # its version needs its key
    _check(present, question, wording)
    db.session.add(_version(question, wording))
    questionnaire.version += 1
    db.session.flush()
    note("question.added", question=rules.short(wording.label), **about)
    return question


def change(questionnaire: Questionnaire, question: Question, wording: Wording, about: About) -> bool:
    """Ask a question in another way; answers keep the version that they were given to."""
    lock(questionnaire)
    present = _definition(questionnaire)
    asked = present.question(question.id)
    if asked is None:
        raise RuleBroken(_("Somebody else has removed this question in the meantime."))
    if _wording_of(asked) == wording:
        return False
    _check(present, question, wording)
    _require_options_of_conditions(present, question, wording)
    question.keep_days = wording.keep_days
    if _wording_of(asked, wording.keep_days) != wording:
        question.version += 1
        offered = {option.key for option in wording.options}
        gone = [option for option in (*asked.options, *asked.gone) if option.key not in offered]
        db.session.add(_version(question, wording, gone=gone))
    questionnaire.version += 1
    db.session.flush()
    words = rules.short(wording.label)
    note("question.changed", question=words, row=question.id, version=question.version, **about)
    announce(QuestionsChanged(questionnaire.id))
    return True


def move(questionnaire: Questionnaire, question: Question, position: int) -> bool:
    """Put a question at another position, the first being 0; False where it stands there already."""
    lock(questionnaire)
    present = _definition(questionnaire)
    order = [one.id for one in present.questions]
    wanted = rules.moved(order, question.id, position)
    if wanted == order or question.id not in order:
        return False
    by_key = {one.id: one for one in present.questions}
    wrong = rules.misplaced(Definition(present.id, present.version, tuple(by_key[key] for key in wanted)))
    if wrong is not None:
        decides = present.question(wrong.only_if)
        raise RuleBroken(
            _(
                "“%(name)s” is asked only after a certain answer to “%(other)s”, so it stays below it.",
                name=rules.short(wrong.label),
                other=rules.short(decides.label if decides else ""),
            )
        )
    for place, key in enumerate(wanted):
        db.session.execute(update(Question).where(Question.id == key).values(position=place))
    questionnaire.version += 1
    return True


def remove(questionnaire: Questionnaire, question: Question, about: About) -> None:
    """Stop asking a question. Answers that were given stay with the registrations."""
    lock(questionnaire)
    present = _definition(questionnaire)
    depending = next((one for one in present.questions if one.only_if == question.id), None)
    if depending is not None:
        raise RuleBroken(
            _("“%(name)s” depends on this question. Change it first.", name=rules.short(depending.label))
        )
    asked = present.question(question.id)
    if queries.is_answered(question.id):
        question.retired = True
    else:
        db.session.delete(question)
    questionnaire.version += 1
    note("question.removed", question=rules.short(asked.label if asked else ""), **about)
    announce(QuestionsChanged(questionnaire.id))


def append_copy(questionnaire: Questionnaire, source: Definition, about: About) -> dict[int, int]:
    """Add the questions of another questionnaire below the present ones; return new keys by old ones."""
    lock(questionnaire)
    present = _definition(questionnaire)
    if len(present.questions) + len(source.questions) > rules.MOST_QUESTIONS:
        raise RuleBroken(_("A form holds at most %(max)d questions.", max=rules.MOST_QUESTIONS))
    keys: dict[int, int] = {}
    for position, one in enumerate(source.questions, _last_position(questionnaire) + 1):
        question = _copied(questionnaire, one, position, version=1)
        keys[one.id] = question.id
        db.session.add(_version(question, _wording_of(one), keys.get(one.only_if or 0)))
    questionnaire.version += 1
    db.session.flush()
    note("questions.copied", number=len(keys), **about)
    return keys


def take_over(questionnaire: Questionnaire, source: Definition, about: About) -> dict[int, int]:
    """Add the questions of another one with all their versions, so that answers to these can move along.

    Return new keys by old ones.
    """
    lock(questionnaire)
    keys: dict[int, int] = {}
    for position, one in enumerate(source.questions):
        keys[one.id] = _copied(questionnaire, one, position, version=one.version).id
    versions = db.session.scalars(select(QuestionVersion).where(QuestionVersion.question_id.in_(keys)))
    for version in versions.all():
        values = {name: getattr(version, name) for name in QuestionVersion.__table__.columns.keys()}  # noqa: SIM118
        values["question_id"] = keys[version.question_id]
        values["only_if_id"] = keys.get(version.only_if_id or 0)
        db.session.add(QuestionVersion(**values))
    questionnaire.version += 1
    db.session.flush()
    note("questions.copied", number=len(keys), **about)
    return keys


def _copied(questionnaire: Questionnaire, asked: Asked, position: int, version: int) -> Question:
    question = Question(
        questionnaire_id=questionnaire.id,
        kind=asked.kind,
        purpose=asked.purpose,
        position=position,
        keep_days=asked.keep_days,
        version=version,
        retired=False,
    )
    db.session.add(question)
    db.session.flush()  # its versions, and later questions, name its key
    return question


def copy(source: Definition, about: About) -> Questionnaire:
    """Make a questionnaire that asks the same."""
    made = create()
    append_copy(made, source, about)
    return made


def _definition(questionnaire: Questionnaire) -> Definition:
    db.session.flush()
    return queries.definition_of(questionnaire.id) or Definition(questionnaire.id, questionnaire.version, ())


def _last_position(questionnaire: Questionnaire) -> int:
    found = db.session.scalars(
        select(Question.position)
        .where(Question.questionnaire_id == questionnaire.id)
        .order_by(Question.position.desc())
        .limit(1)
    ).first()
    return -1 if found is None else found


def _wording_of(asked: Asked, keep_days: int | None = None) -> Wording:
    return Wording(
        label=asked.label,
        help=asked.help,
        required=asked.required,
        options=asked.options,
        only_if=asked.only_if,
        only_if_value=asked.only_if_value,
        roles=tuple(sorted(asked.roles)),
        keep_days=asked.keep_days if keep_days is None else keep_days,
    )


def _version(
    question: Question, wording: Wording, only_if: int | None = None, gone: Sequence[Option] = ()
) -> QuestionVersion:
    return QuestionVersion(
        question_id=question.id,
        number=question.version,
        label=wording.label,
        help=wording.help,
        required=wording.required,
        options=_rows_of(wording.options, "offered") + _rows_of(gone, "gone"),
        only_if_id=only_if or wording.only_if,
        only_if_value=wording.only_if_value,
        roles=list(wording.roles),
    )


def _rows_of(options: Sequence[Option], state: str) -> list[dict[str, Any]]:
    return [asdict(option) | {"state": state} for option in options]


def _check(present: Definition, question: Question, wording: Wording) -> None:
    if not wording.label:
        raise RuleBroken(_("Enter what you want to ask"), field="label")
    if question.kind in rules.CHOOSING and len(wording.options) < 2:
        raise RuleBroken(_("Enter at least two options, one in each line"), field="options")
    if question.kind not in rules.LIMITED and any(one.capacity is not None for one in wording.options):
        raise RuleBroken(_("Here, options have no number of places"), field="options")
    if wording.only_if is not None:
        _check_condition(present, question, wording)


def _check_condition(present: Definition, question: Question, wording: Wording) -> None:
    decides = present.question(wording.only_if)
    order = [one.id for one in present.questions]
    before = order[: order.index(question.id)] if question.id in order else order
    if decides is None or decides.id not in before or decides.kind not in rules.DECIDING:
        raise RuleBroken(_("Choose the answer to a question that stands above this one"), field="only_if")
    if wording.only_if_value not in {value for value, _words in rules.choices(decides)}:
        raise RuleBroken(_("Choose the answer to a question that stands above this one"), field="only_if")


def _require_options_of_conditions(present: Definition, question: Question, wording: Wording) -> None:
    """Keep the options that decide about other questions."""
    kept = {option.key for option in wording.options}
    for one in present.questions:
        if question.kind in rules.CHOOSING and one.only_if == question.id and one.only_if_value not in kept:
            raise RuleBroken(
                _(
                    "“%(name)s” is asked only after an option that you have taken away. Change it first.",
                    name=rules.short(one.label),
                ),
                field="options",
            )


# answering ----------------------------------------------------------------------------------------------


def record(registration_id: int, given: Given) -> None:
    """Keep the answers of somebody who has none so far."""
    _insert(_rows(registration_id, given.definition, given.values))
    _keep_files(registration_id, given)


def record_change(registration_id: int, given: Given) -> list[int]:
    """Keep changed answers; return the keys of the questions that are answered in another way now.

    An answer that is the same keeps its version. Answers to questions that are no longer asked stay.
    """
    present = {one.question.id: one.value for one in queries.answers_of(registration_id)}
    wanted = given.values
    asked = {question.id for question in given.definition.asking}
    changed = [
        key
        for key in asked
        if present.get(key, "") != wanted.get(key, "") or (key in given.files and wanted.get(key))
    ]
    if not changed:
        return []
    forget(registration_id, changed)
    rows = _rows(registration_id, given.definition, {key: wanted.get(key, "") for key in changed})
    _insert(rows)
    _keep_files(registration_id, given)
    return sorted(changed)


def _insert(rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(_INSERTING, rows)


def forget(registration_id: int, question_ids: Collection[int]) -> None:
    """Drop answers with their files."""
    db.session.execute(
        delete(Answer)
        .where(Answer.registration_id == registration_id, Answer.question_id.in_(question_ids))
        .execution_options(synchronize_session=False)
    )


def _rows(registration_id: int, definition: Definition, values: Mapping[int, str]) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "registration_id": registration_id,
            "question_id": question.id,
            "version": question.version,
            "value": values[question.id],
            "answered_at": now,
        }
        for question in definition.asking
        if values.get(question.id)
    ]


def _keep_files(registration_id: int, given: Given) -> None:
    rows: Sequence[dict[str, Any]] = [
        {"registration_id": registration_id, "question_id": key, "content": content}
        for key, content in given.files.items()
        if given.values.get(key)
    ]
    if rows:
        db.session.execute(insert(AnswerFile), rows)
