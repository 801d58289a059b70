"""Asking people and organisations into a team, and how roles begin and end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub.accounts.models import User
from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.extensions import db
from eventhub.organisations.models import Grant, Member, Organisation, Role
from eventhub.roles.jobs import end_roles
from eventhub.roles.models import RoleOffer
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of
from tests.journeys.letters_of import arrived, text_of
from tests.journeys.test_s03_rotating_host import offered_link
from tests.mail.post_office import PostOffice

TEAM = "/manage/labcamp/team"
MEMBERS = "/manage/organisations/lab-nadine/members"


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> Desk:
    return desk_of(app)


def ask(desk: Desk, path: str, email: str = "New@Lab.example", **answers: str) -> None:
    form = {"email": email, "role": "organiser"} | answers
    answer = desk.client.post(path, data=form)
    assert answer.status_code == 303, answer.text


def last_link(desk: Desk, office: PostOffice) -> str:
    return offered_link(text_of(arrived(desk.app, office)[-1]))


def as_user(desk: Desk, email: str) -> FlaskClient:
    client: FlaskClient = organiser_of(desk.app, email=email).client
    return client


def test_a_role_begins_when_it_is_accepted(desk: Desk, post_office: PostOffice) -> None:
    desk.publish()
    ask(desk, TEAM, role="registration_desk")
    link = last_link(desk, post_office)
    visitor = desk.app.test_client()
    assert "Anmeldestelle" in visitor.get(link).text
    with desk.app.app_context():
        assert db.session.query(User).filter_by(email="new@lab.example").count() == 0
    assert visitor.post(f"{link}accept").status_code == 303
    client = as_user(desk, "new@lab.example")
    assert client.get("/manage/labcamp/5/registrations/").status_code == 200
    assert client.get("/manage/labcamp/5/edit").status_code == 403
    page = desk.client.get(TEAM).text
    assert "new@lab.example" in page
    assert "Noch nicht beantwortet" not in page


def test_who_declines_gets_nothing_and_the_link_is_spent(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, TEAM)
    link = last_link(desk, post_office)
    visitor = desk.app.test_client()
    assert visitor.post(f"{link}decline").status_code == 303
    assert visitor.post(f"{link}accept").status_code == 409
    with desk.app.app_context():
        assert db.session.query(Grant).count() == 0
        assert db.session.query(User).filter_by(email="new@lab.example").count() == 0
    assert "hat eine angebotene Rolle abgelehnt" in desk.client.get("/manage/labcamp/history/").text


def test_a_withdrawn_or_late_offer_opens_nothing(
    desk: Desk, post_office: PostOffice, clock: FrozenClock
) -> None:
    ask(desk, TEAM)
    withdrawn = last_link(desk, post_office)
    assert desk.client.post(f"{TEAM}/offers/1/withdraw").status_code == 303
    ask(desk, TEAM)
    late = last_link(desk, post_office)
    clock.advance(timedelta(days=14, seconds=1))
    visitor = desk.app.test_client()
    for link in (withdrawn, late):
        assert "oder es ist zu spät" in visitor.get(link).text
        assert visitor.post(f"{link}accept").status_code == 409
    assert visitor.get("/manage/roles/made-up/").status_code == 404
    assert visitor.post("/manage/roles/made-up/accept").status_code == 404


def test_nobody_is_asked_twice_at_once(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, TEAM)
    answer = desk.client.post(TEAM, data={"email": "new@lab.example", "role": "reader"})
    assert answer.status_code == 422
    assert "ist schon gefragt" in answer.text
    assert len(arrived(desk.app, post_office)) == 1


def test_a_role_may_have_a_last_day(desk: Desk, post_office: PostOffice, clock: FrozenClock) -> None:
    desk.publish()
    ask(desk, TEAM, until="2026-03-04")
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    client = as_user(desk, "new@lab.example")
    clock.advance(timedelta(days=2, hours=13))  # 4 March, 23:00 in Berlin
    assert client.get("/manage/labcamp/5/").status_code == 200
    clock.advance(timedelta(hours=1))
    assert client.get("/manage/labcamp/5/").status_code == 404
    with desk.app.app_context():
        end_roles()
        assert db.session.query(Grant).count() == 0
    assert "hat eine Rolle beendet, deren Zeit um war" in desk.client.get("/manage/labcamp/history/").text


def test_a_role_can_be_ended_at_once(desk: Desk, post_office: PostOffice) -> None:
    desk.publish()
    ask(desk, "/manage/labcamp/5/team", role="organiser", with_edition="y")
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    client = as_user(desk, "new@lab.example")
    assert client.get("/manage/labcamp/5/").status_code == 200
    assert desk.client.post(f"{TEAM}/1/end").status_code == 404, "it is no role in the whole series"
    assert desk.client.post("/manage/labcamp/5/team/1/end").status_code == 303
    assert client.get("/manage/labcamp/5/").status_code == 404


def test_members_are_asked_and_leave(desk: Desk, post_office: PostOffice, clock: FrozenClock) -> None:
    ask(desk, MEMBERS, role="owner", until="2026-03-09")
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    client = as_user(desk, "new@lab.example")
    assert client.get(TEAM).status_code == 200
    with desk.app.app_context():
        founder = db.session.query(User).filter_by(email="nadine@lab.example").one().id
    assert client.post(f"{MEMBERS}/{founder}/end").status_code == 303
    assert desk.client.get(MEMBERS).status_code == 404
    with desk.app.app_context():
        member = db.session.query(User).filter_by(email="new@lab.example").one().id
    answer = client.post(f"{MEMBERS}/{member}/end")
    assert answer.status_code == 409, "an organisation keeps an owner"
    assert "hat eine Mitgliedschaft beendet" in client.get("/manage/labcamp/history/").text
    clock.advance(timedelta(days=9))
    with desk.app.app_context():
        end_roles()
        assert db.session.query(Member).filter_by(user_id=member, role=Role.OWNER).count() == 1  # her own lab


def test_an_organisation_without_anybody_is_asked_by_the_named_person(
    desk: Desk, post_office: PostOffice
) -> None:
    desk.publish()
    page = "/manage/labcamp/5/hand-over"
    form = desk.form_of(page) | {"organisation": "0", "new_organisation": "Stadtlabor Soest"}
    answer = desk.client.post(page, data=form)
    assert answer.status_code == 422
    assert "Bitte angeben, wer für sie antwortet" in answer.text
    with desk.app.app_context():
        assert db.session.query(Organisation).filter_by(slug="stadtlabor-soest").count() == 0
    assert desk.client.post(page, data=form | {"email": "ida@soest.example"}).status_code == 303
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    ida = as_user(desk, "ida@soest.example")
    assert ida.get("/manage/organisations/stadtlabor-soest/members").status_code == 200
    assert ida.get("/manage/labcamp/5/edit").status_code == 200


def test_other_organisations_run_a_series_only_once_they_accept(desk: Desk) -> None:
    with desk.app.app_context():
        other = db.session.query(Organisation).filter_by(slug="org-other").one().id
    form = desk.form_of("/manage/labcamp/edit")
    own = form["organisations"] if isinstance(form["organisations"], list) else [form["organisations"]]
    answer = desk.client.post("/manage/labcamp/edit", data=form | {"organisations": [*own, str(other)]})
    assert answer.status_code == 422
    assert "sobald sie annehmen" in answer.text
    organiser = organiser_of(desk.app, "labcamp", email="organiser@lab.example", role=Role.ORGANISER).client
    form = Desk(desk.app, organiser, 0).form_of("/manage/labcamp/edit")
    answer = organiser.post("/manage/labcamp/edit", data=form | {"organisations": own[:1]})
    assert answer.status_code == 422
    assert "entscheidet, wem sie gehört" in answer.text


def test_the_link_of_an_offer_is_kept_only_as_its_hash(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, TEAM)
    token = last_link(desk, post_office).split("/")[3]
    with desk.app.app_context():
        offer = db.session.query(RoleOffer).one()
        assert token.encode() not in (offer.seed, offer.token_hash)
        kept = [str(value) for value in vars(offer).values()]
    assert token not in " ".join(kept)


def test_an_offer_goes_with_its_series(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, TEAM)
    link = last_link(desk, post_office)
    with desk.app.app_context(), transaction():
        db.session.delete(db.session.query(Series).filter_by(slug="labcamp").one())
    assert desk.app.test_client().get(link).status_code == 404
