"""What journeys read in the mails that arrived."""

from __future__ import annotations

import re
from email.message import EmailMessage

import icalendar
from flask import Flask

from eventhub.mail.delivery import deliver
from tests.mail.post_office import PostOffice


def arrived(app: Flask, office: PostOffice) -> list[EmailMessage]:
    """Let the worker send what is due and return all mails so far."""
    with app.app_context():
        deliver()
    return [one.mail for one in office.delivered()]


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage) -> str:
    """Return the path of the personal link."""
    found = re.search(r"http://localhost(/my/[\w-]+/)", text_of(mail))
    assert found
    return found[1]


def invitation(mail: EmailMessage) -> tuple[str, icalendar.Event]:
    """Return method and entry of the calendar message."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    method = str(calendar["METHOD"])
    assert part.get_param("method") == method
    return method, calendar.walk("VEVENT")[0]
