"""Thunderbird as a participant uses it: invited, accepted, moved, cancelled; what it says comes back to us.

`EVENTHUB_SCREENSHOTS=docs/screenshots` keeps pictures of it there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

import pytest
from flask import Flask

from config import Settings
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.extensions import db
from eventhub.mail import delivery
from eventhub.replies.jobs import fetch_received, work_off_received
from tests.desk.setting import Desk, desk_of
from tests.needs import ROOT
from tests.registration.samples import signed_up
from tests.replies.mail_servers import PASSWORD, MailServers, mail_servers
from tests.replies.thunderbird import Thunderbird, thunderbird

KIM = "kim@people.example"
DAY = date.today() + timedelta(days=20)  # noqa: DTZ011  # Thunderbird has no other clock than the machine
ANSWERING = ["imipAcceptButton", "imipTentativeButton", "imipDeclineButton", "imipMoreButton"]

pytestmark = [pytest.mark.slow, pytest.mark.mail_servers, pytest.mark.thunderbird]


@pytest.fixture
def servers() -> Iterator[MailServers]:
    with mail_servers() as running:
        yield running


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


@dataclass
class Kim:
    """A participant in front of Thunderbird, and the organisers' side."""

    desk: Desk
    edition_id: int
    servers: MailServers
    program: Thunderbird

    @contextmanager
    def change(self) -> Iterator[Any]:
        """Change the edition, and let its mails leave."""
        with transaction():
            yield self.desk.edition(self.edition_id)
        delivery.deliver()
        db.session.rollback()

    def opens(self, number: int, picture: str) -> tuple[str, list[str]]:
        """Open a mail, photograph it, and return what Thunderbird says about it and offers."""
        self.program.open_mail(number)
        if folder := os.environ.get("EVENTHUB_SCREENSHOTS"):
            self.program.photograph(ROOT / folder / f"thunderbird-{picture}.png")
        found = self.program.offers()
        return found["words"], found["buttons"]

    def sees(self, *entries: tuple[str, str]) -> bool:
        """Wait until the calendar has these entries: their start, and how Kim has answered."""
        wanted = [
            [f"{datetime.combine(DAY, clock_time.fromisoformat(at)):%Y%m%dT%H%M%S}", answer]
            for at, answer in entries
        ]
        return _soon(lambda: [[one[1], one[4]] for one in self.program.entries()] == wanted)

    def answers_come(self, number: int) -> bool:
        """Take over so many answers, and tell whether the organisers see the latest."""
        self.servers.wait_for_mail("replies", number)
        taken = fetch_received(lambda: False), work_off_received()
        db.session.rollback()
        page = self.desk.client.get("/manage/labcamp/5/mails/received/").text
        return taken == (number, number) and "Antwort eines Kalenders: Kommt" in page


def _soon(ask: Callable[[], bool]) -> bool:
    for _ in range(100):
        if ask():
            return True
        time.sleep(0.2)
    return False


def test_thunderbird_follows_a_meeting_and_its_answers_come_back(app: Flask, servers: MailServers) -> None:
    desk = desk_of(app)
    edition_id = desk.publish(start_date=DAY)
    with app.app_context(), thunderbird(servers, "kim", KIM, "Kim Beispiel") as program:
        kim = Kim(desk, edition_id, servers, program)
        signed_up(edition_id, email=KIM, name="Kim Beispiel")
        delivery.deliver()
        db.session.rollback()

        assert kim.opens(1, "invitation") == ("Diese Nachricht enthält eine Termineinladung.", ANSWERING)
        program.click("imipAcceptButton")
        assert kim.sees(("15:00", "ACCEPTED"))
        assert kim.answers_come(1)

        with kim.change() as edition:
            times = {"start_time": clock_time(16, 30), "end_time": clock_time(18, 30)}
            editions.update(edition, times, edition.version)
        words, buttons = kim.opens(2, "moved")
        assert words == "Diese Nachricht enthält eine Aktualisierung für einen vorhandenen Termin."
        assert buttons == ANSWERING, "a new time is asked about anew"
        program.click("imipAcceptButton")
        assert kim.sees(("16:30", "ACCEPTED"))
        assert kim.answers_come(1)

        with kim.change() as edition:
            editions.cancel(edition, "Der Raum steht unter Wasser.")
        words, buttons = kim.opens(3, "cancelled")
        assert (words, buttons) == ("Diese Nachricht enthält eine Terminabsage.", ["imipDeleteButton"])
        program.click("imipDeleteButton")
        assert kim.sees()
