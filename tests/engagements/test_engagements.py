"""Speakers from the question to the thanks: answer, calendar, slides, and being forgotten."""

from __future__ import annotations

import re
from datetime import time, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from eventhub import clock as present
from eventhub.agenda import drafts, people
from eventhub.agenda import service as agenda
from eventhub.agenda.models import DraftSlot, Slot, Speaker, SpeakerRole
from eventhub.agenda.service import Person
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition, EditionState
from eventhub.engagements import jobs, queries, service
from eventhub.engagements.calendar import concerned
from eventhub.engagements.models import Engagement
from eventhub.engagements.service import Question
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import SlotNews
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.privacy.jobs import forget_people
from eventhub.programme_changes import releases
from eventhub.registration import own_texts
from eventhub.registration.own_texts import OwnText
from eventhub.tokens import derive
from tests.conftest import FrozenClock
from tests.journeys.letters_of import arrived, invitation, text_of
from tests.mail.post_office import PostOffice
from tests.registration.samples import add_edition, signed_up

pytestmark = pytest.mark.both_databases
GATHERED = timedelta(minutes=6)


@pytest.fixture
def edition_id(app: Flask, clock: FrozenClock) -> int:
    """Return a published edition with two talks; Ada gives the first, and has been asked."""
    key = add_edition(app, slots=2, published_at=clock.now())
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, key)
        name = {"name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace"}
        ada = people.create_speaker(edition.series, name)
        put(ada, "Talk 0")
        service.ask(edition, {ada: "ada@lab.example"}, Question("en", "Please speak.\n\nWe would be glad."))
    clock.advance(GATHERED)
    return key


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser that asks for English pages."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def put(speaker: Speaker, title: str, **values: Any) -> None:
    slot = slot_of(title)
    kept = {"title": slot.title, "day": slot.day, "start_time": slot.start_time, "end_time": slot.end_time}
    agenda.update_slot(slot, {**kept, **values}, [Person(speaker.id, SpeakerRole.SPEAKER)], False, "")


def slot_of(title: str) -> Slot:
    return db.session.scalars(select(Slot).where(Slot.title == title)).one()


def engagement() -> Engagement:
    db.session.rollback()
    return db.session.scalars(select(Engagement)).one()


def accepted(app: Flask) -> str:
    """Let Ada accept; return the address of her page."""
    with app.app_context(), transaction():
        service.accept(engagement_in(), "")
    with app.app_context():
        return f"/speaking/{service.token_of(engagement())}/"


def engagement_in() -> Engagement:
    return db.session.scalars(select(Engagement)).one()


def told(app: Flask) -> list[tuple[str, int]]:
    """Run the job; return method and sequence of each calendar message that it wrote."""
    with app.app_context():
        before = set(db.session.scalars(select(OutboxMessage.id)))
        db.session.rollback()
        jobs.tell_speakers()
        rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        return [(row.facts["method"], row.facts["sequence"]) for row in rows if row.id not in before]


def test_the_question_comes_by_mail_with_a_link_of_ones_own(
    app: Flask, edition_id: int, client: FlaskClient, post_office: PostOffice
) -> None:
    with app.app_context():
        token = service.token_of(engagement())
    [mail] = arrived(app, post_office)
    text = text_of(mail)
    assert mail["Subject"].startswith("Will you take part? LabCamp #5")
    assert "Please speak." in text
    assert "Talk 0" in text
    assert f"/speaking/{token}/" in text
    page = client.get(f"/speaking/{token}/")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "We would be glad." in page.text
    with app.app_context():
        assert engagement().state == "opened"
    assert client.get("/speaking/nothing/").status_code == 404


def test_accepting_brings_thanks_and_the_calendar_entry_of_the_session(
    app: Flask, edition_id: int, client: FlaskClient, post_office: PostOffice
) -> None:
    with app.app_context():
        token = service.token_of(engagement())
    answer = client.post(f"/speaking/{token}/accept", data={"message": "With pleasure"})
    assert answer.status_code == 303
    assert told(app) == [("REQUEST", 0)]
    assert told(app) == []
    with app.app_context():
        assert (engagement().state, engagement().message) == ("accepted", "With pleasure")
        uid = slot_of("Talk 0").calendar_uid
    thanks, entry = arrived(app, post_office)  # the question left no more, since it is answered
    assert thanks["Subject"].startswith("Thank you for taking part")
    method, event = invitation(entry)
    assert (method, event["UID"], event["SUMMARY"]) == ("REQUEST", uid, "Talk 0")
    assert "on the programme of “" in text_of(entry)
    assert "with “Talk 0”." in text_of(entry)


def test_what_changes_reaches_the_calendar_once_it_is_gathered(
    app: Flask, edition_id: int, clock: FrozenClock
) -> None:
    accepted(app)
    assert told(app) == [("REQUEST", 0)]
    with app.app_context(), transaction():
        put(db.session.scalars(select(Speaker)).one(), "Talk 0", end_time=time(15, 45))
    assert told(app) == []
    clock.advance(GATHERED)
    assert told(app) == [("REQUEST", 1)]
    with app.app_context(), transaction():
        agenda.delete_slot(slot_of("Talk 0"))
    clock.advance(GATHERED)
    assert told(app) == [("CANCEL", 2)]
    with app.app_context(), transaction():
        put(db.session.scalars(select(Speaker)).one(), "Talk 1")
    clock.advance(GATHERED)
    assert told(app) == [("REQUEST", 0)]


def test_nobody_is_deleted_whose_calendar_would_not_hear_of_it(
    app: Flask, edition_id: int, clock: FrozenClock, post_office: PostOffice
) -> None:
    accepted(app)
    assert told(app) == [("REQUEST", 0)]
    with app.app_context():
        ada = db.session.scalars(select(Speaker)).one()
        with pytest.raises(RuleBroken, match="LabCamp #5"), transaction():
            people.delete_speaker(ada)
        with transaction():
            agenda.delete_slot(slot_of("Talk 0"))
    clock.advance(GATHERED)
    assert told(app) == [("CANCEL", 1)]
    with app.app_context():
        ada = db.session.scalars(select(Speaker)).one()
        with pytest.raises(RuleBroken, match="noch nicht abgeschickt"), transaction():
            people.delete_speaker(ada)
    assert [invitation(mail)[0] for mail in arrived(app, post_office)[-2:]] == ["REQUEST", "CANCEL"]
    with app.app_context():
        with transaction():
            people.delete_speaker(db.session.scalars(select(Speaker)).one())
        assert db.session.scalars(select(Engagement)).all() == []


def test_who_was_at_a_meeting_that_is_over_can_be_deleted(
    app: Flask, edition_id: int, clock: FrozenClock
) -> None:
    accepted(app)
    assert told(app) == [("REQUEST", 0)]
    clock.advance(timedelta(days=60))
    with app.app_context():
        for mail in db.session.scalars(select(OutboxMessage)):
            with transaction():
                mail.state = MessageState.DROPPED
        with transaction():
            people.delete_speaker(db.session.scalars(select(Speaker)).one())


def released(edition_id: int, note: str = "") -> None:
    with transaction():
        releases.release(db.session.get_one(Edition, edition_id), note)


def draft(title: str) -> DraftSlot:
    return db.session.scalars(select(DraftSlot).where(DraftSlot.title == title)).one()


def test_a_version_is_told_in_one_mail_and_calendars_follow(
    app: Flask, edition_id: int, clock: FrozenClock, post_office: PostOffice
) -> None:
    accepted(app)
    told(app)
    before = len(arrived(app, post_office))
    with app.app_context():
        with transaction():
            drafts.begin(db.session.get_one(Edition, edition_id))
            ada = db.session.scalars(select(Speaker)).one()
            agenda.update_slot(draft("Talk 0"), {"end_time": time(15, 45)}, agenda.people_of(draft("Talk 0")))
            agenda.update_slot(draft("Talk 1"), {}, [Person(ada.id, SpeakerRole.HOST)])
        assert told(app) == []
        assert len(concerned(edition_of(edition_id), news(edition_id))) == 1
        released(edition_id, "The train is late.")
    gathered, entry = arrived(app, post_office)[before:]
    text = text_of(gathered)
    assert gathered["Subject"] == "New in 2 of your sessions"
    assert "The train is late." in text
    assert "until now" in text
    assert "You are on the programme with it:" in text
    assert {invitation(mail)[1]["SUMMARY"] for mail in (gathered, entry)} == {"Talk 0", "Talk 1"}
    clock.advance(GATHERED)
    assert told(app) == []
    with app.app_context():
        with transaction():
            agenda.delete_slot(draft("Talk 0"))
        released(edition_id)
    [gathered] = arrived(app, post_office)[before + 2 :]
    assert "Is not part of your programme any more." in text_of(gathered)
    assert (invitation(gathered)[0], invitation(gathered)[1]["SUMMARY"]) == ("CANCEL", "Talk 0")


def test_a_version_writes_to_no_speaker_whom_it_does_not_concern(
    app: Flask, edition_id: int, post_office: PostOffice
) -> None:
    accepted(app)
    told(app)
    before = arrived(app, post_office)
    with app.app_context():
        with transaction():
            drafts.begin(db.session.get_one(Edition, edition_id))
            agenda.update_slot(draft("Talk 1"), {"title": "Other"}, [])
            agenda.update_slot(draft("Talk 0"), {"abstract": "More"}, agenda.people_of(draft("Talk 0")))
        released(edition_id)
    assert len(arrived(app, post_office)) == len(before)


def test_who_is_asked_hears_of_a_version_without_a_calendar_entry_and_who_declined_does_not(
    app: Flask, edition_id: int, post_office: PostOffice
) -> None:
    before = len(arrived(app, post_office))
    with app.app_context():
        with transaction():
            drafts.begin(db.session.get_one(Edition, edition_id))
            agenda.update_slot(draft("Talk 0"), {"title": "Better"}, agenda.people_of(draft("Talk 0")))
        released(edition_id)
    [mail] = arrived(app, post_office)[before:]
    assert "Better" in text_of(mail)
    assert not [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    with app.app_context():
        with transaction():
            service.decline(engagement_in(), "")
        with transaction():
            agenda.update_slot(draft("Better"), {"title": "Best"}, agenda.people_of(draft("Better")))
        released(edition_id)
    assert len(arrived(app, post_office)) == before + 1


def test_people_who_only_stand_in_the_draft_can_be_asked_before_the_release(
    app: Flask, edition_id: int
) -> None:
    with app.app_context():
        with transaction():
            one = db.session.get_one(Edition, edition_id)
            drafts.begin(one)
            bo = people.create_speaker(one.series, {"name": "Bo"})
            agenda.update_slot(draft("Talk 1"), {}, [Person(bo.id, SpeakerRole.SPEAKER)])
        assert {who.name for who in queries.on_programme(edition_of(edition_id))} == {"Ada Lovelace", "Bo"}


def edition_of(key: int) -> Edition:
    db.session.rollback()
    return db.session.get_one(Edition, key)


def news(edition_id: int) -> list[SlotNews]:
    return drafts.news_of(drafts.changes_of(edition_of(edition_id)))


def test_declining_and_a_cancelled_edition_withdraw_what_was_told(
    app: Flask, edition_id: int, clock: FrozenClock
) -> None:
    accepted(app)
    assert told(app) == [("REQUEST", 0)]
    with app.app_context(), transaction():
        service.decline(engagement_in(), "I am ill")
    assert told(app) == [("CANCEL", 1)]
    accepted(app)
    assert told(app) == [("REQUEST", 2)]
    with app.app_context(), transaction():
        editions.cancel(db.session.get_one(Edition, edition_id), "Storm")
    clock.advance(GATHERED)
    assert told(app) == [("CANCEL", 3)]


def test_slides_are_public_only_where_the_speaker_agrees(
    app: Flask, edition_id: int, client: FlaskClient
) -> None:
    page = accepted(app)
    with app.app_context():
        slot = slot_of("Talk 0")
        public, key = f"/lab/5/slots/{slot.slug}/", slot.id
        mine = f"/my/{derive('manage', signed_up(edition_id).registration.token_seed)}/"
    pdf = b"%PDF-1.4\n%%EOF\n"
    sent = client.post(f"{page}slides", data={"slot": key, "file": (BytesIO(pdf), "../Fünf Jahre.pdf")})
    assert sent.status_code == 303
    assert "Fünf Jahre.pdf" in client.get(page).text
    assert "Fünf Jahre.pdf" not in client.get(public).text
    assert "Fünf Jahre.pdf" in client.get(mine).text
    with app.app_context():
        [slides] = queries.slides_of(engagement())
        number = slides.id
    assert client.get(f"{public}slides/{number}").status_code == 404
    assert client.get(f"{mine}slides/{number}").data == pdf
    choices = {"availability": "", "access_needs": "", "may_publish": "yes", "may_record": "no"}
    assert client.post(f"{page}details", data=choices).status_code == 303
    assert "Fünf Jahre.pdf" in client.get(public).text
    assert client.get(f"{public}slides/{number}").data == pdf
    assert client.post(f"{page}decline").status_code == 303
    assert "Fünf Jahre.pdf" not in client.get(public).text
    assert client.post(f"{page}accept").status_code == 303
    assert "Fünf Jahre.pdf" in client.get(public).text
    assert client.post(f"{page}details", data={**choices, "may_publish": "no"}).status_code == 303
    assert client.get(f"{public}slides/{number}").status_code == 404
    assert "Fünf Jahre.pdf" not in client.get(public).text
    assert client.post(f"{page}slides/{number}/remove").status_code == 303
    assert client.get(f"{mine}slides/{number}").status_code == 404


def test_a_file_that_is_not_what_it_says_is_refused_at_its_place(
    app: Flask, edition_id: int, client: FlaskClient
) -> None:
    page = accepted(app)
    with app.app_context():
        key = slot_of("Talk 0").id
    refused = client.post(f"{page}slides", data={"slot": key, "file": (BytesIO(b"MZ\x90"), "talk.pdf")})
    assert refused.status_code == 409
    assert "This is no PDF" in refused.text
    nothing = client.post(f"{page}slides", data={"slot": key})
    assert "Choose a file" in nothing.text
    foreign = client.post(f"{page}slides", data={"slot": key + 1, "file": (BytesIO(b"%PDF-"), "a.pdf")})
    assert foreign.status_code == 422


def test_a_speaker_corrects_the_presentation(app: Flask, edition_id: int, client: FlaskClient) -> None:
    page = accepted(app)
    sent = {
        "role": "heads the lab",
        "organisation_name": "CityLAB",
        "about": "Loves *maps*.",
        "photo_alt": "",
    }
    assert client.post(f"{page}about", data={**sent, "photo_part": "whole"}).status_code == 303
    with app.app_context():
        speaker = db.session.scalars(select(Speaker)).one()
        assert (speaker.role, speaker.affiliation, speaker.about) == (
            "heads the lab",
            "CityLAB",
            "Loves *maps*.",
        )
    assert "Loves <em>maps</em>." in client.get("/lab/speakers/ada-lovelace/").text


def test_an_old_page_of_a_speaker_does_not_overwrite_what_the_organiser_wrote(
    app: Flask, edition_id: int, client: FlaskClient
) -> None:
    page = accepted(app)
    seen = re.findall(r'name="seen"[^>]* value="([^"]*)"', client.get(page).text)
    assert len(seen) == 1
    with app.app_context(), transaction():
        people.update_speaker(db.session.scalars(select(Speaker)).one(), {"about": "By the organiser"})
    sent = {"role": "", "organisation_name": "", "about": "By Ada", "photo_alt": "", "photo_part": "whole"}
    answer = client.post(f"{page}about", data=sent | {"seen": seen[0]})
    assert answer.status_code == 409
    for words in ("By the organiser", "By Ada", "Somebody else has saved this in the meantime"):
        assert words in answer.text
    seen = re.findall(r'name="seen"[^>]* value="([^"]*)"', answer.text)
    assert client.post(f"{page}about", data=sent | {"seen": seen[0]}).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Speaker)).one().about == "By Ada"


def test_a_speaker_takes_the_photo_back(app: Flask, edition_id: int, client: FlaskClient) -> None:
    page = accepted(app)
    out = BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "PNG")
    sent = {"photo": (BytesIO(out.getvalue()), "me.png"), "photo_part": "square", "photo_alt": "Ada laughs"}
    assert client.post(f"{page}about", data=sent).status_code == 303
    assert client.get(f"{page}photo").status_code == 200
    assert 'alt="Ada laughs"' in client.get("/lab/speakers/ada-lovelace/").text
    sent = {"photo_part": "whole", "photo_alt": "Ada laughs", "without_photo": "y"}
    assert client.post(f"{page}about", data=sent).status_code == 303
    assert client.get(f"{page}photo").status_code == 404
    assert client.get("/lab/speakers/ada-lovelace/photo").status_code == 404


@pytest.mark.parametrize("state", [EditionState.PUBLISHED, EditionState.DRAFT])
def test_who_is_silent_is_reminded_once_before_the_deadline(
    app: Flask, edition_id: int, clock: FrozenClock, state: EditionState
) -> None:
    with app.app_context(), transaction():
        engagement_in().answer_by = clock.now().date() + timedelta(days=5)
        db.session.get_one(Edition, edition_id).state = state
    with app.app_context():
        assert jobs.remind_speakers() == 0
        clock.advance(timedelta(days=3))
        assert jobs.remind_speakers() == 1
        clock.advance(timedelta(days=1))
        assert jobs.remind_speakers() == 0


def test_a_corrected_address_gets_a_new_link_and_the_old_one_opens_nothing(
    app: Flask, edition_id: int, client: FlaskClient
) -> None:
    with app.app_context():
        old = service.token_of(engagement())
        with transaction():
            ada = db.session.scalars(select(Speaker)).one()
            edition = db.session.get_one(Edition, edition_id)
            assert service.ask(edition, {ada: "ada@lab.example"}, Question("de")) == 0
            assert service.ask(edition, {ada: "lovelace@lab.example"}, Question("de")) == 1
        new = service.token_of(engagement())
    assert client.get(f"/speaking/{old}/").status_code == 404
    assert client.get(f"/speaking/{new}/").status_code == 200


def test_a_corrected_address_of_who_has_accepted_gets_the_new_link_without_a_question(
    app: Flask, edition_id: int, post_office: PostOffice
) -> None:
    accepted(app)
    arrived(app, post_office)
    with app.app_context(), transaction():
        ada = db.session.scalars(select(Speaker)).one()
        service.ask(db.session.get_one(Edition, edition_id), {ada: "new@lab.example"}, Question("en"))
    mail = arrived(app, post_office)[-1]
    assert mail["Subject"].startswith("Thank you for taking part")
    with app.app_context():
        assert engagement().state == "accepted"
        assert f"/speaking/{service.token_of(engagement())}/" in text_of(mail)


def test_who_has_declined_is_asked_anew_at_another_address(app: Flask, edition_id: int) -> None:
    with app.app_context():
        with transaction():
            service.decline(engagement_in(), "Wrong person")
            ada = db.session.scalars(select(Speaker)).one()
            service.ask(db.session.get_one(Edition, edition_id), {ada: "new@lab.example"}, Question("en"))
        assert engagement().state == "asked"


def test_needs_are_erased_after_two_weeks_and_everything_private_with_the_edition(
    app: Flask, edition_id: int, clock: FrozenClock
) -> None:
    with app.app_context():
        with transaction():
            service.tell_details(
                engagement_in(),
                {"availability": "late", "access_needs": "ramp", "may_publish": True, "may_record": True},
            )
        ends = db.session.get_one(Edition, edition_id).ends_at
        assert ends
        clock.advance(ends - present.now() + timedelta(days=13))
        jobs.forget_needs()
        assert engagement().access_needs == "ramp"
        clock.advance(timedelta(days=2))
        jobs.forget_needs()
        assert (engagement().access_needs, engagement().availability) == ("", "late")
        clock.advance(timedelta(days=4000))
        forget_people()
        assert (engagement().email, engagement().availability) == ("", "")


def test_a_series_words_the_thanks_to_speakers(
    app: Flask, edition_id: int, client: FlaskClient, post_office: PostOffice
) -> None:
    with app.app_context():
        token = service.token_of(engagement())
        with transaction():
            series = db.session.get_one(Edition, edition_id).series
            own_texts.save(
                series, "engagement_accepted", {"en": OwnText("Hurray", "Dear {name}, that is great.")}
            )
    client.post(f"/speaking/{token}/accept", data={"message": ""})
    [thanks] = [mail for mail in arrived(app, post_office) if mail["Subject"] == "Hurray"]
    assert "Dear Ada" in text_of(thanks)
    assert f"/speaking/{token}/" in text_of(thanks)
