"""S17: a certificate comes from check-in, not from registration; needs go to the venue and are erased."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.accounts.models import User
from eventhub.extensions import db
from eventhub.registration.answers import erase_due_answers
from eventhub.web.documents import can_make_documents
from tests.accounts.signing_in import sign_in
from tests.conftest import FrozenClock
from tests.desk.setting import Desk
from tests.journeys.letters_of import arrived
from tests.journeys.training_days import Participant, come, run_training
from tests.mail.post_office import PostOffice
from tests.registration.browsing import FORM, once_key
from tests.signups.training import FIRST, SECOND

pytestmark = pytest.mark.both_databases

DOOR, PRINT = "/manage/lab/5/check-in/", "/manage/lab/5/print/"
ENGLISH = {"Accept-Language": "en"}


def sign_in_again(desk: Desk) -> None:
    """Open a new session: weeks have passed since the last."""
    with desk.app.app_context():
        sign_in(desk.client, db.session.scalars(select(User)).one())


def check_in(desk: Desk, name: str, day: str) -> None:
    """Find somebody by name at the door, as people without a script do, and let them in."""
    page = desk.client.get(DOOR, query_string={"q": name, "day": day}, headers=ENGLISH).text
    (key,) = re.findall(r'name="id" value="(\d+)"', page)
    answer = desk.client.post(DOOR, data={"id": key, "day": day}, headers=ENGLISH)
    assert answer.status_code == 303


def plain(text: str) -> str:
    """Return a text with usual spaces only."""
    return " ".join(text.split())


def certificate_of(person: Participant) -> str | None:
    """Return the text of somebody's certificate; None where their page offers none."""
    page = person.client.get(person.home, headers=ENGLISH).text
    if "Open the certificate" not in page:
        assert person.client.get(f"{person.home}certificate").status_code == 404
        assert person.client.get(f"{person.home}certificate.pdf").status_code == 404
        return None
    return plain(person.client.get(f"{person.home}certificate", headers=ENGLISH).text)


def test_a_city_gets_proof_of_the_days_that_somebody_was_there(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = run_training(app)
    people = come(app, post_office, "Ada", "Bruno", "Cem")
    clock.set(datetime(FIRST.year, FIRST.month, FIRST.day, 6, 30, tzinfo=UTC))
    sign_in_again(desk)
    check_in(desk, "Ada", FIRST.isoformat())
    check_in(desk, "Bruno", FIRST.isoformat())
    assert certificate_of(people["Ada"]) is None, "the meeting is not over"
    clock.set(datetime(SECOND.year, SECOND.month, SECOND.day, 6, 30, tzinfo=UTC))
    check_in(desk, "Ada", SECOND.isoformat())
    clock.set(datetime(SECOND.year, SECOND.month, SECOND.day, 16, 0, tzinfo=UTC))

    both, first = certificate_of(people["Ada"]), certificate_of(people["Bruno"])
    assert both is not None
    assert first is not None
    assert "13 April 2026" in both
    assert "14 April 2026" in both
    assert "14 April 2026" not in first.split("<footer>")[0]
    assert certificate_of(people["Cem"]) is None, "Cem was registered, and did not come"
    if can_make_documents():
        made = people["Ada"].client.get(f"{people['Ada'].home}certificate.pdf", headers=ENGLISH)
        pages = pypdfium2.PdfDocument(io.BytesIO(made.data))
        text = plain(pages[0].get_textpage().get_text_range())
        assert len(pages) == 1
        assert "Ada" in text
        assert "14 April 2026" in text

    found = re.search(r"Code: ([A-Z0-9-]+)", both)
    assert found
    stranger = app.test_client()
    answer = stranger.get("/certificates/", query_string={"code": found[1].lower()}, headers=ENGLISH)
    genuine = plain(answer.text)
    assert "This certificate is genuine" in genuine
    assert "Ada" in genuine
    assert "14 April 2026" in genuine
    forged = found[1][:-1] + ("2" if found[1][-1] != "2" else "3")
    for code in (forged, found[1][:9], "x", "%"):
        assert (
            "No certificate has this code"
            in stranger.get("/certificates/", query_string={"code": code}, headers=ENGLISH).text
        )


def test_needs_reach_the_venue_without_names_and_are_erased_after_two_weeks(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = run_training(app)
    for purpose in ("access", "diet"):
        desk.client.post("/manage/lab/5/questions/ready-made", data={"purpose": purpose}, headers=ENGLISH)
    visitor = app.test_client()
    page = visitor.get(FORM, headers=ENGLISH)
    fields = dict.fromkeys(re.findall(r'name="(q\d+)"', page.text))
    access, diet = fields
    answer = visitor.post(
        FORM,
        data={"once_key": once_key(page), "name": "Ada Muster", "email": "ada@stadt.example", "consent": "y"}
        | {access: ["o1", "o2"], diet: "o2"},
    )
    assert answer.status_code == 303
    arrived(app, post_office)
    sheet = desk.client.get(f"{PRINT}needs", headers=ENGLISH).text
    assert "Sign language interpreting, Step-free access" in sheet
    assert "vegan" in sheet
    assert "Ada" not in sheet

    for days, kept in ((13, True), (15, False)):
        clock.set(datetime(SECOND.year, SECOND.month, SECOND.day, 15, 0, tzinfo=UTC))
        clock.advance(timedelta(days=days))
        with app.app_context():
            erase_due_answers(lambda: False)
        sign_in_again(desk)
        assert ("vegan" in desk.client.get(f"{PRINT}needs", headers=ENGLISH).text) is kept
