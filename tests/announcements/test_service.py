"""Messages to chosen participants: who gets them, when, once, and how they are stopped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub import clock as now
from eventhub.announcements import queries, service
from eventhub.announcements.jobs import send_announcements
from eventhub.announcements.models import Anchor, Announcement, AnnouncementState, Seen, TimedMail
from eventhub.announcements.queries import Audience
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.reach import mark_unreachable
from eventhub.presence.models import Way
from eventhub.presence.service import note
from eventhub.registration.models import Attendance, Registration, RegistrationState, SlotChoice
from eventhub.registration.own_texts import OwnText
from eventhub.registration.service import cancel
from tests.conftest import FrozenClock
from tests.mail.samples import mails_sent, move, text_of
from tests.registration.samples import add_edition, signed_up

TEXTS = {"de": OwnText("Neues zu {edition}", "Hallo {name},\n\nbring **Stifte** mit."), "en": OwnText()}
EVERYBODY = Audience(state="")


def written(edition_id: int, audience: Audience | None = None) -> Announcement:
    with transaction():
        return service.create(db.session.get_one(Edition, edition_id), TEXTS, audience or Audience())


def told() -> list[str]:
    db.session.rollback()
    found = select(OutboxMessage.to_address).where(
        OutboxMessage.kind == "announcement", OutboxMessage.state != MessageState.DROPPED
    )
    return sorted(db.session.scalars(found))


@pytest.mark.both_databases
def test_each_person_who_fits_gets_it_once_in_their_name(app: Flask) -> None:
    edition_id = add_edition(app, capacity=2)
    with app.app_context():
        people = [signed_up(edition_id, number).registration for number in (1, 2, 3, 4)]
        with transaction():
            cancel(people[3], "participant")
        message = written(edition_id)
        with transaction():
            assert service.send(message) == 2
        assert told() == ["person1@lab.example", "person2@lab.example"]
        with pytest.raises(RuleBroken), transaction():
            service.send(message)
        _row, mail = next(pair for pair in mails_sent() if pair[0].kind == "announcement")
        assert mail["Subject"] == "Neues zu LabCamp #5"
        assert f"Hallo {people[0].name}," in text_of(mail)
        assert "/my/" in text_of(mail)
        assert "https://meet.example/room" in text_of(mail)


def test_states_and_sessions_narrow_the_circle(app: Flask) -> None:
    edition_id = add_edition(app, capacity=2, slots=2)
    with app.app_context():
        people = [signed_up(edition_id, number).registration for number in (1, 2, 3)]
        slots = db.session.scalars(select(SlotChoice.slot_id)).all()
        assert not slots
        from eventhub.agenda.models import Slot  # noqa: PLC0415

        slot = db.session.scalars(select(Slot.id)).first()
        with transaction():
            db.session.add(SlotChoice(registration_id=people[1].id, slot_id=slot))
        waiting = RegistrationState.WAITLISTED.value
        assert queries.number_of(edition_id, EVERYBODY) == 3
        assert queries.number_of(edition_id, Audience(state=waiting)) == 1
        assert [one.id for one in db.session.scalars(queries.reached(edition_id, Audience(slot=slot)))] == [
            people[1].id
        ]
        assert queries.number_of(edition_id, Audience(role=99)) == 0


def test_the_way_of_taking_part_and_being_there_narrow_the_circle(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        people = [signed_up(edition_id, number).registration for number in (1, 2, 3)]
        with transaction():
            people[0].attendance, people[1].attendance = Attendance.ON_SITE, Attendance.ONLINE
            note(people[1], date(2026, 5, 5), Way.JOIN_LINK)

        def circle(**narrowed: str) -> list[int]:
            found = db.session.scalars(queries.reached(edition_id, Audience(**narrowed)))  # type: ignore[arg-type]
            return [people.index(one) for one in found]

        assert circle(attendance="on_site") == [0]
        assert circle(attendance="online", presence="present") == [1]
        assert circle(presence="missing") == [0, 2]


def test_whom_it_reaches_is_looked_up_when_it_leaves(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, 1)
        message = written(edition_id)
        with transaction():
            service.schedule(message, now.now() + timedelta(hours=1))
        signed_up(edition_id, 2)
        send_announcements()
        assert told() == []
        clock.advance(timedelta(hours=1))
        send_announcements()
        send_announcements()
        assert told() == ["person1@lab.example", "person2@lab.example"]
        assert (message.counted, message.written) == (1, 2)
        assert message.state is AnnouncementState.SENT


def test_a_scheduled_message_can_be_taken_back(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, 1)
        message = written(edition_id)
        with pytest.raises(RuleBroken), transaction():
            service.schedule(message, now.now() - timedelta(hours=1))
        with transaction():
            service.schedule(message, now.now() + timedelta(hours=1))
        with pytest.raises(RuleBroken), transaction():
            service.change(message, TEXTS, EVERYBODY)
        with transaction():
            service.stop(message)
        clock.advance(timedelta(hours=2))
        send_announcements()
        assert told() == []
        assert message.state is AnnouncementState.DRAFT


@pytest.mark.both_databases
def test_stop_takes_what_has_not_left(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        for number in (1, 2, 3):
            signed_up(edition_id, number)
        mails_sent()
        message = written(edition_id)
        other = written(edition_id)
        with transaction():
            service.send(message)
            service.send(other)
        first, tried, _third = db.session.scalars(
            select(OutboxMessage).where(queries.belongs_to(message)).order_by(OutboxMessage.id)
        )
        with transaction():
            first.state, first.sent_at = MessageState.SENT, now.now()
            tried.attempts, tried.error = 2, "451 greylisted"
        with transaction():
            assert service.stop(message) == 2
        assert queries.mail_states(message) == {MessageState.SENT: 1, MessageState.DROPPED: 2}
        assert queries.mail_states(other) == {MessageState.WAITING: 3}
        assert message.state is AnnouncementState.STOPPED


def test_who_is_not_reached_is_known_before(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        people = [signed_up(edition_id, number).registration for number in (1, 2)]
        with transaction():
            mark_unreachable(people[0].id, people[0].email, "550 gone")
        assert [one.id for one in queries.not_reached(edition_id, Audience())] == [people[0].id]


def test_nothing_leaves_for_a_cancelled_edition_or_to_whoever_left(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        person = signed_up(edition_id, 1).registration
        signed_up(edition_id, 2)
        mails_sent()
        message, later = written(edition_id), written(edition_id)
        with transaction():
            service.send(message)
            service.schedule(later, now.now() + timedelta(hours=1))
            cancel(db.session.get_one(Registration, person.id), "participant")
        sent = [row.to_address for row, _mail in mails_sent() if row.kind == "announcement"]
        assert sent == ["person2@lab.example"]
        with transaction():
            db.session.get_one(Edition, edition_id).state = EditionState.CANCELLED
        clock.advance(timedelta(hours=2))
        send_announcements()
        assert later.state is AnnouncementState.DRAFT


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (OwnText("Hi {name}", "x"), "subject_de"),
        (OwnText("Hi", "{unknown}"), "body_de"),
        (OwnText("Hi", ""), "body_de"),
        (OwnText("", "x"), "subject_de"),
        (OwnText(), "subject_de"),
    ],
)
def test_what_can_not_be_sent_is_not_kept(app: Flask, text: OwnText, field: str) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        with pytest.raises(RuleBroken) as broken, transaction():
            service.create(db.session.get_one(Edition, edition_id), {"de": text}, Audience())
        assert broken.value.field == field


def test_files_go_along_up_to_a_limit(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, 1)
        message = written(edition_id)
        with transaction():
            service.attach(message, "Übersicht.pdf", b"%PDF-1.4 %%EOF")
        with pytest.raises(RuleBroken), transaction():
            service.attach(message, "large.pdf", b"x" * service.LARGEST_IN_ALL)
        with transaction():
            service.send(message)
        _row, mail = mails_sent()[-1]
        [part] = [part for part in mail.iter_attachments() if part.get_content_type() == "application/pdf"]
        assert part.get_filename() == "Übersicht.pdf"
        assert part.get_content() == b"%PDF-1.4 %%EOF"


# by the clock ------------------------------------------------------------------------------------------


def timed(edition_id: int, anchor: Anchor, hours: int, seen: Seen | None = None) -> TimedMail:
    with transaction():
        series = db.session.get_one(Edition, edition_id).series
        return service.set_timed(series, None, anchor, hours, TEXTS, seen)


@pytest.mark.both_databases
def test_thanks_leave_after_the_end_once(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, 1)
        timed(edition_id, Anchor.AFTER_END, 2)
        ends = db.session.get_one(Edition, edition_id).ends_at
        assert ends is not None
        clock.advance(ends + timedelta(hours=1, minutes=59) - now.now())
        send_announcements()
        assert told() == []
        clock.advance(timedelta(minutes=1))
        send_announcements()
        send_announcements()
        assert told() == ["person1@lab.example"]
        _row, mail = mails_sent()[-1]
        assert "https://meet.example/room" not in text_of(mail)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("seen", "reached"), [(Seen.PRESENT, ["person1@lab.example"]), (Seen.MISSING, ["person2@lab.example"])]
)
def test_thanks_can_go_to_those_who_were_there_and_other_words_to_those_who_were_not(
    app: Flask, clock: FrozenClock, seen: Seen, reached: list[str]
) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        came, _stayed = (signed_up(edition_id, number).registration for number in (1, 2))
        timed(edition_id, Anchor.AFTER_END, 2, seen)
        edition = db.session.get_one(Edition, edition_id)
        assert edition.ends_at is not None
        clock.advance(edition.ends_at + timedelta(hours=3) - now.now())
        with transaction():
            note(came, edition.ends_at.date(), Way.CHECK_IN)
        send_announcements()
        assert told() == reached


def test_before_the_start_nobody_has_been_there(app: Flask) -> None:
    edition_id = add_edition(app)
    with app.app_context(), pytest.raises(RuleBroken) as refused:
        timed(edition_id, Anchor.BEFORE_START, 2, Seen.PRESENT)
    assert refused.value.field == "presence"


def test_it_moves_with_the_edition_and_forgets_what_was_before_it(app: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(app)
    with app.app_context():
        signed_up(edition_id, 1)
        timed(edition_id, Anchor.BEFORE_START, 24 * 60)
        send_announcements()
        assert told() == []
        with transaction():
            move(db.session.get_one(Edition, edition_id), 17)
        early = timed(edition_id, Anchor.BEFORE_START, 1)
        starts = db.session.get_one(Edition, edition_id).starts_at
        assert starts is not None
        clock.advance(starts - timedelta(hours=1) - now.now())
        send_announcements()
        assert len(told()) == 1
        with transaction():
            service.drop_timed(early.series, early)
        assert db.session.scalars(select(Announcement.timed_mail_id)).all() == [None]
