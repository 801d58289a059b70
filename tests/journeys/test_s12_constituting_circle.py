"""S12: twelve people, by invitation only; it is seen who opened and answered, and no list names the page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub.agenda.models import Kind, Slot
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, Series, Visibility
from eventhub.extensions import db
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, invitation, text_of
from tests.mail.post_office import PostOffice
from tests.registration.samples import add_edition

pytestmark = pytest.mark.both_databases

CIRCLE = [
    *("Ada <ada@lab.example>", "bo@lab.example", "Cem;cem@lab.example;Stadt", "dua@lab.example"),
    *("eva@lab.example", "fee@lab.example", "gil@lab.example", "hai@lab.example"),
    *("ida@lab.example", "jan@lab.example", "kim@lab.example", "lou@lab.example"),
]
NEW, LIST = "/manage/lab/5/invitations/new", "/manage/lab/5/invitations/"
TITLE = "Gründungskreis der Innovationswerkstatt"


def hidden_circle(app: Flask) -> None:
    """Plan the circle, which nobody finds, and a public meeting of another series beside it."""
    add_edition(
        app,
        title=TITLE,
        slots=2,
        capacity=12,
        admission=Admission.INVITATION,
        visibility=Visibility.UNLISTED,
    )
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, 1)
        db.session.get_one(Slot, 1).kind = Kind.DISCUSSION
        public = Series(slug="open", title="Offene Reihe")
        same = {
            column.key: getattr(edition, column.key)
            for column in Edition.__table__.columns
            if column.key not in ("id", "series_id", "calendar_uid", "title", "visibility", "admission")
        }
        other = Edition(series=public, title="Offenes Treffen", calendar_uid="open@lab.example", **same)
        db.session.add(other)


def answer(client: FlaskClient, page: str, name: str) -> None:
    """Accept with the form as the page has filled it in."""
    shown = client.get(page).text
    key = re.search(r'name="once_key"[^>]* value="([^"]+)"', shown)
    email = re.search(r'name="email"[^>]* value="([^"]+)"', shown)
    assert key is not None
    assert email is not None
    data = {"name": name, "email": email[1], "consent": "y", "once_key": key[1]}
    assert client.post(f"{page}accept", data=data).status_code == 303


def test_twelve_people_meet_by_invitation_only(
    app: Flask, client: FlaskClient, clock: FrozenClock, post_office: PostOffice
) -> None:
    hidden_circle(app)
    organiser = organiser_of(app, "lab").client
    typed = {
        "addresses": "\n".join([*CIRCLE, "kein.name"]),
        "language": "de",
        "words": "Was soll uns verbinden?",
    }
    seen = organiser.post(NEW, data=typed).text
    assert "12 Einladungen sind bereit" in seen
    assert "Zeile 13, „kein.name“" in seen
    assert arrived(app, post_office) == [], "nothing leaves before it is confirmed"
    organiser.post(NEW, data={**typed, "send": "1"})

    mails = {mail["To"].addresses[0].addr_spec: mail for mail in arrived(app, post_office)}
    assert len(mails) == 12
    assert "Was soll uns verbinden?" in text_of(mails["ada@lab.example"])
    pages = {}
    for address, mail in mails.items():
        found = re.search(r"http://localhost(/invitations/[\w-]+/)", text_of(mail))
        assert found is not None
        pages[address] = found[1]
    assert len(set(pages.values())) == 12

    answer(client, pages["ada@lab.example"], "Ada")
    answer(client, pages["bo@lab.example"], "Bo")
    client.post(f"{pages['cem@lab.example']}decline")
    client.get(pages["dua@lab.example"])
    told = organiser.get(LIST).text
    for words in ("Zugesagt: 2", "Abgesagt: 1", "Geöffnet: 1", "Gesendet: 8"):
        assert words in told
    client.post(f"{pages['dua@lab.example']}points", data={"slot": "1", "text": "Welche Ziele?"})
    assert "Welche Ziele?" in client.get(pages["ada@lab.example"]).text
    assert 'Welche Ziele?</bdi> <span class="sub">dua@lab.example' in organiser.get(f"{LIST}points").text
    method, entry = invitation(arrived(app, post_office)[-1])
    assert (method, entry["STATUS"]) == ("REQUEST", "CONFIRMED")

    clock.advance(timedelta(days=2))
    organiser.post(LIST, data={"action": "remind_silent"})
    reminded = {mail["To"].addresses[0].addr_spec for mail in arrived(app, post_office)[14:]}
    assert len(reminded) == 9
    assert reminded.isdisjoint({"ada@lab.example", "bo@lab.example", "cem@lab.example"})


def test_the_circle_is_found_by_its_link_only(app: Flask, client: FlaskClient) -> None:
    hidden_circle(app)
    page = client.get("/lab/5/")
    assert TITLE in page.text
    assert 'content="noindex"' in page.text
    assert "/lab/5/register" not in page.text
    assert "Nur auf Einladung" in page.text
    lists = [
        *(
            "/",
            "/?show=coming",
            "/?show=past",
            "/?q=Gr%C3%BCndungskreis",
            "/?q=Talk",
            "/sitemap.xml",
            "/feed.atom",
        ),
        *("/open/", "/open/5/", "/open/feed.atom", "/open/calendar.ics", "/lab/", "/lab/feed.atom"),
        *("/lab/calendar.ics", "/robots.txt"),
    ]
    for path in lists:
        text = client.get(path).text
        assert TITLE not in text, path
        assert "/lab/5/" not in text, path
    refused = client.get("/lab/5/register")
    assert "Zu diesem Treffen wird persönlich eingeladen." in refused.text
    data = {"name": "Eve", "email": "eve@lab.example", "consent": "y", "once_key": "eve"}
    assert client.post("/lab/5/register", data=data).status_code == 409
