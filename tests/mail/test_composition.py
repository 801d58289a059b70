"""Mails joined by hand are what the standard library reads in them."""

from __future__ import annotations

import email
import email.policy
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from flask import Flask
from flask_mail import Mail
from hypothesis import assume, example, given
from hypothesis import strategies as st

from eventhub.mail.composition import Letter, Mailbox, Subscribed, compose

SENDER = Mailbox("Straßenbahnfreunde", "events@events.example.org")
RECIPIENT = Mailbox("Müller, Änne", "anna.mueller@example.net")
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
    + "SUMMARY:Fahren üben 👩\u200d🔧\r\n".encode()
    + b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)
LETTER = Letter(
    sender=SENDER,
    recipient=RECIPIENT,
    subject="Bestätigt: Fahren üben am Donnerstag, 25. März 2027, 18:00 Uhr im Betriebshof",
    message_id="reg-4fTq@events.example.org",
    date=datetime(2027, 2, 1, 9, 30, tzinfo=UTC),
    text="Hallo Änne,\n\nbis Donnerstag!\n",
    html="<p>Hallo Änne,</p>\n<p>bis Donnerstag!</p>\n",
)
INVITATION = replace(LETTER, calendar=CALENDAR, method="REQUEST")

# What remains of a name or subject: one line, no control characters, single spaces.
one_line = st.text().map(lambda value: " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", "", value).split()))


def parsed(content: bytes, policy: email.policy.Policy[Any] = email.policy.SMTP) -> EmailMessage:
    check_form(content)
    message = cast(EmailMessage, email.message_from_bytes(content, policy=policy))
    assert not [part.defects for part in message.walk() if part.defects]
    for part in message.walk():
        assert not [value.defects for value in part.values() if value.defects]
    return message


def check_form(content: bytes) -> None:
    assert content.isascii()
    assert content.endswith(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 998
    head = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(len(line) <= 76 for line in head if b"=?" in line)
    words = re.findall(rb"=\?[^?]+\?q\?[^?]*\?=", content)
    assert all(len(word) <= 75 for word in words)
    assert all(line.strip() for line in head)


def shape(message: EmailMessage) -> Any:
    if message.is_multipart():
        return message.get_content_type(), [shape(cast(EmailMessage, part)) for part in message.iter_parts()]
    return message.get_content_type()


def leaves(message: EmailMessage) -> list[EmailMessage]:
    return [cast(EmailMessage, part) for part in message.walk() if not part.is_multipart()]


def text_of(part: EmailMessage) -> str:
    return cast(bytes, part.get_payload(decode=True)).decode().replace("\r\n", "\n")


def decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


def test_an_invitation_has_the_form_that_calendars_want() -> None:
    message = parsed(compose(INVITATION))
    assert shape(message) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"],
    )
    plain, html, calendar, attached = leaves(message)
    assert (text_of(plain), text_of(html)) == (INVITATION.text, INVITATION.html)
    assert calendar.get_payload(decode=True) == attached.get_payload(decode=True) == CALENDAR
    assert b"\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n" in compose(INVITATION)
    assert calendar["Content-Transfer-Encoding"] == attached["Content-Transfer-Encoding"] == "base64"
    assert calendar["Content-Disposition"] is None
    assert attached["Content-Type"] == 'application/ics; name="invite.ics"'
    assert attached["Content-Disposition"] == 'attachment; filename="invite.ics"'


def test_headers_stand_once_each() -> None:
    letter = replace(
        INVITATION,
        reply_to=Mailbox("", "reply@events.example.org"),
        in_reply_to="first@events.example.org",
        references=("first@events.example.org", "second@events.example.org"),
        subscribed=Subscribed("Lab", "lab.example.org", "https://events.example.org/off/x"),
        headers=(("X-Note", "Grüße"),),
    )
    message = parsed(compose(letter))
    assert message.keys() == [
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "MIME-Version",
        "Auto-Submitted",
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "X-Note",
        "Content-Type",
    ]
    assert message["Subject"] == letter.subject
    assert message["Date"].datetime == letter.date
    assert message["Message-ID"] == "<reg-4fTq@events.example.org>"
    assert message["In-Reply-To"] == "<first@events.example.org>"
    assert message["References"].split() == ["<first@events.example.org>", "<second@events.example.org>"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://events.example.org/off/x>"
    assert message["X-Note"] == "Grüße"
    assert message["Reply-To"].addresses[0].addr_spec == "reply@events.example.org"


def test_a_letter_without_calendar() -> None:
    message = parsed(compose(LETTER))
    assert shape(message) == ("multipart/alternative", ["text/plain", "text/html"])
    assert [text_of(part) for part in leaves(message)] == [LETTER.text, LETTER.html]


def test_a_letter_of_text_alone() -> None:
    message = parsed(compose(replace(LETTER, html="")))
    assert shape(message) == "text/plain"
    assert text_of(message) == LETTER.text


def test_a_calendar_without_method_is_only_attached() -> None:
    message = parsed(compose(replace(LETTER, calendar=CALENDAR)))
    assert shape(message) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html"]), "application/ics"],
    )
    assert leaves(message)[-1].get_filename() == "calendar.ics"


def test_an_invitation_without_html() -> None:
    alternative, attached = shape(parsed(compose(replace(INVITATION, html=""))))[1]
    assert (alternative, attached) == (
        ("multipart/alternative", ["text/plain", "text/calendar"]),
        "application/ics",
    )


def test_the_method_must_be_that_of_the_calendar() -> None:
    with pytest.raises(ValueError, match="CANCEL"):
        compose(replace(INVITATION, method="CANCEL"))


def test_equal_letters_are_equal_bytes() -> None:
    assert compose(INVITATION) == compose(replace(INVITATION))


@given(one_line, one_line)
@example("Müller, Änne", "=?utf-8?q?no?=")
@example('Weiß; Jörg "Joe" O\'Neil, Dr.', "?= =?utf-8?b?YQ==?=")
@example('"\\', "a" * 3000)
@example("x " * 500, "word " * 500)
@example("\\", "ß" * 2000)
@example("👩\u200d👩\u200d👧" * 30, "👩\u200d👩\u200d👧" * 30)
def test_names_and_subjects_come_back(name: str, subject: str) -> None:
    letter = replace(LETTER, recipient=replace(RECIPIENT, name=name), subject=subject)
    message = parsed(compose(letter))
    assert message["To"].addresses[0].addr_spec == RECIPIENT.address
    assert message["Subject"] == subject.strip()
    # The newer reader of addresses leaves a space between encoded words, against RFC 2047.
    old = email.message_from_bytes(compose(letter), policy=email.policy.compat32)
    display, address = parseaddr(old["To"])
    assert (decoded(display), address) == (name.strip(), RECIPIENT.address)


@given(st.text(), st.text())
@example("a\r\nBcc: x@example.org", "b\nBcc: x@example.org\n\nbody")
@example("\x00\x1b[31m\u2028\x85", "\r\r\n\n")
def test_nothing_in_a_name_or_subject_makes_a_header(name: str, subject: str) -> None:
    letter = replace(LETTER, sender=replace(SENDER, name=name), subject=subject)
    message = parsed(compose(letter))
    assert message.keys() == parsed(compose(LETTER)).keys()
    assert [address.addr_spec for address in message["From"].addresses] == [SENDER.address]
    assert len(leaves(message)) == 2


def test_a_lone_surrogate_does_not_stop_a_mail() -> None:
    letter = replace(
        LETTER, subject="a\ud800b", text="c\ud800d", recipient=replace(RECIPIENT, name="e\ud800f")
    )
    message = parsed(compose(letter))
    assert (message["Subject"], text_of(leaves(message)[0])) == ("a?b", "c?d\n")


@given(st.text(), st.text(), st.binary())
@example(".\n..\nFrom me\n", "trailing \t \n =_\n--=_\n", b"")
@example("x" * 5000, "ß" * 5000, b"\x00\r\n\n" * 100)
def test_every_part_comes_back(text: str, html: str, attached: bytes) -> None:
    assume(html)
    message = parsed(compose(replace(LETTER, text=text, html=html, calendar=attached)))
    plain, rich, calendar = leaves(message)
    assert text_of(plain).removesuffix("\n") == tidy(text).removesuffix("\n")
    assert text_of(rich) == tidy(html)
    assert calendar.get_payload(decode=True) == attached


def tidy(value: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", value.replace("\r\n", "\n").replace("\r", "\n"))


@pytest.mark.parametrize("policy", [email.policy.default, email.policy.SMTP, email.policy.SMTPUTF8])
def test_every_policy_reads_the_same(policy: email.policy.Policy[Any]) -> None:
    message = parsed(compose(INVITATION), policy)
    assert message["To"].addresses[0].display_name == "Müller, Änne"
    assert [part.get_payload(decode=True) for part in leaves(message)][2:] == [CALENDAR, CALENDAR]


def test_old_readers_understand_the_headers_too() -> None:
    old = email.message_from_bytes(compose(LETTER), policy=email.policy.compat32)
    assert decoded(old["Subject"]) == LETTER.subject


def test_plain_names_and_subjects_stay_readable() -> None:
    content = compose(replace(LETTER, recipient=replace(RECIPIENT, name="O'Neil, Joe"), subject="Confirmed"))
    assert b'\r\nTo: "O\'Neil, Joe" <anna.mueller@example.net>\r\nSubject: Confirmed\r\n' in content
    assert b"\r\n\r\nHallo =C3=84nne,\r\n" in content


def test_a_domain_may_have_umlauts() -> None:
    content = compose(replace(LETTER, recipient=Mailbox("", "a@straßenbähn.example")))
    assert b"\r\nTo: a@xn--straenbhn-j1a2d.example\r\n" in content


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@",
        "@b.example",
        "a b@c.example",
        "a@b.example\r\nBcc: c@d.example",
        "ä@b.example",
        "a@b@c.example",
    ],
)
def test_impossible_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"mail|address"):
        compose(replace(LETTER, recipient=Mailbox("A", address)))


@pytest.mark.parametrize("identifier", ["", "<a@b>", "a b@c", "a@b\r\nX: y", "a"])
def test_impossible_identifiers_are_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        compose(replace(LETTER, message_id=identifier))


@pytest.mark.parametrize(
    "headers", [(("Subject", "x"),), (("X-A", "1"), ("x-a", "2")), (("X A", "1"),), (("X\r\nB: c", "1"),)]
)
def test_impossible_headers_are_refused(headers: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(ValueError, match="header"):
        compose(replace(LETTER, headers=headers))


def test_mails_of_a_list_say_how_to_leave_it() -> None:
    leave = "https://events.example.org/subscriptions/" + "x" * 43 + "/leave"
    mail = parsed(
        compose(replace(LETTER, subscribed=Subscribed("Fahren, üben", "fahren.example.org", leave)))
    )
    assert mail["List-Id"] == "Fahren, üben <fahren.example.org>"
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Subject"] == LETTER.subject
    plain = parsed(compose(LETTER))
    assert not {"list-id", "list-unsubscribe", "list-unsubscribe-post"} & {name.lower() for name in plain}


def test_one_click_needs_an_address_that_tls_protects() -> None:
    leave = "http://localhost:8000/subscriptions/x/leave"
    mail = parsed(compose(replace(LETTER, subscribed=Subscribed("", "lab.localhost", leave))))
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert mail["List-Id"] == "<lab.localhost>"
    assert "List-Unsubscribe-Post" not in mail


@pytest.mark.parametrize(
    ("identifier", "leave"),
    [
        ("lab", "https://a.example/"),
        ("a b.c", "https://a.example/"),
        ("a.b", "https://a>\r\nB: c"),
        ("a.b", "x:"),
    ],
)
def test_impossible_lists_are_refused(identifier: str, leave: str) -> None:
    with pytest.raises(ValueError, match=r"not (the identifier of a list|an address to unsubscribe)"):
        compose(replace(LETTER, subscribed=Subscribed("Lab", identifier, leave)))


class Sink:
    """Keeps what an SMTP server has received."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    handler = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_the_bytes_survive_the_transport(sink: tuple[Sink, int]) -> None:
    handler, port = sink
    application = Flask(__name__)
    application.config |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port}
    letter = replace(INVITATION, text=".\n..\nFrom here\n" + "ß" * 5000)
    content = compose(letter)
    with application.app_context(), Mail(application).connect() as connection:
        assert connection.host is not None
        connection.host.sendmail("bounces@events.example.org", [RECIPIENT.address], content)
    [envelope] = handler.envelopes
    assert envelope.content == content
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bounces@events.example.org", [RECIPIENT.address])
