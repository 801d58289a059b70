"""What is written into the outbox: one row per person and occasion, with numbers that never fall."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration import mails
from eventhub.registration.applicants import Details
from eventhub.registration.models import Registration
from eventhub.registration.service import cancel, change
from tests.conftest import FrozenClock
from tests.mail.samples import CONTACT, calendar_of, mails_sent, move
from tests.registration.samples import add_edition, signed_up


def numbers() -> list[tuple[str, int | None]]:
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.kind, row.facts.get("sequence")) for row in rows]


def edition_of(key: int) -> Edition:
    return db.session.get_one(Edition, key)


def test_numbers_never_fall_and_grow_with_every_cancel(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        person = signed_up(edition_id).registration
        with transaction():
            cancel(person, "participant")
        signed_up(edition_id, once_key="again")
        with transaction():
            move(edition_of(edition_id), 16)
        with transaction():
            change(person, Details(name="New Name", email=person.email, organisation="", note=""))
        with transaction():
            edition_of(edition_id).sequence = 9
            mails.edition_cancelled(edition_of(edition_id))
        assert numbers() == [
            ("confirmed", 0),
            ("cancelled", 1),
            ("confirmed", 2),
            ("edition_changed", 3),
            ("details_changed", 3),
            ("edition_cancelled", 9),
        ]
        assert person.last_sequence == 9


def test_new_details_for_joining_keep_the_number(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id)
        with transaction():
            edition = edition_of(edition_id)
            edition.join_url = "https://meet.example/new"
            mails.edition_changed(edition, {"join_url": ("https://meet.example/room", edition.join_url)})
        assert numbers() == [("confirmed", 0), ("edition_changed", 0)]
        found = calendar_of(mails_sent()[-1][1])
        assert found is not None
        assert found[1]["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
        assert "https://meet.example/new" in str(found[1]["DESCRIPTION"])


def test_a_new_address_takes_the_entry_along(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        person = signed_up(edition_id).registration
        with transaction():
            change(person, Details(name=person.name, email="new@lab.example", organisation="", note=""))
        found = [(row.to_address, calendar_of(mail)) for row, mail in mails_sent()]
        told = [(to, entry and (entry[0], int(entry[1]["SEQUENCE"]))) for to, entry in found]
        assert told == [
            ("person1@lab.example", ("REQUEST", 0)),
            ("person1@lab.example", ("CANCEL", 1)),
            ("new@lab.example", ("REQUEST", 2)),
        ]
        assert {str(entry[1]["UID"]) for _to, entry in found if entry} == {
            edition_of(edition_id).calendar_uid
        }
        assert "new@lab.example" not in str(mails_sent()[1][1])


@pytest.mark.both_databases
def test_everybody_is_told_with_one_insert(app: Flask) -> None:
    edition_id = add_edition(app, capacity=3)
    with app.app_context():
        people = [signed_up(edition_id, number).registration for number in range(1, 6)]
        with transaction():
            cancel(people[0], "participant")
        mails_sent()
        before = db.session.scalar(select(func.max(OutboxMessage.id)))
        with transaction():
            move(edition_of(edition_id), 17)
        rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.id > before)).all()
        told = {row.to_address: row.facts["sequence"] for row in rows}
        assert told == {
            "person2@lab.example": 1,
            "person3@lab.example": 1,
            "person4@lab.example": 1,
            "person5@lab.example": None,
        }
        assert len({row.message_id for row in rows}) == 4
        assert all(row.message_id.endswith("@localhost") for row in rows)
        assert {row.dedupe_key for row in rows} == {f"edition_changed:{p.id}:{p.version}" for p in people[1:]}
        assert rows[0].facts["was"]["start_time"] == "15:00:00"
        assert rows[0].facts["is"]["start_time"] == "17:00:00"
        assert {person.last_sequence for person in people[1:4]} == {1}
        assert {row.kind for row, _mail in mails_sent()[-4:]} == {"edition_changed"}


def test_the_position_is_that_of_the_moment(app: Flask) -> None:
    edition_id = add_edition(app, capacity=1)
    with app.app_context():
        people = [signed_up(edition_id, number).registration for number in (1, 2, 3)]
        third = db.session.scalars(select(OutboxMessage).filter_by(registration_id=people[2].id)).one()
        with transaction():
            cancel(people[1], "participant")
        assert third.facts["position"] == 2


def test_organisers_hear_once_that_an_edition_is_full(app: Flask) -> None:
    edition_id = add_edition(app, capacity=1, series=CONTACT)
    with app.app_context():
        first = signed_up(edition_id, 1).registration
        with transaction():
            cancel(first, "participant")
        signed_up(edition_id, 2)
        signed_up(edition_id, 3)
        notices = select(OutboxMessage.to_address).where(OutboxMessage.kind == "organiser_notice")
        assert db.session.scalars(notices).all() == ["team@lab.example"]


def test_mails_of_one_moment_carry_that_moment(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id)
        clock.advance(timedelta(seconds=7))
        [(_row, mail)] = mails_sent()
        found = calendar_of(mail)
        assert found is not None
        assert found[1].decoded("DTSTAMP") == clock.now() == mail["Date"].datetime
        assert found[1].decoded("DTSTART").astimezone(UTC) == datetime(2026, 4, 1, 13, tzinfo=UTC)
        assert db.session.get_one(Registration, 1).edition.start_time == time(15)
