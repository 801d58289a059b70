"""Editions and people for the tests of registration."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Flask

from eventhub import clock
from eventhub.agenda.models import Kind, Slot
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Mode, Series, new_calendar_uid
from eventhub.editions.times import span
from eventhub.extensions import db
from eventhub.registration import quotas
from eventhub.registration.applicants import Applicant, Outcome
from eventhub.registration.models import QuotaKind
from eventhub.registration.service import register

DAYS_AHEAD = 30


def add_edition(app: Flask, *, slots: int = 0, series: dict[str, Any] | None = None, **values: Any) -> int:
    """Add a published edition of the series `lab` and return its key in the database."""
    day: date = values.pop("start_date", (clock.now() + timedelta(days=DAYS_AHEAD)).date())
    found = span("Europe/Berlin", day, time(15), None, time(18))
    fields: dict[str, Any] = {
        "number": 5,
        "title": "LabCamp #5",
        "zone": "Europe/Berlin",
        "start_date": day,
        "start_time": time(15),
        "end_time": time(18),
        "starts_at": found.starts_at,
        "ends_at": found.ends_at,
        "mode": Mode.ONLINE,
        "state": EditionState.PUBLISHED,
        "join_url": "https://meet.example/room",
        "join_details": "Telephone 030 1234",
        "calendar_uid": new_calendar_uid("edition", "events.example"),
    }
    with app.app_context(), transaction():
        edition = Edition(**{**fields, **values})
        edition.series = Series(**{"slug": "lab", "title": "LabCamp", **(series or {})})
        db.session.add(edition)
        db.session.flush()
        for number in range(slots):
            db.session.add(make_slot(edition, number))
        return edition.id


def make_slot(edition: Edition, number: int, **values: Any) -> Slot:
    """Return a slot of half an hour in the afternoon."""
    start = datetime.combine(date.min, time(15)) + timedelta(minutes=10 * number)
    end = start + timedelta(minutes=10)
    found = span("Europe/Berlin", edition.start_date, start.time(), None, end.time())
    fields: dict[str, Any] = {
        "edition_id": edition.id,
        "slug": f"slot-{number}",
        "calendar_uid": new_calendar_uid("slot", "events.example"),
        "title": f"Talk {number}",
        "kind": Kind.TALK,
        "day": edition.start_date,
        "start_time": start.time(),
        "end_time": end.time(),
        "starts_at": found.starts_at,
        "ends_at": found.ends_at,
        "position": number,
    }
    return Slot(**{**fields, **values})


def applicant(number: int | str = 1, **values: Any) -> Applicant:
    """Return a person with an address of their own."""
    fields = {"name": f"Person {number}", "email": f"person{number}@lab.example", "consent_version": "1"}
    return Applicant(**{**fields, **values})


def signed_up(edition_id: int, number: int | str = 1, once_key: str | None = None, **values: Any) -> Outcome:
    """Register a person in a transaction of its own; needs an application context."""
    person = applicant(number, **values)
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        return register(edition, person, once_key or f"key of {person.email}")


def add_quota(edition_id: int, kind: QuotaKind, reference: str, capacity: int | None) -> int:
    """Limit something in an edition and return the key of the quota; needs an application context."""
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        return quotas.add_quota(edition, kind, reference, capacity).id
