"""A real CalDAV server that keeps what mails bring ends with exactly the right entries, in whatever order."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.error import HTTPError, URLError
from zoneinfo import ZoneInfo

import icalendar
import pytest
from flask import Flask

from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.registration import service
from eventhub.registration.models import Registration
from tests.calendars.client import Client
from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived
from tests.mail.post_office import PostOffice
from tests.registration.samples import add_edition, signed_up
from tests.running import free_port

pytestmark = pytest.mark.slow

BERLIN = ZoneInfo("Europe/Berlin")
UID = "edition-caldav@events.example"


class Server:
    """A running Radicale with one calendar."""

    def __init__(self, port: int) -> None:
        self.calendar = f"http://127.0.0.1:{port}/anne/meetings/"

    def ask(self, method: str, path: str = "", content: bytes | None = None, **headers: str) -> bytes:
        signed_in = headers | {"Authorization": f"Basic {b64encode(b'anne:any').decode()}"}
        request = urllib.request.Request(self.calendar + path, content, signed_in, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    def follow(self, client: Client) -> None:
        """Let the server hold what the calendar program shows, as such a program does after each mail."""
        for uid in client.stored.keys() | self.entries().keys():
            if uid in client.stored:
                # what is stored is no message any more (RFC 4791, 4.1)
                entry = client.stored[uid].replace(b"METHOD:REQUEST\r\n", b"")
                self.ask("PUT", f"{uid}.ics", entry, **{"Content-Type": "text/calendar; charset=utf-8"})
            else:
                self.ask("DELETE", f"{uid}.ics")

    def entries(self) -> dict[str, icalendar.Event]:
        calendar = icalendar.Calendar.from_ical(self.ask("GET"))
        return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Run a server with an empty calendar."""
    port = free_port()
    options = [
        *(f"--server-hosts=127.0.0.1:{port}", "--auth-type=none", "--config="),
        f"--storage-filesystem-folder={tmp_path / 'collections'}",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "radicale", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        found = Server(port)
        for _attempt in range(300):
            try:
                found.ask("PROPFIND", "../")  # whoever asks first for what is theirs has it made
                found.ask("MKCALENDAR")
                break
            except HTTPError:
                raise
            except URLError:
                time.sleep(0.1)
        yield found
    finally:
        process.terminate()
        process.wait(30)


def live(app: Flask, clock: FrozenClock, office: PostOffice) -> list[bytes]:
    """Let somebody register for two days that move, are cancelled, take place after all and become three."""
    ends_at = datetime(2026, 4, 14, 18, tzinfo=BERLIN)
    key = add_edition(
        app,
        start_date=date(2026, 4, 13),
        end_date=date(2026, 4, 14),
        ends_at=ends_at,
        calendar_uid=UID,
        published_at=clock.now(),
    )

    def change(**values: Any) -> None:
        edition = db.session.get_one(Edition, key)
        editions.update(edition, values, edition.version)

    def give_up() -> None:
        service.cancel(db.session.get_one(Registration, person), "participant")

    with app.app_context():
        person = signed_up(key).registration.id
        for happens in (
            lambda: change(start_date=date(2026, 4, 20), end_date=date(2026, 4, 21)),
            lambda: editions.cancel(db.session.get_one(Edition, key), "Storm"),
            lambda: editions.reinstate(db.session.get_one(Edition, key)),
            give_up,
        ):
            arrived(app, office)
            clock.set(clock.now().replace(minute=clock.now().minute + 5))
            with transaction():
                happens()
        arrived(app, office)
        clock.set(clock.now().replace(minute=clock.now().minute + 5))
        signed_up(key, once_key="again")
        with transaction():
            change(end_date=date(2026, 4, 22))
    parts = [part for mail in arrived(app, office) for part in mail.walk()]
    contents = [part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/calendar"]
    assert len(contents) == 15
    return [content for content in contents if isinstance(content, bytes)]


@pytest.mark.parametrize("lot", [None, 1, 2, 3])
def test_the_server_ends_with_exactly_the_right_entries(
    app: Flask, clock: FrozenClock, post_office: PostOffice, server: Server, lot: int | None
) -> None:
    arriving = live(app, clock, post_office)
    if lot is not None:
        arriving *= 2
        Random(lot).shuffle(arriving)
    client = Client()
    for content in arriving:
        client.takes(content)
        server.follow(client)
    days = {uid: event["DTSTART"].dt.astimezone(BERLIN).date() for uid, event in server.entries().items()}
    assert days == {
        UID: date(2026, 4, 20),
        UID.replace("@", "-day2@"): date(2026, 4, 21),
        UID.replace("@", "-day3@"): date(2026, 4, 22),
    }
