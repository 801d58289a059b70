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
from tests.desk.setting import Desk, desk_of, fields_of
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


def test_a_role_is_changed_and_its_holder_told(desk: Desk, post_office: PostOffice) -> None:
    desk.publish()
    ask(desk, TEAM, role="registration_desk")
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    client = as_user(desk, "new@lab.example")
    form = desk.form_of(f"{TEAM}/1")
    assert form["role"] == "registration_desk"
    answer = desk.client.post(f"{TEAM}/1", data=form | {"role": "agenda_editor", "until": "2026-03-04"})
    assert answer.status_code == 303
    assert client.get("/manage/labcamp/5/registrations/").status_code == 403
    assert client.get("/manage/labcamp/5/agenda/").status_code == 200
    mail = arrived(desk.app, post_office)[-1]
    assert mail["To"] == "new@lab.example"
    assert "Agenda-Redaktion" in text_of(mail)
    assert "4.\u00a0März\u00a02026" in text_of(mail).replace(" ", "\u00a0")
    history = desk.client.get("/manage/labcamp/history/").text
    assert "hat eine Rolle geändert: new@lab.example" in history
    assert "Rolle: Anmeldestelle → Agenda-Redaktion" in history


def test_saving_a_role_unchanged_tells_nobody(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, TEAM)
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    before = len(arrived(desk.app, post_office))
    assert desk.client.post(f"{TEAM}/1", data=desk.form_of(f"{TEAM}/1")).status_code == 303
    assert len(arrived(desk.app, post_office)) == before
    assert "hat eine Rolle geändert" not in desk.client.get("/manage/labcamp/history/").text


def test_two_who_change_one_role_see_each_other(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, TEAM)
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    form = desk.form_of(f"{TEAM}/1")
    assert desk.client.post(f"{TEAM}/1", data=form | {"role": "owner"}).status_code == 303
    answer = desk.client.post(f"{TEAM}/1", data=form | {"role": "reader"})
    assert answer.status_code == 409
    assert "<strong>Rolle:</strong> Inhaber:in" in answer.text
    again = desk.client.post(f"{TEAM}/1", data=fields_of(answer.text) | {"role": "reader"})
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"role": "emperor"}, "Rolle"),
        ({"until": "2026-03-01"}, "Dieser Tag ist vorbei"),
        ({"until": "heute"}, "Gib den Tag wie"),
    ],
)
def test_what_can_not_be_a_role_is_said_at_its_field(
    desk: Desk, post_office: PostOffice, answers: dict[str, str], words: str
) -> None:
    ask(desk, TEAM)
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    page = desk.client.post(f"{TEAM}/1", data=desk.form_of(f"{TEAM}/1") | answers)
    assert page.status_code == 422
    assert words in page.text
    with desk.app.app_context():
        assert db.session.query(Grant).one().role is Role.ORGANISER


def test_the_role_of_an_organisation_is_changed_and_its_owners_told(
    desk: Desk, post_office: PostOffice
) -> None:
    desk.publish()
    guest = organiser_of(desk.app, email="ida@elsewhere.example")
    with desk.app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        db.session.add(Grant(organisation_id=guest.organisation_id, series_id=series.id, role=Role.ORGANISER))
    form = desk.form_of(f"{TEAM}/1")
    assert desk.client.post(f"{TEAM}/1", data=form | {"role": "reader"}).status_code == 303
    assert guest.client.get("/manage/labcamp/5/edit").status_code == 403
    [mail] = arrived(desk.app, post_office)
    assert mail["To"].addresses[0].addr_spec == "ida@elsewhere.example"
    assert "Example Lab" in text_of(mail)


def test_the_last_owner_stays_one(desk: Desk, post_office: PostOffice) -> None:
    organiser = organiser_of(desk.app, email="second@lab.example")
    with desk.app.app_context(), transaction():
        db.session.add(
            Member(user_id=organiser.id, organisation_id=desk.organisation_id, role=Role.ORGANISER)
        )
        founder = db.session.query(User).filter_by(email="nadine@lab.example").one().id
    own, theirs = f"{MEMBERS}/{founder}", f"{MEMBERS}/{organiser.id}"
    for answers in ({"role": "organiser"}, {"until": "2027-03-01"}):
        refused = desk.client.post(own, data=desk.form_of(own) | answers)
        assert refused.status_code == 422
        assert "braucht eine Inhaberin oder einen Inhaber" in refused.text
    assert organiser.client.get(MEMBERS).status_code == 404
    assert desk.client.post(theirs, data=desk.form_of(theirs) | {"role": "owner"}).status_code == 303
    assert organiser.client.get(MEMBERS).status_code == 200
    answer = desk.client.post(own, data=desk.form_of(own) | {"role": "reader"})
    assert answer.location == "/manage/organisations/"
    assert desk.client.get(MEMBERS).status_code == 404
    assert [mail["To"].addresses[0].addr_spec for mail in arrived(desk.app, post_office)] == [
        "second@lab.example"
    ], "who changes their own role knows it"
    assert "hat die Rolle eines Mitglieds geändert" in organiser.client.get("/manage/labcamp/history/").text


def test_the_last_owner_stays_one_when_offered_another_role(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, MEMBERS, "nadine@lab.example", role="reader")
    assert desk.app.test_client().post(f"{last_link(desk, post_office)}accept").status_code == 409
    assert desk.client.get(MEMBERS).status_code == 200


def test_who_loses_a_role_is_told(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, TEAM, role="reader")
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    assert desk.client.post(f"{TEAM}/1/end").status_code == 303
    mail = arrived(desk.app, post_office)[-1]
    assert mail["To"] == "new@lab.example"
    assert "beendet" in mail["Subject"]


def test_members_are_asked_and_leave(desk: Desk, post_office: PostOffice) -> None:
    ask(desk, MEMBERS, role="owner")
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


def test_an_owner_for_a_while_does_not_replace_the_one_who_stays(
    desk: Desk, post_office: PostOffice, clock: FrozenClock
) -> None:
    ask(desk, MEMBERS, role="owner", until="2026-03-09")
    desk.app.test_client().post(f"{last_link(desk, post_office)}accept")
    client = as_user(desk, "new@lab.example")
    with desk.app.app_context():
        founder = db.session.query(User).filter_by(email="nadine@lab.example").one().id
    assert client.post(f"{MEMBERS}/{founder}/end").status_code == 409
    own = f"{MEMBERS}/{founder}"
    refused = desk.client.post(own, data=desk.form_of(own) | {"role": "organiser"})
    assert refused.status_code == 422
    assert "deren Rolle keinen letzten Tag hat" in refused.text
    clock.advance(timedelta(days=9))
    with desk.app.app_context():
        end_roles()
        owners = db.session.query(Member).filter_by(organisation_id=desk.organisation_id, role=Role.OWNER)
        assert [one.user_id for one in owners] == [founder]


def test_an_owner_who_can_not_sign_in_does_not_replace_one_who_can(desk: Desk) -> None:
    gone = organiser_of(desk.app, email="gone@lab.example")
    with desk.app.app_context(), transaction():
        db.session.add(Member(user_id=gone.id, organisation_id=desk.organisation_id, role=Role.OWNER))
        db.session.get_one(User, gone.id).active = False
        founder = db.session.query(User).filter_by(email="nadine@lab.example").one().id
    assert desk.client.post(f"{MEMBERS}/{founder}/end").status_code == 409


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
