"""S5: three speakers from Bund, Land and a public company, with full titles and without accounts."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventhub.accounts.models import User
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.organisations.models import Level, Organisation
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of

TEXT = " ".join(["Sie arbeitet daran, dass Verwaltungen voneinander lernen."] * 9)
SPEAKERS = [
    ("Prof. Dr.-Ing.", "Ada", "Muster", "leitet das Labor", "bund", "Bundesamt für Beispiele"),
    ("Dr.", "Bo", "Beispiel", "Referent für Neues", "land", "Landeslabor"),
    ("", "Çağla", "Vorlage-Probe", "Vorständin", "betrieb", "Stadtwerke Beispiel"),
]
LEVELS = {"bund": Level.FEDERAL, "land": Level.STATE, "betrieb": Level.PUBLIC_COMPANY}


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> Desk:
    found = desk_of(app)
    found.publish(published_at=clock.now())
    found.client.set_cookie("language", "de")
    with app.app_context(), transaction():
        db.session.add_all(
            Organisation(slug=slug, name=name, level=LEVELS[slug]) for *_rest, slug, name in SPEAKERS
        )
    return found


def test_an_organiser_adds_three_speakers_without_asking_them_for_anything(app: Flask, desk: Desk) -> None:
    rows = {}
    for number, (title, given, family, role, slug, _name) in enumerate(SPEAKERS):
        with app.app_context():
            organisation = db.session.scalars(select(Organisation.id).filter_by(slug=slug)).one()
        answer = desk.client.post(
            "/manage/labcamp/speakers/new",
            data={
                "title": title,
                "given_name": given,
                "family_name": family,
                "role": role,
                "organisation_id": organisation,
                "about": TEXT,
            },
        )
        assert answer.status_code == 303
        rows[f"people-{number}-speaker"] = _offered(desk, f"{title} {given} {family}".strip())
        rows[f"people-{number}-role"] = "moderator" if number == 2 else "speaker"
    slot = {"title": "Drei Ebenen", "kind": "discussion", "day": "2026-05-05", "start_time": "15:00"}
    answer = desk.client.post("/manage/labcamp/5/agenda/?new=1", data=slot | {"end_time": "16:00"} | rows)
    assert answer.status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 1

    visitor = app.test_client()
    visitor.set_cookie("language", "de")
    programme = visitor.get("/labcamp/5/").text
    assert "Prof. Dr.-Ing. Ada Muster" in programme
    assert "Moderation: Çağla Vorlage-Probe, Stadtwerke Beispiel" in programme
    page = visitor.get("/labcamp/5/slots/drei-ebenen/").text
    for title, given, family, role, _slug, name in SPEAKERS:
        for words in (f"{title} {given} {family}".strip(), role, name):
            assert words in page
    person = visitor.get("/labcamp/speakers/ada-muster/").text
    assert "Prof. Dr.-Ing. Ada Muster" in person
    assert "voneinander lernen" in person
    assert desk.client.get("/labcamp/5/slots/drei-ebenen.ics").text.count("Ada Muster") == 1


def _offered(desk: Desk, name: str) -> str:
    """Find the key under which the form offers a person by name."""
    page = desk.client.get("/manage/labcamp/5/agenda/?new=1").text
    option = next(part for part in page.split("<option") if f">{name}</option>" in part)
    return option.split('value="')[1].split('"')[0]
