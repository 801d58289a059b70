"""S1: for the next edition texts, form and team are there, and a list says what was taken over."""

from __future__ import annotations

import re
from datetime import date, time

from flask import Flask
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Mode, Series
from eventhub.extensions import db
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.editions.making import make_edition


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
