"""Organisers see what came in and what it did, in words; the command and the doctor of those who run it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from eventhub.database import transaction
from eventhub.desk import received as page
from eventhub.doctor import examine
from eventhub.extensions import db
from eventhub.mail.models import UnreachableAddress
from eventhub.privacy import service as privacy
from eventhub.registration.download import personal_data
from eventhub.registration.models import Registration
from eventhub.replies import service
from eventhub.replies.cli import mail_commands
from eventhub.replies.models import Answer, Outcome, ReceivedMail, Reply
from eventhub.replies.reading import MailKind
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of
from tests.registration.samples import signed_up
from tests.replies.answering import Post, bounce_to, letter_to, organizer_of, reply_to

KIM = "person1@lab.example"
EDITION = "/manage/labcamp/5/"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def desk(app: Flask, post: Post) -> Desk:
    return desk_of(app)


@pytest.fixture
def answered(desk: Desk, post: Post) -> int:
    """Let Kim answer, wish another time and write; return the key of the registration."""
    edition_id = desk.publish()
    with desk.app.app_context():
        key = signed_up(edition_id, 1).registration.id
        signed_up(edition_id, 2)
        post.answer(KIM, "TENTATIVE", comment="Vielleicht <später>")
        post.answer(KIM, "TENTATIVE", method="COUNTER", starts="20260401T160000Z")
        to = organizer_of(post.invitation(KIM))
        post.receive(letter_to(to, KIM, "Darf mein Hund mit?"))
        broken = reply_to(post.invitation(KIM, "REQUEST"), "DECLINED", 9).replace(b"ATTENDEE", b"NOBODY")
        post.receive(broken)
    return key


def test_the_page_says_what_came_in_and_what_it_did(desk: Desk, answered: int) -> None:
    german = desk.client.get(f"{EDITION}mails/received/").text
    kinds = ("Antwort eines Kalenders: Vielleicht", "Unlesbar")
    for words in (*kinds, "Vermerkt.", "Wünscht", "Darf mein Hund mit?"):
        assert words in german
    assert "&lt;später&gt;" in german
    english = desk.client.get(f"{EDITION}mails/received/", headers=ENGLISH).text
    assert "Answer of a calendar: Perhaps" in english
    assert "Wish for another time" in english
    assert 'href="/manage/labcamp/5/mails/received/"' in desk.client.get(f"{EDITION}mails/").text


def test_the_list_shows_filters_and_hands_out_what_calendars_say(desk: Desk, answered: int) -> None:
    everybody = desk.client.get(f"{EDITION}registrations/").text
    assert "Kalender sagt" in everybody
    some = desk.client.get(f"{EDITION}registrations/?reply=tentative").text
    assert "Person 1" in some
    assert "Person 2" not in some
    assert "Person 1" not in desk.client.get(f"{EDITION}registrations/?reply=declined").text
    table = desk.client.get(f"{EDITION}registrations.csv?reply=tentative").text
    assert "Vielleicht" in table
    assert "Person 2" not in table
    one = desk.client.get(f"{EDITION}registrations/{answered}/").text
    assert "Vielleicht &lt;später&gt;" in one
    assert "Darf mein Hund mit?" in one


def test_without_answers_the_list_has_no_such_column(desk: Desk) -> None:
    edition_id = desk.publish()
    with desk.app.app_context():
        signed_up(edition_id, 1)
    assert "Kalender sagt" not in desk.client.get(f"{EDITION}registrations/").text
    assert "Noch nichts" in desk.client.get(f"{EDITION}mails/received/").text


def test_an_address_that_takes_no_mail_is_shown_with_a_way_out(desk: Desk, answered: int, post: Post) -> None:
    with desk.app.app_context():
        post.receive(bounce_to(organizer_of(post.invitation(KIM)), KIM))
    one = f"{EDITION}registrations/{answered}/"
    assert "Diese Adresse nimmt keine Mails an" in desk.client.get(one).text
    assert "nimmt keine Mails an" in desk.client.get(f"{EDITION}registrations/").text
    assert desk.client.post(f"{one}reachable").status_code == 303
    assert "Diese Adresse nimmt keine Mails an" not in desk.client.get(one).text
    assert desk.client.post(f"{EDITION}registrations/999/reachable").status_code == 404


def test_every_kind_and_outcome_has_words() -> None:
    assert set(page.KINDS) == set(MailKind)
    assert set(page.OUTCOMES) == set(Outcome)
    assert set(page.ANSWERS) == set(Answer)


def test_a_series_says_whether_declining_frees_at_once(desk: Desk) -> None:
    form = desk.form_of("/manage/labcamp/edit")
    assert "frees_declined" not in form, "usually a mail asks first"
    assert desk.client.post("/manage/labcamp/edit", data=form | {"frees_declined": "y"}).status_code == 303
    assert desk.form_of("/manage/labcamp/edit")["frees_declined"]


def test_what_came_in_is_taken_along_and_forgotten(desk: Desk, answered: int, post: Post) -> None:
    with desk.app.app_context():
        post.receive(bounce_to(organizer_of(post.invitation(KIM)), KIM))
        data = personal_data(db.session.get_one(Registration, answered))
        assert data["calendar_reply"]["answer"] == "tentative"
        assert [one["kind"] for one in data["received_mails"]][:2] == ["reply", "counter"]
        with transaction():
            privacy.erase_own(db.session.get_one(Registration, answered))
        assert set(db.session.scalars(select(ReceivedMail.sender))) == {""}
        assert set(db.session.scalars(select(ReceivedMail.words))) == {""}
        assert set(db.session.scalars(select(Reply.comment))) == {""}
        assert db.session.scalar(select(func.count()).select_from(UnreachableAddress)) == 0
        assert db.session.scalar(select(func.count()).select_from(ReceivedMail)) == 5, (
            "that it came still counts"
        )


# those who run it --------------------------------------------------------------------------------------


def test_the_command_stores_a_mail_once(app: Flask) -> None:
    run = app.test_cli_runner()
    content = letter_to("replies@lab.example", KIM, "Hallo")
    for _turn in range(2):
        assert run.invoke(mail_commands, ["receive"], input=content).exit_code == 0
    too_large = content.replace(b"Message-ID: <", b"Message-ID: <2") + b"x" * 1_100_000
    assert run.invoke(mail_commands, ["receive", "--recipient", "a@b"], input=too_large).exit_code == 0
    assert run.invoke(mail_commands, ["receive"], input=b"").exit_code == 2
    with app.app_context():
        assert db.session.scalars(select(ReceivedMail.too_large).order_by(ReceivedMail.id)).all() == [
            False,
            True,
        ]


def test_the_command_asks_the_mail_server_to_try_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    run = app.test_cli_runner()
    with monkeypatch.context() as away:
        away.setattr("eventhub.replies.service.receive", _no_database)
        result = run.invoke(mail_commands, ["receive"], input=b"Subject: x\n\nx")
    assert result.exit_code == os.EX_TEMPFAIL
    assert "try again" in result.stderr


def _no_database(*_args: object) -> bool:
    raise OperationalError("select", {}, Exception("gone"))


def test_the_doctor_looks_into_the_mailbox(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, imap_server="127.0.0.1", imap_port=1, reply_address=None)
    with app.app_context(), speaking("en"):
        found = {finding.words: finding.well for finding in examine()}
    assert any(words.startswith("mailbox INBOX on 127.0.0.1:1") and not well for words, well in found.items())
    assert any("EVENTHUB_REPLY_ADDRESS is not set" in words for words in found)


def test_the_doctor_notices_mails_that_nobody_works_off(app: Flask, clock: FrozenClock) -> None:
    with app.app_context(), speaking("en"):
        with transaction():
            service.receive(letter_to("replies@lab.example", KIM, "Hallo"))
        assert all("came in" not in finding.words for finding in examine())
        clock.advance(timedelta(minutes=11))
        found = {finding.words: finding.well for finding in examine()}
    assert found["1 mail that came in waits longer than 10 minutes"] is False
