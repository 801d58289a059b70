"""Mails in the words of a series: written, shown, sent to oneself, and taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.desk.mail_texts import GROUPS
from eventhub.extensions import db
from eventhub.registration import service
from eventhub.registration.models import MailText
from eventhub.registration.own_texts import FURTHER, WITHOUT_EDITION, text_kind
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk
from tests.mail.samples import calendar_of, html_of, mails_sent, text_of
from tests.registration.samples import signed_up

PAGE = "/manage/labcamp/texts/confirmed"
OWN = {
    "subject_de": "Schön, dass es klappt: {edition}",
    "body_de": "Moin {name},\n\nam **{date}** sehen wir uns in {place}.",
}


def change(desk: Desk, path: str = PAGE, **values: str) -> int:
    return desk.client.post(path, data={**desk.form_of(path), **values}).status_code


@pytest.mark.parametrize("kind", FURTHER)
def test_every_kind_is_shown_with_the_data_of_an_edition(desk: Desk, kind: str) -> None:
    desk.publish(5, join_url="https://meet.example/room", joining_counts=True)
    page = desk.client.get(f"/manage/labcamp/texts/{kind}")
    assert page.status_code == 200
    about = "LabCamp" if kind in WITHOUT_EDITION else "LabCamp #5"
    assert page.text.count(about) >= 2
    own = {"body_de": "Eigene Worte", "body_en": "Our words", "preview": "1"}
    page = desk.client.post(f"/manage/labcamp/texts/{kind}", data=own)
    assert page.text.count("Eigene Worte") == 2
    assert page.text.count("Our words") == 2


def test_own_words_reach_participants_and_lose_nothing(desk: Desk) -> None:
    key = desk.publish(5, venue_name="CityLAB")
    assert change(desk, **OWN) == 303
    with desk.app.app_context():
        signed_up(key)
        [(row, mail)] = mails_sent()
        name = row.to_name
        assert mail["Subject"].startswith("Schön, dass es klappt: LabCamp #5")
        assert f"Moin {name},\n\nam **" in text_of(mail)
        assert "<strong>" in html_of(mail)
        assert "/my/" in text_of(mail)
        assert calendar_of(mail) is not None


def test_the_next_edition_and_later_changes_are_heard_of(desk: Desk) -> None:
    first, second = desk.publish(5), desk.publish(6)
    change(desk, **OWN)
    with desk.app.app_context():
        signed_up(first)
        mails_sent()
    change(desk, subject_de="Neu: {edition}")
    with desk.app.app_context():
        signed_up(second)
        assert mails_sent()[-1][1]["Subject"].startswith("Neu: ")


def test_a_deadline_stays_whatever_is_written(desk: Desk) -> None:
    desk.publish(5)
    page = desk.client.post(
        "/manage/labcamp/texts/offered", data={"body_de": "Greif zu!", "preview": "1"}
    ).text
    assert "Greif zu!" in page
    assert "Er bleibt bis" in page


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("body_de", "Hallo {vorname}", "{vorname}"),
        ("body_en", "Hello {name.__class__}", "{name.__class__}"),
        ("subject_de", "Für {name}", "{name}"),
        ("subject_en", "x" * 151, "150"),
        ("body_de", "Platz {position}", "{position}"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_stays(desk: Desk, field: str, text: str, says: str) -> None:
    desk.publish(5)
    page = desk.client.post(PAGE, data={**desk.form_of(PAGE), field: text})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert says in page.text
    assert text in page.text
    with desk.app.app_context():
        assert not db.session.scalars(select(MailText)).all()


def test_a_sample_comes_by_mail_and_keeps_nothing(desk: Desk) -> None:
    desk.publish(5)
    answer = desk.client.post(PAGE, data={**desk.form_of(PAGE), **OWN, "sample": "de"})
    assert answer.status_code == 200
    with desk.app.app_context():
        [(row, mail)] = [(row, mail) for row, mail in mails_sent() if row.kind == "text_sample"]
        assert mail["Subject"].startswith("Probe: Schön, dass es klappt")
        assert "Moin" in text_of(mail)
        assert row.registration_id is None
        assert not db.session.scalars(select(MailText)).all()


def test_back_to_the_default(desk: Desk) -> None:
    desk.publish(5)
    change(desk, **OWN)
    assert "eigene Worte" in desk.client.get("/manage/labcamp/texts/").text
    assert desk.client.post(f"{PAGE}/default").status_code == 303
    assert "eigene Worte" not in desk.client.get("/manage/labcamp/texts/").text
    with desk.app.app_context():
        assert not db.session.scalars(select(MailText)).all()


def test_each_mail_stands_in_one_group() -> None:
    grouped = [kind for _title, kinds in GROUPS for kind in kinds]
    assert sorted(grouped) == sorted(FURTHER)


def test_the_list_says_how_many_mails_have_own_words(desk: Desk) -> None:
    desk.publish(5)
    page = "/manage/labcamp/texts/"
    assert "mit eigenen Worten" not in desk.client.get(page).text
    change(desk, **OWN, body_en="Hello")
    assert "1 Mail geht mit eigenen Worten hinaus." in desk.client.get(page).text
    change(desk, "/manage/labcamp/texts/role_offer", body_de="Moin")
    assert "2 Mails gehen mit eigenen Worten hinaus." in desk.client.get(page).text


def test_whoever_saves_second_sees_what_the_first_one_saved(desk: Desk) -> None:
    desk.publish(5)
    opened = desk.form_of(PAGE)
    change(desk, **OWN)
    answer = desk.client.post(PAGE, data={**opened, "subject_de": "Meins"})
    assert answer.status_code == 409
    assert "Meins" in answer.text
    assert "Schön, dass es klappt" in answer.text


def test_without_an_edition_the_page_says_so(desk: Desk) -> None:
    assert desk.client.get(PAGE).status_code == 200
    assert desk.client.post(PAGE, data={**desk.form_of(PAGE), "sample": "de"}).status_code == 422
    assert desk.client.get("/manage/labcamp/texts/nothing").status_code == 404


def test_the_list_takes_few_queries(desk: Desk) -> None:
    desk.publish(5)
    with counted_queries(desk.app) as seen:
        desk.client.get("/manage/labcamp/texts/")
    assert len(seen) <= 4, seen


def test_rarer_occasions_keep_our_words(desk: Desk) -> None:
    key = desk.publish(5)
    change(desk, "/manage/labcamp/texts/cancelled", subject_de="Schade", body_de="Schade!")
    with desk.app.app_context():
        person = signed_up(key).registration
        with transaction():
            service.cancel(person, "organiser")
        assert mails_sent()[-1][1]["Subject"] != "Schade"
        again = signed_up(key, 2).registration
        with transaction():
            service.cancel(again, "participant")
        _row, mail = mails_sent()[-1]
        assert mail["Subject"] == "Schade"
        assert calendar_of(mail) is not None


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"because": "handed_over", "had_place": True}, "handed_over"),
        ({"because": "moved", "had_place": True}, "moved"),
        ({"because": "released", "had_place": True}, "released"),
        ({"by": "organiser", "former": "offered"}, "cancelled_by_organisers"),
        ({"former": "offered"}, "declined"),
        ({"former": "held"}, "withdrawn"),
        ({"had_place": True}, "cancelled"),
        ({}, "left_waitlist"),
    ],
)
def test_each_way_to_end_has_words_of_its_own(facts: dict[str, object], kind: str) -> None:
    assert text_kind("cancelled", facts) == kind


def test_what_is_about_no_edition_knows_the_series_alone(desk: Desk) -> None:
    page = "/manage/labcamp/texts/subscription"
    assert change(desk, page, subject_en="News of {series}", body_en="Would you like that, {series}?") == 303
    assert change(desk, page, body_en="On {date}") == 422
    assert change(desk, page, subject_en="{edition}") == 422


def test_what_organisers_are_told_can_be_worded_and_says_all_the_same_what_to_do(desk: Desk) -> None:
    key = desk.publish(5, capacity=1)
    assert (
        change(desk, "/manage/labcamp/texts/notice_full", subject_de="Voll: {edition}", body_de="Juhu!")
        == 303
    )
    with desk.app.app_context():
        signed_up(key)
        mail = next(mail for row, mail in mails_sent() if row.kind == "organiser_notice")
        assert mail["Subject"].startswith("Voll: LabCamp #5")
        assert "Juhu!" in text_of(mail)
        assert "Warteliste" in text_of(mail)
