"""The organiser's pages of invitations."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from eventhub.extensions import db
from eventhub.invitations import service
from eventhub.invitations.models import Invitation
from eventhub.mail.delivery import deliver
from eventhub.mail.models import OutboxMessage
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.desk.hostile import FINE, TEXTS
from tests.desk.setting import Desk
from tests.registration.samples import signed_up

LIST = "/manage/labcamp/5/invitations/"
NEW = f"{LIST}new"
SOON = {"start_date": date(2026, 4, 1), "starts_at": datetime(2026, 4, 1, 13, 0, tzinfo=UTC)}
ENGLISH = {"Accept-Language": "en"}


def three_hundred() -> str:
    """Return a list of 300 addresses of which every seventh is broken, 40 in all."""
    broken = {number * 7 for number in range(1, 41)}
    return "\n".join(
        f"person{number} at lab.example" if number in broken else f"person{number}@lab.example"
        for number in range(1, 301)
    )


def send(desk: Desk, text: str, **values: Any) -> Any:
    data = {"addresses": text, "language": "de", **values}
    return desk.client.post(NEW, data=data, headers=ENGLISH)


def invitations(desk: Desk) -> list[Invitation]:
    return list(db.session.scalars(select(Invitation).order_by(Invitation.id)))


def links(desk: Desk) -> dict[str, str]:
    with desk.app.app_context():
        return {one.email: f"/invitations/{service.token_of(one)}/" for one in invitations(desk)}


def test_forty_of_three_hundred_are_malformed_and_the_good_ones_wait(desk: Desk) -> None:
    desk.publish(5, **SOON)
    page = send(desk, three_hundred())
    assert page.status_code == 200
    assert "40 lines are not understood" in page.text
    assert "260 invitations are ready" in page.text
    for number in range(1, 41):
        assert (
            f"Line {number * 7}, “person{number * 7} at lab.example”: there is no email address" in page.text
        )
    assert "person1@lab.example" in page.text
    with desk.app.app_context():
        assert invitations(desk) == []
        assert db.session.scalars(select(OutboxMessage)).all() == []
    done = send(desk, three_hundred(), send="1")
    assert (done.status_code, done.location) == (303, LIST)
    with desk.app.app_context():
        assert len(invitations(desk)) == 260
        assert len(db.session.scalars(select(OutboxMessage)).all()) == 260
    again = send(desk, three_hundred())
    assert "260 people are invited already" in again.text


def test_the_mail_is_previewed_in_both_languages(desk: Desk) -> None:
    desk.publish(5, **SOON)
    page = send(desk, "ada@lab.example", words="Kommt bitte <b>alle</b>.", language="en").text
    assert page.index("Invitation: LabCamp #5") < page.index("Einladung: LabCamp #5")
    assert page.count("Kommt bitte &lt;b&gt;alle&lt;/b&gt;.") == 3


def test_duplicates_and_registered_people_are_recognised(desk: Desk) -> None:
    edition_id = desk.publish(5, **SOON)
    with desk.app.app_context():
        signed_up(edition_id, 1)
    page = send(desk, "ada@lab.example\nperson1@lab.example\n\nAda <ADA@lab.example>").text
    assert "1 invitation is ready" in page
    assert "Line 4: ADA@lab.example, as in line 1" in page
    assert "1 person is registered already" in page


def test_a_workbook_is_taken_and_its_text_can_be_corrected(desk: Desk) -> None:
    desk.publish(5, **SOON)
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (("Vorname", "E-Mail"), ("Ada", "ada@lab.example"), ("Bo", "bo(at)lab.example")):
        book.active.append(row)
    book.save(content)
    upload = (io.BytesIO(content.getvalue()), "list.xlsx")
    page = send(desk, "", upload=upload).text
    assert "1 invitation is ready" in page
    assert "Line 3, “Bo;bo(at)lab.example”" in page
    assert "Vorname;E-Mail" in page, "the text of the file stands in the field"
    broken = send(desk, "", upload=(io.BytesIO(b"PK\x03\x04nothing"), "list.xlsx"))
    assert broken.status_code == 422
    assert "no table that can be read" in broken.text


def test_the_list_shows_who_answered_what(desk: Desk, clock: FrozenClock) -> None:
    desk.publish(5, **SOON)
    send(desk, "ada@lab.example\nbo@lab.example\ncem@lab.example\ndua@lab.example", send="1")
    found = links(desk)
    visitor = desk.app.test_client()
    data = {"name": "Ada", "email": "ada@lab.example", "consent": "y"}
    visitor.post(f"{found['ada@lab.example']}accept", data=data)
    visitor.post(f"{found['bo@lab.example']}decline")
    visitor.get(found["cem@lab.example"])
    page = desk.client.get(LIST, headers=ENGLISH).text
    assert "4 people are invited" in page
    for words in ("Accepted: 1", "Declined: 1", "Opened: 1", "Sent: 1"):
        assert words in page
    only = desk.client.get(f"{LIST}?state=declined").text
    assert "bo@lab.example" in only
    assert "cem@lab.example" not in only
    clock.advance(timedelta(days=1))
    reminded = desk.client.post(
        LIST, data={"action": "remind_silent"}, follow_redirects=True, headers=ENGLISH
    )
    assert "2 reminders are on their way" in reminded.text
    with desk.app.app_context():
        key = next(one.id for one in invitations(desk) if one.email == "dua@lab.example")
    desk.client.post(LIST, data={"action": "revoke", "id": str(key)})
    assert "zurückgezogen" in visitor.get(found["dua@lab.example"]).text
    assert "dua@lab.example" in desk.client.get(f"{LIST}?state=revoked").text


@pytest.mark.parametrize(
    "data", [{}, {"action": "revoke"}, {"action": "remind", "id": "x"}, {"id": "1", "action": "?"}]
)
def test_nothing_ticked_changes_nothing(desk: Desk, data: dict[str, str]) -> None:
    desk.publish(5, **SOON)
    send(desk, "ada@lab.example", send="1")
    assert desk.client.post(LIST, data=data).status_code == 303
    with desk.app.app_context():
        assert [one.state.value for one in invitations(desk)] == ["sent"]


@pytest.mark.parametrize("text", TEXTS)
def test_strange_lists_get_a_clear_answer(desk: Desk, text: str) -> None:
    desk.publish(5, **SOON)
    for values in ({}, {"send": "1"}, {"words": text}):
        assert send(desk, f"{text}\nada@lab.example", **values).status_code in FINE


def test_a_draft_says_what_has_to_come_first(desk: Desk) -> None:
    desk.add(5, **SOON)
    answer = send(desk, "ada@lab.example", send="1")
    assert answer.status_code == 422
    assert "Publish the edition first" in answer.text


def test_the_secret_links_stay_the_invited_peoples(desk: Desk) -> None:
    desk.publish(5, **SOON)
    send(desk, "ada@lab.example", send="1")
    [token] = [link.split("/")[2] for link in links(desk).values()]
    with desk.app.app_context():
        deliver()
    for path in (
        LIST,
        "/manage/labcamp/5/mails/",
        "/manage/labcamp/5/mails/1/",
        "/manage/labcamp/5/history/",
    ):
        page = desk.client.get(path)
        assert page.status_code == 200
        assert token not in page.text


def test_the_list_does_not_ask_more_for_more_people(desk: Desk) -> None:
    desk.publish(5, **SOON)
    counts = []
    for number in (2, 40):
        send(desk, "\n".join(f"p{key}@lab.example" for key in range(number)), send="1")
        with counted_queries(desk.app) as statements:
            desk.client.get(LIST)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


def test_what_an_invitation_grants_is_chosen_and_shown(desk: Desk) -> None:
    desk.publish(5, capacity=1, **SOON)
    assert "gets_place" in desk.client.get(NEW).text
    send(desk, "ada@lab.example", send="1")
    send(desk, "bo@lab.example", send="1", gets_place="y")
    with desk.app.app_context():
        assert [one.gets_place for one in invitations(desk)] == [False, True]
    page = desk.client.get(LIST, headers=ENGLISH).text
    assert page.count("place in any case") == 1
