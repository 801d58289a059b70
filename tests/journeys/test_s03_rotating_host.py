"""S3: CityLAB asks the stadtLABOR Soest to host #4; Soest does, sees nothing of #3, and its rights end."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from eventhub.editions.models import EditionState
from eventhub.editions.rights import AFTERWARDS
from eventhub.extensions import db
from eventhub.organisations.models import Organisation
from eventhub.roles.jobs import end_roles
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, desk_of
from tests.journeys.letters_of import arrived, text_of
from tests.mail.post_office import PostOffice

pytestmark = pytest.mark.both_databases
DAY = date(2026, 3, 10)


def offered_link(text: str) -> str:
    found = re.search(r"http://localhost(/manage/roles/[\w-]+/)", text)
    assert found
    return found[1]


def soest_is_asked(app: Flask, desk: Desk) -> None:
    """CityLAB chooses Soest and says what is agreed."""
    page = "/manage/labcamp/4/hand-over"
    with app.app_context():
        soest = db.session.query(Organisation).filter_by(slug="lab-soest").one().id
    form = desk.form_of(page) | {
        "organisation": str(soest),
        "room": "Rathaus II, 1. Stock",
        "moderation": "Soest",
    }
    assert desk.client.post(page, data=form).status_code == 303
    assert "Noch nicht beantwortet" in desk.client.get("/manage/labcamp/4/team").text


def test_a_rotating_host(app: Flask, clock: FrozenClock, post_office: PostOffice) -> None:
    desk = desk_of(app)
    desk.add(3, state=EditionState.COMPLETED, start_date=date(2025, 11, 4))
    desk.publish(4, start_date=DAY)
    soest = organiser_of(app, email="soest@lab.example").client
    assert soest.get("/manage/labcamp/4/").status_code == 404
    soest_is_asked(app, desk)

    (mail,) = arrived(app, post_office)
    assert mail["To"] == "soest@lab.example"
    assert "Raum oder Link: Rathaus II, 1. Stock" in text_of(mail)
    for nobody_has_said in ("Speaker:innen: offen", "Texte: offen"):
        assert nobody_has_said in text_of(mail)
    link = offered_link(text_of(mail))
    page = soest.get(link).text
    assert "Rathaus II, 1. Stock" in page
    assert soest.get("/manage/labcamp/4/").status_code == 404, "a look changes nothing"
    assert soest.post(f"{link}accept").status_code == 303
    assert soest.post(f"{link}accept").status_code == 409, "a link answers once"

    slot = {
        "title": "Begrüßung",
        "kind": "talk",
        "day": DAY.isoformat(),
        "start_time": "15:00",
        "end_time": "15:10",
    }
    new = "/manage/labcamp/4/agenda/?new=1"
    form = Desk(app, soest, 0).form_of(new) | slot
    assert soest.post(new, data=form).status_code == 303
    for own in ("edit", "mails/", "registrations/", "invitations/new"):
        assert soest.get(f"/manage/labcamp/4/{own}").status_code == 200, own
    for foreign in ("3/registrations/", "3/registrations.csv", "3/", "", "history/", "edit", "team"):
        assert soest.get(f"/manage/labcamp/{foreign}").status_code == 404, foreign
    assert soest.get("/manage/labcamp/4/team").status_code == 403, "hosts do not pass their role on"
    assert "Example Lab" in app.test_client().get("/labcamp/4/").text, "the page names the new host"

    clock.advance(timedelta(days=(DAY - clock.now().date() + AFTERWARDS).days))
    assert soest.get("/manage/labcamp/4/").status_code == 200
    clock.advance(timedelta(days=1))
    assert soest.get("/manage/labcamp/4/").status_code == 404
    with app.app_context():
        end_roles()
        end_roles()
    told = desk.client.get("/manage/labcamp/4/history/").text
    assert told.count("hat eine angebotene Rolle angenommen") == 1
    assert told.count("hat eine Rolle beendet, deren Zeit um war") == 1
