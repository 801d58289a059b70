"""The two-day training of the KoSI-Lab, run by an organiser with a browser, and its participants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

import icalendar
from flask import Flask
from flask.testing import FlaskClient

from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.editions.times import span
from eventhub.extensions import db
from tests.desk.setting import Desk, desk_of
from tests.journeys.letters_of import arrived, link_in
from tests.mail.post_office import PostOffice
from tests.registration.browsing import send
from tests.signups.training import FIRST, SECOND, add_training

SESSIONS = "/manage/lab/5/signups/"


@dataclass
class Participant:
    """Somebody with the personal link that their mail held."""

    client: FlaskClient
    home: str

    def value_of(self, title: str) -> str:
        """Return what a browser sends for a session of their page."""
        return self._beside(r'value="(\w+)"[^>]*><label[^>]*>(.*?)</label>', title)

    def rank_of(self, title: str) -> str:
        """Return the name of the field in which a session is ranked."""
        return "slot-wish-" + self._beside(r'<label for="slot-(\d+)">(.*?)</label>', title)

    def _beside(self, pattern: str, title: str) -> str:
        page = self.client.get(f"{self.home}sessions").text
        return next(found for found, label in re.findall(pattern, page) if f">{title}<" in label)

    def calendar(self) -> dict[str, icalendar.Event]:
        found = icalendar.Calendar.from_ical(self.client.get(f"{self.home}calendar.ics").data)
        return {str(event["SUMMARY"]): event for event in found.walk("VEVENT")}


def run_training(app: Flask) -> Desk:
    """Let the organiser of `labcamp` run the training as well."""
    desk = desk_of(app)
    hours = span("Europe/Berlin", FIRST, time(9), SECOND, time(17))
    add_training(app, start_time=time(9), end_time=time(17), starts_at=hours.starts_at, ends_at=hours.ends_at)
    with app.app_context(), transaction():
        ours, theirs = (db.session.query(Series).filter_by(slug=slug).one() for slug in ("labcamp", "lab"))
        theirs.organisation_links = [
            type(link)(organisation_id=link.organisation_id) for link in ours.organisation_links
        ]
    return desk


def give_places(desk: Desk, slot: str, **values: str) -> None:
    """Give a session places of its own, on the organiser's page."""
    path = f"{SESSIONS}{slot}/"
    assert desk.client.post(path, data=desk.form_of(path) | values).status_code == 303


def come(app: Flask, office: PostOffice, *names: str) -> dict[str, Participant]:
    """Register people and take their links from their mails."""
    for name in names:
        answer = send(app.test_client(), name=name, email=f"{name.lower()}@lab.example")
        assert answer.status_code == 303
    mails = {mail["To"].addresses[0].display_name: mail for mail in arrived(app, office)}
    return {name: Participant(app.test_client(), link_in(mails[name])) for name in names}
