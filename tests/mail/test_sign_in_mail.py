"""The mail with a sign-in link goes to accounts only, whatever address was typed."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask

from eventhub.accounts.service import create_user, request_link
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail import delivery
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.mail.samples import html_of, mails_sent, text_of


def asked(*emails: str, language: str = "de") -> None:
    with speaking(language), transaction():
        for email in emails:
            request_link(email, "a browser", "/manage/")


def test_the_link_arrives(app: Flask) -> None:
    with app.app_context():
        with transaction():
            create_user("nadine@lab.example", "Nadine")
        asked("Nadine@lab.example")
        [(row, mail)] = mails_sent()
        assert row.to_address == "nadine@lab.example"
        assert mail["From"] == "Example Lab <events@lab.example>"
        assert mail["Subject"] == "Anmelden bei localhost"
        [link] = set(re.findall(r"http://localhost/manage/sign-in/[\w-]{43}", text_of(mail)))
        assert link in html_of(mail)
        assert "15 Minuten" in text_of(mail)


def test_it_speaks_english_too(app: Flask) -> None:
    with app.app_context():
        with transaction():
            create_user("nadine@lab.example")
        asked("nadine@lab.example", language="en")
        [(_row, mail)] = mails_sent()
        assert mail["Subject"] == "Sign in to localhost"
        assert "Open this link in the browser in which you asked for it." in text_of(mail)


def test_unknown_addresses_and_old_links_get_nothing(app: Flask, clock: FrozenClock) -> None:
    with app.app_context():
        with transaction():
            create_user("nadine@lab.example")
        asked("nobody@lab.example", "nadine@lab.example")
        clock.advance(timedelta(minutes=16))
        assert delivery.deliver() == 2
        states = db.session.scalars(db.select(OutboxMessage.state)).all()
        assert states == [MessageState.DROPPED, MessageState.DROPPED]
