"""Asking those with a place whether they come: when, whom, and what an answer does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions import rules
from eventhub.editions import service as editions
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration import reconfirmation
from eventhub.registration.jobs import ask_who_comes
from eventhub.registration.models import Ending, Registration, RegistrationState
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.registration.browsing import cancel_place, my_link, registration_of
from tests.registration.samples import add_edition, signed_up

MEETING = date(2026, 4, 1)
THREE_DAYS_BEFORE = datetime(2026, 3, 29, 6, tzinfo=UTC)  # 8 o'clock in Berlin, where summer time has begun

pytestmark = pytest.mark.both_databases


def asked(app: Flask) -> list[str]:
    """Let the job look, and return who has been asked so far."""
    with app.app_context():
        ask_who_comes(lambda: False)
        found = select(OutboxMessage.to_address).where(OutboxMessage.kind == "reconfirm")
        return list(db.session.scalars(found.order_by(OutboxMessage.id)))


def answers(app: Flask, edition_id: int) -> tuple[int, int, int]:
    """Return how many are expected, have said so, and are silent."""
    with app.app_context():
        found = reconfirmation.answers_of(db.session.get_one(Edition, edition_id))
        return found.expected, found.said_yes, found.silent


def test_everybody_with_a_place_is_asked_once_and_in_time(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING, capacity=2, reconfirm_days=3)
    with app.app_context():
        for number in range(3):
            signed_up(edition_id, number)
    clock.set(THREE_DAYS_BEFORE - timedelta(minutes=1))
    assert asked(app) == []
    clock.set(THREE_DAYS_BEFORE)
    assert asked(app) == ["person0@lab.example", "person1@lab.example"]
    assert len(asked(app)) == 2


def test_nobody_is_asked_where_the_edition_does_not_want_it(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING)
    with app.app_context():
        signed_up(edition_id)
    clock.set(THREE_DAYS_BEFORE)
    assert asked(app) == []


def test_a_look_at_the_link_answers_nothing(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING, reconfirm_days=3)
    with app.app_context():
        signed_up(edition_id)
    clock.set(THREE_DAYS_BEFORE)
    asked(app)
    link = my_link(app, "person1@lab.example")
    browser = app.test_client()
    page = browser.get(f"{link}coming").text
    assert "Ich komme" in page
    assert "Ich komme nicht" in page
    assert answers(app, edition_id) == (0, 0, 1)
    assert "Du hast zugesagt" in browser.post(f"{link}coming", follow_redirects=True).text
    assert answers(app, edition_id) == (1, 1, 0)


def test_who_got_a_place_after_the_question_counts_as_coming(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING, capacity=1, reconfirm_days=3)
    with app.app_context():
        signed_up(edition_id, 1)
        signed_up(edition_id, 2)
    clock.set(THREE_DAYS_BEFORE)
    asked(app)
    clock.advance(timedelta(hours=1))
    browser = app.test_client()
    browser.post(f"{my_link(app, 'person1@lab.example')}cancel")
    assert answers(app, edition_id) == (1, 0, 0)
    with app.app_context():
        signed_up(edition_id, 1, "another form")
    assert answers(app, edition_id) == (1, 0, 0)


def test_who_has_no_place_has_nothing_to_confirm(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING, reconfirm_days=3)
    with app.app_context():
        signed_up(edition_id)
    clock.set(THREE_DAYS_BEFORE)
    asked(app)
    cancel_place(app, "person1@lab.example")
    link = my_link(app, "person1@lab.example")
    browser = app.test_client()
    assert browser.get(f"{link}coming").location.endswith(link)
    assert "Du hast keinen Platz mehr" in browser.post(f"{link}coming", follow_redirects=True).text


def test_another_day_is_asked_about_again(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING, reconfirm_days=3)
    with app.app_context():
        signed_up(edition_id)
    clock.set(THREE_DAYS_BEFORE)
    asked(app)
    app.test_client().post(f"{my_link(app, 'person1@lab.example')}coming")
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, edition_id)
        editions.update(edition, {"start_date": MEETING + timedelta(days=14)}, edition.version)
    clock.advance(timedelta(days=14))
    assert len(asked(app)) == 2
    assert answers(app, edition_id) == (0, 0, 1)


def test_a_yes_of_somebody_asked_twice_needs_both_answers(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING, reconfirm_days=3)
    with app.app_context():
        key = signed_up(edition_id).registration.id
        with transaction():
            one = db.session.get_one(Registration, key)
            one.asked_at = clock.now()
            one.reconfirmed_at = clock.now() - timedelta(days=1)
        assert db.session.get_one(Registration, key).is_silent
    assert answers(app, edition_id) == (0, 0, 1)


def test_silent_places_go_to_those_who_wait(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING, capacity=2, reconfirm_days=3, release_days=1)
    with app.app_context():
        for number in range(3):
            signed_up(edition_id, number)
    clock.set(THREE_DAYS_BEFORE)
    asked(app)
    app.test_client().post(f"{my_link(app, 'person0@lab.example')}coming")
    clock.set(datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
    asked(app)
    assert answers(app, edition_id) == (1, 1, 1)
    clock.advance(timedelta(minutes=1))
    asked(app)
    assert answers(app, edition_id) == (2, 1, 0)
    with app.app_context():
        silent = registration_of("person1@lab.example")
        assert (silent.state, silent.ended_because) == (RegistrationState.CANCELLED, Ending.RELEASED)
        assert registration_of("person2@lab.example").state is RegistrationState.CONFIRMED
        assert db.session.get_one(Edition, edition_id).answers_until is None


def test_nobody_loses_a_place_of_a_meeting_that_is_called_off(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app, start_date=MEETING, reconfirm_days=3, release_days=1)
    with app.app_context():
        signed_up(edition_id)
    clock.set(THREE_DAYS_BEFORE)
    asked(app)
    with app.app_context(), transaction():
        editions.cancel(db.session.get_one(Edition, edition_id), "The house is closed")
    clock.advance(timedelta(days=3))
    asked(app)
    assert answers(app, edition_id) == (0, 0, 1)


days = st.one_of(st.none(), st.integers(1, 60))


@st.composite
def editions_that_ask(draw: st.DrawFn) -> Edition:
    reconfirm = draw(days)
    release = draw(
        st.none() if reconfirm in (None, 1) else st.one_of(st.none(), st.integers(1, reconfirm - 1))
    )
    begins = draw(st.one_of(st.none(), st.times()))
    zone = draw(st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/New_York"]))
    day = draw(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
    starts = None if begins is None else datetime.combine(day, begins, UTC)
    return Edition(
        state=EditionState.PUBLISHED,
        zone=zone,
        start_date=day,
        starts_at=starts,
        reconfirm_days=reconfirm,
        release_days=release,
    )


@given(edition=editions_that_ask(), late=st.timedeltas(timedelta(0), timedelta(days=70)))
def test_whoever_is_asked_has_a_day_to_answer(edition: Edition, late: timedelta) -> None:
    asks = rules.asks_at(edition)
    if asks is None:
        assert not rules.must_ask(edition, datetime.combine(edition.start_date, time(0), UTC))
        return
    now = asks + late
    until = rules.answers_until(edition, now)
    assert not rules.must_ask(edition, asks - timedelta(seconds=1))
    if until is not None:
        assert until - now >= rules.LEAST_TO_ANSWER
        assert rules.must_ask(edition, now)
        assert not rules.must_ask(edition, until + timedelta(days=70))


def test_an_organiser_asks_now_and_only_once(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(app)
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = "/manage/labcamp/5/registrations/"
    begins = datetime(2026, 4, 1, 13, tzinfo=UTC)
    edition_id = desk.publish(5, start_date=MEETING, starts_at=begins, capacity=1)
    assert "Ask now" not in desk.client.get(page).text, "there is nobody to ask"
    with app.app_context():
        for number in range(2):
            signed_up(edition_id, number)
    assert "Whoever stays silent keeps the place." in desk.client.get(page).text
    asks = desk.client.post(f"{page}ask", follow_redirects=True).text
    assert "1 person is asked whether they come" in asks
    assert "Ask now" not in asks
    assert asked(app) == ["person0@lab.example"]
    assert answers(app, edition_id) == (0, 0, 1)
    assert desk.client.post(f"{page}ask").status_code == 409
    assert len(asked(app)) == 1


@pytest.mark.parametrize("state", [EditionState.DRAFT, EditionState.PUBLISHED, EditionState.CANCELLED])
def test_nobody_is_asked_about_a_meeting_that_has_begun_or_is_none(
    app: Flask, clock: FrozenClock, state: EditionState
) -> None:
    edition_id = add_edition(app, start_date=MEETING)
    with app.app_context():
        signed_up(edition_id)
        edition = db.session.get_one(Edition, edition_id)
        if state is EditionState.PUBLISHED:
            assert edition.starts_at
            clock.set(edition.starts_at)
        with transaction():
            edition.state = state
        with pytest.raises(RuleBroken, match="gefragt"), transaction():
            reconfirmation.ask_now(edition)
    assert asked(app) == []
