"""S23: the 11th is offered another team, mentors see teams without one, and results are kept current."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.journeys.letters_of import arrived, link_in, text_of
from tests.mail.post_office import PostOffice
from tests.registration.browsing import once_key

pytestmark = pytest.mark.both_databases

FORM = "/labcamp/5/register"
RESULTS = "/labcamp/5/results/1/"
HERE = "/manage/labcamp/5/groups/1/"
NAMES = [f"Hacker {number:02}" for number in range(12)]
MENTOR = "Mira Mentorin"


def come(app: Flask, name: str, role: str) -> None:
    browser = app.test_client()
    page = browser.get(FORM)
    found = re.search(rf'name="role"[^>]*value="(\d+)"[^>]*><label[^>]*>{role}', page.text)
    assert found
    values = {
        "once_key": once_key(page),
        "name": name,
        "email": f"{name.replace(' ', '.').lower()}@lab.example",
        "consent": "y",
        "role": found[1],
    }
    assert browser.post(FORM, data=values).status_code == 303


def press(browser: FlaskClient, page: str, label: str) -> TestResponse:
    """Press the button with this label, as a browser does."""
    found = re.search(rf'action="([^"]+)"[^>]*>(?:(?!</form>).)*aria-label="{label}"', page)
    assert found, label
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[0]))
    return browser.post(found[1], data=fields)


@pytest.mark.slow
def test_teams_form_are_mentored_and_keep_their_results(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = desk_of(app)
    desk.publish(start_date=date(2026, 3, 3), starts_at=datetime(2026, 3, 3, 13, tzinfo=UTC))
    roles = {"roles-0-title": "Hacker:in", "roles-1-title": "Mentor:in"}
    path = "/manage/labcamp/5/places/"
    desk.client.post(path, data=desk.form_of(path) | roles)
    wanted = {"title": "WirVsVirus", "topics": "Masken nähen\nNachbarn helfen", "each": "2", "capacity": "10"}
    page = desk.client.get("/manage/labcamp/5/groups/teams/").text
    mentor_role = re.search(r'<option value="(\d+)">Mentor:in', page)
    assert mentor_role
    desk.client.post("/manage/labcamp/5/groups/teams/", data=wanted | {"mentor_role_id": mentor_role[1]})
    desk.client.post(f"{HERE}publish")
    for name in NAMES:
        come(app, name, "Hacker:in")
    come(app, MENTOR, "Mentor:in")
    mails = {mail["To"].addresses[0].display_name: mail for mail in arrived(app, post_office)}
    teams = {name: f"{link_in(mail)}teams/1/" for name, mail in mails.items()}
    browser = app.test_client()
    assert "Zu den Teams" in browser.get(link_in(mails[NAMES[0]])).text

    first = browser.get(teams[NAMES[0]]).text
    for name in NAMES[:10]:
        assert (
            press(browser, first.replace(teams[NAMES[0]], teams[name]), "Beitreten: Team 1").status_code
            == 303
        )
    refused = press(browser, first.replace(teams[NAMES[0]], teams[NAMES[10]]), "Beitreten: Team 1")
    assert refused.status_code == 422
    assert "„Team 1“ ist voll." in refused.text
    assert "An derselben Herausforderung arbeitet „Team 2“ und hat noch 10 Plätze." in refused.text
    assert press(browser, refused.text, "Beitreten: Team 2").status_code == 303
    own = browser.get(teams[NAMES[11]]).text
    assert "Ein eigenes Team gründen" in own
    founded = {"name": "Nähmaschine", "topic": "Masken nähen"}
    assert browser.post(f"{teams[NAMES[11]]}new", data=founded).status_code == 303
    told = [mail for mail in arrived(app, post_office) if str(mail["Subject"]).startswith("WirVsVirus")]
    assert Counter(mail["To"].addresses[0].display_name for mail in told) == dict.fromkeys(NAMES, 1)
    assert "TEAM 2" in text_of(next(mail for mail in told if NAMES[10] in str(mail["To"])))

    looking = browser.get(teams[MENTOR]).text
    for team in ("Team 1", "Team 2", "Nähmaschine"):
        assert f"Dieses Team begleiten: {team}" in looking
    assert "Dieses Team begleiten: Team 3" not in looking
    assert press(browser, looking, "Dieses Team begleiten: Team 1").status_code == 303
    assert "Dieses Team begleiten: Team 1" not in browser.get(teams[MENTOR]).text
    news = [mail for mail in arrived(app, post_office) if MENTOR in text_of(mail)]
    assert {mail["To"].addresses[0].display_name for mail in news} >= set(NAMES[:10])
    assert MENTOR in browser.get(teams[NAMES[0]]).text
    assert "2 Teams mit Mitgliedern haben noch niemanden" in desk.client.get(HERE).text

    desk.client.post(f"{HERE}results", data={"public": "yes"})
    tell(browser, teams[NAMES[0]], project="Maske für alle", status="Prototyp")
    clock.advance(timedelta(days=43))
    after = browser.get(teams[NAMES[0]]).text
    assert "Beitreten" not in after
    tell(browser, teams[NAMES[0]], project="Maske für alle", status="im Einsatz in 12 Städten")
    results = browser.get(RESULTS).text
    for words in ("Maske für alle", "Team 1", "Masken nähen", "im Einsatz in 12 Städten"):
        assert words in results
    assert not any(name in results for name in (*NAMES, MENTOR))


def tell(browser: FlaskClient, page: str, **values: str) -> None:
    """Fill in what came out."""
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', browser.get(page).text)
    assert seen
    assert browser.post(f"{page}result", data={"seen": seen[1], **values}).status_code == 303
