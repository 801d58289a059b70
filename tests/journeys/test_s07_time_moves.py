"""S7: an edition moves; the organiser sees how many are told, and every calendar entry moves with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import icalendar
import pytest
from flask import Flask

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of, fields_of
from tests.editions.making import add_slot
from tests.journeys.letters_of import arrived, invitation
from tests.mail.post_office import PostOffice
from tests.registration.samples import signed_up

pytestmark = pytest.mark.both_databases
EDIT = "/manage/labcamp/5/edit"
PEOPLE = 34


def feed_entry(app: Flask) -> icalendar.Event:
    calendar = icalendar.Calendar.from_ical(app.test_client().get("/labcamp/calendar.ics").text)
    [entry] = calendar.walk("VEVENT")
    return entry


def test_labcamp_moves_from_three_to_half_past_two(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = desk_of(app)
    key = desk.publish(start_date=date(2026, 3, 17), start_time=time(15), end_time=time(18))
    with app.app_context():
        for number in range(PEOPLE):
            signed_up(key, number)
        with transaction():
            add_slot(db.session.get_one(Edition, key), "talk", time(15, 30), time(16))
    first = {mail["To"]: invitation(mail)[1] for mail in arrived(app, post_office)}
    assert len(first) == PEOPLE
    before = feed_entry(app)

    moved = desk.form_of(EDIT) | {"start_time": "14:30", "end_time": "17:30"}
    asked = desk.client.post(EDIT, data=moved).text
    assert f"{PEOPLE} Personen werden benachrichtigt" in asked
    assert len(arrived(app, post_office)) == PEOPLE, "nobody is told before the organiser confirms"
    assert desk.client.post(EDIT, data=fields_of(asked) | {"confirmed": "1"}).status_code == 303

    letters = arrived(app, post_office)[PEOPLE:]
    assert len({mail["To"] for mail in letters}) == len(letters) == PEOPLE
    start = datetime(2026, 3, 17, 13, 30, tzinfo=UTC)
    for mail in letters:
        method, entry = invitation(mail)
        assert (method, entry["UID"]) == ("REQUEST", first[mail["To"]]["UID"]), "no second entry appears"
        assert entry["SEQUENCE"] > first[mail["To"]]["SEQUENCE"]
        assert entry.decoded("DTSTART").astimezone(UTC) == start

    after = feed_entry(app)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.decoded("DTSTART").astimezone(UTC) == start
    slot = icalendar.Calendar.from_ical(app.test_client().get("/labcamp/5/slots/talk.ics").text)
    [entry] = slot.walk("VEVENT")
    assert entry.decoded("DTSTART").astimezone(UTC) == datetime(2026, 3, 17, 14, tzinfo=UTC)
