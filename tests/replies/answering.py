"""People whose calendars answer: what a mail program makes of an invitation, and what mail servers return."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import undefer

from eventhub import clock
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail import delivery
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration
from eventhub.replies import queries, service
from eventhub.replies.jobs import work_off_received
from eventhub.replies.models import Answer, Outcome, ReceivedMail

DAEMON = "MAILER-DAEMON@mx.example"


@dataclass
class Post:
    """Carries mails between the application and people; needs an application context for each step."""

    app: Flask
    number: int = field(default=0)

    def invitation(self, address: str, kind: str | None = None) -> EmailMessage:
        """Return the latest mail with a calendar message that somebody got."""
        delivery.deliver()
        db.session.rollback()
        found = (
            select(OutboxMessage).where(OutboxMessage.to_address == address).order_by(OutboxMessage.id.desc())
        )
        rows = db.session.scalars(found.options(undefer(OutboxMessage.content))).all()
        parsed = (message_from_bytes(row.content, policy=policy.default) for row in rows if row.content)
        return next(mail for mail in parsed if calendar_of(mail) and kind in (None, method_of(mail)))

    def receive(self, content: bytes, recipient: str = "") -> Outcome | None:
        """Take a mail in, work it off, and say what became of it."""
        with transaction():
            service.receive(content, recipient)
        work_off_received()
        return self.last().outcome

    def last(self) -> ReceivedMail:
        db.session.rollback()
        return db.session.scalars(select(ReceivedMail).order_by(ReceivedMail.id.desc()).limit(1)).one()

    def answer(self, address: str, answer: str, **changes: str) -> Outcome | None:
        """Let somebody answer the latest invitation that they got."""
        self.number += 1
        return self.receive(reply_to(self.invitation(address, "REQUEST"), answer, self.number, **changes))

    def shown(self, address: str) -> Answer | None:
        """Return what the organiser sees of somebody's calendar."""
        db.session.rollback()
        found = db.session.scalars(select(Registration).filter_by(email=address)).one()
        reply = queries.replies_of([found.id]).get(found.id)
        return reply.answer if reply else None

    def told(self, address: str) -> list[str]:
        """Return the kinds of mails that somebody was written."""
        db.session.rollback()
        rows = select(OutboxMessage.kind).where(OutboxMessage.to_address == address)
        return list(db.session.scalars(rows.order_by(OutboxMessage.id)))


def calendar_of(mail: EmailMessage) -> str:
    """Return the calendar message of a mail, its lines unfolded."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            return re.sub(r"\r?\n ", "", part.get_content())
    return ""


def method_of(mail: EmailMessage) -> str:
    return "".join(re.findall(r"^METHOD:(\w+)", calendar_of(mail), re.MULTILINE))


def line_of(mail: EmailMessage, name: str) -> str:
    """Return the value of a property of the meeting in a mail."""
    event = calendar_of(mail).partition("BEGIN:VEVENT")[2]
    return re.findall(rf"^{name}[;:](.*?)\r?$", event, re.MULTILINE)[0]


def organizer_of(mail: EmailMessage) -> str:
    return line_of(mail, "ORGANIZER").rpartition("mailto:")[2]


def reply_to(
    invitation: EmailMessage,
    answer: str,
    number: int = 1,
    *,
    sender: str = "",
    to: str = "",
    method: str = "REPLY",
    attendee: str = "",
    sequence: str = "",
    stamp: str = "",
    comment: str = "",
    starts: str = "",
    results: str = "",
    sent_at: datetime | None = None,
) -> bytes:
    """Answer an invitation as Thunderbird does: the meeting back, with one ATTENDEE and a new DTSTAMP."""
    at = sent_at or clock.now()
    me = attendee or line_of(invitation, "ATTENDEE").rpartition("mailto:")[2]
    kept = {
        "DTSTAMP": stamp or f"{at:%Y%m%dT%H%M%SZ}",
        "UID": line_of(invitation, "UID"),
        "SEQUENCE": sequence or line_of(invitation, "SEQUENCE"),
        "SUMMARY": line_of(invitation, "SUMMARY"),
        "ORGANIZER": f"mailto:{organizer_of(invitation)}",
    }
    event = [f"{name}:{value}" for name, value in kept.items()]
    event.append(f"ATTENDEE;PARTSTAT={answer};RSVP=TRUE:mailto:{me}" if answer else f"ATTENDEE:mailto:{me}")
    event += [f"COMMENT:{comment}"] if comment else []
    event += [f"DTSTART:{starts}"] if starts else []
    head, foot = (
        ["BEGIN:VCALENDAR", "PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", "VERSION:2.0"],
        [],
    )
    lines = [*head, f"METHOD:{method}", "BEGIN:VEVENT", *event, "END:VEVENT", "END:VCALENDAR", *foot, ""]
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = sender or str(invitation["To"])
    mail["To"] = to or organizer_of(invitation)
    mail["Subject"] = f"Invitation reply: {answer.title()}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{number}.{answer}.{method}@people.example>"
    if results:
        mail["Authentication-Results"] = results
    mail.set_content(f"I have answered {answer}.")
    mail.add_alternative(
        "\r\n".join(lines).encode(), "text", "calendar", params={"method": method}, cte="8bit"
    )
    mail.make_mixed()
    mail.add_attachment("\r\n".join(lines).encode(), "application", "ics", filename="invite.ics")
    return mail.as_bytes()


def bounce_to(return_path: str, address: str, status: str = "5.1.1", original_id: str = "x@y") -> bytes:
    """Return a mail as Postfix does that it can't deliver."""
    return "\r\n".join(
        [
            "Return-Path: <>",
            f"From: {DAEMON} (Mail Delivery System)",
            f"To: {return_path}",
            "Subject: Undelivered Mail Returned to Sender",
            f"Message-ID: <{status}.{address}.{original_id}>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            f"<{address}>: host mx.example said: 550 {status} User unknown",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.example",
            "",
            f"Final-Recipient: rfc822; {address}",
            "Action: failed",
            f"Status: {status}",
            f"Diagnostic-Code: smtp; 550 {status} <{address}>: User unknown",
            "",
            "--b",
            "Content-Type: message/rfc822",
            "",
            f"Message-ID: <{original_id}>",
            "Subject: Hello",
            "",
            "--b--",
            "",
        ]
    ).encode()


def letter_to(address: str, sender: str, words: str, **headers: str) -> bytes:
    """Return a mail that somebody wrote by hand."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, address, "A question"
    mail["Message-ID"] = f"<{abs(hash((words, address, sender)))}@people.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail.as_bytes()
