"""Keeping numbers: of people who are about to be forgotten, and of days that have ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, insert, literal, select

from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import AnswersExpire, RetentionEnds
from eventhub.numbers import queries, rules
from eventhub.numbers.models import DayCount, Tally, TallyCell
from eventhub.numbers.rules import Spread
from eventhub.registration.models import Registration


def take_people(fact: RetentionEnds) -> None:
    """Keep how the people of an edition are spread, once, before the first of them is forgotten."""
    edition_id = fact.edition.id
    lock(fact.edition)
    if rules.LEVEL in queries.taken(edition_id):
        return
    levels = queries.levels_of([edition_id]).values()
    answers = queries.answers_of([edition_id]).get(edition_id, [])
    _keep(edition_id, [*levels, *answers])


def take_answers(fact: AnswersExpire) -> None:
    """Keep how answers are spread that are erased before their people."""
    for edition_id, question_ids in sorted(fact.questions.items()):
        lock(db.session.get_one(Edition, edition_id))
        _keep(edition_id, queries.answers_of([edition_id], question_ids).get(edition_id, []))


def _keep(edition_id: int, spreads: Iterable[Spread]) -> None:
    taken = queries.taken(edition_id)
    for spread in spreads:
        if spread.subject in taken:
            continue
        told = rules.discreet(spread)
        cells = [
            TallyCell(value=cell.value, position=position, label=cell.label, number=cell.number)
            for position, cell in enumerate(told.cells)
        ]
        db.session.add(
            Tally(
                edition_id=edition_id,
                subject=told.subject,
                kind=told.kind,
                label=told.label,
                people=told.people,
                cells=cells,
            )
        )
    db.session.flush()  # what is counted must be kept before it is erased


def count_day(edition: Edition, day: date) -> None:
    """Keep how many registrations of an edition are in which state, as of the end of a day."""
    lock(edition)
    if queries.counted_days([edition.id], day):
        return
    now = (
        select(literal(edition.id), literal(day), Registration.state, func.count())
        .where(Registration.edition_id == edition.id)
        .group_by(Registration.state)
    )
    db.session.execute(insert(DayCount).from_select(["edition_id", "day", "state", "number"], now))
