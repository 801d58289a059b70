"""Those who hold a session are told what has changed about it, once and in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.agenda import service as agenda
from eventhub.agenda.models import Slot
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.programme_changes.jobs import tell_changes
from eventhub.programme_changes.models import PendingChange
from eventhub.registration import service
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, text_of
from tests.mail.post_office import PostOffice
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases

GATHERED = timedelta(minutes=5)


@pytest.fixture
def edition_id(app: Flask, clock: FrozenClock) -> int:
    """Return an edition with three slots and two people: the first holds two slots, the second none."""
    key = add_edition(app, slots=3, published_at=clock.now())
    with app.app_context():
        first, _second = (signed_up(key, number).registration.id for number in (1, 2))
        with transaction():
            choose(first, "Talk 0", "Talk 1")
    return key


def choose(registration_id: int, *titles: str) -> None:
    registration = db.session.get_one(Registration, registration_id)
    keys = db.session.scalars(select(Slot.id).where(Slot.title.in_(titles))).all()
    service.choose_slots(registration, keys)


def slot(title: str) -> Slot:
    return db.session.scalars(select(Slot).where(Slot.title == title)).one()


def change(which: str, reason: str = "", shift_later: bool = False, **values: Any) -> None:
    with transaction():
        agenda.update_slot(slot(which), values, [], shift_later, reason)


def change_start(title: str, minutes: int, **more: Any) -> None:
    row = slot(title)
    times = {
        name: (datetime.combine(date.min, at) + timedelta(minutes=minutes)).time()
        for name, at in (("start_time", row.start_time), ("end_time", row.end_time))
        if at is not None
    }
    change(title, **times, **more)


def told() -> list[OutboxMessage]:
    db.session.rollback()
    found = select(OutboxMessage).where(OutboxMessage.kind == "sessions_changed")
    return list(db.session.scalars(found.order_by(OutboxMessage.id)))


def test_exactly_those_who_hold_the_session_are_told(app: Flask, clock: FrozenClock, edition_id: int) -> None:
    with app.app_context():
        change_start("Talk 0", 5)
        change_start("Talk 2", 5)
        clock.advance(GATHERED)
        assert tell_changes() == 1
        [message] = told()
        assert message.to_address == "person1@lab.example"
        assert [one["is"]["title"] for one in message.facts["changes"]] == ["Talk 0"]
        assert tell_changes() == 0


def test_changes_of_some_minutes_become_one_mail(app: Flask, clock: FrozenClock, edition_id: int) -> None:
    with app.app_context():
        change_start("Talk 0", 5, reason="The train is late.")
        clock.advance(timedelta(minutes=2))
        assert tell_changes() == 0
        change("Talk 1", title="A better title")
        change("Talk 0", title="Another talk", reason="It is better.")
        clock.advance(timedelta(minutes=3))
        assert tell_changes() == 1
        [message] = told()
        first, second = message.facts["changes"]
        assert (first["was"]["title"], first["is"]["title"]) == ("Talk 0", "Another talk")
        assert first["was"]["start_time"] != first["is"]["start_time"]
        assert first["why"] == "The train is late. It is better."
        assert second["is"]["title"] == "A better title"


def test_what_is_changed_back_in_time_is_told_to_nobody(
    app: Flask, clock: FrozenClock, edition_id: int
) -> None:
    with app.app_context():
        change("Talk 0", cancelled=True)
        change("Talk 0", cancelled=False)
        clock.advance(GATHERED)
        assert tell_changes() == 0
        assert told() == []
        assert db.session.scalars(select(PendingChange)).all() == []


def test_slots_that_move_along_are_told_too(app: Flask, clock: FrozenClock, edition_id: int) -> None:
    with app.app_context():
        change_start("Talk 0", 5, shift_later=True)
        clock.advance(GATHERED)
        tell_changes()
        [message] = told()
        assert [one["is"]["title"] for one in message.facts["changes"]] == ["Talk 0", "Talk 1"]


@pytest.mark.parametrize("values", [{"abstract": "More words"}, {"level": "for beginners"}])
def test_what_nobody_has_to_plan_for_is_not_told(
    app: Flask, clock: FrozenClock, edition_id: int, values: dict[str, Any]
) -> None:
    with app.app_context():
        change("Talk 0", **values)
        clock.advance(GATHERED)
        assert tell_changes() == 0


@pytest.mark.parametrize("state", [EditionState.DRAFT, EditionState.CANCELLED])
def test_while_the_edition_is_not_public_nothing_is_noted(
    app: Flask, edition_id: int, state: EditionState
) -> None:
    with app.app_context():
        with transaction():
            db.session.get_one(Edition, edition_id).state = state
        change_start("Talk 0", 5)
        assert db.session.scalars(select(PendingChange)).all() == []


def test_a_cancelled_edition_needs_no_mail_about_its_sessions(
    app: Flask, clock: FrozenClock, edition_id: int
) -> None:
    with app.app_context():
        change_start("Talk 0", 5)
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            editions.cancel(edition, "Storm")
        clock.advance(GATHERED)
        assert tell_changes() == 0


def test_the_mail_says_what_is_new_in_words_and_brings_all_sessions_as_a_file(
    app: Flask, clock: FrozenClock, edition_id: int, post_office: PostOffice
) -> None:
    arrived(app, post_office)
    with app.app_context():
        change("Talk 1", cancelled=True, reason="Nobody is there to hold it.")
        change_start("Talk 0", 5)
        clock.advance(GATHERED)
        tell_changes()
    mail = arrived(app, post_office)[-1]
    words = text_of(mail)
    assert "Findet nicht statt." in words
    assert "Nobody is there to hold it." in words
    assert "bisher" in words
    assert mail["Subject"].startswith("Neues in 2 gewählten Programmpunkten")
    [attached] = [part for part in mail.walk() if part.get_content_type() == "application/ics"]
    assert not [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(attached.get_payload(decode=True))
    assert "METHOD" not in calendar
    events = {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}
    assert events.keys() == {"Talk 0", "Talk 1"}
    assert events["Talk 1"]["STATUS"] == "CANCELLED"
    assert events["Talk 0"]["SEQUENCE"] == 1
    assert all("ORGANIZER" not in event and "ATTENDEE" not in event for event in events.values())


def test_a_session_that_people_have_chosen_is_deleted_only_after_they_were_told(
    app: Flask, edition_id: int, clock: FrozenClock, post_office: PostOffice
) -> None:
    with app.app_context():
        with pytest.raises(RuleBroken, match=r"1 [Pp]erson ha"), transaction():
            agenda.delete_slot(slot("Talk 0"))
        change("Talk 0", cancelled=True)
        with pytest.raises(RuleBroken), transaction():
            agenda.delete_slot(slot("Talk 0"))
        clock.advance(GATHERED)
        tell_changes()
        with transaction():
            agenda.delete_slot(slot("Talk 0"))
            agenda.delete_slot(slot("Talk 2"))  # nobody's
        assert db.session.scalars(select(Slot.title)).all() == ["Talk 1"]
    assert "- Findet nicht statt." in text_of(arrived(app, post_office)[-1])
