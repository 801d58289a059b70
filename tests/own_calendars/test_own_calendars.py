"""One calendar holds all meetings of an address; its link is only mailed, and opens nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from eventhub import clock as eventhub_clock
from eventhub import tokens
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail import delivery
from eventhub.mail.models import OutboxMessage
from eventhub.own_calendars.mails import PURPOSE
from eventhub.own_calendars.models import OwnCalendar
from eventhub.privacy import service as privacy
from eventhub.registration import service
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases

ADA = {"name": "Ada", "email": "Ada@lab.example"}


@pytest.fixture(autouse=True)
def frozen(clock: FrozenClock) -> None:
    """Let time stand still."""


@pytest.fixture
def places(app: Flask) -> list[int]:
    """Register Ada for two meetings of different series."""
    keys = [
        add_edition(app),
        add_edition(app, title="Other meeting", series={"slug": "other", "title": "Other"}),
    ]
    with app.app_context():
        return [signed_up(key, f"ada-{key}", **ADA).registration.id for key in keys]


def manage(app: Flask, registration: int) -> str:
    with app.app_context():
        seed = db.session.get_one(Registration, registration).token_seed
        return f"/my/{tokens.derive('manage', seed)}/"


def ask(app: Flask, client: FlaskClient, registration: int) -> str:
    """Ask for the calendar and return its address, which the mail names."""
    answer = client.post(f"{manage(app, registration)}all-meetings")
    assert answer.status_code == 303
    return address(app)


def address(app: Flask) -> str:
    with app.app_context():
        delivery.deliver()
        token = tokens.derive(PURPOSE, db.session.scalars(select(OwnCalendar)).one().token_seed)
        mail = db.session.scalars(
            select(OutboxMessage).filter_by(kind="own_calendar").order_by(OutboxMessage.id.desc())
        ).first()
        assert mail is not None
        assert token.encode() in (mail.content or b"").replace(b"=\r\n", b"")
    return f"/feeds/{token}/"


def entries(client: FlaskClient, page: str) -> dict[str, Any]:
    answer = client.get(f"{page}calendar.ics")
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.data)
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def test_one_calendar_spans_all_registrations(app: Flask, client: FlaskClient, places: list[int]) -> None:
    page = ask(app, client, places[0])
    found = entries(client, page)
    assert sorted(found) == ["LabCamp #5", "Other meeting"]
    assert "https://meet.example/room" in found["LabCamp #5"].to_ical().decode()
    assert client.get(page).status_code == 200
    with app.app_context():
        uid = db.session.scalars(select(Edition.calendar_uid).where(Edition.title == "Other meeting")).one()
    assert str(found["Other meeting"]["UID"]) == uid


def test_who_sees_it_can_not_manage_a_place(app: Flask, client: FlaskClient, places: list[int]) -> None:
    page = ask(app, client, places[0])
    shown = client.get(f"{page}calendar.ics").text.replace("\r\n ", "") + client.get(page).text
    assert "/my/" not in shown
    assert client.get(page.replace("/feeds/", "/my/")).status_code == 404
    assert client.get(manage(app, places[0]).replace("/my/", "/feeds/")).status_code == 404


def test_a_later_place_arrives_and_a_given_up_one_stays_for_a_while(
    app: Flask, client: FlaskClient, places: list[int], clock: FrozenClock
) -> None:
    page = ask(app, client, places[0])
    with app.app_context():
        delivery.deliver()
        with transaction():
            service.cancel(db.session.get_one(Registration, places[0]), "participant")
    assert str(entries(client, page)["LabCamp #5"]["STATUS"]) == "CANCELLED"
    clock.advance(timedelta(days=91))
    assert sorted(entries(client, page)) == ["Other meeting"]
    key = add_edition(app, title="Third", series={"slug": "third", "title": "Third"})
    with app.app_context():
        signed_up(key, "third", **ADA)
    assert sorted(entries(client, page)) == ["Other meeting", "Third"]


def test_a_called_off_meeting_stays_as_cancelled(app: Flask, client: FlaskClient, places: list[int]) -> None:
    page = ask(app, client, places[0])
    with app.app_context(), transaction():
        edition = db.session.scalars(select(Edition).where(Edition.title == "Other meeting")).one()
        editions.cancel(edition, "No room")
    assert str(entries(client, page)["Other meeting"]["STATUS"]) == "CANCELLED"


def test_a_new_address_makes_the_old_one_void(app: Flask, client: FlaskClient, places: list[int]) -> None:
    old = ask(app, client, places[0])
    answer = client.post(f"{old}renew")
    assert answer.status_code == 200
    new = address(app)
    assert new != old
    assert new not in answer.text
    for path in (old, f"{old}calendar.ics"):
        assert client.get(path).status_code == 404
    for path in ("renew", "end"):
        assert client.post(f"{old}{path}").status_code == 404
    assert len(entries(client, new)) == 2
    assert ask(app, client, places[1]) == new


def test_it_can_be_switched_off(app: Flask, client: FlaskClient, places: list[int]) -> None:
    page = ask(app, client, places[0])
    assert client.post(f"{page}end").status_code == 200
    assert client.get(f"{page}calendar.ics").status_code == 404
    assert ask(app, client, places[0]) != page


def test_a_changed_address_shows_nobody_the_meetings_of_others(
    app: Flask, client: FlaskClient, places: list[int]
) -> None:
    key = add_edition(app, title="Trap", series={"slug": "trap", "title": "Trap"})
    with app.app_context():
        mallory = signed_up(key, "mallory", name="Mallory", email="mallory@lab.example").registration.id
        with transaction():
            details = {"name": "Mallory", "email": ADA["email"], "organisation": "", "note": ""}
            service.change(db.session.get_one(Registration, mallory), details)  # type: ignore[arg-type]
    answer = client.post(f"{manage(app, mallory)}all-meetings", follow_redirects=True)
    assert "/feeds/" not in answer.text
    with app.app_context():
        mails = db.session.scalars(select(OutboxMessage).filter_by(kind="own_calendar")).all()
        assert [mail.to_address for mail in mails] == [ADA["email"]]


def test_nothing_is_kept_of_an_address_that_was_erased(
    app: Flask, client: FlaskClient, places: list[int]
) -> None:
    page = ask(app, client, places[0])
    with app.app_context():
        for left, key in enumerate(places, 1):
            with transaction():
                privacy.erase_own(db.session.get_one(Registration, key))
            assert len(db.session.scalars(select(OwnCalendar)).all()) == (1 if left < len(places) else 0)
            db.session.rollback()
    assert client.get(page).status_code == 404


def test_calendars_are_fetched_cheaply_and_never_kept_by_others(
    app: Flask, client: FlaskClient, places: list[int]
) -> None:
    page = ask(app, client, places[0])
    answer = client.get(f"{page}calendar.ics")
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in answer.text
    same = client.get(f"{page}calendar.ics", headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304
    assert answer.last_modified == same.last_modified == eventhub_clock.now()
    earlier = client.get(
        f"{page}calendar.ics", headers={"If-Modified-Since": answer.headers["Last-Modified"]}
    )
    assert earlier.status_code == 200, "what vanishes has no time, so only the ETag spares the content"
    assert "Disallow: /feeds/" in client.get("/robots.txt").text
