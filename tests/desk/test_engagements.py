"""The organiser's page of an edition's speakers."""

from __future__ import annotations

from sqlalchemy import select

from eventhub.agenda import people
from eventhub.agenda import service as agenda
from eventhub.agenda.models import SpeakerRole
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.engagements import service
from eventhub.engagements.models import Engagement
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.organisations.models import Level, Organisation
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk

PAGE = "/manage/labcamp/5/speakers/"


def with_speakers(desk: Desk, *names: str) -> list[int]:
    """Put people into a talk of the edition, the first from a ministry; return their keys."""
    desk.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    key = desk.publish()
    with desk.app.app_context(), transaction():
        edition = desk.edition(key)
        ministry = Organisation(slug="bmi", name="Ministry", level=Level.FEDERAL)
        db.session.add(ministry)
        db.session.flush()
        found = [people.create_speaker(edition.series, {"name": name}) for name in names]
        found[0].organisation_id = ministry.id
        rows = [Person(one.id, SpeakerRole.SPEAKER) for one in found]
        agenda.create_slot(edition, {"title": "Panel", "day": edition.start_date}, rows)
        return [one.id for one in found]


def test_people_stand_by_level_and_are_asked_together(desk: Desk) -> None:
    ada, grace = with_speakers(desk, "Ada", "Grace")
    page = desk.client.get(PAGE).text
    assert page.index("federal") < page.index("Ada") < page.index("Others") < page.index("Grace")
    assert page.count("Not asked") == 2
    sent = {f"email-{ada}": "ada@lab.example", f"email-{grace}": "", "language": "en", "words": "Come!"}
    answer = desk.client.post(PAGE, data=sent, follow_redirects=True)
    assert "1 question is on its way." in answer.text
    with desk.app.app_context():
        [mail] = db.session.scalars(select(OutboxMessage)).all()
        assert (mail.kind, mail.to_address) == ("engagement_asked", "ada@lab.example")


def test_a_wrong_address_is_named_at_its_place_and_nothing_is_lost(desk: Desk) -> None:
    ada, grace = with_speakers(desk, "Ada", "Grace")
    sent = {f"email-{ada}": "ada@lab.example", f"email-{grace}": "grace", "language": "de", "words": "Kommt!"}
    answer = desk.client.post(PAGE, data=sent)
    assert answer.status_code == 422
    assert f'id="email-{grace}-error"' in answer.text
    assert 'value="grace"' in answer.text
    assert "Kommt!" in answer.text
    with desk.app.app_context():
        assert db.session.scalars(select(Engagement)).all() == []


def test_what_speakers_say_stands_beside_them(desk: Desk) -> None:
    ada, _grace = with_speakers(desk, "Ada", "Grace")
    desk.client.post(PAGE, data={f"email-{ada}": "ada@lab.example", "language": "en"})
    with desk.app.app_context(), transaction():
        found = db.session.scalars(select(Engagement)).one()
        service.accept(found, "Looking forward")
        details = {"availability": "not after 5 pm", "access_needs": "a ramp"}
        service.tell_details(found, {**details, "may_publish": True, "may_record": False})
    page = desk.client.get(PAGE).text
    for words in ("Takes part", "Looking forward", "not after 5 pm", "a ramp", "must not be recorded"):
        assert words in page


def test_the_agenda_warns_of_who_has_not_said_yes(desk: Desk) -> None:
    ada, _grace = with_speakers(desk, "Ada", "Grace")
    assert "has not said yes yet" not in desk.client.get("/manage/labcamp/5/agenda/").text
    desk.client.post(PAGE, data={f"email-{ada}": "ada@lab.example", "language": "en"})
    assert "“Panel”: Ada has not said yes yet" in desk.client.get("/manage/labcamp/5/agenda/").text
    with desk.app.app_context(), transaction():
        service.accept(db.session.scalars(select(Engagement)).one(), "")
    assert "has not said yes yet" not in desk.client.get("/manage/labcamp/5/agenda/").text


def test_the_page_costs_the_same_for_many(desk: Desk) -> None:
    with_speakers(desk, *(f"Person {number}" for number in range(2)))
    with counted_queries(desk.app) as few:
        desk.client.get(PAGE)
    with desk.app.app_context(), transaction():
        edition = desk.edition(1)
        rows = [
            Person(people.create_speaker(edition.series, {"name": f"More {number}"}).id, SpeakerRole.SPEAKER)
            for number in range(20)
        ]
        agenda.create_slot(edition, {"title": "Fair", "day": edition.start_date}, rows)
    with counted_queries(desk.app) as many:
        desk.client.get(PAGE)
    assert len(many) == len(few)
