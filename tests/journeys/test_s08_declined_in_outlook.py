"""S8: who declines in Outlook frees the place; the first in line is offered it, the organiser sees why."""

from __future__ import annotations

from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.extensions import db
from eventhub.registration.models import Registration, RegistrationState
from eventhub.replies.models import Outcome
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.registration.samples import signed_up
from tests.replies.answering import Post, line_of, organizer_of

KIM, LEE = "person1@lab.example", "person2@lab.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings, mail_sender="Example Lab <events@lab.example>", reply_address="replies@lab.example"
    )


def declined_in_outlook(invitation: EmailMessage) -> bytes:
    """Answer as Exchange does: no ORGANIZER, a zone of Windows, one calendar part in base64."""
    lines = [
        "BEGIN:VCALENDAR",
        "METHOD:REPLY",
        "PRODID:Microsoft Exchange Server 2010",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        f'ATTENDEE;PARTSTAT=DECLINED;CN="{KIM}":mailto:{KIM}',
        "COMMENT;LANGUAGE=de-DE:\\n",
        f"UID:{line_of(invitation, 'UID')}",
        "SUMMARY;LANGUAGE=de-DE:Abgelehnt: LabCamp #5",
        "DTSTART;TZID=W. Europe Standard Time:20260505T150000",
        "DTEND;TZID=W. Europe Standard Time:20260505T180000",
        "DTSTAMP:20260302T093000Z",
        f"SEQUENCE:{line_of(invitation, 'SEQUENCE')}",
        "X-MICROSOFT-CDO-APPT-SEQUENCE:0",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"] = f"Kim <{KIM}>", organizer_of(invitation)
    mail["Subject"], mail["Message-ID"] = "Abgelehnt: LabCamp #5", "<declined@outlook.example>"
    mail.set_content("")
    params = {"method": "REPLY", "charset": "utf-8"}
    mail.add_alternative("\r\n".join(lines).encode(), "text", "calendar", params=params, cte="base64")
    return mail.as_bytes()


def test_a_place_declined_in_outlook_is_offered_to_the_first_in_line(app: Flask, clock: FrozenClock) -> None:
    desk, post = desk_of(app), Post(app)
    edition_id = desk.publish(capacity=1, offer_hours=24)
    with app.app_context():
        with transaction():
            db.session.scalars(select(Series).filter_by(slug="labcamp")).one().frees_declined = True
        for number in (1, 2, 3):
            signed_up(edition_id, number)
        assert post.receive(declined_in_outlook(post.invitation(KIM))) is Outcome.FREED
        db.session.rollback()
        states = {one.email: one.state for one in db.session.scalars(select(Registration))}
        assert (states[KIM], states[LEE]) == (RegistrationState.CANCELLED, RegistrationState.OFFERED)
        assert states["person3@lab.example"] is RegistrationState.WAITLISTED
        assert post.told(LEE)[-1] == "offered"

    page = desk.client.get(
        "/manage/labcamp/5/registrations/?state=cancelled", headers={"Accept-Language": "en"}
    )
    for words in ("Calendar says", "Does not come"):
        assert words in page.text
    received = desk.client.get("/manage/labcamp/5/mails/received/", headers={"Accept-Language": "en"}).text
    assert "Answer of a calendar" in received
