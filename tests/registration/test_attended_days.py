"""Who comes on some days of several: chosen, changed, counted, and only these days in calendars."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from eventhub import clock as eventhub_clock
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.registration import attending, days, handing_over, service
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.journeys.letters_of import arrived, invitation, text_of
from tests.mail.post_office import PostOffice
from tests.registration.browsing import AYLIN, FORM, my_link, registration_of, send
from tests.registration.samples import add_edition, applicant, signed_up

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 4, 13)
NUMBERS = st.integers(1, days.MOST)
BITS = st.integers(0, 2**days.MOST - 1)


# rules ------------------------------------------------------------------------------------------------


@given(NUMBERS, st.frozensets(st.integers(-2, 20)))
def test_a_choice_is_kept_as_it_was_made(number: int, wanted: frozenset[int]) -> None:
    there = wanted & days.every(number)
    assert days.chosen(days.kept_as(wanted, number), number) == (there or days.every(number))


@given(BITS, NUMBERS)
def test_somebody_always_comes_on_a_day_that_there_is(bits: int, number: int) -> None:
    found = days.chosen(bits, number)
    assert found
    assert found <= days.every(number)


@given(NUMBERS, NUMBERS)
def test_who_comes_on_every_day_comes_on_added_ones_too(number: int, more: int) -> None:
    assert days.chosen(days.kept_as(days.every(number), number), number + more) == days.every(number + more)


@given(BITS, BITS, NUMBERS)
def test_changes_lead_from_one_choice_to_the_other(one: int, other: int, number: int) -> None:
    before, after = days.chosen(one, number), days.chosen(other, number)
    came, left = days.changes(before, after)
    assert (before | set(came)) - set(left) == after
    assert not set(came) & before
    assert not set(left) & after


@pytest.mark.both_databases
def test_the_database_selects_as_the_rules_do(app: Flask) -> None:
    key = add_edition(app)
    with app.app_context():
        model = signed_up(key).registration
        row = {column.key: getattr(model, column.key) for column in Registration.__table__.columns}
        cases = [0, 1, 2, 3, 4, 5, 6, 7, 12, 2**14 - 1]
        with transaction():
            for at, bits in enumerate(cases):
                new = {"id": 100 + at, "code": f"C{at}", "email_key": f"c{at}", "once_key": f"c{at}"}
                values = row | new | {"token_hash": bytes([at]) * 32, "days": bits}
                db.session.execute(insert(Registration).values(values))
        for number in (1, 2, 3, 14, 15):
            for day in range(1, min(number, 4) + 1):
                for also, condition in (
                    (False, days.comes_on(day, number)),
                    (True, days.also_on(day, number)),
                ):
                    found = db.session.scalars(
                        select(Registration.id).where(Registration.id >= 100, condition)
                    ).all()
                    expected = [
                        100 + at
                        for at, bits in enumerate(cases)
                        if day in days.chosen(bits, number)
                        and (not also or min(days.chosen(bits, number)) < day)
                    ]
                    assert sorted(found) == expected, (number, day, also)
            firsts = db.session.execute(
                select(Registration.days, days.first_day(number)).where(Registration.id >= 100)
            )
            assert all(first == min(days.chosen(bits, number)) for bits, first in firsts)


# calendars --------------------------------------------------------------------------------------------


@pytest.fixture
def course(app: Flask, clock: FrozenClock) -> int:
    """Return a course of three days, 15:00 to 18:00 each."""
    return add_course(app, clock)


def add_course(app: Flask, clock: FrozenClock) -> int:
    return add_edition(
        app,
        start_date=FIRST,
        end_date=FIRST + timedelta(days=2),
        ends_at=datetime(2026, 4, 15, 18, tzinfo=BERLIN),
        calendar_uid="edition-course@events.example",
        choose_days=True,
        published_at=clock.now(),
    )


class Calendars:
    """Plays what a calendar program makes of the mails: entries by UID, which only higher numbers change."""

    def __init__(self, app: Flask, office: PostOffice) -> None:
        self.app, self.office, self.seen = app, office, 0
        self.days: dict[str, tuple[int, date]] = {}

    def new(self) -> list[tuple[str, int]]:
        """Return method and day of each new message, and follow them."""
        mails = arrived(self.app, self.office)
        new, self.seen = mails[self.seen :], len(mails)
        found = []
        for mail in new:
            method, event = invitation(mail)
            uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
            day = event["DTSTART"].dt.astimezone(BERLIN).date()
            if uid in self.days:
                assert sequence >= self.days[uid][0]
            if method == "CANCEL":
                assert uid in self.days, "nothing is taken out that is not there"
                assert sequence > self.days.pop(uid)[0]
            else:
                self.days[uid] = sequence, day
            found.append((method, int(uid.partition("@")[0].partition("-day")[2] or 1)))
        return found

    @property
    def shown(self) -> list[date]:
        return sorted(day for _sequence, day in self.days.values())


@pytest.fixture
def calendars(app: Flask, post_office: PostOffice) -> Calendars:
    return Calendars(app, post_office)


def change(key: int, *wanted: int) -> bool:
    with transaction():
        return attending.change(db.session.get_one(Registration, key), wanted, "participant")


@pytest.mark.both_databases
def test_only_chosen_days_come_and_changes_are_exact(app: Flask, course: int, calendars: Calendars) -> None:
    with app.app_context():
        key = signed_up(course, days=frozenset({2, 3}), asked=True).registration.id
    assert calendars.new() == [("REQUEST", 2), ("REQUEST", 3)]
    with app.app_context():
        assert change(key, 1, 3)
    assert calendars.new() == [("REQUEST", 1), ("CANCEL", 2)]
    with app.app_context():
        assert not change(key, 1, 3)
        assert change(key, 1, 2, 3)
    assert calendars.new() == [("REQUEST", 2)]
    with app.app_context():
        assert db.session.get_one(Registration, key).days == days.EVERY
        assert change(key, 2)
    assert calendars.new() == [("CANCEL", 1), ("CANCEL", 3)]
    with app.app_context(), transaction():
        service.cancel(db.session.get_one(Registration, key), "participant")
    assert calendars.new() == [("CANCEL", 2)]
    assert calendars.shown == []


@pytest.mark.both_databases
def test_a_moved_edition_moves_the_chosen_days_alone(app: Flask, course: int, calendars: Calendars) -> None:
    with app.app_context():
        signed_up(course, 1, days=frozenset({2}), asked=True)
        signed_up(course, 2)
    calendars.new()
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, course)
        later = {"start_date": FIRST + timedelta(days=7), "end_date": FIRST + timedelta(days=9)}
        editions.update(edition, later, edition.version)
    assert sorted(calendars.new()) == [("REQUEST", 1), ("REQUEST", 2), ("REQUEST", 2), ("REQUEST", 3)]
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, course)
        editions.cancel(edition, "Ill")
    calendars.days = {}
    with pytest.raises(AssertionError, match="not there"):
        calendars.new()


@pytest.mark.both_databases
def test_an_edition_that_loses_days_withdraws_them_from_those_who_have_them(
    app: Flask, course: int, calendars: Calendars
) -> None:
    with app.app_context():
        signed_up(course, 1, days=frozenset({1, 3}), asked=True)
        signed_up(course, 2, days=frozenset({1}), asked=True)
    calendars.new()
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, course)
        editions.update(edition, {"end_date": FIRST + timedelta(days=1)}, edition.version)
    assert sorted(calendars.new()) == [("CANCEL", 3), ("REQUEST", 1), ("REQUEST", 1)]


@pytest.mark.both_databases
def test_a_cancelled_edition_cancels_the_chosen_days(app: Flask, course: int, calendars: Calendars) -> None:
    with app.app_context():
        signed_up(course, days=frozenset({2, 3}), asked=True)
    calendars.new()
    with app.app_context(), transaction():
        editions.cancel(db.session.get_one(Edition, course), "Ill")
    assert calendars.new() == [("CANCEL", 2), ("CANCEL", 3)]
    assert calendars.shown == []


# pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def page(app: Flask, clock: FrozenClock) -> int:
    return add_course(app, clock)


def test_the_form_asks_keeps_and_refuses(app: Flask, client: FlaskClient, page: int) -> None:
    shown = client.get(FORM).text
    assert shown.count('name="days"') == 3
    assert shown.count("checked") >= 3
    refused = client.post(FORM, data={**AYLIN, "once_key": "k", "organisation": "Typed before"})
    assert refused.status_code == 422
    assert "Mindestens einen Tag wählen" in refused.text
    assert "Typed before" in refused.text
    assert send(client, days=["1", "3"]).status_code == 303
    with app.app_context():
        assert days.chosen(registration_of().days, 3) == {1, 3}


def test_forged_days_are_none(app: Flask, client: FlaskClient, page: int) -> None:
    assert send(client, days=["7", "-1"]).status_code == 422
    assert send(client, days=["1", "99999999999999"]).status_code in {303, 422}


def test_the_own_page_shows_and_changes_the_days(
    app: Flask, client: FlaskClient, page: int, post_office: PostOffice
) -> None:
    send(client, days=["2"])
    link = my_link(app)
    assert "14.\N{NO-BREAK SPACE}Apr" in client.get(link).text
    feed = icalendar.Calendar.from_ical(client.get(f"{link}calendar.ics").data)
    assert [event["DTSTART"].dt.astimezone(BERLIN).date().day for event in feed.walk("VEVENT")] == [14]
    form = client.get(f"{link}change").text
    assert form.count("checked") == 1
    details = {name: AYLIN[name] for name in ("name", "email", "organisation")}
    assert client.post(f"{link}change", data=details).status_code == 422
    assert client.post(f"{link}change", data={**details, "days": ["1", "2"]}).status_code == 303
    mail = arrived(app, post_office)[-1]
    assert "Montag, 13. April" in text_of(mail).replace("\N{NO-BREAK SPACE}", " ")
    assert client.get(f"{link}data.json").get_json()["registration"]["comes_on"] == [
        "2026-04-13",
        "2026-04-14",
    ]


def test_who_is_never_asked_comes_on_every_day(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    add_edition(app, start_date=FIRST, end_date=FIRST + timedelta(days=1), choose_days=False)
    assert 'name="days"' not in client.get(FORM).text
    assert send(client, days=["2"]).status_code == 303
    with app.app_context():
        assert registration_of().days == days.EVERY


def test_a_substitute_gets_the_days_of_the_one_before(app: Flask, page: int) -> None:
    with app.app_context():
        first = signed_up(page, 1, days=frozenset({2}), asked=True).registration
        with transaction():
            handing_over.hand_over(first, applicant(2), "key")
        successor = db.session.scalars(select(Registration).filter_by(email_key="person2@lab.example")).one()
        assert days.chosen(successor.days, 3) == {2}


def test_days_are_settled_when_the_meeting_is_over(app: Flask, page: int, clock: FrozenClock) -> None:
    with app.app_context():
        key = signed_up(page).registration.id
        clock.advance(timedelta(days=100))
        assert eventhub_clock.now().date() > FIRST
        with pytest.raises(RuleBroken, match=r"\w"):
            change(key, 1)


def test_the_desk_counts_lists_and_filters_days(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(app)
    key = desk.publish(end_date=date(2026, 5, 6), choose_days=True)
    with app.app_context():
        for number, chosen in enumerate(({1}, {2}, {1, 2}), start=1):
            signed_up(key, number, days=frozenset(chosen), asked=True)
    page = "/manage/labcamp/5/registrations/"
    shown = desk.client.get(page).text
    assert shown.count("2 Personen") == 2
    filtered = desk.client.get(f"{page}?day=1").text
    assert "person2@" not in filtered
    assert "person3@" in filtered
    table = desk.client.get("/manage/labcamp/5/registrations.csv?day=2").text.lstrip("\ufeff")
    rows = {row["Name"]: row["Kommt am"] for row in csv.DictReader(StringIO(table), delimiter=";")}
    assert rows == {"Person 2": "6.\N{NO-BREAK SPACE}Mai", "Person 3": "alle Tage"}
