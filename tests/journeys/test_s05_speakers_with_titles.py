"""S5: three speakers from Bund, Land and a public company, with full titles and without accounts."""

from __future__ import annotations

import re
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventhub.accounts.models import User
from eventhub.agenda.models import Speaker
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.organisations.models import Level, Organisation
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of, fields_of
from tests.journeys.letters_of import arrived, text_of
from tests.mail.post_office import PostOffice

TEXT = " ".join(["Sie arbeitet daran, dass Verwaltungen voneinander lernen."] * 9)
SPEAKERS = [
    ("Prof. Dr.-Ing.", "Ada", "Muster", "leitet das Labor", "bund", "Bundesamt für Beispiele"),
    ("Dr.", "Bo", "Beispiel", "Referent für Neues", "land", "Landeslabor"),
    ("", "Çağla", "Vorlage-Probe", "Vorständin", "betrieb", "Stadtwerke Beispiel"),
]
ADDRESSES = ("ada", "bo", "cagla")
PDF = b"%PDF-1.4\n%%EOF\n"
SESSION = "/labcamp/5/slots/drei-ebenen/"
DESK = "/manage/labcamp/5/speakers/"
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
    _add_the_session(app, desk)
    assert _number_of_accounts(app) == 1

    visitor = _visitor(app)
    programme = visitor.get("/labcamp/5/").text
    assert "Prof. Dr.-Ing. Ada Muster" in programme
    assert "Moderation: Çağla Vorlage-Probe, Stadtwerke Beispiel" in programme
    page = visitor.get(SESSION).text
    for title, given, family, role, _slug, name in SPEAKERS:
        for words in (f"{title} {given} {family}".strip(), role, name):
            assert words in page
    person = visitor.get("/labcamp/speakers/ada-muster/").text
    assert "Prof. Dr.-Ing. Ada Muster" in person
    assert "voneinander lernen" in person
    assert desk.client.get("/labcamp/5/slots/drei-ebenen.ics").text.count("Ada Muster") == 1


def test_each_corrects_the_own_text_and_hands_in_slides_by_a_mailed_link(
    app: Flask, desk: Desk, post_office: PostOffice
) -> None:
    _add_the_session(app, desk)
    with app.app_context():
        keys = {one.given_name: one.id for one in db.session.scalars(select(Speaker))}
    asked = {
        f"email-{key}": f"{name}@speakers.example" for name, key in zip(ADDRESSES, keys.values(), strict=True)
    }
    answer = desk.client.post(
        DESK, data=asked | {"language": "de", "answer_by": "2026-04-01", "words": "Kommt!"}
    )
    assert answer.status_code == 303

    mails = arrived(app, post_office)
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mails) == sorted(
        f"{name}@speakers.example" for name in ADDRESSES
    )
    for number, mail in enumerate(mails):
        assert "Kommt!" in text_of(mail)
        assert "April 2026" in text_of(mail)
        _take_part(_visitor(app), _own_page(mail), number)
    assert _number_of_accounts(app) == 1

    visitor = _visitor(app)
    page = visitor.get(SESSION).text
    in_order = [
        "Bund</h3>",
        "Ada Muster",
        "Land</h3>",
        "Bo Beispiel",
        "Öffentliches Unternehmen</h3>",
        "Çağla",
    ]
    people = page[page.index('id="people"') :]
    assert sorted(in_order, key=people.index) == in_order
    assert people.count("Neu gefasst") == 3
    links = re.findall(r'href="(/labcamp/5/slots/drei-ebenen/slides/\d+)">(Folien \d)\.pdf', page)
    assert [name for _link, name in links] == ["Folien 0", "Folien 1", "Folien 2"]
    assert visitor.get(links[0][0]).data == PDF
    assert "Bund</p>" in visitor.get("/labcamp/speakers/ada-muster/").text

    listed = desk.client.get(DESK).text
    assert "Nimmt teil: 3" in listed
    assert "gern dabei" in listed


def _add_the_session(app: Flask, desk: Desk) -> None:
    """Let the organiser type in the three people and put them into one session."""
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


def _take_part(speaker: FlaskClient, page: str, number: int) -> None:
    """Accept, correct the text, hand in slides and let them be published, as the pages' forms do."""
    assert speaker.get(page).status_code == 200
    assert speaker.post(f"{page}accept", data={"message": "gern dabei"}).status_code == 303
    shown = _form_at(speaker.get(page).text, f"{page}about")
    assert shown["about"] == TEXT
    corrected = shown | {"about": f"Neu gefasst. {TEXT}"}
    assert speaker.post(f"{page}about", data=corrected).status_code == 303
    chosen = _form_at(speaker.get(page).text, f"{page}slides")["slot"]
    slides = {"slot": chosen, "file": (BytesIO(PDF), f"Folien {number}.pdf")}
    assert speaker.post(f"{page}slides", data=slides).status_code == 303
    consent = {"may_publish": "yes", "may_record": "no"}
    assert speaker.post(f"{page}details", data=consent).status_code == 303


def _form_at(page: str, action: str) -> dict[str, Any]:
    """Return what the form with this action would send."""
    start = page.index(f'action="{action}"')
    form = page[page.rindex("<form", 0, start) : page.index("</form>", start) + len("</form>")]
    return {name: value for name, value in fields_of(form).items() if name != "photo"}


def _own_page(mail: EmailMessage) -> str:
    found = re.search(r"http://localhost(/speaking/[\w-]+/)", text_of(mail))
    assert found
    return found[1]


def _visitor(app: Flask) -> FlaskClient:
    visitor = app.test_client()
    visitor.set_cookie("language", "de")
    return visitor


def _number_of_accounts(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(User)) or 0


def _offered(desk: Desk, name: str) -> str:
    """Find the key under which the form offers a person by name."""
    page = desk.client.get("/manage/labcamp/5/agenda/?new=1").text
    option = next(part for part in page.split("<option") if f">{name}</option>" in part)
    return option.split('value="')[1].split('"')[0]
