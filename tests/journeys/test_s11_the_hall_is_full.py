"""S11: beyond the last seat people wait in order, know their position, and move up when someone cancels."""

from __future__ import annotations

import pytest
from flask import Flask

from eventhub.registration.models import QuotaKind
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.desk.setting import fields_of
from tests.journeys.letters_of import arrived, invitation, link_in, text_of
from tests.mail.post_office import PostOffice
from tests.registration.browsing import send
from tests.registration.samples import add_edition, add_quota

pytestmark = pytest.mark.both_databases


def test_the_third_waits_and_moves_up(app: Flask, clock: FrozenClock, post_office: PostOffice) -> None:
    add_edition(app, capacity=2)
    for name in ("Ada", "Bo", "Cem", "Dua"):
        browser = app.test_client()
        send(browser, name=name, email=f"{name.lower()}@lab.example")
        full = "Warteliste" in browser.get("/lab/5/registered").text
        assert full == (name in {"Cem", "Dua"})
    mails = {mail["To"].addresses[0].addr_spec: mail for mail in arrived(app, post_office)}
    waiting = mails["cem@lab.example"]
    assert "1" in text_of(waiting)
    assert not any(part.get_content_type() == "text/calendar" for part in waiting.walk())
    third, fourth = link_in(waiting), link_in(mails["dua@lab.example"])
    browser = app.test_client()
    assert "Platz 2" in browser.get(fourth).text

    browser.post(f"{link_in(mails['ada@lab.example'])}cancel")
    assert "Du bist dabei, Cem" in browser.get(third).text
    assert "als Nächstes dran" in browser.get(fourth).text
    to_cem = [mail for mail in arrived(app, post_office) if "cem@lab.example" in mail["To"]]
    method, entry = invitation(to_cem[-1])
    assert (method, entry["STATUS"]) == ("REQUEST", "CONFIRMED")

    organiser = organiser_of(app, "lab").client
    for path in ("/manage/lab/5/edit", "/manage/lab/5/places/"):
        more = fields_of(organiser.get(path).text) | {"capacity": "3"}
        page = organiser.post(path, data=more).text
        assert "1 Person würde nachrücken" in page
        assert "Dua" in page
        assert "als Nächstes dran" in browser.get(fourth).text
    organiser.post(path, data=fields_of(page))
    assert "Du bist dabei, Dua" in browser.get(fourth).text


def test_the_81st_may_join_online_instead(app: Flask, clock: FrozenClock, post_office: PostOffice) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        add_quota(edition_id, QuotaKind.ATTENDANCE, "on_site", 1)
        add_quota(edition_id, QuotaKind.ATTENDANCE, "online", 1)
    for name, accepts in (("Ada", ""), ("Bo", ""), ("Cem", "y"), ("Dua", "y")):
        values = {"name": name, "email": f"{name.lower()}@lab.example", "attendance": "on_site"}
        send(app.test_client(), **values, **({"accepts_online": "y"} if accepts else {}))
    mails = {mail["To"].addresses[0].addr_spec: mail for mail in arrived(app, post_office)}
    pages = {name: link_in(mails[f"{name}@lab.example"]) for name in ("ada", "bo", "cem", "dua")}
    browser = app.test_client()
    assert "Du bist online dabei" in browser.get(pages["cem"]).text
    assert "als Nächstes dran" in browser.get(pages["bo"]).text
    assert "Platz 2" in browser.get(pages["dua"]).text
    browser.post(f"{pages['cem']}cancel")
    assert "Du bist online dabei" in browser.get(pages["dua"]).text
    browser.post(f"{pages['ada']}cancel")
    assert "Du bist vor Ort dabei" in browser.get(pages["bo"]).text


def test_the_form_asks_again_where_nothing_was_chosen(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        add_quota(edition_id, QuotaKind.ATTENDANCE, "on_site", 1)
    answer = send(app.test_client())
    assert answer.status_code == 422
    assert "Wähle aus, ob du vor Ort oder online dabei bist" in answer.text
