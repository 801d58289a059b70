"""Pages about editions, as an organiser without JavaScript uses them."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import func, select

from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.organisations.models import Organisation
from tests.conftest import FrozenClock
from tests.desk.setting import Desk, fields_of
from tests.registration.samples import signed_up

EDIT = "/manage/labcamp/5/edit"


def register(desk: Desk, key: int, people: int = 1) -> None:
    with desk.app.app_context():
        for number in range(people):
            signed_up(key, number)


def kinds(desk: Desk) -> list[str]:
    with desk.app.app_context():
        return sorted(db.session.scalars(select(OutboxMessage.kind)))


def test_a_form_sent_unchanged_changes_nothing(desk: Desk) -> None:
    key = desk.publish(
        theme="“Quotes” & <signs>",
        description="One\n\nTwo",
        capacity=60,
        registration_opens_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
        venue_address="Street 1\n10115 Berlin",
        join_url="https://meet.example/?a=1&b=2",
    )
    answer = desk.client.post(EDIT, data=unescaped(desk.form_of(EDIT)))
    assert answer.status_code == 303
    with desk.app.app_context():
        assert desk.edition(key).version == 1
        assert not db.session.scalars(select(HistoryEntry)).all()


def unescaped(fields: dict[str, str]) -> dict[str, str]:
    return {name: html.unescape(value) if isinstance(value, str) else value for name, value in fields.items()}


def test_a_move_is_asked_about_before_it_is_told(desk: Desk) -> None:
    key = desk.publish()
    register(desk, key, 2)
    fields = desk.form_of(EDIT) | {"start_time": "14:30"}
    page = desk.client.post(EDIT, data=fields)
    assert page.status_code == 200
    assert "2 Personen werden benachrichtigt" in page.text
    with desk.app.app_context():
        assert desk.edition(key).start_time == time(15), "nothing is saved yet"
    asked = fields_of(page.text)
    assert asked["start_time"] == "14:30"
    answer = desk.client.post(EDIT, data=asked | {"confirmed": "1"})
    assert answer.status_code == 303
    with desk.app.app_context():
        edition = desk.edition(key)
        assert (edition.start_time, edition.sequence) == (time(14, 30), 1)
    assert kinds(desk).count("edition_changed") == 2


def test_the_way_back_to_the_form_keeps_what_was_typed(desk: Desk) -> None:
    key = desk.publish()
    register(desk, key)
    asked = fields_of(desk.client.post(EDIT, data=desk.form_of(EDIT) | {"start_time": "14:30"}).text)
    page = desk.client.post(EDIT, data=asked | {"back": "1"})
    assert page.status_code == 200
    assert fields_of(page.text)["start_time"] == "14:30"


def test_texts_are_saved_without_a_question(desk: Desk) -> None:
    key = desk.publish()
    register(desk, key)
    answer = desk.client.post(EDIT, data=desk.form_of(EDIT) | {"theme": "New"})
    assert answer.status_code == 303
    assert "edition_changed" not in kinds(desk)


def test_two_editors_see_each_other(desk: Desk) -> None:
    key = desk.publish()
    mine = desk.form_of(EDIT)
    desk.client.post(EDIT, data=mine | {"theme": "From the other one"})
    page = desk.client.post(EDIT, data=mine | {"theme": "Mine"})
    assert page.status_code == 409
    for words in ("Nadine S.", "From the other one", "Mine", "data-focus-first"):
        assert words in page.text
    again = desk.client.post(EDIT, data=fields_of(page.text))
    assert again.status_code == 303
    with desk.app.app_context():
        assert desk.edition(key).theme == "Mine"


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"start_date": "2026-03-29", "start_time": "02:30"}, "start_time", "die Uhren vorgestellt"),
        ({"end_time": "14:00"}, "end_time", "vor dem Beginn"),
        ({"start_date": "32.13.2026"}, "start_date", "Gib den Tag wie"),
        ({"start_time": "quarter past"}, "start_time", "Gib die Uhrzeit wie"),
        ({"capacity": "0"}, "capacity", "mindestens 1 Platz"),
        ({"capacity": "many"}, "capacity", "ganze Zahl"),
        ({"title": ""}, "title", "Gib einen Titel an"),
        ({"title": "x" * 301}, "title", "höchstens 300 Zeichen"),
        ({"join_url": "javascript:alert(1)"}, "join_url", "https://"),
        ({"registration_opens_at": "2026-03-29T02:30"}, "registration_opens_at", "die Uhren vorgestellt"),
        ({"registration_closes_at": "0001-01-01T00:00"}, "registration_closes_at", "1970"),
        ({"number": ""}, "number", "Nummer oder einen Kurznamen"),
        ({"number": "6"}, "number", "heißt schon so"),
    ],
)
def test_errors_stand_at_their_field_and_nothing_typed_is_lost(
    desk: Desk, typed: dict[str, str], field: str, words: str
) -> None:
    desk.publish()
    desk.publish(6)
    page = desk.client.post(EDIT, data=desk.form_of(EDIT) | {"theme": "Still here"} | typed)
    assert page.status_code == 422
    assert "<title>Fehler:" in page.text
    assert f'href="#{field}"' in page.text, "the summary leads to the field"
    assert f'id="{field}-error"' in page.text
    assert words in page.text
    assert "Still here" in page.text


def test_publishing_lists_what_is_missing_and_then_works(desk: Desk) -> None:
    key = desk.add(mode=None)
    page = desk.client.post("/manage/labcamp/5/publish")
    assert page.status_code == 409
    assert "/manage/labcamp/5/edit#mode" in page.text
    desk.client.post(EDIT, data=desk.form_of(EDIT) | {"mode": "online"})
    assert desk.client.post("/manage/labcamp/5/publish").status_code == 303
    with desk.app.app_context():
        assert desk.edition(key).state is EditionState.PUBLISHED
    assert desk.app.test_client().get("/labcamp/5/").status_code == 200


def test_only_the_team_previews_a_draft(desk: Desk) -> None:
    desk.add(theme="Not public yet")
    assert "Not public yet" in desk.client.get("/manage/labcamp/5/preview/").text
    assert desk.app.test_client().get("/labcamp/5/").status_code == 404
    assert desk.app.test_client().get("/manage/labcamp/5/preview/").status_code == 303


def test_cancelling_says_how_many_are_told_and_needs_a_reason(desk: Desk) -> None:
    key = desk.publish()
    register(desk, key, 3)
    assert "3 Personen bekommen eine Mail" in desk.client.get("/manage/labcamp/5/cancel").text
    assert desk.client.post("/manage/labcamp/5/cancel", data={"reason": " "}).status_code == 422
    answer = desk.client.post("/manage/labcamp/5/cancel", data={"reason": "Storm"})
    assert answer.status_code == 303
    assert kinds(desk).count("edition_cancelled") == 3
    assert "Storm" in desk.client.get("/manage/labcamp/5/").text
    assert desk.client.post("/manage/labcamp/5/reinstate").status_code == 303
    with desk.app.app_context():
        assert (desk.edition(key).state, desk.edition(key).sequence) == (EditionState.PUBLISHED, 2)


def test_steps_come_one_after_the_other(desk: Desk, clock: FrozenClock) -> None:
    key = desk.publish(start_date=date(2026, 3, 10))
    assert desk.client.post("/manage/labcamp/5/complete").status_code == 409
    clock.set(datetime(2026, 3, 11, tzinfo=UTC))
    for step, state in (
        ("complete", EditionState.COMPLETED),
        ("reopen", EditionState.PUBLISHED),
        ("unpublish", EditionState.DRAFT),
    ):
        assert desk.client.post(f"/manage/labcamp/5/{step}").status_code == 303
        with desk.app.app_context():
            assert desk.edition(key).state is state


def test_a_draft_is_deleted_after_a_question(desk: Desk) -> None:
    key = desk.add()
    assert desk.client.get("/manage/labcamp/5/delete").status_code == 200
    answer = desk.client.post("/manage/labcamp/5/delete")
    assert (answer.status_code, answer.location) == (303, "/manage/labcamp/")
    with desk.app.app_context():
        assert db.session.get(Edition, key) is None
        entry = db.session.scalars(select(HistoryEntry).filter_by(action="edition.deleted")).one()
        assert entry.details == {"key": "5", "title": "LabCamp #5"}
    desk.publish(6)
    assert desk.client.post("/manage/labcamp/6/delete").status_code == 409


def test_a_new_edition_begins_with_the_settings_of_its_series(desk: Desk) -> None:
    with desk.app.app_context(), transaction():
        db.session.scalars(select(Series).filter_by(slug="labcamp")).one().default_capacity = 40
    fields = desk.form_of("/manage/labcamp/new")
    assert (fields["number"], fields["capacity"], fields["title"]) == ("1", "40", "LabCamp #1")
    answer = desk.client.post("/manage/labcamp/new", data=fields | {"start_date": "5.5.2026"})
    assert answer.location == "/manage/labcamp/1/"
    with desk.app.app_context():
        edition = db.session.scalars(select(Edition).filter_by(number=1).order_by(Edition.id.desc())).first()
        assert edition is not None
        assert (edition.start_date, edition.state) == (date(2026, 5, 5), EditionState.DRAFT)


def test_without_an_edition_the_next_one_is_the_first(desk: Desk) -> None:
    assert desk.client.get("/manage/labcamp/next").location == "/manage/labcamp/new"


SEVERAL = "/manage/labcamp/several"


def test_a_rule_is_shown_in_words_before_anything_is_made(desk: Desk) -> None:
    desk.publish(2, start_time=time(15), end_time=time(18))
    fields = desk.form_of(SEVERAL)
    assert fields["first_number"] == "3"
    fields |= {
        "way": "rule",
        "frequency": "weekly",
        "interval": "2",
        "day_of_week": "1",
        "from_day": "2026-03-17",
        "count": "3",
    }
    page = desk.client.post(SEVERAL, data=fields)
    for words in ("Dienstag, 17. März 2026", "Dienstag, 31. März 2026", "LabCamp #5", "15 bis 18"):
        assert words in page.text.replace("\u00a0", " ").replace("&nbsp;", " "), words
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).where(Edition.title.like("LabCamp%"))) == 1
    answer = desk.client.post(SEVERAL, data=fields_of(page.text) | {"confirmed": "1"})
    assert answer.status_code == 303
    with desk.app.app_context():
        made = db.session.scalars(
            select(Edition).where(Edition.number > 2, Edition.title.like("Lab%")).order_by(Edition.number)
        ).all()
        assert [(one.number, one.start_date, one.state) for one in made] == [
            (3, date(2026, 3, 17), EditionState.DRAFT),
            (4, date(2026, 3, 31), EditionState.DRAFT),
            (5, date(2026, 4, 14), EditionState.DRAFT),
        ]
        assert {one.starts_at.hour for one in made if one.starts_at} == {13, 14}, (
            "15 local, before and after the change"
        )


def test_pasted_dates_say_what_is_wrong_line_by_line(desk: Desk) -> None:
    fields = desk.form_of(SEVERAL) | {
        "way": "pasted",
        "dates": "7.12.2026\nsoon\nDienstag, 8. Dezember 2026\nMo, 8.12.2026",
    }
    page = desk.client.post(SEVERAL, data=fields)
    assert page.status_code == 422
    for words in ("Zeile 2, „soon“: Kein Datum gefunden", "Zeile 4", "soon"):
        assert words in page.text
    fields["dates"] = "7.12.2026\nDienstag, 8. Dezember 2026, 9 bis 12 Uhr"
    page = desk.client.post(SEVERAL, data=fields)
    assert "9 bis 12" in page.text.replace("\u00a0", " ")
    desk.client.post(SEVERAL, data=fields_of(page.text) | {"confirmed": "1"})
    with desk.app.app_context():
        made = db.session.scalars(select(Edition).where(Edition.state == EditionState.DRAFT)).all()
        assert len(made) == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"from_day": ""}, "from_day"),
        ({"count": "", "until": ""}, "count"),
        ({"count": "3", "until": "2027-01-01"}, "count"),
        ({"count": "61"}, "count"),
        ({"count": "", "until": "2026-01-01"}, "until"),
        ({"count": "", "until": "2036-01-01", "frequency": "weekly"}, "until"),
        ({"first_number": ""}, "first_number"),
        ({"interval": "0"}, "interval"),
        ({"way": "pasted", "dates": ""}, "dates"),
        (
            {
                "way": "pasted",
                "dates": "\n".join(f"{day}.{month}.2026" for month in (1, 3, 5) for day in range(1, 29)),
            },
            "dates",
        ),
        ({"start_time": "18:00", "end_time": "15:00"}, "end_time"),
    ],
)
def test_rules_that_can_not_be_are_said_at_their_field(desk: Desk, typed: dict[str, str], field: str) -> None:
    fields = desk.form_of(SEVERAL) | {"from_day": "2026-03-17", "count": "3"} | typed
    page = desk.client.post(SEVERAL, data=fields)
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text


def test_the_mail_log_shows_reasons_and_sends_again(desk: Desk) -> None:
    key = desk.publish()
    register(desk, key, 2)
    secret = "https://eventhub.example/my/" + "s" * 43 + "/"
    with desk.app.app_context(), transaction():
        failed, sent = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        failed.state, failed.error, failed.attempts = (
            MessageState.FAILED,
            "Given up after 5 tries. The mail server answered: 550 no such user",
            5,
        )
        sent.state, sent.sent_at = MessageState.SENT, datetime(2026, 3, 2, 10, tzinfo=UTC)
        content = f"Subject: Hello\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour page: {secret}\r\n"
        sent.content, sent.subject = content.encode(), "Hello <you>"
        numbers = (failed.id, sent.id)
    page = desk.client.get("/manage/labcamp/5/mails/").text
    assert "Nach 5 Versuchen aufgegeben. Der Mailserver antwortete: 550 no such user" in page
    assert "Hello &lt;you&gt;" in page
    only_failed = desk.client.get("/manage/labcamp/5/mails/?state=failed").text
    assert "Hello" not in only_failed
    assert "person0@" in desk.client.get("/manage/labcamp/5/mails/?q=person0").text
    letter = desk.client.get(f"/manage/labcamp/5/mails/{numbers[1]}/").text
    assert "Your page: https://eventhub.example/my/…/" in letter
    assert "s" * 43 not in letter, "the participant's secret stays theirs"
    for number in numbers:
        assert desk.client.post(f"/manage/labcamp/5/mails/{number}/again").status_code == 303
        assert desk.client.post(f"/manage/labcamp/5/mails/{number}/again").status_code == 409, (
            "it waits already"
        )
    with desk.app.app_context():
        again = db.session.get_one(OutboxMessage, numbers[1])
        assert (again.state, again.content) == (MessageState.WAITING, content.encode())
    assert desk.client.get("/manage/labcamp/5/mails/9999/").status_code == 404


def test_the_history_tells_in_words(desk: Desk) -> None:
    desk.add()
    desk.client.post(EDIT, data=desk.form_of(EDIT) | {"start_time": "14:30", "capacity": "30"})
    desk.client.post("/manage/labcamp/5/publish")
    page = desk.client.get("/manage/labcamp/5/history/").text.replace("\u00a0", " ")
    for words in (
        "Nadine S.",
        "hat die Ausgabe geändert",
        "Beginn: 15 Uhr → 14:30 Uhr",
        "Plätze: nichts → 30",
        "hat die Ausgabe veröffentlicht",
    ):
        assert words in page, words
    english = desk.client.get("/manage/labcamp/5/history/", headers={"Accept-Language": "en"}).text
    assert "published the edition" in english


def test_a_series_is_set_up_edited_and_deleted(desk: Desk) -> None:
    fields = desk.form_of("/manage/series/new")
    assert fields["organisations"] == str(desk.organisation_id)
    fields |= {
        "title": "Innovationswerkstatt",
        "slug": "werkstatt",
        "contact_email": "x@lab.example",
        "brand_hue": "255",
    }
    answer = desk.client.post("/manage/series/new", data=fields)
    assert answer.location == "/manage/werkstatt/", answer.text
    edit = "/manage/werkstatt/edit"
    assert desk.client.post(edit, data=desk.form_of(edit) | {"form_of_address": "sie"}).status_code == 303
    assert desk.client.post(edit, data=desk.form_of(edit) | {"slug": "labcamp"}).status_code == 422
    for slug in ("manage", "Big", "a--b", "sign-in"):
        assert desk.client.post(edit, data=desk.form_of(edit) | {"slug": slug}).status_code == 422
    with desk.app.app_context():
        other = db.session.scalars(select(Organisation.id).filter_by(slug="org-other")).one()
    locked_out = desk.client.post(edit, data=desk.form_of(edit) | {"organisations": str(other)})
    assert locked_out.status_code == 422
    assert desk.client.get("/manage/werkstatt/delete").status_code == 200
    assert desk.client.post("/manage/werkstatt/delete").status_code == 303
    assert desk.client.get("/manage/werkstatt/").status_code == 404
    desk.add()
    assert desk.client.post("/manage/labcamp/delete").status_code == 409


def test_a_long_list_of_organisations_is_folded_but_for_what_is_chosen(desk: Desk) -> None:
    with desk.app.app_context(), transaction():
        db.session.add_all(Organisation(slug=f"org-{number}", name=f"Labor {number}") for number in range(9))
    desk.publish()
    page = desk.client.get("/manage/labcamp/5/edit").text
    assert page.count("data-filter") == 2
    path = "/manage/labcamp/edit"
    chosen, folded = desk.client.get(path).text.split("data-filter", 1)
    assert "Example Lab" in chosen
    assert "Labor 3" not in chosen
    assert "Labor 3" in folded
    assert str(desk.organisation_id) in desk.form_of(path)["organisations"]
