"""Named reads of numbers: the database counts, so that they cost the same for 40 people and for 40,000."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, case, cast, exists, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from eventhub.numbers import rules
from eventhub.numbers.models import DayCount, Tally
from eventhub.numbers.rules import Cell, Count, Day, Spread, States
from eventhub.organisations.queries import levels_by_name, plain
from eventhub.presence.models import Presence
from eventhub.questionnaires.models import Answer, Question
from eventhub.questionnaires.queries import senses
from eventhub.questionnaires.rules import COUNTED, Sense, read_sense
from eventhub.registration.models import ENDED, Registration, RegistrationState, SlotChoice
from eventhub.signups.models import SlotPlaces

QUARTER = 900
"""Seconds by which moments are gathered: every zone's midnight falls between two quarters."""


def counts(edition_ids: Collection[int]) -> list[Count]:
    """Count registrations that are alike, and how many of these people were there."""
    was_there = exists().where(Presence.registration_id == Registration.id)
    alike = (
        Registration.edition_id,
        Registration.state,
        Registration.attendance,
        Registration.role_id,
        Registration.ended_because,
    )
    rows = db.session.execute(
        select(*alike, func.count(), func.sum(case((was_there, 1), else_=0)))
        .where(Registration.edition_id.in_(edition_ids))
        .group_by(*alike)
    )
    return [Count(*row) for row in rows]


def courses(editions: Collection[Edition]) -> dict[int, list[Day]]:
    """Return how the registrations of editions came and went, by day in the zone of each."""
    came = _by_day(editions, Registration.created_at)
    went = _by_day(editions, Registration.state_changed_at, Registration.state.in_(ENDED))
    return {one.id: rules.course(came.get(one.id, {}), went.get(one.id, {})) for one in editions}


def _by_day(
    editions: Collection[Edition], moment: InstrumentedAttribute[datetime], *which: ColumnElement[bool]
) -> dict[int, dict[date, int]]:
    zones = {edition.id: ZoneInfo(edition.zone) for edition in editions}
    quarter = cast(extract("epoch", moment), Integer) // QUARTER
    rows = db.session.execute(
        select(Registration.edition_id, quarter, func.count())
        .where(Registration.edition_id.in_(zones), *which)
        .group_by(Registration.edition_id, quarter)
        .order_by(quarter)
    )
    found: dict[int, dict[date, int]] = {}
    for edition_id, when, number in rows:
        day = datetime.fromtimestamp(when * QUARTER, zones[edition_id]).date()
        days = found.setdefault(edition_id, {})
        days[day] = days.get(day, 0) + number
    return found


def states_by_day(edition: Edition) -> dict[date, States]:
    """Return how many were in which state at the end of the days that were counted."""
    rows = db.session.execute(
        select(DayCount.day, DayCount.state, DayCount.number)
        .where(DayCount.edition_id == edition.id)
        .order_by(DayCount.day)
    )
    found: dict[date, list[tuple[RegistrationState, int]]] = {}
    for day, state, number in rows:
        found.setdefault(day, []).append((state, number))
    return {day: rules.summed(numbers) for day, numbers in found.items()}


def choices_by_slot(edition: Edition) -> dict[int, int]:
    """Count those with a place in the edition who chose a slot, or have a place in it."""
    rows = db.session.execute(
        select(SlotChoice.slot_id, func.count())
        .join(Registration, Registration.id == SlotChoice.registration_id)
        .where(Registration.edition_id == edition.id, Registration.state == RegistrationState.CONFIRMED)
        .group_by(SlotChoice.slot_id)
    )
    return {row[0]: row[1] for row in rows}


def places_by_slot(slot_ids: Collection[int]) -> dict[int, int | None]:
    """Return how many places the slots have that take sign-ups."""
    rows = db.session.execute(
        select(SlotPlaces.slot_id, SlotPlaces.capacity).where(SlotPlaces.slot_id.in_(slot_ids))
    )
    return {row[0]: row[1] for row in rows}


# how people are spread ----------------------------------------------------------------------------------


def spreads(edition_ids: Collection[int]) -> dict[int, list[Spread]]:
    """Return how the people of editions are spread over levels of government, and over each question.

    What was taken when people were forgotten stands for what is known of them. Whoever has cancelled does
    not count.
    """
    known = levels_of(edition_ids), answers_of(edition_ids)
    kept = _tallies(edition_ids)
    found: dict[int, list[Spread]] = {}
    for edition_id in edition_ids:
        counted = [known[0][edition_id]] if edition_id in known[0] else []
        counted += known[1].get(edition_id, [])
        taken = kept.get(edition_id, {})
        live = {one.subject: one for one in counted if one.subject not in taken}
        found[edition_id] = sorted((live | taken).values(), key=_level_first)
    return found


def _level_first(spread: Spread) -> tuple[bool, tuple[int, int]]:
    _subject, _colon, key = spread.subject.partition(":")
    return (False, (0, 0)) if spread.subject == rules.LEVEL else (True, read_sense(key))


def levels_of(edition_ids: Collection[int]) -> dict[int, Spread]:
    """Count the people of editions by level of government."""
    rows = db.session.execute(
        select(Registration.edition_id, Registration.organisation, func.count())
        .where(*_known_people(edition_ids))
        .group_by(Registration.edition_id, Registration.organisation)
    ).all()
    known = levels_by_name() if rows else {}
    named: dict[int, list[tuple[str, int]]] = {}
    for edition_id, organisation, number in rows:
        named.setdefault(edition_id, []).append((plain(organisation), number))
    return {key: rules.levels(organisations, known) for key, organisations in named.items()}


def answers_of(
    edition_ids: Collection[int], question_ids: Collection[int] | None = None
) -> dict[int, list[Spread]]:
    """Count what the people of editions answered to questions with options, or to some of them.

    Answers to a question that was asked in another sense count apart.
    """
    some = () if question_ids is None else (Answer.question_id.in_(question_ids),)
    rows = db.session.execute(
        select(Registration.edition_id, Answer.question_id, Answer.version, Answer.value, func.count())
        .join(Registration, Registration.id == Answer.registration_id)
        .join(Question, Question.id == Answer.question_id)
        .where(*_known_people(edition_ids), Question.kind.in_(COUNTED), *some)
        .group_by(Registration.edition_id, Answer.question_id, Answer.version, Answer.value)
    ).all()
    known = senses(Question.id.in_({row[1] for row in rows})) if rows else []
    sense_of = {(one.question.id, version): one for one in known for version in one.versions}
    values: dict[int, dict[Sense, list[tuple[str, int]]]] = {}
    for edition_id, question_id, version, value, number in rows:
        by_sense = values.setdefault(edition_id, {})
        by_sense.setdefault(sense_of[question_id, version], []).append((value, number))
    return {
        edition_id: [rules.answers(one, by_sense[one]) for one in known if one in by_sense]
        for edition_id, by_sense in values.items()
    }


def _known_people(edition_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        Registration.edition_id.in_(edition_ids),
        Registration.state.not_in(ENDED),
        Registration.erased_at.is_(None),
    )


def _tallies(edition_ids: Collection[int]) -> dict[int, dict[str, Spread]]:
    rows = db.session.scalars(
        select(Tally).where(Tally.edition_id.in_(edition_ids)).options(selectinload(Tally.cells))
    )
    found: dict[int, dict[str, Spread]] = {}
    for row in rows:
        cells = tuple(Cell(cell.value, cell.label, cell.number) for cell in row.cells)
        spread = Spread(row.subject, row.label, row.kind, row.people, cells)
        found.setdefault(row.edition_id, {})[row.subject] = spread
    return found


def taken(edition_id: int) -> set[str]:
    """Return what of an edition has been taken already."""
    return set(db.session.scalars(select(Tally.subject).where(Tally.edition_id == edition_id)))


# days that have ended -----------------------------------------------------------------------------------


def peopled_editions(since: date) -> Sequence[Edition]:
    """Return published editions with registrations whose last day is not before `since`, or not known."""
    last_day = func.coalesce(Edition.end_date, Edition.start_date)
    registered = exists().where(Registration.edition_id == Edition.id)
    return db.session.scalars(
        select(Edition)
        .where(Edition.state == EditionState.PUBLISHED, func.coalesce(last_day, since) >= since, registered)
        .order_by(Edition.id)
    ).all()


def counted_days(edition_ids: Collection[int], since: date) -> set[tuple[int, date]]:
    """Return the latest days of editions that have been counted."""
    rows = db.session.execute(
        select(DayCount.edition_id, DayCount.day)
        .where(DayCount.edition_id.in_(edition_ids), DayCount.day >= since)
        .distinct()
    )
    return {(row[0], row[1]) for row in rows}
