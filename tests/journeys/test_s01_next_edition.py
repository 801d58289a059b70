"""S1: for the next edition texts, form, plan and mails are there; what was taken over is named."""

from __future__ import annotations

import re
from datetime import date, time

from flask import Flask
from sqlalchemy import select

from eventhub.accounts.models import User
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Mode, Series
from eventhub.extensions import db
from eventhub.organisations.models import Grant, Role
from eventhub.questionnaires import service as questionnaires
from eventhub.questionnaires.models import Kind
from eventhub.questionnaires.service import Wording
from eventhub.registration.models import MailText
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.editions.making import add_slot, make_edition
from tests.journeys.letters_of import arrived
from tests.mail.post_office import PostOffice
from tests.registration.browsing import AYLIN, once_key


def test_the_next_labcamp_from_the_last_one(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(app)
    with app.app_context(), transaction():
        series = db.session.scalars(select(Series).filter_by(slug="labcamp")).one()
        make_edition(
            series,
            4,
            state=EditionState.COMPLETED,
            start_date=date(2021, 5, 18),
            description="Public labs learn from each other.",
            mode=Mode.ONLINE,
            capacity=60,
            theme="Life cycles of labs",
        )
    browser = desk.client
    asked = browser.get("/manage/labcamp/next").text
    assert "Übernommen von LabCamp #4" in asked
    assert "Zahl der Plätze" in asked
    fields = desk.form_of("/manage/labcamp/next")
    assert (fields["number"], fields["title"], fields["start_time"]) == ("5", "LabCamp #5", "15:00")
    answer = browser.post("/manage/labcamp/next", data=fields | {"start_date": "2021-12-07"})
    assert answer.location == "/manage/labcamp/5/"

    page = re.sub(r"<[^>]+>", "", browser.get("/manage/labcamp/5/").text).replace("\u00a0", " ")
    for words in (
        "Dienstag, 7. Dezember 2021, 15 bis 18 Uhr (Berlin)",
        "Übernommen von #4",
        "Beschreibung",
        "Entwurf",
    ):
        assert words in page, words
    with app.app_context():
        edition = db.session.scalars(
            select(Edition).where(Edition.number == 5, Edition.series.has(slug="labcamp"))
        ).one()
        assert (edition.start_date, edition.start_time, edition.zone) == (
            date(2021, 12, 7),
            time(15),
            "Europe/Berlin",
        )
        assert (edition.description, edition.capacity) == ("Public labs learn from each other.", 60)
        assert edition.theme == "", "the theme is a new one"
    assert browser.post("/manage/labcamp/5/publish").status_code == 303
    assert "LabCamp #5" in app.test_client().get("/labcamp/5/").text


QUESTION = "Which lab are you from?"


def prepare(app: Flask) -> None:
    """Give the last edition a form and a plan of its own, the series its own mails, and both a team."""
    with app.app_context(), transaction():
        series = db.session.scalars(select(Series).filter_by(slug="labcamp")).one()
        last = make_edition(series, 4, state=EditionState.PUBLISHED, takes_registrations=True)
        last.questionnaire = questionnaires.create()
        questionnaires.add(last.questionnaire, Kind.SHORT_TEXT, Wording(QUESTION), {})
        add_slot(last, "welcome", time(15), time(15, 30), title="Welcome")
        add_slot(last, "talk", time(15, 30), time(16), title="Law as code")
        db.session.add(
            MailText(series_id=series.id, kind="confirmed", language="en", subject="See you at the LabCamp")
        )
    for name, role, of_edition in (("Sam", Role.READER, False), ("Robin", Role.AGENDA_EDITOR, True)):
        somebody = organiser_of(app, email=f"{name.lower()}@elsewhere.example")
        with app.app_context(), transaction():
            edition = db.session.scalars(select(Edition).filter_by(number=4)).one()
            db.session.get_one(User, somebody.id).name = name
            key = edition.id if of_edition else None
            grant = Grant(user_id=somebody.id, series_id=edition.series_id, edition_id=key, role=role)
            db.session.add(grant)


def test_form_plan_and_mails_come_along(app: Flask, clock: FrozenClock, post_office: PostOffice) -> None:
    desk = desk_of(app)
    prepare(app)
    english = {"Accept-Language": "en"}
    asked = desk.client.get("/manage/labcamp/next", headers=english).text
    assert "own words of mails and timed mails belong to the series" in asked
    fields = desk.form_of("/manage/labcamp/next") | {"start_date": "2026-12-07"}
    assert desk.client.post("/manage/labcamp/next", data=fields).status_code == 303
    page = desk.client.get("/manage/labcamp/5/", headers=english).text
    assert "1 question of the form" in page
    assert "2 agenda slots, without their people" in page
    board = desk.client.get("/manage/labcamp/5/agenda/").text
    assert "Welcome" in board
    assert "Law as code" in board
    assert desk.client.post("/manage/labcamp/5/publish").status_code == 303

    visitor = app.test_client()
    form = visitor.get("/labcamp/5/register", headers=english)
    assert QUESTION in form.text
    name = re.findall(r'name="(q\d+)"', form.text)[0]
    sent = {"once_key": once_key(form), **AYLIN, name: "Zukunftslabor"}
    assert visitor.post("/labcamp/5/register", data=sent, headers=english).status_code == 303
    assert [mail["Subject"] for mail in arrived(app, post_office)] == ["See you at the LabCamp"]


def test_the_page_names_who_stays_and_who_does_not(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(app)
    prepare(app)
    english, german = (
        re.sub(
            r"<[^>]+>", "", desk.client.get("/manage/labcamp/next", headers={"Accept-Language": code}).text
        )
        for code in ("en", "de")
    )
    stays, leaves = english[english.index("Who stays") :].split("Who does not")
    assert "Nadine S., Owner (Example Lab)" in stays
    assert "Sam, Reader" in stays
    assert "Robin" not in stays
    assert "Their roles are in LabCamp #4 alone." in leaves
    assert "Robin, Agenda editor" in leaves
    bleibt, bleibt_nicht = german[german.index("Wer bleibt") :].split("Wer nicht bleibt")
    assert "Sam, Liest mit" in bleibt
    assert "Robin" in bleibt_nicht


def test_whoever_has_a_role_in_the_series_stays_whatever_they_have_beside_it(
    app: Flask, clock: FrozenClock
) -> None:
    desk = desk_of(app)
    prepare(app)
    with app.app_context(), transaction():
        robin = db.session.scalars(select(User).filter_by(name="Robin")).one()
        series = db.session.scalars(select(Series).filter_by(slug="labcamp")).one()
        db.session.add(Grant(user_id=robin.id, series_id=series.id, role=Role.READER))
    page = desk.client.get("/manage/labcamp/next", headers={"Accept-Language": "en"}).text
    assert "Who stays" in page
    assert "Who does not" not in page
