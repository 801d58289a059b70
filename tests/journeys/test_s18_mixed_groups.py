"""S18: thirty people in five mixed groups; two are swapped, and everyone sees group and room or link."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import FrozenClock
from tests.desk.setting import desk_of
from tests.journeys.letters_of import arrived, link_in, text_of
from tests.mail.post_office import PostOffice
from tests.registration.browsing import once_key

pytestmark = pytest.mark.both_databases

FORM = "/labcamp/5/register"
HERE = "/manage/labcamp/5/groups/1/"
NAMES = [f"Person {number:02}" for number in range(30)]
GROUP = re.compile(
    r'<section[^>]*data-group="(\d+)".*?<h3[^>]*><a[^>]*>([^<]+)</a>(.*?)</section>', re.DOTALL
)
PERSON = re.compile(r'name="person" value="(\d+)".*?<bdi>([^<]+)</bdi>', re.DOTALL)


def come(app: Flask, number: int) -> None:
    """Register somebody of the ministry, or of one of many associations."""
    browser = app.test_client()
    page = browser.get(FORM)
    question = re.search(r'name="(q\d+)"', page.text)
    assert question
    ministry = number < 12
    values = {
        "once_key": once_key(page),
        "name": NAMES[number],
        "email": f"person{number}@lab.example",
        "organisation": "Ministerium" if ministry else f"Verein {number}",
        "consent": "y",
        question[1]: "o1" if ministry else "o2",
    }
    assert browser.post(FORM, data=values).status_code == 303


def groups_on(page: str) -> dict[str, dict[str, int]]:
    """Return the people of each group with their keys, as the organiser's page shows them."""
    return {
        name: {who: int(key) for key, who in PERSON.findall(rest)} for _key, name, rest in GROUP.findall(page)
    }


def post(client: FlaskClient, path: str, data: dict[str, object]) -> None:
    assert client.post(path, data=data).status_code == 303, path


@pytest.mark.slow
def test_five_groups_are_mixed_swapped_and_published(
    app: Flask, clock: FrozenClock, post_office: PostOffice
) -> None:
    desk = desk_of(app)
    desk.publish()
    client = desk.client
    question = {"label": "Woher kommst du?", "options": "Ministerium\nZivilgesellschaft", "kind": "one_of"}
    post(client, "/manage/labcamp/5/questions/new?kind=one_of", question)
    post(client, "/manage/labcamp/5/agenda/rooms/", {"name": "Saal"})
    for number in range(30):
        come(app, number)
    arrived(app, post_office)

    settings = {"title": "Werkstatt", "number": "5", "balance": "question:1", "most_of_one": "3"}
    post(client, "/manage/labcamp/5/groups/", settings)
    proposal = groups_on(client.get(HERE).text)
    assert sorted(who for people in proposal.values() for who in people) == NAMES
    assert {len(people) for people in proposal.values()} == {6}
    for people in proposal.values():
        assert Counter(who < NAMES[12] for who in people)[True] in {2, 3}

    for number in range(1, 6):
        where = {"room_id": "1"} if number == 1 else {"link": f"https://meet.example/{number}"}
        form = desk.form_of(f"{HERE}{number}/")
        post(client, f"{HERE}{number}/", form | where)
    one, other = min(proposal["Gruppe 1"]), min(proposal["Gruppe 2"])
    keys = {who: key for people in proposal.values() for who, key in people.items()}
    version = re.search(r'name="version" value="(\d+)"', client.get(HERE).text)
    assert version
    swap = {"person": [keys[one], keys[other]], "do": "swap", "version": version[1]}
    post(client, HERE, swap)
    post(client, f"{HERE}publish", {})

    published = groups_on(client.get(HERE).text)
    assert one in published["Gruppe 2"]
    assert other in published["Gruppe 1"]
    mails = [mail for mail in arrived(app, post_office) if str(mail["Subject"]).startswith("Werkstatt")]
    told = {mail["To"].addresses[0].display_name: mail for mail in mails}
    assert sorted(told) == NAMES
    assert len(mails) == 30
    where = {"Gruppe 1": "Saal"} | {f"Gruppe {n}": f"https://meet.example/{n}" for n in range(2, 6)}
    for name, people in published.items():
        for who in people:
            own_page = app.test_client().get(link_in(told[who])).text
            for words in (name, where[name]):
                assert words in own_page
                assert words.upper() in text_of(told[who]).upper()

    post(client, f"{HERE}2/", desk.form_of(f"{HERE}2/") | {"link": "https://meet.example/new"})
    news = arrived(app, post_office)[-6:]
    assert {mail["To"].addresses[0].display_name for mail in news} == set(published["Gruppe 2"])
    assert all("https://meet.example/new" in text_of(mail) for mail in news)

    own = link_in(told[one])
    app.test_client().post(f"{own}cancel")
    assert one not in client.get(HERE).text
    assert "Gruppe 2" not in app.test_client().get(own).text
