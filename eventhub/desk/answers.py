"""What people answered, for organisers: columns of the table, counts per option, filters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.numbers import queries as numbers
from eventhub.numbers.rules import Spread, subject_of
from eventhub.numbers.rules import answers as spread_of
from eventhub.organisations.roles import Capability
from eventhub.questionnaires import rules
from eventhub.questionnaires.models import Answer, Question
from eventhub.questionnaires.queries import senses
from eventhub.questionnaires.rules import Sense
from eventhub.registration.models import QuotaKind, Registration
from eventhub.registration.needs import option_reference, quotas_of
from eventhub.registration.queries import awaited_quotas
from eventhub.web import times
from eventhub.web.languages import gettext as _

IN_THE_LIST = 3
"""How many questions have a column of the list; the exports have all of them."""


@dataclass(frozen=True)
class Places:
    """How many places of an option are taken, and how many people who wait want one."""

    taken: int
    capacity: int
    waiting: int


@dataclass(frozen=True)
class Line:
    """How often an option was chosen; `share` is its part of all who answered, in per cent."""

    value: str
    words: str
    number: int
    share: float
    places: Places | None = None


@dataclass(frozen=True)
class Counted:
    """A question in one sense with the counts of its options."""

    sense: Sense
    answered: int
    lines: Sequence[Line]


@pages.get("/<series>/<edition>/registrations/answers/")
@needs(Capability.PEOPLE)
def answers(series: str, edition: str) -> ResponseReturnValue:
    """Show how often each option was chosen."""
    found = found_edition(series, edition)
    return render_template(
        "desk/registrations/answers.html", edition=found, counted=counted(found), head=head
    )


def questions_of(edition: Edition) -> list[Sense]:
    """Return what an edition asks, and what it asked before, or in another sense, and somebody answered."""
    if edition.asks is None:
        return []
    asked = select(Question.id, Question.version).where(
        Question.questionnaire_id == edition.asks,
        Question.retired.is_(False),
        Question.kind.not_in(rules.SILENT),
    )
    answered = (
        select(Answer.question_id, Answer.version)
        .join(Registration, Registration.id == Answer.registration_id)
        .where(Registration.edition_id == edition.id)
    )
    versions = {(row[0], row[1]) for row in db.session.execute(asked.union(answered))}
    return [
        one
        for one in senses(Question.id.in_({question_id for question_id, _version in versions}))
        if any((one.question.id, version) in versions for version in one.versions)
    ]


def head(sense: Sense, zone: str, signs: int = 1000) -> str:
    """Return what stands above answers: the question, and until when it was asked in this sense."""
    words = rules.short(sense.question.label, signs)
    if sense.until is None:
        return words
    until = times.local(sense.until, zone).date()
    return _("%(question)s (until %(day)s)", question=words, day=times.day_number(until))


def in_the_list(questions: Sequence[Sense]) -> list[Sense]:
    """Return the questions that have a column of the list: those with few answers first."""
    return sorted(questions, key=lambda one: one.question.kind not in rules.COUNTED)[:IN_THE_LIST]


def texts_of(registration_ids: Collection[int], questions: Sequence[Sense]) -> Mapping[int, dict[str, str]]:
    """Return the answers of some registrations in words, by registration and the key of the sense."""
    senses_by_version = {(one.question.id, number): one for one in questions for number in one.versions}
    rows = db.session.execute(
        select(Answer.registration_id, Answer.question_id, Answer.version, Answer.value).where(
            Answer.registration_id.in_(registration_ids),
            Answer.question_id.in_({one.question.id for one in questions}),
        )
    )
    found: dict[int, dict[str, str]] = {}
    for registration_id, question_id, version, value in rows:
        sense = senses_by_version.get((question_id, version))
        if sense is not None:
            found.setdefault(registration_id, {})[sense.key] = rules.words(sense.question, value)
    return found


def counted(edition: Edition) -> list[Counted]:
    """Count the options of all questions that have some; whoever has cancelled does not count."""
    spreads = {one.subject: one for one in numbers.answers_of([edition.id]).get(edition.id, [])}
    places = _places(edition)
    return [
        _counted(one, spreads.get(subject_of(one)) or spread_of(one, ()), places)
        for one in questions_of(edition)
        if one.question.kind in rules.COUNTED
    ]


def _places(edition: Edition) -> dict[str, Places]:
    """Return the places of options that are counted, by their references."""
    quotas = {key: one for key, one in quotas_of(edition).items() if one.kind is QuotaKind.OPTION}
    awaited = awaited_quotas(edition) if quotas and edition.waiting_count else {}
    return {
        one.reference: Places(one.taken_count, one.capacity or 0, awaited.get(key, 0))
        for key, one in quotas.items()
    }


def _counted(sense: Sense, spread: Spread, places: Mapping[str, Places]) -> Counted:
    limits = {} if sense.until else {one.key: one.capacity for one in sense.question.options}
    lines = [
        Line(
            cell.value,
            cell.label,
            cell.number,
            round(100 * cell.number / max(spread.people, 1), 1),
            _places_of(sense, cell.value, limits.get(cell.value), places),
        )
        for cell in spread.cells
    ]
    return Counted(sense, spread.people, lines)


def _places_of(
    sense: Sense, option: str, capacity: int | None, places: Mapping[str, Places]
) -> Places | None:
    """Return the places of an option that has a limit; nobody may have chosen it yet."""
    if capacity is None:
        return None
    return places.get(option_reference(sense.question.id, option), Places(0, capacity, 0))


def filter_choices(questions: Sequence[Sense]) -> list[tuple[Sense, list[tuple[str, str]]]]:
    """Return the questions whose answers the list can be filtered by, with values and words."""
    return [
        (one, [*rules.choices(one.question), *((option.key, option.label) for option in one.question.gone)])
        for one in questions
        if one.question.kind in rules.COUNTED
    ]


def wanted_answers(texts: Collection[str], questions: Sequence[Sense]) -> tuple[tuple[Sense, str], ...]:
    """Read which answers a list is filtered by, in the order of the questions; others are left out."""
    return tuple(
        (sense, value)
        for sense, values in filter_choices(questions)
        for value, _words in values
        if sense.answer_key(value) in texts
    )
