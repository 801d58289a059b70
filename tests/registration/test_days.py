"""A meeting of several days: one entry a day in calendars, none over the night."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.registration import service
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, invitation, link_in, text_of
from tests.mail.post_office import PostOffice
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases

FIRST, SECOND = date(2026, 4, 13), date(2026, 4, 14)
BERLIN = ZoneInfo("Europe/Berlin")
UID = "edition-training@events.example"


@pytest.fixture
def training(app: Flask, clock: FrozenClock) -> int:
    """Return a training of two days, from 15:00 of the first to 18:00 of the second."""
    ends_at = datetime(2026, 4, 14, 18, tzinfo=BERLIN)
    return add_edition(
        app,
        start_date=FIRST,
        end_date=SECOND,
        ends_at=ends_at,
        calendar_uid=UID,
        published_at=clock.now(),
    )


class Reader:
    """Reads the calendar messages of the mails that came since the last look."""

    def __init__(self, app: Flask, office: PostOffice) -> None:
        self.app, self.office, self.seen = app, office, 0

    def new(self) -> list[tuple[str, str, int, date]]:
        """Return method, UID without its domain, SEQUENCE and day of each."""
        mails = arrived(self.app, self.office)
        new, self.seen = mails[self.seen :], len(mails)
        found = []
        for mail in new:
            method, event = invitation(mail)
            day = event["DTSTART"].dt.astimezone(BERLIN)
            assert (event["DTEND"].dt - event["DTSTART"].dt) == timedelta(hours=3), "a block over the night"
            found.append((method, str(event["UID"]).partition("@")[0], int(event["SEQUENCE"]), day.date()))
        return found


@pytest.fixture
def reader(app: Flask, post_office: PostOffice) -> Reader:
    return Reader(app, post_office)


def update(key: int, **values: Any) -> None:
    with transaction():
        edition = db.session.get_one(Edition, key)
        editions.update(edition, values, edition.version)


def test_each_day_comes_as_a_mail_of_its_own(app: Flask, training: int, reader: Reader) -> None:
    with app.app_context():
        signed_up(training)
    assert reader.new() == [
        ("REQUEST", "edition-training", 0, FIRST),
        ("REQUEST", "edition-training-day2", 0, SECOND),
    ]
    first, second = (" ".join(text_of(mail).split()) for mail in arrived(app, reader.office)[:2])
    assert "13. bis 14. April 2026 jeden Tag 15 bis 18 Uhr (Berlin)" in first
    assert "Tag 2" in second
    assert "Dienstag, 14. April 2026 15 bis 18 Uhr (Berlin)" in second
    assert link_in(arrived(app, reader.office)[0]) in second


def test_a_new_hour_of_all_days_is_named(app: Flask, training: int, reader: Reader) -> None:
    with app.app_context():
        signed_up(training)
        reader.new()
        update(training, start_time=time(14), end_time=time(17))
        reader.new()
        told = " ".join(text_of(arrived(app, reader.office)[2]).split())
    assert "jeden Tag 14 bis 17 Uhr (Berlin), bisher 13. bis 14. April 2026, jeden Tag 15 bis 18 Uhr" in told


def test_all_days_move_and_are_withdrawn_together(
    app: Flask, clock: FrozenClock, training: int, reader: Reader
) -> None:
    with app.app_context():
        person = signed_up(training).registration.id
        reader.new()
        update(training, start_date=FIRST + timedelta(days=7), end_date=SECOND + timedelta(days=7))
        assert reader.new() == [
            ("REQUEST", "edition-training", 1, FIRST + timedelta(days=7)),
            ("REQUEST", "edition-training-day2", 1, SECOND + timedelta(days=7)),
        ]
        with transaction():
            service.cancel(db.session.get_one(Registration, person), "participant")
        assert [one[:3] for one in reader.new()] == [
            ("CANCEL", "edition-training", 2),
            ("CANCEL", "edition-training-day2", 2),
        ]


def test_a_day_less_is_withdrawn_and_a_day_more_is_added(app: Flask, training: int, reader: Reader) -> None:
    with app.app_context():
        signed_up(training)
        reader.new()
        update(training, end_date=None)
        assert reader.new() == [
            ("REQUEST", "edition-training", 1, FIRST),
            ("CANCEL", "edition-training-day2", 1, SECOND),
        ]
        update(training, end_date=SECOND + timedelta(days=1))
        assert [one[1:3] for one in reader.new()] == [
            ("edition-training", 2),
            ("edition-training-day2", 2),
            ("edition-training-day3", 2),
        ]


def test_what_is_cancelled_leaves_calendars_although_its_days_are_gone_by_now(
    app: Flask, training: int, reader: Reader
) -> None:
    with app.app_context():
        signed_up(training)
        reader.new()
        with transaction():
            editions.cancel(db.session.get_one(Edition, training), "Storm")
        update(training, end_date=None)
        assert reader.new() == [
            ("CANCEL", "edition-training", 1, FIRST),
            ("CANCEL", "edition-training-day2", 1, SECOND),
        ]


def test_who_waits_gets_no_entry_of_any_day(app: Flask, post_office: PostOffice, training: int) -> None:
    with app.app_context():
        update(training, capacity=1)
        signed_up(training, 1)
        signed_up(training, 2)
        update(training, venue_city="Köln")
    waiting = [mail for mail in arrived(app, post_office) if "person2" in str(mail["To"])]
    assert len(waiting) == 2
    assert not [
        part for mail in waiting for part in mail.walk() if part.get_content_type() == "text/calendar"
    ]


def test_feed_and_file_have_the_same_entries_as_the_mails(
    app: Flask, client: FlaskClient, post_office: PostOffice, training: int
) -> None:
    with app.app_context():
        signed_up(training)
    mailed = {str(invitation(mail)[1]["UID"]) for mail in arrived(app, post_office)}
    home = link_in(arrived(app, post_office)[0])
    for address in (
        "/lab/calendar.ics",
        "/lab/5/calendar.ics",
        "/lab/5/calendar.ics?only=edition",
        f"{home}calendar.ics",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
        assert {str(event["UID"]) for event in events} == mailed, address
        assert [str(event["SUMMARY"]) for event in events] == ["LabCamp #5 (1/2)", "LabCamp #5 (2/2)"]


def test_through_the_night_it_is_whole_days(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    begins, ends = datetime(2026, 4, 13, 18, tzinfo=BERLIN), datetime(2026, 4, 15, 12, tzinfo=BERLIN)
    add_edition(app, start_date=FIRST, end_date=date(2026, 4, 15), starts_at=begins, ends_at=ends)
    events = icalendar.Calendar.from_ical(client.get("/lab/calendar.ics").data).walk("VEVENT")
    assert [event["DTSTART"].dt for event in events] == [FIRST, SECOND, date(2026, 4, 15)]


def test_a_day_on_which_the_clock_jumps_over_the_start_is_a_whole_day(
    app: Flask, client: FlaskClient
) -> None:
    begins, ends = datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN), datetime(2026, 3, 29, 5, tzinfo=BERLIN)
    add_edition(app, start_date=date(2026, 3, 28), end_date=date(2026, 3, 29), starts_at=begins, ends_at=ends)
    events = icalendar.Calendar.from_ical(client.get("/lab/calendar.ics").data).walk("VEVENT")
    assert [type(event["DTSTART"].dt) for event in events] == [datetime, date]


def test_a_former_address_loses_all_days(app: Flask, training: int, reader: Reader) -> None:
    with app.app_context():
        person = signed_up(training).registration.id
        reader.new()
        with transaction():
            registration = db.session.scalars(select(Registration).where(Registration.id == person)).one()
            details = {"name": "Person 1", "email": "new@lab.example", "organisation": "", "note": ""}
            service.change(registration, details)  # type: ignore[arg-type]
        assert sorted(one[:3] for one in reader.new()) == [
            ("CANCEL", "edition-training", 1),
            ("CANCEL", "edition-training-day2", 1),
            ("REQUEST", "edition-training", 2),
            ("REQUEST", "edition-training-day2", 2),
        ]
