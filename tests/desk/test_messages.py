"""The organiser's pages for messages and for mails by the clock."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from eventhub import clock
from eventhub.accounts.models import User
from eventhub.announcements.models import Announcement, TimedMail
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.reach import mark_unreachable
from tests.accounts.signing_in import organiser_of
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk
from tests.mail.samples import mails_sent, text_of
from tests.registration.samples import signed_up

LIST = "/manage/labcamp/5/messages/"
TIMED = "/manage/labcamp/timed/"
WORDS = {"subject_de": "Bring etwas mit", "body_de": "Hallo {name},\n\nbring **Stifte** mit."}


def people(desk: Desk, number: int) -> None:
    key = desk.publish(5)
    with desk.app.app_context():
        for one in range(1, number + 1):
            signed_up(key, one)


def written(desk: Desk, **values: str) -> str:
    """Write a message and return the address of its page."""
    answer = desk.client.post(f"{LIST}new", data={**desk.form_of(f"{LIST}new"), **WORDS, **values})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def mails_of(desk: Desk) -> int:
    with desk.app.app_context():
        return len(db.session.scalars(select(OutboxMessage).filter_by(kind="announcement")).all())


def test_each_mail_is_looked_at_before_any_leaves(desk: Desk) -> None:
    people(desk, 3)
    page = written(desk)
    first, second = desk.client.get(page).text, desk.client.get(f"{page}?page=2").text
    assert "Hallo Person 1," in first
    assert "Hallo Person 2," in second
    assert "3 Mails jetzt senden" in first
    assert "Mail 2 von 3" in second
    assert "/my/…" in first
    assert mails_of(desk) == 0
    assert desk.client.post(page, data={"do": "send"}).status_code == 303
    assert mails_of(desk) == 3
    assert "Bring etwas mit" in desk.client.get(LIST).text


def test_the_note_names_who_changed_this_message_last_and_nobody_who_changed_another(desk: Desk) -> None:
    people(desk, 1)
    first = f"{written(desk)}edit"
    mine = desk.form_of(first)
    other = organiser_of(desk.app, "labcamp", email="ben@lab.example")
    with desk.app.app_context(), transaction():
        db.session.get_one(User, other.id).name = "Ben B."
    assert other.client.post(first, data=mine | {"subject_de": "Bring alles mit"}).status_code == 303
    second = f"{written(desk)}edit"
    assert desk.client.post(second, data=desk.form_of(second) | {"subject_de": "Komm"}).status_code == 303
    page = desk.client.post(first, data=mine | {"subject_de": "Bring nichts mit"})
    assert page.status_code == 409
    assert "Gespeichert von Ben B." in page.text


@pytest.mark.parametrize("kind", ["mail by the clock", "words of a mail"])
def test_a_note_about_one_mail_names_nobody_who_changed_another(desk: Desk, kind: str) -> None:
    if kind == "mail by the clock":
        paths = []
        for _ in range(2):
            made = desk.client.post(f"{TIMED}new", data=desk.form_of(f"{TIMED}new") | WORDS | {"hours": "24"})
            assert made.status_code == 303
        with desk.app.app_context():
            paths = [
                f"{TIMED}{key}/" for key in db.session.scalars(select(TimedMail.id).order_by(TimedMail.id))
            ]
    else:
        paths = ["/manage/labcamp/texts/confirmed", "/manage/labcamp/texts/waitlisted"]
    mine = desk.form_of(paths[0])
    other = organiser_of(desk.app, "labcamp", email="ben@lab.example")
    with desk.app.app_context(), transaction():
        db.session.get_one(User, other.id).name = "Ben B."
    for client, path in ((other.client, paths[0]), (desk.client, paths[1])):
        sent = desk.form_of(path) | {"subject_de": "Bis bald", "body_de": "Alles Gute"}
        assert client.post(path, data=sent).status_code == 303
    page = desk.client.post(paths[0], data=mine | {"subject_de": "Bis dann", "body_de": "Gute Reise"})
    assert page.status_code == 409
    assert "Gespeichert von Ben B." in page.text


def test_who_is_not_reached_is_named(desk: Desk) -> None:
    people(desk, 2)
    with desk.app.app_context(), transaction():
        mark_unreachable(1, "person1@lab.example", "550")
    assert "1 Person davon ist nicht erreichbar" in desk.client.get(written(desk)).text


def test_it_is_scheduled_in_the_time_of_the_edition_and_taken_back(desk: Desk) -> None:
    people(desk, 1)
    page = written(desk)
    past = desk.client.post(page, data={"do": "schedule", "due_at": "2020-01-01T10:00"})
    assert past.status_code == 422
    assert "in der Zukunft" in past.text
    assert desk.client.post(page, data={"do": "schedule", "due_at": ""}).status_code == 422
    gap = desk.client.post(page, data={"do": "schedule", "due_at": "2027-03-28T02:30"})
    assert gap.status_code == 422
    assert desk.client.post(page, data={"do": "schedule", "due_at": "2026-04-30T10:00"}).status_code == 303
    shown = desk.client.get(page).text
    assert "April" in shown
    assert "Anhalten: wieder ein Entwurf" in shown
    taken_back = desk.client.post(page, data={"do": "stop"}, follow_redirects=True)
    assert "Die Nachricht ist wieder ein Entwurf" in taken_back.text
    assert "1 Mail jetzt senden" in taken_back.text
    assert desk.client.post(page, data={"do": "send"}).status_code == 303
    assert desk.client.post(page, data={"do": "nothing"}).status_code == 422


def test_what_has_not_left_is_stopped_from_the_page(desk: Desk) -> None:
    people(desk, 3)
    page = written(desk)
    assert desk.client.post(page, data={"do": "stop"}).status_code == 422
    assert desk.client.post(page, data={"do": "send"}).status_code == 303
    with desk.app.app_context(), transaction():
        first, tried, _third = db.session.scalars(select(OutboxMessage).filter_by(kind="announcement"))
        first.state, first.sent_at, tried.attempts = MessageState.SENT, clock.now(), 1
    assert "Anhalten, was noch nicht raus ist" in desk.client.get(page).text
    stopped = desk.client.post(page, data={"do": "stop"}, follow_redirects=True).text
    assert "2 Mails sind angehalten" in stopped
    assert "Anhalten, was" not in stopped
    assert desk.client.post(page, data={"do": "stop"}).status_code == 422


def test_a_draft_is_changed_and_deleted(desk: Desk) -> None:
    people(desk, 1)
    page = written(desk)
    opened = desk.form_of(f"{page}edit")
    assert opened["subject_de"] == WORDS["subject_de"]
    changed = {**opened, "subject_de": "Anders", "state": "waitlisted"}
    assert desk.client.post(f"{page}edit", data=changed).status_code == 303
    shown = desk.client.get(page).text
    assert "Niemand passt" in shown
    stale = desk.client.post(f"{page}edit", data={**opened, "subject_de": "Meins"})
    assert stale.status_code == 409
    assert "Anders" in stale.text
    assert "Meins" in stale.text
    assert desk.client.post(page, data={"do": "delete"}).location == LIST
    assert desk.client.get(page).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subject_de": "Für {name}"}, "subject_de"),
        ({"body_de": "{nix}"}, "body_de"),
        ({"body_de": ""}, "body_de"),
        ({"state": "cancelled"}, "state"),
        ({"slot": "77"}, "slot"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(desk: Desk, values: dict[str, str], field: str) -> None:
    people(desk, 1)
    form = f"{LIST}new"
    page = desk.client.post(form, data={**desk.form_of(form), **WORDS, **values})
    assert page.status_code == 422
    assert "Bring etwas mit" in page.text or field.startswith("subject")
    with desk.app.app_context():
        assert not db.session.scalars(select(Announcement)).all()


def test_only_files_that_we_can_read_go_along(desk: Desk) -> None:
    people(desk, 1)
    page = written(desk)

    def attach(name: str, content: bytes) -> int:
        data = {"do": "attach", "file": (io.BytesIO(content), name)}
        return desk.client.post(page, data=data).status_code

    assert attach("evil.pdf", b"MZ executable") == 422
    assert attach("plan.exe", b"%PDF-1.4\n%%EOF") == 303
    assert "plan.pdf" in desk.client.get(page).text
    assert desk.client.post(page, data={"do": "attach"}).status_code == 422
    assert desk.client.post(page, data={"do": "detach", "file_key": "1"}).status_code == 303
    assert "plan.pdf" not in desk.client.get(page).text


def test_the_review_takes_as_many_queries_for_many_people(desk: Desk) -> None:
    people(desk, 2)
    page = written(desk)
    desk.client.get(page)
    with counted_queries(desk.app) as few:
        desk.client.get(page)
    with desk.app.app_context():
        for one in range(3, 9):
            signed_up(1, one)
    with counted_queries(desk.app) as many:
        desk.client.get(page)
    assert len(many) <= len(few)
    assert len(few) <= 20, len(few)


def test_mails_by_the_clock_start_from_what_most_send(desk: Desk) -> None:
    desk.publish(5)
    form = desk.form_of(f"{TIMED}new?like=thanks")
    assert form["subject_de"] == "Danke fürs Kommen: {edition}"
    assert form["subject_en"] == "Thank you for coming: {edition}"
    assert desk.client.post(f"{TIMED}new", data={**form, "anchor": "after_end"}).status_code == 303
    assert "2 Stunden nach dem Ende" in desk.client.get(TIMED).text
    one = desk.form_of(f"{TIMED}1/")
    assert desk.client.post(f"{TIMED}1/", data={**one, "hours": "48"}).status_code == 303
    assert "2 Tage nach dem Ende" in desk.client.get(TIMED).text
    assert desk.client.post(f"{TIMED}1/", data={**one, "hours": "9999"}).status_code == 422
    assert desk.client.post(f"{TIMED}1/", data={**one, "anchor": "x"}).status_code == 422
    assert desk.client.post(f"{TIMED}1/delete").status_code == 303
    with desk.app.app_context():
        assert not db.session.scalars(select(TimedMail)).all()


def test_a_mail_by_the_clock_is_looked_at_as_typed_and_kept_only_when_saved(desk: Desk) -> None:
    desk.publish(5, join_url="https://meet.example/room")
    form = {
        **desk.form_of(f"{TIMED}new?like=join"),
        "anchor": "before_start",
        "body_de": "Moin {name}, auf {date}!",
    }
    page = desk.client.post(f"{TIMED}new", data={**form, "preview": "1"})
    assert page.status_code == 200
    assert "In einer Stunde: LabCamp #5" in page.text
    assert "In an hour: LabCamp #5" in page.text
    assert page.text.count("Moin ") == 2
    assert "https://meet.example/room" in page.text
    afterwards = desk.client.post(f"{TIMED}new", data={**form, "anchor": "after_end", "preview": "1"}).text
    assert "https://meet.example/room" not in afterwards
    wrong = desk.client.post(f"{TIMED}new", data={**form, "body_de": "Hallo {nix}", "preview": "1"})
    assert wrong.status_code == 422
    assert "Hallo {nix}" in wrong.text
    with desk.app.app_context():
        assert not db.session.scalars(select(TimedMail)).all()


@pytest.mark.parametrize(("spoken", "begins"), [("de", "Probe: Danke: "), ("en", "Sample: Danke: ")])
def test_a_mail_by_the_clock_comes_to_whoever_wants_to_see_it(desk: Desk, spoken: str, begins: str) -> None:
    desk.publish(5)
    form = desk.form_of(f"{TIMED}new")
    words = {"anchor": "after_end", "subject_de": "Danke: {edition}", "body_de": "Schön war es, {name}."}
    answer = desk.client.post(f"{TIMED}new", data={**form, **words, "sample": spoken})
    assert answer.status_code == 200
    assert "Schön war es" in answer.text
    with desk.app.app_context():
        [(row, mail)] = [(row, mail) for row, mail in mails_sent() if row.kind == "text_sample"]
        assert mail["Subject"].startswith(begins)
        assert "Schön war es" in text_of(mail)
        assert row.registration_id is None
        assert not db.session.scalars(select(TimedMail)).all()


def test_no_sample_of_a_mail_by_the_clock_without_words_or_edition(desk: Desk) -> None:
    form = {**desk.form_of(f"{TIMED}new"), "anchor": "after_end", "sample": "de"}
    assert "in mindestens einer Sprache" in desk.client.post(f"{TIMED}new", data=form).text
    form |= {"subject_de": "Danke", "body_de": "Danke!"}
    answer = desk.client.post(f"{TIMED}new", data=form)
    assert answer.status_code == 422
    assert "Sobald es eine Ausgabe gibt" in answer.text
    assert mails_of(desk) == 0
