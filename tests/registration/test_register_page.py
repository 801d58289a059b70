from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventhub import clock as present
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, EditionState
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration
from tests.conftest import FrozenClock
from tests.registration.browsing import AYLIN, FORM, my_link, once_key, registration_of, send
from tests.registration.samples import add_edition, signed_up

ENGLISH = {"Accept-Language": "en"}

pytestmark = pytest.mark.both_databases


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def rows(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Registration)) or 0


def test_one_form_gives_a_place_and_a_mail(app: Flask, client: FlaskClient) -> None:
    add_edition(app, capacity=5)
    answer = send(client, note="Vegetarian\nplease")
    assert (answer.status_code, answer.location) == (303, "/lab/5/registered")
    page = client.get(answer.location)
    assert "aylin@lab.example" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    with app.app_context():
        found = registration_of()
        assert (found.name, found.organisation, found.note) == (
            "Aylin Yıldız",
            "Zukunftslabor",
            "Vegetarian\nplease",
        )
        assert found.consent_version
        assert found.language == "en"
        assert db.session.scalars(select(OutboxMessage.kind)).all() == ["confirmed"]
    assert my_link(app) not in page.text, "the link comes by mail only"


def test_the_form_needs_no_organisation_and_no_message(app: Flask, client: FlaskClient) -> None:
    add_edition(app)
    assert send(client, organisation="").status_code == 303


def test_mistakes_are_named_and_what_was_typed_stays(app: Flask, client: FlaskClient) -> None:
    add_edition(app)
    page = send(client, name="", email="aylin.yildiz@lab", consent="", note="<b>hello</b>")
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert 'href="#email"' in page.text
    assert 'id="email-error"' in page.text
    assert 'value="aylin.yildiz@lab"' in page.text
    assert "&lt;b&gt;hello&lt;/b&gt;" in page.text
    assert "Please check 3 entries" in page.text
    assert rows(app) == 0


def test_a_form_with_mistakes_keeps_its_key(app: Flask, client: FlaskClient) -> None:
    add_edition(app)
    first = client.get(FORM)
    second = client.post(FORM, data={"once_key": once_key(first), "name": "A"})
    assert once_key(second) == once_key(first)


def test_double_click_back_and_resubmit_are_one_registration(app: Flask, client: FlaskClient) -> None:
    add_edition(app, capacity=1)
    data = {**AYLIN, "once_key": once_key(client.get(FORM))}
    pages = []
    for _ in range(3):
        answer = client.post(FORM, data=data)
        assert answer.status_code == 303
        pages.append(client.get(str(answer.location)).text)
    assert pages[0] == pages[1] == pages[2]
    assert rows(app) == 1
    with app.app_context():
        mails = select(OutboxMessage.kind).where(OutboxMessage.registration_id.is_not(None))
        assert db.session.scalars(mails).all() == ["confirmed"]


@pytest.mark.parametrize("capacity", [1, 5, None])
def test_nothing_shows_whether_an_address_is_known(
    app: Flask, client: FlaskClient, clock: FrozenClock, capacity: int | None
) -> None:
    edition_id = add_edition(app, capacity=capacity)
    with app.app_context():
        signed_up(edition_id, email="known@lab.example")
    clock.advance(timedelta(hours=1))
    pages = []
    for address in ("known@lab.example", "other@lab.example"):
        answer = send(client, email=address)
        pages.append((answer.status_code, answer.location, client.get("/lab/5/registered").text))
    (known_status, known_place, known), (other_status, other_place, other) = pages
    assert (known_status, known_place) == (other_status, other_place)
    assert known.replace("known@", "other@") == other


def test_the_waitlist_is_named_before_and_after(app: Flask, client: FlaskClient) -> None:
    edition_id = add_edition(app, capacity=1)
    with app.app_context():
        signed_up(edition_id)
    assert "Join the waitlist" in client.get(FORM).text
    send(client)
    assert "waitlist" in client.get("/lab/5/registered").text


def test_machines_fill_in_what_nobody_sees(app: Flask, client: FlaskClient) -> None:
    add_edition(app)
    answer = send(client, website="https://spam.example")
    assert (answer.status_code, answer.location) == (303, "/lab/5/registered")
    assert rows(app) == 0


def test_the_page_after_the_form_belongs_to_this_browser(app: Flask, client: FlaskClient) -> None:
    add_edition(app)
    assert client.get("/lab/5/registered").location == FORM


def opens_later(edition: Edition) -> None:
    edition.registration_opens_at = present.now() + timedelta(days=2)


def closed_yesterday(edition: Edition) -> None:
    edition.registration_closes_at = present.now() - timedelta(days=1)


def is_cancelled(edition: Edition) -> None:
    edition.state = EditionState.CANCELLED
    edition.state_reason = "The house is flooded."


def has_been(edition: Edition) -> None:
    edition.state = EditionState.COMPLETED


def has_no_date(edition: Edition) -> None:
    edition.start_date = edition.start_time = edition.end_time = None
    edition.starts_at = edition.ends_at = None


def registers_elsewhere(edition: Edition) -> None:
    edition.takes_registrations = False


def invites(edition: Edition) -> None:
    edition.admission = Admission.INVITATION


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (opens_later, ["not opened yet", "It opens on"]),
        (closed_yesterday, ["has closed", "Send me my link"]),
        (is_cancelled, ["is cancelled", "The house is flooded."]),
        (has_been, ["is over", "To the series"]),
        (has_no_date, ["date is not set yet"]),
        (registers_elsewhere, ["no registration here"]),
        (invites, ["by invitation only", "personal link by mail", "Send me my link"]),
    ],
)
def test_closed_pages_say_why_and_what_next(
    app: Flask, client: FlaskClient, prepare: Callable[[Edition], None], words: list[str]
) -> None:
    edition_id = add_edition(app)
    data = {**AYLIN, "once_key": once_key(client.get(FORM))}
    with app.app_context(), transaction():
        prepare(db.session.get_one(Edition, edition_id))
    page = client.get(FORM)
    assert page.status_code == 200
    assert all(word in page.text for word in words)
    late = client.post(FORM, data=data)
    assert late.status_code == 409
    assert words[0] in late.text
    assert rows(app) == 0


def test_a_draft_is_nothing_to_register_for(app: Flask, client: FlaskClient) -> None:
    add_edition(app, state=EditionState.DRAFT)
    assert client.get(FORM).status_code == 404
    assert client.post(FORM, data=AYLIN).status_code == 404


def test_a_lost_link_comes_again_after_registration_closed(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, email="aylin@lab.example")
        with transaction():
            closed_yesterday(db.session.get_one(Edition, edition_id))
    clock.advance(timedelta(hours=1))
    assert client.post(f"{FORM}/link", data={"email": "aylin"}).status_code == 422
    pages = []
    for address in ("aylin@lab.example", "nobody@lab.example"):
        answer = client.post(f"{FORM}/link", data={"email": address})
        assert answer.status_code == 303
        pages.append(client.get(str(answer.location)).text.replace(address, "X"))
    assert pages[0] == pages[1]
    with app.app_context():
        kinds = db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert kinds == ["confirmed", "existing"]


LONG = "Ä" * 10_000


@pytest.mark.parametrize(
    "values",
    [
        {"name": LONG},
        {"name": "x" * 121},
        {"name": "👩🏽‍🔬 Ada 🏳️‍🌈"},
        {"name": "😀"},
        {"name": "محمد علي"},
        {"name": "שרה כהן"},
        {"name": "Ann\u202ea"},
        {"name": "Ann\x00a"},
        {"name": "Ann\x07a"},
        {"name": "Ann\x1ba"},
        {"name": "A\r\nBcc: all@lab.example"},
        {"name": "\u200b\u200b"},
        {"name": "=HYPERLINK(1)"},
        {"name": ["One", "Two"]},
        {"name": "Z̷̢̛͇͖̈́a̸̤͝l̶̰̓g̴̗͊o̵͚̕" * 20},
        {"name": "<script>alert(1)</script> Ann"},
        {"name": "{{ 7 * 7 }} %(x)s {0}"},
        {"name": "\ud800".encode("utf-8", "surrogatepass")},
        {"name": b"\xff\xfe"},
        {"email": LONG},
        {"email": "x@" + "a." * 200 + "de"},
        {"email": "a@b.de\nBcc: c@d.de"},
        {"email": "aylin@müller.de"},
        {"email": "ä@lab.example"},
        {"email": "a@[127.0.0.1]"},
        {"email": '"a b"@lab.example'},
        {"email": "a@xn--.de"},
        {"email": ["a@lab.example", "b@lab.example"]},
        {"organisation": LONG},
        {"organisation": "Lab\u2028Line"},
        {"note": LONG},
        {"note": "one\ttwo\r\nthree"},
        {"note": "a\x0bb"},
        {"consent": LONG},
        {"once_key": LONG},
        {"once_key": "\x00"},
        {"once_key": ""},
        {"state": "confirmed", "place_in_line": "1", "edition_id": "7", "token_hash": "x"},
        {f"field{number}": "x" for number in range(300)},
    ],
    ids=lambda values: "-".join(f"{key}={str(value)[:12]!a}" for key, value in list(values.items())[:2]),
)
def test_no_input_breaks_the_form(app: Flask, client: FlaskClient, values: dict[str, Any]) -> None:
    add_edition(app, capacity=1)
    data = {**AYLIN, "once_key": once_key(client.get(FORM)), **values}
    answer = client.post(FORM, data=data)
    assert answer.status_code in {303, 400, 413, 422}
    assert rows(app) == (1 if answer.status_code == 303 else 0)
    if answer.status_code == 422:
        assert "Zukunftslabor" in answer.text or values.get("organisation")
        assert "<script>alert" not in answer.text


@pytest.mark.parametrize("body", [b"{}", b"<x/>", b""])
def test_other_formats_are_refused(app: Flask, client: FlaskClient, body: bytes) -> None:
    add_edition(app)
    assert client.post(FORM, data=body, content_type="application/json").status_code == 415


def test_a_form_without_its_token_is_refused_and_loses_nothing(app: Flask, client: FlaskClient) -> None:
    add_edition(app)
    app.config["WTF_CSRF_ENABLED"] = True
    page = client.post(FORM, data=AYLIN, headers={"Origin": "http://localhost"})
    assert page.status_code == 400
    assert "aylin@lab.example" in page.text
    assert rows(app) == 0


def test_the_registration_pages_speak_both_languages_and_forms_of_address(app: Flask) -> None:
    add_edition(app, series={"slug": "lab", "title": "LabCamp", "form_of_address": "sie"})
    german = app.test_client().get(FORM, headers={"Accept-Language": "de"}).text
    assert '<html lang="de"' in german
    assert "Ihr" in german
    assert "dein" not in german.lower().replace("dein@", "")


def test_only_the_day_is_known(app: Flask, client: FlaskClient) -> None:
    add_edition(
        app,
        start_date=date(2036, 5, 7),
        start_time=None,
        end_time=None,
        starts_at=None,
        ends_at=None,
        join_url="",
    )
    assert send(client).status_code == 303
    assert client.get(my_link(app)).status_code == 200
