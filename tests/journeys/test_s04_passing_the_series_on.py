"""S4: after #10 two labs take the series over, the initiators become readers, and nothing is lost."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.extensions import db
from eventhub.organisations.models import Organisation
from eventhub.roles.jobs import end_roles
from eventhub.subscriptions.models import Subscription
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of
from tests.journeys.letters_of import arrived, text_of
from tests.journeys.test_s03_rotating_host import offered_link
from tests.mail.post_office import PostOffice

pytestmark = pytest.mark.both_databases

HERE = {"Sec-Fetch-Site": "same-origin"}


def ten_editions(desk: Desk) -> None:
    for number in range(1, 11):
        day = date(2025, 1, 7) + timedelta(weeks=4 * number)
        desk.add(number, state=EditionState.COMPLETED, start_date=day)


def only_ours(desk: Desk) -> None:
    """Let one organisation alone run the series."""
    with desk.app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        series.organisation_links[:] = [
            link for link in series.organisation_links if link.organisation_id == desk.organisation_id
        ]


def subscribe(app: Flask, office: PostOffice) -> None:
    """Let somebody ask to hear of the next edition, and say yes to the mail."""
    visitor = app.test_client()
    form = {"email": "reader@city.example"}
    assert visitor.post("/labcamp/subscribe", data=form, headers=HERE).status_code == 303
    (mail,) = arrived(app, office)
    link = re.search(r"http://localhost(/subscriptions/[\w-]+/)", text_of(mail))
    assert link
    assert visitor.post(f"{link[1]}confirm").status_code == 303


def known(app: Flask) -> dict[str, object]:
    """Return what must be the same before and after."""
    visitor = app.test_client()
    pages = ("/labcamp/calendar.ics", "/labcamp/feed.atom", "/labcamp/10/calendar.ics")
    feeds: dict[str, object] = {
        path: re.findall(r"^UID:(.*)$|<id>(.*?)</id>", visitor.get(path).text, re.MULTILINE) for path in pages
    }
    assert all(feeds.values())
    with app.app_context():
        rows = (
            db.session.query(Edition.number, Edition.calendar_uid, Edition.sequence)
            .order_by(Edition.id)
            .all()
        )
        return feeds | {
            "editions": [tuple(row) for row in rows],
            "subscribers": [one.email for one in db.session.query(Subscription) if one.confirmed_at],
        }


def ask(app: Flask, desk: Desk, **answers: str) -> None:
    page = "/manage/labcamp/hand-over"
    with app.app_context():
        own = db.session.get_one(Organisation, desk.organisation_id).id
    form = desk.form_of(page) | {"giver": str(own), "keeps": "reader"} | answers
    answer = desk.client.post(page, data=form)
    assert answer.status_code == 303, answer.text


def test_passing_the_series_on(app: Flask, clock: FrozenClock, post_office: PostOffice) -> None:
    desk = desk_of(app)
    ten_editions(desk)
    only_ours(desk)
    subscribe(app, post_office)
    before = known(app)
    assert before["subscribers"] == ["reader@city.example"]
    first = organiser_of(app, email="first@lab.example")
    ask(app, desk, organisation=str(first.organisation_id), texts="Alle Texte sind frei (CC BY).")
    ask(app, desk, organisation="0", new_organisation="GovLab Arnsberg", email="second@lab.example")
    mails = {mail["To"]: offered_link(text_of(mail)) for mail in arrived(app, post_office)[1:]}
    assert set(mails) == {"first@lab.example", "second@lab.example"}

    assert first.client.post(f"{mails['first@lab.example']}accept").status_code == 303
    assert first.client.get("/manage/labcamp/10/registrations/").status_code == 200
    assert desk.client.get("/manage/labcamp/edit").status_code == 200, "one has not answered yet"

    visitor: FlaskClient = app.test_client()
    link = mails["second@lab.example"]
    assert visitor.post(f"{link}accept").status_code == 303
    assert "second@lab.example" in visitor.get(link).text
    second = organiser_of(app, email="second@lab.example").client
    for owner in (first.client, second):
        assert owner.get("/manage/labcamp/team").status_code == 200
        assert owner.get("/manage/labcamp/10/edit").status_code == 200

    assert desk.client.get("/manage/labcamp/").status_code == 200
    assert desk.client.get("/manage/labcamp/10/").status_code == 200
    for closed in ("edit", "team", "10/edit", "10/registrations/", "hand-over"):
        assert desk.client.get(f"/manage/labcamp/{closed}").status_code == 403, closed

    assert known(app) == before
    told = second.get("/manage/labcamp/history/").text
    assert told.count("hat eine Rolle angeboten") == 2
    assert told.count("hat eine angebotene Rolle angenommen") == 2
    assert told.count("hat die Reihe abgegeben") == 1


def test_whoever_hands_over_steps_back_also_where_one_lab_never_answers(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = desk_of(app)
    ten_editions(desk)
    only_ours(desk)
    first = organiser_of(app, email="first@lab.example")
    ask(app, desk, organisation=str(first.organisation_id))
    ask(app, desk, organisation="0", new_organisation="GovLab Arnsberg", email="second@lab.example")
    mails = {mail["To"]: offered_link(text_of(mail)) for mail in arrived(app, post_office)}
    assert first.client.post(f"{mails['first@lab.example']}accept").status_code == 303
    with app.app_context():
        end_roles()
    assert desk.client.get("/manage/labcamp/edit").status_code == 200, "one may still answer"
    clock.advance(timedelta(days=14, seconds=1))
    with app.app_context():
        end_roles()
        end_roles()
    assert desk.client.get("/manage/labcamp/").status_code == 200
    assert desk.client.get("/manage/labcamp/edit").status_code == 403
    assert first.client.get("/manage/labcamp/history/").text.count("hat die Reihe abgegeben") == 1


def test_whoever_hands_over_stays_where_nobody_answers(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = desk_of(app)
    ten_editions(desk)
    only_ours(desk)
    ask(app, desk, organisation="0", new_organisation="GovLab Arnsberg", email="second@lab.example")
    arrived(app, post_office)
    clock.advance(timedelta(days=14, seconds=1))
    with app.app_context():
        end_roles()
    assert desk.client.get("/manage/labcamp/edit").status_code == 200
