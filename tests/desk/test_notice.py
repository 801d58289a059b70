"""The organiser's words to those who wait for the next edition."""

from __future__ import annotations

from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.extensions import db
from eventhub.subscriptions import service
from eventhub.subscriptions.models import Subscription
from tests.desk.setting import Desk

PAGE = "/manage/labcamp/notice"


def subscribe(desk: Desk) -> None:
    with desk.app.app_context(), transaction():
        series = db.session.scalars(select(Series).filter_by(slug="labcamp")).one()
        for name in ("ada", "bo"):
            service.subscribe(series, f"{name}@secret.example", "de")
        service.confirm(
            db.session.scalars(select(Subscription).filter_by(email_key="ada@secret.example")).one()
        )


def test_organisers_see_a_number_and_no_address(desk: Desk) -> None:
    desk.publish(5)
    subscribe(desk)
    for path in (PAGE, "/manage/labcamp/", "/manage/labcamp/5/mails/"):
        page = desk.client.get(path)
        assert page.status_code == 200
        assert "secret.example" not in page.text
    assert "1 Person hat bestätigt" in desk.client.get(PAGE).text


def test_the_words_are_previewed_in_both_languages_and_kept(desk: Desk) -> None:
    desk.publish(5)
    words = "Diesmal geht es um <b>Wasser</b>.\n\nBringt Gummistiefel mit."
    seen = desk.client.post(PAGE, data={"notice_text": words, "preview": "1"})
    assert seen.status_code == 200
    assert seen.text.count("Bringt Gummistiefel mit.") == 3
    assert "Registration is open: LabCamp #5" in seen.text
    assert "Anmeldung offen: LabCamp #5" in seen.text
    assert "<b>Wasser</b>" not in seen.text
    with desk.app.app_context():
        assert db.session.scalars(select(Series.notice_text)).all() == ["", ""]
    assert desk.client.post(PAGE, data={"notice_text": words}).status_code == 303
    with desk.app.app_context():
        assert words in db.session.scalars(select(Series.notice_text)).all()
    assert desk.client.post(PAGE, data={"notice_text": "x" * 2001}).status_code == 422
