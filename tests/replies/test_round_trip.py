"""With real mail servers: out through Postfix into a Dovecot mailbox, an answer back, and it shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy import select

from config import Settings
from eventhub.doctor import examine
from eventhub.extensions import db
from eventhub.mail import delivery
from eventhub.registration.models import Registration, RegistrationState
from eventhub.replies import mailbox
from eventhub.replies.jobs import fetch_received, work_off_received
from eventhub.replies.models import Outcome, ReceivedMail
from eventhub.replies.round_trip import prove
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.registration.samples import signed_up
from tests.replies.answering import letter_to, organizer_of, reply_to
from tests.replies.mail_servers import GONE, PASSWORD, MailServers, mail_servers

KIM = "kim@people.example"

pytestmark = [pytest.mark.slow, pytest.mark.mail_servers]


@pytest.fixture(scope="module")
def servers() -> Iterator[MailServers]:
    with mail_servers() as running:
        yield running


@pytest.fixture(autouse=True)
def before_the_meeting(clock: FrozenClock) -> None:
    """Stand still before the editions of the tests."""


@pytest.fixture
def settings(settings: Settings, servers: MailServers) -> Settings:
    return replace(
        settings,
        mail_server="127.0.0.1",
        mail_port=servers.smtp,
        imap_server="127.0.0.1",
        imap_port=servers.imap,
        imap_security="none",
        imap_username="replies",
        imap_password=PASSWORD,
    )


def fetched(servers: MailServers, number: int = 1) -> list[Outcome | None]:
    """Wait for mails in our mailbox, take them over and work them off; say what became of them."""
    servers.wait_for_mail("replies", number)
    assert fetch_received(lambda: False) == number
    assert fetch_received(lambda: False) == 0, "what was taken over is gone there"
    assert work_off_received() == number
    db.session.rollback()
    rows = db.session.scalars(select(ReceivedMail.outcome).order_by(ReceivedMail.id.desc()).limit(number))
    return list(rows)


def test_an_answer_goes_all_the_way_and_shows(app: Flask, servers: MailServers) -> None:
    desk = desk_of(app)
    edition_id = desk.publish()
    with app.app_context():
        signed_up(edition_id, email=KIM, name="Kim")
        delivery.deliver()
        [arrived] = servers.wait_for_mail("kim", 1)
        invitation = message_from_bytes(arrived, policy=policy.default)
        assert invitation["Return-Path"] == f"<{organizer_of(invitation)}>"
        answer = reply_to(invitation, "TENTATIVE", comment="Wenn der Zug fährt")
        servers.send(KIM, organizer_of(invitation), answer)
        assert fetched(servers) == [Outcome.NOTED]
    page = desk.client.get("/manage/labcamp/5/mails/received/").text
    assert "Antwort eines Kalenders: Vielleicht" in page
    assert "Wenn der Zug fährt" in page
    assert "Vielleicht" in desk.client.get("/manage/labcamp/5/registrations/").text


def test_a_mail_that_postfix_returns_stops_further_mails(app: Flask, servers: MailServers) -> None:
    desk = desk_of(app)
    edition_id = desk.publish()
    with app.app_context():
        signed_up(edition_id, email=GONE, name="Gone")
        delivery.deliver()
        assert fetched(servers) == [Outcome.UNREACHABLE]
        known = db.session.scalars(select(Registration).filter_by(email=GONE)).one()
        assert known.state is RegistrationState.CONFIRMED
        address = f"/manage/labcamp/5/registrations/{known.id}/"
    assert "Diese Adresse nimmt keine Mails an" in desk.client.get(address).text


def test_letters_without_a_token_stay_in_the_mailbox(app: Flask, servers: MailServers) -> None:
    with app.app_context():
        servers.send(KIM, "replies@lab.example", letter_to("replies@lab.example", KIM, "Wer liest das?"))
        left = servers.wait_for_mail("replies", 1)
        assert fetch_received(lambda: False) == 0
        assert servers.mails_of("replies") == left


def test_the_doctor_signs_in(app: Flask, servers: MailServers) -> None:
    with app.app_context():
        with speaking("en"):
            assert ("mailbox INBOX on", True) in {(one.words[:16], one.well) for one in examine()}
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], imap_password="wrong")
        with pytest.raises(mailbox.Unreachable):
            mailbox.check()
        assert fetch_received(lambda: False) == 0, "the job goes on another time"


def test_a_mail_goes_all_the_way_round_and_leaves_nothing(app: Flask, servers: MailServers) -> None:
    with app.app_context(), speaking("en"):
        before = servers.mails_of("replies")
        steps = list(prove(patience=20))
        assert [well for well, _words in steps] == [True, True], steps
        assert steps[1][1].startswith("coming back: it was in the mailbox")
        assert servers.mails_of("replies") == before
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], imap_password="wrong")
        sent, came_back = prove(patience=1)
        assert sent[0]
        assert not came_back[0]
        assert "the mailbox can’t be read" in came_back[1]
