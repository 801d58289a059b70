"""Those with a place are reminded before the start, once for each date."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration import service
from eventhub.registration.jobs import remind
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, text_of
from tests.mail.post_office import PostOffice
from tests.registration.samples import DAYS_AHEAD, add_edition, signed_up

pytestmark = pytest.mark.both_databases

# the edition begins at 13:00 UTC, the clock of tests stands at 9:00 UTC
UNTIL_A_DAY_BEFORE = timedelta(days=DAYS_AHEAD - 1, hours=4)


def reminded() -> list[str]:
    db.session.rollback()
    found = select(OutboxMessage.to_address).where(OutboxMessage.kind == "reminder")
    return sorted(db.session.scalars(found))


def test_who_has_a_place_is_reminded_once_a_day_before(app: Flask, clock: FrozenClock) -> None:
    key = add_edition(app, capacity=1)
    with app.app_context():
        signed_up(key, 1)
        signed_up(key, 2)
        assert remind() == 0
        clock.advance(UNTIL_A_DAY_BEFORE)
        assert remind() == 1
        assert reminded() == ["person1@lab.example"]  # the other one waits
        assert remind() == 0


def test_who_registers_after_it_was_due_is_not_reminded(app: Flask, clock: FrozenClock) -> None:
    key = add_edition(app)
    with app.app_context():
        signed_up(key, 1)
        clock.advance(UNTIL_A_DAY_BEFORE + timedelta(minutes=1))
        signed_up(key, 2)
        remind()
        assert reminded() == ["person1@lab.example"]


@pytest.mark.parametrize("hours", [0, 2])
def test_the_series_says_when(app: Flask, clock: FrozenClock, hours: int) -> None:
    key = add_edition(app, series={"remind_hours": hours})
    with app.app_context():
        signed_up(key, 1)
        clock.advance(UNTIL_A_DAY_BEFORE + timedelta(hours=1))
        assert remind() == 0
        clock.advance(timedelta(hours=21))
        assert remind() == (1 if hours else 0)


def test_nobody_is_reminded_of_what_does_not_take_place_or_has_begun(app: Flask, clock: FrozenClock) -> None:
    key = add_edition(app)
    with app.app_context():
        signed_up(key, 1)
        with transaction():
            editions.cancel(db.session.get_one(Edition, key), "Storm")
        clock.advance(UNTIL_A_DAY_BEFORE)
        assert remind() == 0
        with transaction():
            editions.reinstate(db.session.get_one(Edition, key))
        clock.advance(timedelta(days=2))
        assert remind() == 0


def test_another_date_is_a_new_reminder(app: Flask, clock: FrozenClock) -> None:
    key = add_edition(app)
    with app.app_context():
        signed_up(key, 1)
        clock.advance(UNTIL_A_DAY_BEFORE)
        remind()
        with transaction():
            edition = db.session.get_one(Edition, key)
            assert edition.start_date
            editions.update(edition, {"start_date": edition.start_date + timedelta(days=7)}, edition.version)
        assert remind() == 0
        clock.advance(timedelta(days=7))
        assert remind() == 1
        assert len(reminded()) == 2


def test_the_reminder_holds_the_link_but_no_calendar_message(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    key = add_edition(app)
    with app.app_context():
        signed_up(key, 1)
        arrived(app, post_office)
        clock.advance(UNTIL_A_DAY_BEFORE)
        remind()
    mail = arrived(app, post_office)[-1]
    assert mail["Subject"].startswith("Bald ist es so weit: LabCamp #5")
    assert "https://meet.example/room" in text_of(mail)
    assert {part.get_content_type() for part in mail.walk()} == {
        "multipart/alternative",
        "text/plain",
        "text/html",
    }


def test_who_gives_the_place_up_in_the_meantime_gets_no_reminder(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    key = add_edition(app)
    with app.app_context():
        person = signed_up(key, 1).registration.id
        arrived(app, post_office)
        clock.advance(UNTIL_A_DAY_BEFORE)
        remind()
        with transaction():
            service.cancel(db.session.get_one(Registration, person), "participant")
    subjects = [mail["Subject"] for mail in arrived(app, post_office)]
    assert not [words for words in subjects if words.startswith("Bald")]
