"""Every calendar message of a registration's life, byte by byte, and as three independent programs read it.

`EVENTHUB_GOLDEN=write` writes the files anew; look at what changed in them before you keep it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from flask import Flask
from sqlalchemy import select

from eventhub import __version__
from eventhub.agenda import service as agenda
from eventhub.agenda.models import Slot
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.delivery import deliver
from eventhub.programme_changes.jobs import tell_changes
from eventhub.registration import service
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.mail.post_office import PostOffice
from tests.needs import ROOT, SYSTEM_PYTHON, node
from tests.registration.samples import add_edition, signed_up

GOLDEN = Path(__file__).with_name("golden")
UID = "edition-golden@events.example"
TOKEN = re.compile(rb"/my/[\w-]+/", re.ASCII)
FIELDS = "uid sequence starts ends summary description location status organizer attendee partstat".split()
Story = dict[str, bytes]


class Teller:
    """Lets a meeting with one place live through everything, and keeps each message by its name."""

    def __init__(self, app: Flask, clock: FrozenClock, office: PostOffice) -> None:
        self.clock, self.office = clock, office
        self.key = add_edition(
            app,
            slots=1,
            capacity=1,
            calendar_uid=UID,
            start_date=date(2026, 4, 13),
            published_at=clock.now(),
        )
        with transaction():
            db.session.scalars(select(Slot)).one().calendar_uid = "slot-golden@events.example"
        self.story: Story = {}
        self.seen = 0

    def happens(self, name: str, what: Callable[[], object]) -> None:
        """Do something, let its mails leave and keep their calendar messages."""
        self.clock.advance(timedelta(minutes=10))
        what()
        deliver()
        new = self.office.delivered()[self.seen :]
        self.seen += len(new)
        for number, one in enumerate(sorted(new, key=lambda one: one.recipient)):
            for part in one.mail.walk():
                if part.get_content_type() == "application/ics":
                    content = part.get_payload(decode=True)
                    assert isinstance(content, bytes)
                    at = len(self.story) + 1
                    self.story[f"{at:02}-{name}{'-next' if number else ''}"] = content

    def registers(self, number: int) -> None:
        signed_up(self.key, number, language="en")

    def person(self, number: int) -> Registration:
        found = select(Registration).where(Registration.email.startswith(f"person{number}"))
        return db.session.scalars(found).one()

    def update(self, **values: Any) -> None:
        with transaction():
            edition = db.session.get_one(Edition, self.key)
            editions.update(edition, values, edition.version)

    def gives_up(self) -> None:
        with transaction():
            service.cancel(self.person(1), "participant")

    def is_cancelled(self) -> None:
        with transaction():
            editions.cancel(db.session.get_one(Edition, self.key), "Storm")

    def takes_place_after_all(self) -> None:
        with transaction():
            editions.reinstate(db.session.get_one(Edition, self.key))

    def moves_a_chosen_slot(self) -> None:
        with transaction():
            service.choose_slots(self.person(2), db.session.scalars(select(Slot.id)).all())
        with transaction():
            slot = db.session.scalars(select(Slot)).one()
            times = {"start_time": time(15, 20), "end_time": time(15, 40)}
            agenda.update_slot(slot, times, [], reason="Traffic.")
        self.clock.advance(timedelta(minutes=5))
        tell_changes()

    def tell(self) -> Story:
        self.happens("registered", lambda: self.registers(1))
        self.happens("waits", lambda: self.registers(2))
        self.happens("moved", lambda: self.update(start_time=time(15, 30)))
        self.happens("renamed", lambda: self.update(title="LabCamp #5; new, and “better”"))
        self.happens("zone-changed", lambda: self.update(zone="Europe/London"))
        self.happens("moved-up", self.gives_up)
        self.happens("cancelled", self.is_cancelled)
        self.happens("reinstated", self.takes_place_after_all)
        self.happens("slot-changed", self.moves_a_chosen_slot)
        return {name: _comparable(content) for name, content in self.story.items()}


def _comparable(content: bytes) -> bytes:
    """Join folded lines, as where they are cut depends on random links; leave out those and our version."""
    whole = content.replace(b"\r\n ", b"").replace(__version__.encode(), b"VERSION")
    return TOKEN.sub(b"/my/TOKEN/", whole)


@pytest.fixture
def story(app: Flask, clock: FrozenClock, post_office: PostOffice) -> Story:
    with app.app_context():
        return Teller(app, clock, post_office).tell()


def test_each_transition_sends_exactly_this(story: Story) -> None:
    if os.environ.get("EVENTHUB_GOLDEN") == "write":
        for path in GOLDEN.glob("*.ics"):
            path.unlink()
        for name, content in story.items():
            (GOLDEN / f"{name}.ics").write_bytes(content)
    golden = {path.stem: path.read_bytes() for path in sorted(GOLDEN.glob("*.ics"))}
    assert list(story) == list(golden)
    for name, content in story.items():
        assert content.decode() == golden[name].decode(), name


def test_methods_and_sequences_follow_the_rules() -> None:
    found = [(path.stem[3:], *_method_and_sequence(path)) for path in sorted(GOLDEN.glob("*.ics"))]
    assert found == [
        ("registered", "REQUEST", 0),
        ("moved", "REQUEST", 1),
        ("renamed", "REQUEST", 1),
        ("zone-changed", "REQUEST", 2),
        ("moved-up", "CANCEL", 3),
        ("moved-up-next", "REQUEST", 2),
        ("cancelled", "CANCEL", 3),
        ("reinstated", "REQUEST", 4),
        ("slot-changed", None, 3),  # it moved along with the edition twice before
    ]


def _method_and_sequence(path: Path) -> tuple[str | None, int]:
    read = read_with_icalendar([path])[0]
    return read["method"], read["events"][0]["sequence"]


@pytest.mark.icaljs
@pytest.mark.libical
def test_three_programs_read_the_same() -> None:
    paths = sorted(GOLDEN.glob("*.ics"))
    ours = read_with_icalendar(paths)
    assert len(ours) == len(paths) > 8
    assert _plain(_run([node(), "tests/browser/read_calendar.mjs", *paths])) == _plain(ours)
    assert _plain(_run([SYSTEM_PYTHON, "tests/calendars/read_with_libical.py", *paths])) == _plain(ours)


def read_with_icalendar(paths: list[Path]) -> list[dict[str, Any]]:
    """Return what Python's icalendar reads."""
    found = []
    for path in paths:
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        events = [
            {
                "uid": str(event["UID"]),
                "sequence": int(event["SEQUENCE"]),
                "starts": _utc(event["DTSTART"].dt),
                "ends": _utc(event["DTEND"].dt),
                "partstat": event["ATTENDEE"].params.get("PARTSTAT") if "ATTENDEE" in event else None,
                **{
                    name: str(event[name.upper()]) if name.upper() in event else None
                    for name in ("summary", "description", "location", "status", "organizer", "attendee")
                },
            }
            for event in calendar.walk("VEVENT")
        ]
        method = calendar.get("METHOD")
        found.append({"method": None if method is None else str(method), "events": events})
    return found


def _utc(moment: date) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" if isinstance(moment, datetime) else f"{moment:%Y%m%d}"


def _plain(read: list[dict[str, Any]]) -> list[Any]:
    """Leave out how programs write the same: hyphens in times, no value as an empty one."""
    return [
        (one["method"], [[_word(event.get(name)) for name in FIELDS] for event in one["events"]])
        for one in read
    ]


def _word(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"[\d-]+T[\d:]+Z", value):
        return value.replace("-", "").replace(":", "")
    return value or None


def _run(command: list[Any]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, check=True, capture_output=True, text=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
