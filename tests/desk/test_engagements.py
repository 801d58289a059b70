"""The organiser's page of an edition's speakers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from eventhub.accounts.models import User
from eventhub.agenda import people
from eventhub.agenda import service as agenda
from eventhub.agenda.models import Slot, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.engagements import service
from eventhub.engagements.jobs import tell_speakers
from eventhub.engagements.models import Engagement
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.organisations.models import Grant, Level, Organisation, Role
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
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
    assert page.index("Federal") < page.index("Ada") < page.index("Others") < page.index("Grace")
    assert page.count(">Not asked</span>") == 2
    assert "Not asked yet: 2" in page
    assert page.count('form="question"') == 2, "Enter in an address asks, and notes nothing"
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
    assert f'<a href="#email-{grace}">Grace: Enter an address like name@example.org</a>' in answer.text
    assert "<title>Error: Speakers of" in answer.text
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


def test_a_warning_leads_to_whom_one_can_remind_or_into_the_slot_that_needs_somebody_else(desk: Desk) -> None:
    ada, _grace = with_speakers(desk, "Ada", "Grace")
    desk.client.post(PAGE, data={f"email-{ada}": "ada@lab.example", "language": "en"})
    for page in ("/manage/labcamp/5/", "/manage/labcamp/5/agenda/"):
        text = desk.client.get(page).text
        assert f'<a href="{PAGE}#speaker-{ada}">“Panel”: Ada has not said yes yet</a>' in text
    assert f'id="speaker-{ada}"' in desk.client.get(PAGE).text
    with desk.app.app_context(), transaction():
        service.decline(db.session.scalars(select(Engagement)).one(), "")
    for page in ("/manage/labcamp/5/", "/manage/labcamp/5/agenda/"):
        text = desk.client.get(page).text
        assert "has not said yes yet" not in text
        assert 'slot=panel#slot-form">“Panel”: Ada has declined</a>' in text


def note(desk: Desk, name: str, answer: str) -> str:
    path = f"{PAGE}{name.lower()}/answer"
    return desk.client.post(path, data={"answer": answer}, follow_redirects=True).text


def test_who_was_not_asked_yet_is_named_before_the_edition_goes_out(desk: Desk) -> None:
    ada, _grace = with_speakers(desk, "Ada", "Grace")
    assert "2 people on the programme have not been asked yet" in desk.client.get("/manage/labcamp/5/").text
    desk.client.post(PAGE, data={f"email-{ada}": "ada@lab.example", "language": "en"})
    page = desk.client.get("/manage/labcamp/5/").text
    assert f'<a href="{PAGE}">1 person on the programme has not been asked yet</a>' in page
    note(desk, "Grace", "accepted")
    assert "not been asked yet" not in desk.client.get("/manage/labcamp/5/").text


@pytest.mark.both_databases
def test_who_has_agreed_by_phone_takes_part_without_a_mail(desk: Desk) -> None:
    _ada, grace = with_speakers(desk, "Ada", "Grace")
    page = note(desk, "Grace", "accepted")
    assert "Noted for Grace. No mail was sent." in page
    assert "Takes part: 1" in page
    assert "noted on" in page
    with desk.app.app_context():
        found = db.session.scalars(select(Engagement)).one()
        assert (found.speaker_id, found.email, found.mails, found.accepted_at) == (
            grace,
            "",
            0,
            found.noted_at,
        )
        assert db.session.scalars(select(OutboxMessage)).all() == []
        assert tell_speakers() == 0, "nobody knows where the calendar of this person is"
    history = desk.client.get("/manage/labcamp/5/history/").text
    assert "noted that a speaker has agreed to take part" in history
    assert "Grace" in history


def test_an_answer_that_was_noted_can_be_another_one_and_be_taken_back(desk: Desk) -> None:
    with_speakers(desk, "Ada", "Grace")
    note(desk, "Grace", "accepted")
    assert "Declined: 1" in note(desk, "Grace", "declined")
    assert "“Panel”: Grace has declined" in desk.client.get("/manage/labcamp/5/agenda/").text
    page = note(desk, "Grace", "none")
    assert "The note about Grace is taken back." in page
    assert "Not asked yet: 2" in page
    assert desk.client.post(f"{PAGE}grace/answer", data={"answer": "none"}).status_code == 404
    assert desk.client.post(f"{PAGE}nobody/answer", data={"answer": "accepted"}).status_code == 404


def test_the_word_of_the_person_goes_before_a_note(desk: Desk) -> None:
    ada, _grace = with_speakers(desk, "Ada", "Grace")
    desk.client.post(PAGE, data={f"email-{ada}": "ada@lab.example", "language": "en"})
    note(desk, "Ada", "accepted")
    assert "Asked: 1" in note(desk, "Ada", "none"), "the question still stands"
    note(desk, "Ada", "accepted")
    with desk.app.app_context(), transaction():
        service.decline(db.session.scalars(select(Engagement)).one(), "Ill")
    page = note(desk, "Ada", "none")
    assert "This answer was given by the person." in page
    assert "Declined: 1" in page


def test_who_agreed_by_phone_gets_a_link_with_thanks_once_there_is_an_address(desk: Desk) -> None:
    ada, _grace = with_speakers(desk, "Ada", "Grace")
    note(desk, "Ada", "accepted")
    desk.client.post(PAGE, data={f"email-{ada}": "ada@lab.example", "language": "en"})
    with desk.app.app_context():
        mail = db.session.scalars(select(OutboxMessage)).one()
        assert (mail.kind, mail.to_address) == ("engagement_accepted", "ada@lab.example")


def test_the_overview_tells_of_who_has_declined_or_lets_the_deadline_pass(
    desk: Desk, clock: FrozenClock
) -> None:
    ada, grace = with_speakers(desk, "Ada", "Grace")
    asked = {f"email-{ada}": "ada@lab.example", f"email-{grace}": "grace@lab.example", "language": "en"}
    desk.client.post(PAGE, data={**asked, "answer_by": f"{clock.now():%Y-%m-%d}"})
    assert "on the programme has" not in desk.client.get("/manage/").text
    with desk.app.app_context(), transaction():
        service.decline(db.session.scalars(select(Engagement).filter_by(speaker_id=ada)).one(), "")
    clock.advance(timedelta(days=1))
    page = desk.client.get("/manage/").text
    assert "1 person on the programme has declined" in page
    assert "1 person on the programme has not answered in time" in page
    with desk.app.app_context(), transaction():
        slot = db.session.scalars(select(Slot)).one()
        agenda.update_slot(slot, {"title": "Panel"}, [Person(grace, SpeakerRole.SPEAKER)], False, "")
    assert "has declined" not in desk.client.get("/manage/").text


def test_what_people_say_about_times_stands_where_times_are_set(desk: Desk) -> None:
    ada, _grace = with_speakers(desk, "Ada", "Grace")
    desk.client.post(PAGE, data={f"email-{ada}": "ada@lab.example", "language": "en"})
    words = "Ada about times: not after 5 pm"
    assert words not in desk.client.get("/manage/labcamp/5/agenda/?slot=panel").text
    with desk.app.app_context(), transaction():
        found = db.session.scalars(select(Engagement)).one()
        service.accept(found, "")
        details = {"availability": "not after 5 pm", "access_needs": ""}
        service.tell_details(found, {**details, "may_publish": True, "may_record": False})
        agenda.create_slot(found.edition, {"title": "Walk", "day": found.edition.start_date})
    assert desk.client.get("/manage/labcamp/5/agenda/").text.count(words) == 1
    assert desk.client.get("/manage/labcamp/5/agenda/?slot=panel").text.count(words) == 2
    assert desk.client.get("/manage/labcamp/5/agenda/?slot=walk").text.count(words) == 1
    reader = organiser_of(desk.app, email="reader@lab.example")
    with desk.app.app_context(), transaction():
        series = db.session.scalars(select(Series).filter_by(slug="labcamp")).one()
        user = db.session.scalars(select(User).filter_by(email="reader@lab.example")).one()
        db.session.add(Grant(user_id=user.id, series_id=series.id, role=Role.READER))
    page = reader.client.get("/manage/labcamp/5/agenda/")
    assert page.status_code == 200
    assert "not after 5 pm" not in page.text


def test_where_nobody_can_be_reminded_the_page_says_why(desk: Desk) -> None:
    ada, _grace = with_speakers(desk, "Ada", "Grace")
    desk.client.post(PAGE, data={f"email-{ada}": "ada@lab.example", "language": "en"})
    answer = desk.client.post(f"{PAGE}remind", follow_redirects=True)
    assert "No reminder went out" in answer.text


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
