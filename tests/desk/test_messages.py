"""The organiser's pages for messages and for mails by the clock."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from eventhub.announcements.models import Announcement, TimedMail
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.mail.reach import mark_unreachable
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk
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
    assert desk.client.post(page, data={"do": "send"}).status_code == 303
    assert desk.client.post(page, data={"do": "nothing"}).status_code == 422


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
