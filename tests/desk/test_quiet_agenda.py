"""Working quietly on an agenda: nobody else sees anything before it is released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
import yaml
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from eventhub import clock
from eventhub.agenda import choices, people, service
from eventhub.agenda.models import DraftSlot, Kind, Slot, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.desk.agenda_grid import state_of
from eventhub.editions.models import Edition
from eventhub.engagements import service as engagements
from eventhub.engagements.service import Question
from eventhub.exchange.service import export_series
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration
from eventhub.registration.service import choose_slots
from eventhub.tokens import derive
from tests.accounts.signing_in import organiser_of
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk, fields_of
from tests.registration.samples import signed_up

AGENDA = "/manage/labcamp/5/agenda/"
VERSIONS = f"{AGENDA}versions"
DAY = date(2026, 5, 5)
JSON = {"Accept": "application/json"}
PUBLIC = (
    "/labcamp/5/",
    "/labcamp/5/?view=print",
    "/labcamp/5/slots/one/",
    "/labcamp/5/slots/one.ics",
    "/labcamp/5/calendar.ics",
    "/labcamp/5/schedule.xml",
    "/labcamp/5/schedule.json",
    "/labcamp/5/changes/",
    "/labcamp/calendar.ics",
    "/labcamp/feed.atom",
    "/sitemap.xml",
    "/?q=Secret",
    "/labcamp/5/register",
)


@pytest.fixture
def inside(desk: Desk) -> Iterator[Edition]:
    """A published edition with two slots and a first version, quiet since then; one person holds both."""
    desk.publish(published_at=clock.now())
    desk.client.set_cookie("language", "en")
    with desk.app.app_context():
        edition = db.session.scalars(select(Edition).where(Edition.title == "LabCamp #5")).one()
        with transaction():
            for title, start, end in (("One", time(9), time(10)), ("Two", time(10), time(11))):
                values = {"title": title, "kind": Kind.TALK, "day": DAY, "start_time": start, "end_time": end}
                service.create_slot(edition, values)
        key = signed_up(edition.id).registration.id
        with transaction():
            keys = db.session.scalars(select(Slot.id)).all()
            choose_slots(db.session.get_one(Registration, key), keys)
        assert release(desk.client, quietly="y").status_code == 303
        yield edition


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return desk.client


@pytest.fixture
def visitor(desk: Desk) -> FlaskClient:
    """Return a browser of somebody who is not signed in."""
    client = desk.app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def afresh() -> None:
    db.session.rollback()
    g.pop("_login_user", None)  # the context stays open over requests of several people


def release(client: FlaskClient, note: str = "", **sent: str) -> TestResponse:
    """Release what the page shows."""
    afresh()
    seen = fields_of(client.get(VERSIONS).text)["seen"]
    return client.post(VERSIONS, data={"note": note, "seen": seen} | sent)


def draft(slug: str) -> DraftSlot:
    afresh()
    return db.session.scalars(select(DraftSlot).where(DraftSlot.slug == slug)).one()


def slugs(table: Any = Slot) -> list[str]:
    afresh()
    return sorted(db.session.scalars(select(table.slug)))


def move(client: FlaskClient, slug: str, hour: int, was: str = "") -> TestResponse:
    sent = {"was": was or state_of(draft(slug)), "day": str(DAY), "start": hour * 60, "minutes": 60}
    return client.post(
        f"{AGENDA}slots/{slug}/move", data=sent | {"column": "", "by": "room_id"}, headers=JSON
    )


def edit(client: FlaskClient, slug: str, **sent: str) -> TestResponse:
    afresh()
    return client.post(
        f"{AGENDA}?slot={slug}", data=fields_of(client.get(f"{AGENDA}?slot={slug}").text) | sent
    )


def all_pages(visitor: FlaskClient, personal: str) -> dict[str, bytes]:
    afresh()
    found = {path: visitor.get(path) for path in (*PUBLIC, personal)}
    assert {path: page.status_code for path, page in found.items() if page.status_code != 200} == {}
    return {path: page.data for path, page in found.items()}


def work(client: FlaskClient) -> None:
    """Do everything that the editor can do, in the draft."""
    assert move(client, "one", 14).status_code == 200
    assert edit(client, "one", title="Secret one").status_code == 303
    new = {"title": "Secret new", "kind": "talk", "day": str(DAY), "start_time": "16:00", "end_time": "17:00"}
    afresh()
    assert client.post(f"{AGENDA}?new=1", data=new).status_code == 303
    assert client.post(f"{AGENDA}slots/secret-new/copy").status_code == 303
    assert client.post(f"{AGENDA}slots/secret-new/split", data={"at": "16:30"}).status_code == 303
    assert client.post(f"{AGENDA}slots/two/delete").status_code == 303
    pasted = {"lines": "18:00-19:00 Secret pasted | Secret Person", "day": str(DAY), "create": "1"}
    assert client.post(f"{AGENDA}paste", data=pasted).status_code == 303
    shifted = {"day": str(DAY), "since": "16:00", "minutes": "10"}
    assert client.post(f"{AGENDA}shift", data=shifted).status_code == 303


def test_nothing_of_a_draft_is_public_in_any_form(
    client: FlaskClient, visitor: FlaskClient, inside: Edition
) -> None:
    registration = db.session.scalars(select(Registration)).one()
    personal = f"/my/{derive('manage', registration.token_seed)}/"
    before, exported = all_pages(visitor, personal), yaml.safe_load(export_series("labcamp"))
    calendar = visitor.get(f"{personal}calendar.ics").data
    work(client)
    assert slugs() == ["one", "two"]
    assert slugs(DraftSlot) == ["one", "secret-new", "secret-new-2", "secret-new-3", "secret-pasted"]
    assert "Secret one" in client.get(AGENDA).text
    assert "Secret one" in client.get("/manage/labcamp/5/preview/").text
    afresh()
    assert yaml.safe_load(export_series("labcamp"))["editions"] == exported["editions"]
    assert visitor.get("/labcamp/5/slots/secret-new/").status_code == 404
    assert visitor.get("/labcamp/speakers/secret-person/").status_code == 404
    assert visitor.get(f"{personal}calendar.ics").data == calendar
    for path, page in all_pages(visitor, personal).items():
        assert b"Secret" not in page or path == "/?q=Secret", path
        if b"csrf" not in page:
            assert page == before[path], path
    assert release(client).status_code == 303
    afresh()
    assert "Secret one" in visitor.get("/labcamp/5/").text
    assert "Secret pasted" in visitor.get("/labcamp/5/").text
    assert visitor.get("/labcamp/5/slots/two/").status_code == 404


def test_the_public_page_stays_kept_while_others_work(
    desk: Desk, client: FlaskClient, visitor: FlaskClient, inside: Edition
) -> None:
    afresh()
    tag = visitor.get("/labcamp/5/").headers["ETag"]
    move(client, "one", 14)
    afresh()
    with counted_queries(desk.app) as asked:
        answer = visitor.get("/labcamp/5/", headers={"If-None-Match": tag})
    assert (answer.status_code, asked) == (304, [])


def test_before_the_release_a_page_says_what_changes_and_who_is_told(
    client: FlaskClient, inside: Edition
) -> None:
    with transaction():
        ada = people.create_speaker(inside.series, {"name": "Ada"})
        two = db.session.scalars(select(DraftSlot).where(DraftSlot.slug == "two")).one()
        service.update_slot(two, {}, [Person(ada.id, SpeakerRole.SPEAKER)])
        engagements.ask(inside, {ada: "ada@lab.example"}, Question("en"))
    move(client, "one", 14)
    afresh()
    page = client.get(VERSIONS).text
    assert "2 to 3\N{NO-BREAK SPACE}pm, until now" in page
    assert "People: Ada, until now nobody" in page
    assert "1 participant who has chosen one of these sessions" in page
    assert "1 speaker who was asked and is in one of these sessions" in page
    answer = client.post(VERSIONS, data=fields_of(page) | {"note": "Trains are late"}, follow_redirects=True)
    assert "This is version 2. 1 person gets a mail. 1 speaker gets a mail." in answer.text
    afresh()
    written = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()[-2:]
    assert [(one.kind, one.to_address) for one in written] == [
        ("sessions_changed", "person1@lab.example"),
        ("engagement_changes", "ada@lab.example"),
    ]
    assert [change["why"] for change in written[0].facts["changes"]] == ["Trains are late"]
    changes = client.get("/labcamp/5/changes/").text
    assert "Trains are late" in changes
    assert "Nothing waits to be released." in client.get(VERSIONS).text


def test_who_releases_sees_first_what_somebody_else_has_just_added(
    desk: Desk, client: FlaskClient, inside: Edition
) -> None:
    other = organiser_of(desk.app, "labcamp", email="other@example.org").client
    other.set_cookie("language", "en")
    move(client, "one", 14)
    afresh()
    shown = fields_of(client.get(VERSIONS).text)
    move(other, "two", 15)
    afresh()
    answer = client.post(VERSIONS, data=shown | {"note": "typed"})
    assert answer.status_code == 409
    assert "Somebody else has changed the agenda in the meantime." in answer.text
    assert "typed" in answer.text
    afresh()
    assert slugs(Slot) == ["one", "two"]
    assert db.session.scalars(select(Slot.start_time).order_by(Slot.slug)).all() == [time(9), time(10)]
    again = fields_of(answer.text)
    assert client.post(VERSIONS, data=again).status_code == 303
    afresh()
    assert db.session.scalars(select(Slot.start_time).order_by(Slot.slug)).all() == [time(14), time(15)]


def test_two_organisers_see_each_others_work_and_overwrite_nothing(
    desk: Desk, client: FlaskClient, inside: Edition
) -> None:
    other = organiser_of(desk.app, "labcamp", email="other@example.org").client
    other.set_cookie("language", "en")
    afresh()
    tag = other.get(f"{AGENDA}board").headers["ETag"]
    was = state_of(draft("one"))
    move(client, "one", 14)
    afresh()
    answer = other.get(f"{AGENDA}board", headers={"If-None-Match": tag})
    assert (answer.status_code, "14:00" in answer.text) == (200, True)
    refused = move(other, "one", 16, was=was)
    assert refused.status_code == 409
    assert refused.json
    assert "was moved in the meantime" in refused.json["words"]
    assert draft("one").start_time == time(14)


def test_steps_of_the_draft_are_taken_back_and_end_with_it(client: FlaskClient, inside: Edition) -> None:
    move(client, "one", 14)
    assert client.post(f"{AGENDA}undo", headers=JSON).status_code == 200
    assert draft("one").start_time == time(9)
    move(client, "one", 14)
    assert client.post(f"{VERSIONS}/discard").status_code == 303
    assert draft("one").start_time == time(9)
    assert client.post(f"{AGENDA}undo", headers=JSON).status_code == 409
    assert draft("one").start_time == time(9)


def test_changes_are_shown_at_once_again_only_when_nothing_waits(
    client: FlaskClient, visitor: FlaskClient, inside: Edition
) -> None:
    move(client, "one", 14)
    answer = client.post(f"{VERSIONS}/quietly", data={"quietly": "0"}, follow_redirects=True)
    assert "Release or discard first what nobody sees yet." in answer.text
    afresh()
    assert release(client).status_code == 303
    assert client.post(f"{VERSIONS}/quietly", data={"quietly": "0"}).status_code == 303
    afresh()
    row = choices.slot_in_work(inside, "one")
    assert isinstance(row, Slot)
    assert edit(client, "one", title="At once").status_code == 303
    afresh()
    assert "At once" in visitor.get("/labcamp/5/").text
    assert client.post(f"{VERSIONS}/quietly", data={"quietly": "1"}).status_code == 303
    afresh()
    actions = db.session.scalars(select(HistoryEntry.action)).all()
    assert [one for one in actions if one in ("agenda.quiet", "agenda.at_once")] == [
        "agenda.quiet",
        "agenda.at_once",
        "agenda.quiet",
    ]


def test_a_session_that_people_chose_is_deleted_in_the_draft_and_the_form_says_who_is_told(
    client: FlaskClient, inside: Edition
) -> None:
    afresh()
    page = client.get(f"{AGENDA}?slot=one").text
    assert "1 person has chosen this session, and is told of changes with the next version." in page
    assert 'name="reason"' not in page
    assert "With the next version it is gone for everybody" in page
    assert client.post(f"{AGENDA}slots/one/delete").status_code == 303
    assert slugs() == ["one", "two"]
    assert release(client).status_code == 303
    assert slugs() == ["two"]


def test_a_file_of_sessions_comes_into_the_draft(client: FlaskClient, inside: Edition) -> None:
    event = "BEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:From a file\r\n"
    times = "DTSTART:20260505T120000Z\r\nDTEND:20260505T130000Z\r\nEND:VEVENT\r\n"
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{event}{times}END:VCALENDAR\r\n"
    afresh()
    days = {"from_day": str(DAY), "until": str(DAY)}
    shown = client.post(f"{AGENDA}import", data={"text": text} | days)
    assert "From a file" in shown.text
    taken = client.post(f"{AGENDA}import", data=fields_of(shown.text) | {"confirmed": "1"})
    assert taken.status_code == 303
    assert (slugs(), slugs(DraftSlot)) == (["one", "two"], ["from-a-file", "one", "two"])


def test_a_draft_of_an_edition_needs_no_quiet_work(desk: Desk) -> None:
    desk.add(6)
    desk.client.set_cookie("language", "en")
    path = "/manage/labcamp/6/agenda/versions"
    words = "Nobody sees the agenda as long as the edition is a draft."
    page = desk.client.get(path).text
    assert words in page
    assert 'name="quietly"' not in page
    answer = desk.client.post(f"{path}/quietly", data={"quietly": "1"}, follow_redirects=True)
    assert answer.text.count(words) == 2
