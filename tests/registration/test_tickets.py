"""A ticket is a picture that a camera reads, opens nothing, and can't be made by anybody else."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from flask import Flask
from PIL import Image

from eventhub.database import transaction
from eventhub.editions.models import Edition, Mode
from eventhub.extensions import db
from eventhub.registration import tickets
from eventhub.registration.models import Attendance, Registration, RegistrationState
from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, link_in, text_of
from tests.mail.post_office import PostOffice
from tests.registration.samples import add_edition, signed_up


@pytest.fixture
def edition_id(app: Flask, clock: FrozenClock) -> int:
    return add_edition(app, mode=Mode.ON_SITE, venue_name="Alte Mälzerei")


def seen_in(picture: bytes) -> list[str]:
    """Return what a camera reads in a picture."""
    return [one.text for one in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))]


def test_the_mail_holds_the_ticket_as_a_picture(app: Flask, edition_id: int, post_office: PostOffice) -> None:
    with app.app_context():
        person = signed_up(edition_id, "Ada").registration
        expected, code = tickets.text_of(person), person.code
    (mail,) = arrived(app, post_office)
    (picture,) = (part for part in mail.walk() if part.get_content_type() == "image/png")
    assert seen_in(picture.get_payload(decode=True)) == [expected]
    assert picture["Content-ID"] == "<ticket>"
    html = mail.get_body(("html",))
    assert html is not None
    assert 'src="cid:ticket"' in html.get_content()
    assert f"{code}" in text_of(mail)
    assert {part.get_content_type() for part in mail.walk()} >= {"text/calendar", "multipart/related"}


def test_the_own_page_shows_it_and_the_text_opens_no_page(
    app: Flask, edition_id: int, post_office: PostOffice
) -> None:
    with app.app_context():
        text = tickets.text_of(signed_up(edition_id, "Ada").registration)
    client = app.test_client()
    (mail,) = arrived(app, post_office)
    assert str(tickets.drawing(text)) in client.get(link_in(mail)).text
    for part in (text, text[8:], text.lower()):
        assert client.get(f"/my/{part}/").status_code == 404


def test_who_takes_part_online_or_waits_has_none(
    app: Flask, edition_id: int, post_office: PostOffice
) -> None:
    with app.app_context():
        person = signed_up(edition_id, "Ada").registration
        assert tickets.has_ticket(person)
        with transaction():
            person.attendance = Attendance.ONLINE
        assert not tickets.has_ticket(person)
        with transaction():
            person.attendance, person.edition.mode = None, Mode.ONLINE
        assert not tickets.has_ticket(person)
    (mail,) = arrived(app, post_office)
    assert "image/png" not in {part.get_content_type() for part in mail.walk()}
    with app.app_context(), transaction():
        db.session.get_one(Edition, edition_id).mode = Mode.ON_SITE
        row = db.session.query(Registration).one()
        row.state = RegistrationState.CANCELLED
        assert not tickets.has_ticket(row)


def test_only_the_right_proof_finds_a_registration(app: Flask, edition_id: int) -> None:
    with app.app_context():
        ada, bo = (signed_up(edition_id, name).registration for name in ("Ada", "Bo"))
        assert tickets.holder_of(f"  {tickets.text_of(ada).lower()}\n") == ada
        forged = tickets.text_of(ada)[:8] + tickets.text_of(bo)[8:]
        for text in (forged, ada.code, tickets.text_of(ada)[:-1], "", "https://example.org", "x" * 5000):
            assert tickets.holder_of(text) is None
