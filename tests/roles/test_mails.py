"""Mails about roles: in the words and the form of address of a series, with all that has to be known."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from flask import Flask

from eventhub.accounts.models import User
from eventhub.database import transaction
from eventhub.editions.models import FormOfAddress, Series
from eventhub.extensions import db
from eventhub.mail.outbox import enqueue
from eventhub.organisations.models import Grant, Role
from eventhub.registration import own_texts
from eventhub.registration.own_texts import ROLES, OwnText
from eventhub.roles.models import RoleOffer
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of
from tests.journeys.letters_of import arrived, text_of
from tests.mail.post_office import PostOffice
from tests.roles.test_roles import MEMBERS, TEAM, ask, last_link

OWN = OwnText("Post von {series}", "Moin, hier schreibt **{series}**.")
LAST_DAY = "4.\u00a0März 2026"


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> Desk:
    return desk_of(app)


def change_series(desk: Desk, **values: object) -> None:
    with desk.app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        for name, value in values.items():
            setattr(series, name, value)


def word_all(desk: Desk) -> None:
    with desk.app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        for kind in ROLES:
            own_texts.save(series, kind, {"de": OWN})


def latest(desk: Desk, office: PostOffice) -> EmailMessage:
    return arrived(desk.app, office)[-1]


def take_on(desk: Desk, office: PostOffice, path: str = TEAM, **answers: str) -> None:
    """Let somebody accept what they are offered."""
    ask(desk, path, **answers)
    assert desk.app.test_client().post(f"{last_link(desk, office)}accept").status_code == 303


def test_an_offer_in_the_words_of_the_series_says_what_is_offered(
    desk: Desk, post_office: PostOffice
) -> None:
    word_all(desk)
    ask(desk, TEAM, role="registration_desk", until="2026-03-04")
    mail = latest(desk, post_office)
    assert mail["Subject"] == "Post von LabCamp"
    text = text_of(mail)
    assert "hier schreibt **LabCamp**" in text
    assert "Anmeldestelle (Teilnehmende, Gruppen und Mails an sie)" in text
    assert f"Ihr letzter Tag: Mittwoch, {LAST_DAY}." in text
    assert "Nadine S. bittet darum." in text
    assert "/manage/roles/" in text


def test_news_of_a_role_in_the_words_of_the_series_say_what_is_new(
    desk: Desk, post_office: PostOffice
) -> None:
    word_all(desk)
    take_on(desk, post_office, role="reader")
    form = desk.form_of(f"{TEAM}/1") | {"role": "organiser", "until": "2026-03-04"}
    assert desk.client.post(f"{TEAM}/1", data=form).status_code == 303
    changed = latest(desk, post_office)
    assert desk.client.post(f"{TEAM}/1/end").status_code == 303
    ended = latest(desk, post_office)
    for mail in (changed, ended):
        assert mail["Subject"] == "Post von LabCamp"
        assert "hier schreibt **LabCamp**" in text_of(mail)
        assert "Nadine S. hat das entschieden." in text_of(mail)
    assert "ist jetzt: Organisator:in" in text_of(changed)
    assert "Vorher war sie: Liest mit" in text_of(changed)
    assert LAST_DAY in text_of(changed)
    assert "ist beendet: Organisator:in" in text_of(ended)


@pytest.mark.parametrize(
    ("form", "asked", "told"),
    [
        (FormOfAddress.DU, "Bevor du antwortest", "Deine Rolle"),
        (FormOfAddress.SIE, "Bevor Sie antworten", "Ihre Rolle"),
    ],
)
def test_they_say_du_or_sie_as_the_series_does(
    desk: Desk, post_office: PostOffice, form: FormOfAddress, asked: str, told: str
) -> None:
    change_series(desk, form_of_address=form)
    take_on(desk, post_office)
    assert asked in text_of(latest(desk, post_office))
    desk.client.post(f"{TEAM}/1", data=desk.form_of(f"{TEAM}/1") | {"role": "reader"})
    assert told in text_of(latest(desk, post_office))
    desk.client.post(f"{TEAM}/1/end")
    assert told in text_of(latest(desk, post_office))


def test_mails_about_a_role_come_in_the_name_of_the_series_and_are_answered_to_its_contact(
    desk: Desk, post_office: PostOffice
) -> None:
    change_series(desk, contact_name="Team LabCamp", contact_email="team@lab.example")
    take_on(desk, post_office)
    desk.client.post(f"{TEAM}/1/end")
    for mail in arrived(desk.app, post_office):
        assert mail["From"].startswith("LabCamp <")
        assert mail["Reply-To"] == "Team LabCamp <team@lab.example>"


def test_a_role_in_an_organisation_keeps_our_words(desk: Desk, post_office: PostOffice) -> None:
    word_all(desk)
    change_series(desk, form_of_address=FormOfAddress.SIE)
    take_on(desk, post_office, MEMBERS)
    with desk.app.app_context():
        key = db.session.query(User).filter_by(email="new@lab.example").one().id
    theirs = f"{MEMBERS}/{key}"
    desk.client.post(theirs, data=desk.form_of(theirs) | {"role": "reader"})
    desk.client.post(f"{theirs}/end")
    mails = arrived(desk.app, post_office)
    assert [mail["Subject"] for mail in mails] == [
        "Im Team: Example Lab",
        "Eine Rolle im Team hat sich geändert: Example Lab",
        "Eine Rolle im Team ist beendet: Example Lab",
    ]
    assert not any("hier schreibt" in text_of(mail) or mail["Reply-To"] for mail in mails)
    assert "Deine Rolle" in text_of(mails[-1])


def test_an_organisation_that_is_to_take_over_reads_words_of_its_own_kind(
    desk: Desk, post_office: PostOffice
) -> None:
    word_all(desk)
    desk.publish()
    page = "/manage/labcamp/5/hand-over"
    form = desk.form_of(page) | {"new_organisation": "Stadtlabor Soest", "email": "ida@soest.example"}
    assert desk.client.post(page, data=form | {"organisation": "0"}).status_code == 303
    mail = latest(desk, post_office)
    assert mail["Subject"] == "Post von LabCamp"
    assert "hier schreibt" in text_of(mail)
    assert "Die Rechte enden eine Woche nach der Veranstaltung von selbst." in text_of(mail)


def test_the_owners_of_an_organisation_read_whose_role_it_is(desk: Desk, post_office: PostOffice) -> None:
    word_all(desk)
    guest = organiser_of(desk.app, email="ida@elsewhere.example")
    with desk.app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        db.session.add(Grant(organisation_id=guest.organisation_id, series_id=series.id, role=Role.READER))
    desk.client.post(f"{TEAM}/1", data=desk.form_of(f"{TEAM}/1") | {"role": "organiser"})
    desk.client.post(f"{TEAM}/1/end")
    for mail in arrived(desk.app, post_office):
        assert mail["Subject"] == "Post von LabCamp"
        assert "Die Rolle von Example Lab im Team von LabCamp ist" in text_of(mail)
        assert "Das gilt für alle, die dort Mitglied sind." in text_of(mail)


def test_a_last_day_is_one_of_the_zone_of_the_series(desk: Desk, post_office: PostOffice) -> None:
    change_series(desk, zone="America/New_York")
    take_on(desk, post_office, until="2026-03-04")
    assert LAST_DAY in text_of(latest(desk, post_office))
    desk.client.post(f"{TEAM}/1", data=desk.form_of(f"{TEAM}/1") | {"role": "reader"})
    assert LAST_DAY in text_of(latest(desk, post_office))


def test_what_waited_from_the_version_before_goes_out_in_our_words(
    desk: Desk, post_office: PostOffice
) -> None:
    word_all(desk)
    facts = {"was": "reader", "title": "LabCamp", "house": "", "by": ""}
    with desk.app.app_context(), transaction():
        enqueue("role_ended", to_address="new@lab.example", dedupe_key="role_ended:before", facts=facts)
    assert latest(desk, post_office)["Subject"] == "Eine Rolle im Team ist beendet: LabCamp"


def test_a_sample_offers_nobody_anything(desk: Desk, post_office: PostOffice) -> None:
    desk.publish()
    page = "/manage/labcamp/texts/role_offer"
    answer = desk.client.post(page, data=desk.form_of(page) | {"body_de": "Moin!", "sample": "de"})
    sample = text_of(latest(desk, post_office))
    for shown in (answer.text, sample):
        assert "Moin!" in shown
        assert "Organisator:in" in shown
        assert "/manage/roles/…/" in shown
    with desk.app.app_context():
        assert db.session.query(RoleOffer).count() == 0
        assert db.session.query(User).count() == 1
