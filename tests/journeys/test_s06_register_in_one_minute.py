"""S6: a participant without account gives name, mail and lab, and gets all the rest by mail."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, invitation, link_in, text_of
from tests.mail.post_office import PostOffice
from tests.registration.browsing import AYLIN, FORM, once_key
from tests.registration.samples import add_edition

pytestmark = pytest.mark.both_databases


def test_one_form_and_one_mail_are_enough(
    app: Flask, client: FlaskClient, clock: FrozenClock, post_office: PostOffice
) -> None:
    add_edition(app, slots=2, capacity=30)
    page = client.get("/lab/5/")
    assert f'href="{FORM}"' in page.text
    sent = client.post(FORM, data={**AYLIN, "once_key": once_key(client.get(FORM))}, follow_redirects=True)
    assert "aylin@lab.example" in sent.text

    [mail] = arrived(app, post_office)
    assert mail["To"].addresses[0].addr_spec == "aylin@lab.example"
    words = text_of(mail).replace("\u00a0", " ")
    assert "1. April 2026" in words
    assert "15 bis 18" in words
    assert "https://meet.example/room" in words
    method, entry = invitation(mail)
    assert (method, entry["STATUS"], entry["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 0)
    assert entry["DTSTART"].dt.isoformat() == "2026-04-01T15:00:00+02:00"

    mine = client.get(link_in(mail))
    assert "Du bist dabei, Aylin Yıldız" in mine.text
    client.post(f"{link_in(mail)}cancel")
    last = arrived(app, post_office)[-1]
    method, withdrawn = invitation(last)
    assert (method, withdrawn["UID"]) == ("CANCEL", entry["UID"])
    assert withdrawn["SEQUENCE"] > entry["SEQUENCE"]
