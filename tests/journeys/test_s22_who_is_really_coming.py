"""S22: three days before, everybody is asked to confirm; the organiser sees how many are expected."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from eventhub.registration.jobs import ask_who_comes
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.journeys.letters_of import arrived, text_of
from tests.mail.post_office import PostOffice
from tests.registration.browsing import my_link
from tests.registration.samples import signed_up

pytestmark = pytest.mark.both_databases

LIST = "/manage/labcamp/5/registrations/"


def test_the_organiser_sees_who_is_really_coming(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = desk_of(app)
    key = desk.publish(
        5, capacity=4, start_date=date(2026, 4, 1), starts_at=datetime(2026, 4, 1, 13, tzinfo=UTC)
    )
    form = desk.form_of("/manage/labcamp/5/edit")
    desk.client.post("/manage/labcamp/5/edit", data={**form, "reconfirm_days": "3", "release_days": "1"})
    with app.app_context():
        for number in range(1, 6):
            signed_up(key, number)
    german = {"Accept-Language": "de"}
    assert "werden alle mit Platz gefragt" in desk.client.get(LIST, headers=german).text

    clock.set(datetime(2026, 3, 29, 6, tzinfo=UTC))
    with app.app_context():
        ask_who_comes(lambda: False)
    questions = [mail for mail in arrived(app, post_office) if mail["Subject"].startswith("Kommst du?")]
    assert len(questions) == 4
    mine = next(mail for mail in questions if "person1@lab.example" in mail["To"])
    link = my_link(app, "person1@lab.example")
    assert f"http://localhost{link}coming" in text_of(mine)
    assert "Bitte antworte bis" in text_of(mine)

    browser = app.test_client()
    browser.post(f"{link}coming")
    browser.post(f"{my_link(app, 'person2@lab.example')}cancel")
    page = desk.client.get(LIST, headers=german).text
    assert "2 Personen werden erwartet" in page  # who said yes, and who moved up just now
    silent_ones = desk.client.get(f"{LIST}?said=nothing", headers=german).text
    assert [number for number in range(1, 6) if f"person{number}@" in silent_ones] == [3, 4]

    clock.set(datetime(2026, 3, 31, 17, tzinfo=UTC))
    with app.app_context():
        ask_who_comes(lambda: False)
    assert "2 Personen werden erwartet" in desk.client.get(LIST, headers=german).text
    silent = [mail for mail in arrived(app, post_office) if "person3@lab.example" in mail["To"]][-1]
    assert "haben nichts von dir gehört" in text_of(silent)
    assert any(part.get_content_type() == "text/calendar" for part in silent.walk())
