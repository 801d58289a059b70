"""The organiser's words to those who wait for the next edition."""

from __future__ import annotations

from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import EditionState, Series
from eventhub.extensions import db
from eventhub.subscriptions import jobs, service
from eventhub.subscriptions.models import Subscription
from tests.desk.setting import Desk
from tests.mail.samples import html_of, mails_sent, text_of

PAGE = "/manage/labcamp/notice"
WORDS = "/manage/labcamp/texts/next_edition"


def subscribe(desk: Desk, **people: str) -> None:
    """Let people say yes, one for each language; another one never does."""
    with desk.app.app_context(), transaction():
        series = db.session.scalars(select(Series).filter_by(slug="labcamp")).one()
        service.subscribe(series, "bo@secret.example", "de")
        for spoken, name in people.items():
            service.subscribe(series, f"{name}@secret.example", spoken)
            waiting = select(Subscription).filter_by(email_key=f"{name}@secret.example")
            service.confirm(db.session.scalars(waiting).one())


def test_organisers_see_a_number_and_no_address(desk: Desk) -> None:
    desk.publish(5)
    subscribe(desk, de="ada")
    for path in (PAGE, "/manage/labcamp/", "/manage/labcamp/5/mails/"):
        page = desk.client.get(path)
        assert page.status_code == 200
        assert "secret.example" not in page.text
    assert "1 Person hat bestätigt" in desk.client.get(PAGE).text


def test_the_page_leads_to_what_they_will_read(desk: Desk) -> None:
    desk.publish(5)
    assert f'href="{WORDS}"' in desk.client.get(PAGE).text
    assert f'href="{WORDS}"' in desk.client.get("/manage/labcamp/timed/").text
    assert f'href="{WORDS}"' in desk.client.get("/manage/labcamp/texts/").text


def test_each_reader_reads_the_words_in_their_language(desk: Desk) -> None:
    desk.add(4, state=EditionState.COMPLETED)
    subscribe(desk, de="ada", en="eve")
    words = {"body_de": "Es geht um <b>Wasser</b>.\n\nBringt **Stiefel** mit.", "body_en": "Bring **boots**."}
    form = {**desk.form_of(WORDS), **words}
    seen = desk.client.post(WORDS, data={**form, "preview": "1"}).text
    assert "Registration is open: LabCamp #4" in seen
    assert "Anmeldung offen: LabCamp #4" in seen
    assert seen.count("boots") == 2
    assert "<b>Wasser</b>" not in seen
    assert desk.client.post(WORDS, data={**form, "sample": "en"}).status_code == 200
    assert desk.client.post(WORDS, data=form).status_code == 303
    desk.publish(5)
    with desk.app.app_context():
        jobs.tell_subscribers()
        mails = {row.to_address: mail for row, mail in mails_sent() if row.kind == "next_edition"}
        german, english = mails["ada@secret.example"], mails["eve@secret.example"]
        assert "Stiefel" in text_of(german)
        assert "<strong>boots</strong>" in html_of(english)
        assert "Unsubscribe" in text_of(english)
        [sample] = [mail for row, mail in mails_sent() if row.kind == "text_sample"]
        assert sample["Subject"] == "Sample: " + english["Subject"].replace("#5", "#4")


def test_nothing_personal_is_known_of_those_who_wait(desk: Desk) -> None:
    desk.publish(5)
    refused = desk.client.post(WORDS, data={**desk.form_of(WORDS), "body_de": "Hallo {name}"})
    assert refused.status_code == 422
    assert "{name}" in refused.text
    assert "Name der Leserin" not in refused.text
