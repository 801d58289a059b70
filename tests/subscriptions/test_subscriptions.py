"""Whoever wants to hear about the next edition says so twice, hears once, and leaves with one click."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, EditionState, Visibility
from eventhub.extensions import db
from eventhub.mail.delivery import deliver
from eventhub.mail.models import OutboxMessage
from eventhub.registration import own_texts
from eventhub.registration.own_texts import OwnText
from eventhub.subscriptions import jobs, service
from eventhub.subscriptions.models import EditionNotice, Subscription
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.mail.post_office import PostOffice
from tests.mail.samples import mails_sent, text_of
from tests.registration.samples import add_edition

pytestmark = pytest.mark.both_databases

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def frozen(clock: FrozenClock) -> None:
    """Let time stand still."""


def ask(client: FlaskClient, email: str = "ada@lab.example", **values: Any) -> Any:
    return client.post("/lab/subscribe", data={"email": email, **values}, headers=HERE)


def waiting(app: Flask, *emails: str, language: str = "de") -> list[str]:
    """Subscribe and confirm addresses; return the tokens of their links."""
    tokens = []
    with app.app_context():
        for email in emails:
            with transaction():
                series = db.session.scalars(select(Edition)).first().series  # type: ignore[union-attr]
                service.subscribe(series, email, language)
                found = db.session.scalars(select(Subscription).filter_by(email_key=email)).one()
                service.confirm(found)
                tokens.append(service.token_of(found))
    return tokens


def kinds(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(
            select(OutboxMessage.kind, OutboxMessage.to_address).order_by(OutboxMessage.id)
        )
        return [(kind, address) for kind, address in rows]


def told(app: Flask) -> list[str]:
    return [address for kind, address in kinds(app) if kind == "next_edition"]


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Subscription)) or 0


def open_next(app: Flask, **values: Any) -> int:
    """Let the series have a sixth edition that takes registrations."""
    with app.app_context(), transaction():
        first = db.session.scalars(select(Edition)).first()
        assert first is not None
        names = ("series_id", "zone", "start_date", "start_time", "end_time", "starts_at", "ends_at", "mode")
        fields = {name: getattr(first, name) for name in names} | {
            "number": 6,
            "title": "LabCamp #6",
            "calendar_uid": "six@lab.example",
            "state": EditionState.PUBLISHED,
        }
        edition = Edition(**(fields | values))
        db.session.add(edition)
        db.session.flush()
        return edition.id


def run_job(app: Flask) -> None:
    with app.app_context():
        jobs.tell_subscribers()


def test_one_field_two_yeses_and_one_mail(app: Flask, client: FlaskClient) -> None:
    add_edition(app, state=EditionState.COMPLETED)
    assert 'action="/lab/subscribe"' in client.get("/lab/").text
    assert 'action="/lab/subscribe"' in client.get("/lab/5/").text
    assert ask(client).location == "/lab/subscribed"
    assert "unterwegs" in client.get("/lab/subscribed").text
    with app.app_context():
        token = service.token_of(db.session.scalars(select(Subscription)).one())
    page = client.get(f"/subscriptions/{token}/")
    assert "ada@lab.example" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    open_next(app)
    run_job(app)
    assert told(app) == [], "a look at the link is no yes"
    client.post(f"/subscriptions/{token}/confirm")
    assert "auf der Liste" in client.get(f"/subscriptions/{token}/").text
    run_job(app)
    assert told(app) == [], "what was open already is no news"
    open_next(app, number=7, calendar_uid="seven@lab.example")
    run_job(app)
    assert told(app) == ["ada@lab.example"]


def test_everybody_hears_once_however_often_the_job_runs(app: Flask) -> None:
    add_edition(app, state=EditionState.COMPLETED)
    waiting(app, "ada@lab.example", "bo@lab.example")
    edition_id = open_next(app)
    for _again in range(3):
        run_job(app)
    assert told(app) == ["ada@lab.example", "bo@lab.example"]
    with app.app_context():
        assert db.session.get(EditionNotice, edition_id) is not None
        rows = db.session.scalars(select(OutboxMessage).filter_by(kind="next_edition")).all()
        assert {row.edition_id for row in rows} == {None}, "the team of the edition sees no address"


@pytest.mark.parametrize(
    "values",
    [
        {"visibility": Visibility.UNLISTED},
        {"admission": Admission.INVITATION},
        {"state": EditionState.DRAFT},
        {"takes_registrations": False},
        {"start_date": None, "start_time": None, "end_time": None, "starts_at": None, "ends_at": None},
    ],
    ids=["unlisted", "by invitation", "draft", "no registration", "no date"],
)
def test_nobody_hears_of_what_is_not_for_everybody(app: Flask, values: dict[str, Any]) -> None:
    add_edition(app, state=EditionState.COMPLETED)
    waiting(app, "ada@lab.example")
    open_next(app, **values)
    run_job(app)
    assert told(app) == []


def test_the_mail_waits_until_registration_opens(app: Flask, clock: FrozenClock) -> None:
    add_edition(app, state=EditionState.COMPLETED)
    waiting(app, "ada@lab.example")
    open_next(app, registration_opens_at=clock.now() + timedelta(days=1))
    run_job(app)
    assert told(app) == []
    clock.advance(timedelta(days=1))
    run_job(app)
    assert told(app) == ["ada@lab.example"]


def test_known_and_unknown_addresses_get_the_same_answer(app: Flask, clock: FrozenClock) -> None:
    add_edition(app)
    waiting(app, "ada@lab.example")
    clock.advance(timedelta(hours=1))
    answers = [ask(app.test_client(), email) for email in ("ada@lab.example", "new@lab.example")]
    assert len({(answer.status_code, answer.location, answer.text) for answer in answers}) == 1
    assert kinds(app)[1:] == [
        ("subscription", "ada@lab.example"),
        ("subscription", "new@lab.example"),
    ]


def test_asking_again_and_again_sends_one_mail(app: Flask, client: FlaskClient) -> None:
    add_edition(app)
    for _again in range(4):
        assert ask(client, "Ada@Lab.example").status_code == 303
    assert len(kinds(app)) == 1
    assert count(app) == 1


@pytest.mark.parametrize("email", ["", "ada", "ada@", "ada bo@lab.example", "x" * 300 + "@lab.example"])
def test_what_is_no_address_gets_a_sentence(app: Flask, client: FlaskClient, email: str) -> None:
    add_edition(app)
    assert ask(client, email).status_code == 422
    assert count(app) == 0


def test_machines_get_no_mail_sent(app: Flask, client: FlaskClient) -> None:
    add_edition(app)
    assert ask(client, website="http://spam.example").status_code == 303
    assert kinds(app) == []


def test_forms_of_other_sites_and_without_proof_are_refused(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    add_edition(app)
    data = {"email": "ada@lab.example"}
    foreign = client.post("/lab/subscribe", data=data, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert client.post("/lab/subscribe", data=data).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/lab/subscribe").text)
    assert token is not None
    assert client.post("/lab/subscribe", data={**data, "csrf_token": token[1]}).status_code == 303
    assert count(app) == 1


def test_mail_programs_unsubscribe_by_themselves(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    add_edition(app)
    [token] = waiting(app, "ada@lab.example")
    address = f"/subscriptions/{token}/leave"
    assert client.get(address, follow_redirects=True).status_code == 200
    assert count(app) == 1, "a look changes nothing"
    for _again in range(2):
        answer = app.test_client().post(address, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert count(app) == 0
    assert kinds(app) == [], "mails to a deleted address are deleted along"
    assert client.get(f"/subscriptions/{token}/").status_code == 404


def test_unconfirmed_addresses_are_forgotten_after_a_week(app: Flask, clock: FrozenClock) -> None:
    add_edition(app)
    waiting(app, "ada@lab.example")
    ask(app.test_client(), "bo@lab.example")
    clock.advance(timedelta(days=7, seconds=1))
    with app.app_context():
        jobs.forget_unconfirmed()
        assert db.session.scalars(select(Subscription.email)).all() == ["ada@lab.example"]
    assert [address for _kind, address in kinds(app)] == ["ada@lab.example"]


def test_the_mail_carries_the_headers_for_one_click(app: Flask, post_office: PostOffice) -> None:
    add_edition(app, state=EditionState.COMPLETED, series={"title": "Werkstatt für alle"})
    [token] = waiting(app, "ada@lab.example", language="en")
    open_next(app)
    run_job(app)
    with app.app_context():
        deliver()
    question, news = (one.mail for one in post_office.delivered())
    for mail in (question, news):
        assert mail["List-Unsubscribe"] == f"<https://events.example/subscriptions/{token}/leave>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail["List-Id"] == "Werkstatt für alle <lab.events.example>"
        assert [len(mail.get_all(name, [])) for name in ("List-Id", "List-Unsubscribe")] == [1, 1]
        assert mail["To"] == "ada@lab.example"
    words = str(news.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "LabCamp #6: registration is open" in words
    assert "https://events.example/lab/6/register" in words
    assert f"https://events.example/subscriptions/{token}/" in words


def test_news_of_an_edition_that_closed_meanwhile_is_dropped(app: Flask) -> None:
    add_edition(app, state=EditionState.COMPLETED)
    waiting(app, "ada@lab.example")
    edition_id = open_next(app)
    run_job(app)
    with app.app_context():
        with transaction():
            db.session.get_one(Edition, edition_id).takes_registrations = False
        deliver()
        states = db.session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)).all()
        assert states == ["sent", "dropped"]


def test_what_the_job_asks_does_not_grow_with_subscribers(app: Flask) -> None:
    add_edition(app, state=EditionState.COMPLETED)
    waiting(app, *(f"person{number}@lab.example" for number in range(20)))
    open_next(app)
    with counted_queries(app) as statements:
        run_job(app)
    assert len(told(app)) == 20
    assert len(statements) <= 8


def test_a_series_words_the_question_and_what_is_promised_stays(app: Flask, client: FlaskClient) -> None:
    edition_id = add_edition(app, state=EditionState.COMPLETED)
    with app.app_context(), transaction():
        series = db.session.get_one(Edition, edition_id).series
        own_texts.save(series, "subscription", {"de": OwnText("Post von {series}?", "Moin! Magst du?")})
    ask(client)
    with app.app_context():
        [(_row, mail)] = mails_sent()
    assert mail["Subject"] == "Post von LabCamp?"
    assert "Moin! Magst du?" in text_of(mail)
    assert "7 Tagen" in text_of(mail)
    assert "/subscriptions/" in text_of(mail)
