"""Answers of calendars to an edition, stored as the mail server hands them over."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.queries import visible_edition
from eventhub.registration.applicants import Applicant
from eventhub.registration.models import Registration
from eventhub.registration.reply_address import reply_address
from eventhub.registration.service import register
from eventhub.replies import service

STATES = ("ACCEPTED", "TENTATIVE", "DECLINED")
MAIL = """From: {email}
To: {to}
Subject: Invitation reply
Date: Thu, 1 Jan 2026 12:00:00 +0000
Message-ID: <{key}@people.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: multipart/alternative; boundary="a"

--a
Content-Type: text/plain; charset=UTF-8

I have answered the invitation.

--a
Content-Type: text/calendar; method=REPLY; charset=UTF-8
Content-Transfer-Encoding: 8bit

{calendar}
--a--

--m
Content-Type: application/ics; name="invite.ics"
Content-Disposition: attachment; filename="invite.ics"

{calendar}
--m--
"""
CALENDAR = """BEGIN:VCALENDAR
PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN
VERSION:2.0
METHOD:REPLY
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTAMP:{stamp}
UID:{uid}
SEQUENCE:{sequence}
SUMMARY:Offenes Treffen
DESCRIPTION:{words}
DTSTART;TZID=Europe/Berlin:20270101T090000
DTEND;TZID=Europe/Berlin:20270101T170000
ORGANIZER:mailto:{to}
ATTENDEE;RSVP=TRUE;PARTSTAT={state};ROLE=REQ-PARTICIPANT:mailto:{email}
END:VEVENT
END:VCALENDAR
"""


def store(app: Flask, count: int) -> None:
    """Let so many people register and answer, in turn with each of the three answers."""
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], reply_address="replies@lab.example")
    for number in range(count):
        with transaction():
            edition = visible_edition("open", "1")
            assert edition is not None
            person = Applicant(name=f"Answer {number}", email=f"answer{number}@example.org")
            found = register(edition, person, f"answer-{number}").registration
            service.receive(_answer(found, STATES[number % 3], number))


def _answer(registration: Registration, state: str, number: int) -> bytes:
    named = {"email": registration.email, "to": reply_address(registration)}
    calendar = CALENDAR.format(
        **named,
        stamp=f"{clock.now():%Y%m%dT%H%M%SZ}",
        uid=registration.edition.calendar_uid,
        sequence=registration.last_sequence,
        words="Was öffentliche Labore beitragen. " * 20,
        state=state,
    )
    return MAIL.format(**named, key=number, calendar=calendar).replace("\n", "\r\n").encode()
