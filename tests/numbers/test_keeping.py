"""What was counted of people is still there when they are forgotten, but for what would tell of few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from eventhub import clock as eventhub_clock
from eventhub.database import transaction
from eventhub.desk.edition_figures import of_edition
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.numbers import queries, rules
from eventhub.numbers.jobs import count_days
from eventhub.numbers.models import DayCount, Tally, TallyCell
from eventhub.numbers.rules import Spread, States
from eventhub.privacy import service as privacy
from eventhub.privacy.jobs import forget_people
from eventhub.questionnaires.models import Answer, Kind
from eventhub.registration import service as registrations
from eventhub.registration.answers import erase_due_answers
from eventhub.registration.models import Ending, Registration, RegistrationState
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.numbers.crowd import CITY, STATE_LAB, Person, add_people, ask, know_levels
from tests.registration.samples import DAYS_AHEAD, add_edition, signed_up

RETENTION_OVER = timedelta(days=DAYS_AHEAD + 90)


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def spreads_of(edition_id: int) -> list[Spread]:
    db.session.rollback()
    return queries.spreads([edition_id])[edition_id]


def told(edition_id: int) -> dict[str, dict[str, int]]:
    """Return what is told about each subject, by the words of the cell."""
    return {one.label: {cell.label: cell.number for cell in one.cells} for one in spreads_of(edition_id)}


# when the retention is over -----------------------------------------------------------------------------

people = st.lists(
    st.tuples(
        st.sampled_from([*RegistrationState] + 3 * [RegistrationState.CONFIRMED]),
        st.sampled_from([CITY, STATE_LAB, "ULM ", "Unbekannt e.V.", ""]),
        st.sampled_from(["", '["o1"]', '["o1","o2"]', '["o3"]']),
        st.sampled_from(["", "o1", "o1", "o2"]),
    ),
    min_size=1,
    max_size=40,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(found=people, batch=st.integers(1, 50))
def test_numbers_are_the_same_before_and_after_but_for_those_about_few(
    context: Flask, clock: FrozenClock, found: list[tuple[RegistrationState, str, str, str]], batch: int
) -> None:
    clock.set(datetime.fromisoformat("2026-03-02T09:00:00+00:00"))
    slug = f"lab-{db.session.scalar(select(func.count()).select_from(Edition))}"
    edition_id = add_edition(context, series={"slug": slug})
    if slug == "lab-0":
        know_levels()
    several, one_of = ask(edition_id, "Drink?", Kind.SEVERAL_OF), ask(edition_id, "Best?")
    add_people(
        edition_id,
        [
            Person(state, lab, {key: value for key, value in ((several, drinks), (one_of, best)) if value})
            for state, lab, drinks, best in found
        ],
    )
    discreet = [rules.discreet(one) for one in spreads_of(edition_id)]
    counts = sorted(queries.counts([edition_id]), key=repr)
    figures = of_edition(db.session.get_one(Edition, edition_id), everything=False)
    clock.advance(RETENTION_OVER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("eventhub.privacy.jobs.BATCH", batch)
        forget_people()
    assert spreads_of(edition_id) == discreet
    assert sorted(queries.counts([edition_id]), key=repr) == counts
    assert not db.session.scalar(select(func.count()).select_from(Answer))
    after = of_edition(db.session.get_one(Edition, edition_id), everything=True)
    assert {one.key: one.rows for one in after} == {one.key: one.rows for one in figures}


@pytest.mark.both_databases
def test_numbers_outlast_the_people_and_the_question(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    know_levels()
    drink = ask(edition_id, "Drink?")
    add_people(
        edition_id,
        [
            *[Person(organisation=CITY, answers={drink: "o1"})] * 6,
            *[Person(organisation=f"  {STATE_LAB.upper()}", answers={drink: "o2"})] * 5,
            *[Person(answers={drink: "o3"})] * 2,
            Person(RegistrationState.CANCELLED, CITY, {drink: "o3"}, because=Ending.PARTICIPANT),
        ],
    )
    clock.advance(RETENTION_OVER)
    forget_people()
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        assert edition.questionnaire
        db.session.delete(edition.questionnaire)
    levels, drinks = spreads_of(edition_id)
    assert [(cell.value, cell.number) for cell in levels.cells] == [("municipal", 6), ("", 7)]
    assert [(cell.label, cell.number) for cell in drinks.cells] == [("Tea", 6), ("", 7)]
    assert (drinks.label, drinks.people) == ("Drink?", 13)


@pytest.mark.both_databases
def test_numbers_are_taken_once_and_with_the_first_who_is_forgotten(
    context: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventhub.privacy.jobs.BATCH", 2)
    edition_id = add_edition(context)
    drink = ask(edition_id, "Drink?")
    add_people(edition_id, [Person(answers={drink: "o1"})] * 7)
    clock.advance(RETENTION_OVER)
    looks = iter([False, False, True])
    forget_people(lambda: next(looks, True))
    assert told(edition_id)["Drink?"] == {"Tea": 7}
    known = select(func.count()).where(Registration.erased_at.is_(None))
    assert db.session.scalar(known) == 3
    forget_people()
    assert told(edition_id)["Drink?"] == {"Tea": 7}


@pytest.mark.both_databases
def test_an_erasure_that_fails_keeps_no_numbers(
    context: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition_id = add_edition(context)
    add_people(edition_id, [Person(organisation=CITY)] * 7)
    clock.advance(RETENTION_OVER)
    monkeypatch.setattr("eventhub.registration.erasure._forget", lambda _one: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        forget_people()
    assert not db.session.scalar(select(func.count()).select_from(Tally))


def test_a_meeting_of_few_leaves_nothing_about_answers(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    drink = ask(edition_id, "Drink?")
    add_people(edition_id, [Person(organisation=CITY, answers={drink: "o1"})] * 4)
    clock.advance(RETENTION_OVER)
    forget_people()
    assert [(one.people, one.cells) for one in spreads_of(edition_id)] == [(0, ()), (0, ())]
    assert rules.states(queries.counts([edition_id])) == States(place=4)


@pytest.mark.both_databases
@pytest.mark.parametrize("number", [1, 4, -5])
def test_the_database_holds_no_number_about_few(context: Flask, number: int) -> None:
    edition_id = add_edition(context)
    few = Tally(edition_id=edition_id, subject="level", people=number)
    cell = TallyCell(value="state", position=0, number=number)
    with pytest.raises(IntegrityError):
        add(few)
    with pytest.raises(IntegrityError):
        add(Tally(edition_id=edition_id, subject="level", people=9, cells=[cell]))


def add(tally: Tally) -> None:
    with transaction():
        db.session.add(tally)


# when somebody wishes it, and answers that go earlier ---------------------------------------------------


def test_who_erases_their_data_takes_their_answers_along(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    drink = ask(edition_id, "Drink?")
    keys = add_people(edition_id, [Person(organisation=CITY, answers={drink: "o1"})] * 7)
    with transaction():
        privacy.erase_own(db.session.get_one(Registration, keys[0]))
    assert told(edition_id)["Drink?"]["Tea"] == 6
    assert not db.session.scalar(select(func.count()).select_from(Tally)), "one person is no number"
    assert rules.states(queries.counts([edition_id])) == States(place=6, cancelled=1)
    clock.advance(RETENTION_OVER)
    forget_people()
    assert told(edition_id)["Drink?"] == {"Tea": 6}


@pytest.mark.both_databases
def test_answers_that_are_kept_for_days_leave_their_numbers(
    context: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventhub.registration.answers.AT_ONCE", 3)
    edition_id = add_edition(context)
    need = ask(edition_id, "Needs?", Kind.SEVERAL_OF, keep_days=14)
    drink = ask(edition_id, "Drink?")
    answers = {need: '["o1"]', drink: "o2"}
    add_people(edition_id, [*[Person(answers=answers)] * 8, *[Person(answers={need: '["o1","o3"]'})] * 2])
    before = spreads_of(edition_id)
    clock.advance(timedelta(days=DAYS_AHEAD + 15))
    assert erase_due_answers(lambda: False) == 10
    assert spreads_of(edition_id) == [before[0], rules.discreet(before[1]), before[2]]
    assert told(edition_id)["Needs?"] == {"Tea": 10}
    clock.advance(timedelta(days=90))
    forget_people()
    assert told(edition_id)["Needs?"] == {"Tea": 10}
    assert told(edition_id)["Drink?"] == {"Coffee": 8}


# at the end of days ------------------------------------------------------------------------------------


def counted() -> dict[date, States]:
    db.session.rollback()
    edition = db.session.scalars(select(Edition)).one()
    return queries.states_by_day(edition)


@pytest.mark.both_databases
def test_a_day_is_counted_once_it_has_ended_where_the_meeting_is(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=2)
    for number in range(3):
        signed_up(edition_id, number)
    clock.set(datetime.fromisoformat("2026-03-02T23:30:00+01:00"))
    count_days()
    assert counted() == {}
    clock.set(datetime.fromisoformat("2026-03-03T00:10:00+01:00"))
    count_days()
    assert counted() == {date(2026, 3, 2): States(place=2, waiting=1)}
    with transaction():
        registrations.cancel(db.session.scalars(select(Registration).limit(1)).one(), "organiser")
    count_days()
    assert counted() == {date(2026, 3, 2): States(place=2, waiting=1)}, "once is enough"
    clock.set(datetime.fromisoformat("2026-03-04T00:10:00+01:00"))
    count_days()
    assert counted()[date(2026, 3, 3)] == States(place=2, cancelled=1)


def test_a_worker_that_comes_late_counts_no_wrong_day(context: Flask, clock: FrozenClock) -> None:
    signed_up(add_edition(context), 1)
    clock.set(datetime.fromisoformat("2026-03-03T09:00:00+01:00"))
    count_days()
    assert counted() == {}


def test_the_last_day_counted_is_that_of_the_meeting(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    signed_up(edition_id, 1)
    last = db.session.get_one(Edition, edition_id).start_date
    assert last is not None
    for days in (1, 2, 3):
        midnight = datetime.combine(last + timedelta(days=days), datetime.min.time())
        clock.set(midnight.replace(tzinfo=eventhub_clock.now().tzinfo))
        count_days()
    assert list(counted()) == [last]


def test_counts_of_days_outlast_the_people(context: Flask, clock: FrozenClock) -> None:
    signed_up(add_edition(context), 1)
    clock.set(datetime.fromisoformat("2026-03-03T00:10:00+01:00"))
    count_days()
    clock.advance(RETENTION_OVER)
    forget_people()
    assert counted() == {date(2026, 3, 2): States(place=1)}
    assert db.session.scalar(select(func.count()).select_from(DayCount)) == 1
