"""Answers of calendars do what the organiser has set, and nothing that is not proven changes anything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventhub import clock as eventhub_clock
from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.extensions import db, mail
from eventhub.mail import delivery
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.registration import days
from eventhub.registration import service as registration
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.reply_address import registration_of, reply_address, token_in
from eventhub.replies import service
from eventhub.replies.jobs import work_off_received
from eventhub.replies.models import Answer, Outcome, ReceivedMail
from eventhub.replies.reading import MailKind
from eventhub.tokens import derive
from tests.conftest import FrozenClock
from tests.mail.post_office import open_post_office
from tests.mail.samples import move
from tests.registration.samples import add_edition, signed_up
from tests.replies.answering import (
    Post,
    bounce_to,
    calendar_of,
    letter_to,
    line_of,
    method_of,
    organizer_of,
    reply_to,
)

KIM, LEE = "person1@lab.example", "person2@lab.example"
CONTACT = {"contact_email": "team@lab.example", "contact_name": "Team"}

pytestmark = pytest.mark.both_databases


def state_of(address: str) -> RegistrationState:
    db.session.rollback()
    return db.session.scalars(select(Registration.state).filter_by(email=address)).one()


def two_people(app: Flask, *, at_once: bool = False) -> int:
    """Let Kim have the only place and Lee wait for it."""
    edition_id = add_edition(app, capacity=1, series={**CONTACT, "frees_declined": at_once})
    signed_up(edition_id, 1)
    signed_up(edition_id, 2)
    return edition_id


def test_every_calendar_mail_has_an_organizer_of_its_own_that_never_changes(app: Flask, post: Post) -> None:
    with app.app_context():
        edition_id = two_people(app)
        first = post.invitation(KIM)
        with transaction():
            move(db.session.get_one(Edition, edition_id), 16)
        second = post.invitation(KIM)
        assert line_of(second, "SEQUENCE") > line_of(first, "SEQUENCE")
        assert organizer_of(first) == organizer_of(second) == first["From"].addresses[0].addr_spec
        with transaction():
            registration.cancel(
                db.session.scalars(select(Registration).filter_by(email=KIM)).one(), "participant"
            )
        third = post.invitation(KIM, "CANCEL")
        assert organizer_of(third) == organizer_of(first)
        assert organizer_of(post.invitation(LEE)) != organizer_of(first)
        known = registration_of(token_in([organizer_of(first).upper()]))
        assert known
        assert known.email == KIM
        paths = set(db.session.scalars(select(OutboxMessage.return_path).filter_by(to_address=KIM)))
        assert paths == {reply_address(known)}


def test_mails_come_back_to_the_address_with_the_token(app: Flask, post: Post, tmp_path: Path) -> None:
    with open_post_office(tmp_path / "arrived") as office:
        settings = replace(app.config["SETTINGS"], mail_server="127.0.0.1", mail_port=office.port)
        app.config.update(SETTINGS=settings, MAIL_SERVER="127.0.0.1", MAIL_PORT=office.port)
        mail.init_app(app)
        with app.app_context():
            two_people(app)  # one with a place, one on the waitlist
            delivery.deliver()
            people = {one.email: one for one in db.session.scalars(select(Registration))}
            senders = {one.recipient: one.sender for one in office.delivered()}
            assert senders == {email: reply_address(one) for email, one in people.items()} | {
                "team@lab.example": "events@lab.example"
            }


def test_without_a_reply_address_everything_comes_from_one_sender(app: Flask, post: Post) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], reply_address=None)
    with app.app_context():
        two_people(app)
        assert organizer_of(post.invitation(KIM)) == "events@lab.example"


def test_an_answer_shows_and_a_refusal_asks_once(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app)
        assert post.answer(KIM, "TENTATIVE") is Outcome.NOTED
        assert post.shown(KIM) is Answer.TENTATIVE
        assert post.answer(KIM, "DECLINED") is Outcome.ASKED
        assert post.answer(KIM, "DECLINED") is Outcome.ASKED
        assert post.shown(KIM) is Answer.DECLINED
        assert post.told(KIM).count("reply_declined") == 1
        assert state_of(KIM) is RegistrationState.CONFIRMED
        assert state_of(LEE) is RegistrationState.WAITLISTED


def test_where_the_series_wants_it_a_refusal_frees_the_place_and_the_list_moves_up(
    app: Flask, post: Post
) -> None:
    with app.app_context():
        two_people(app, at_once=True)
        assert post.answer(KIM, "DECLINED") is Outcome.FREED
        assert state_of(KIM) is RegistrationState.CANCELLED
        assert state_of(LEE) is RegistrationState.CONFIRMED
        assert method_of(post.invitation(KIM)) == "CANCEL"
        assert post.answer(KIM, "ACCEPTED", sent_at=eventhub_clock.now() + timedelta(minutes=5)) is not None
        assert post.told(KIM).count("reply_accepted") == 1
        assert state_of(KIM) is RegistrationState.CANCELLED, "nobody overtakes"
        assert state_of(LEE) is RegistrationState.CONFIRMED


def test_the_mail_asks_with_a_link_and_the_page_gives_the_place_back(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app)
        post.answer(KIM, "DECLINED")
        delivery.deliver()
        known = db.session.scalars(select(Registration).filter_by(email=KIM)).one()
        link = f"/my/{derive('manage', known.token_seed)}/declined"
        row = db.session.scalars(select(OutboxMessage).filter_by(kind="reply_declined")).one()
        assert link.encode() in (row.content or b"").replace(b"=\r\n", b"")
    browser = app.test_client()
    assert link in browser.get(link.removesuffix("declined")).text, "their own page asks as well"
    page = browser.get(link).text
    assert "Platz zurückgeben" in page
    with app.app_context():
        assert state_of(KIM) is RegistrationState.CONFIRMED, "a look changes nothing"
        browser.post(link)
        assert post.shown(KIM) is Answer.ACCEPTED
        browser.post(link.replace("declined", "cancel"))
        assert state_of(KIM) is RegistrationState.CANCELLED
    assert browser.get(link).status_code == 303
    assert browser.get("/my/nothing/declined").status_code == 404
    assert browser.post("/my/nothing/declined").status_code == 404


def test_the_same_mail_is_stored_and_worked_off_once(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app, at_once=True)
        content = reply_to(post.invitation(KIM), "DECLINED")
        for _turn in range(3):
            post.receive(content)
        assert db.session.scalar(select(func.count()).select_from(ReceivedMail)) == 1
        assert post.last().content is None, "the bytes are kept no longer than needed"
        key = post.last().id
        with transaction():
            assert not service.work_off(key, service.read_received(db.session.get_one(ReceivedMail, key)))


def test_who_misses_one_day_of_several_keeps_the_place(app: Flask, post: Post) -> None:
    with app.app_context():
        two_days = {
            "start_date": date(2026, 4, 1),
            "end_date": date(2026, 4, 2),
            "ends_at": datetime(2026, 4, 2, 16, tzinfo=UTC),
        }
        signed_up(add_edition(app, **two_days, series={**CONTACT, "frees_declined": True}), 1)
        second_day = post.invitation(KIM, "REQUEST")
        assert "-day2@" in line_of(second_day, "UID")
        assert post.receive(reply_to(second_day, "DECLINED", 1)) is Outcome.NOTED
        mail = post.last()
        assert (mail.answer, mail.day) == (Answer.DECLINED, 2)
        assert state_of(KIM) is RegistrationState.CONFIRMED
        assert post.shown(KIM) is None
        wish = reply_to(second_day, "TENTATIVE", 2, method="COUNTER", starts="20260403T080000Z")
        assert post.receive(wish) is Outcome.WISH
        answer = post.invitation(KIM, "DECLINECOUNTER")
        assert line_of(answer, "UID") == line_of(second_day, "UID")


def test_a_declined_day_is_left_out_and_an_accepted_one_comes_back(app: Flask, post: Post) -> None:
    with app.app_context():
        two_days = {
            "start_date": date(2026, 4, 1),
            "end_date": date(2026, 4, 2),
            "ends_at": datetime(2026, 4, 2, 16, tzinfo=UTC),
        }
        signed_up(
            add_edition(app, **two_days, choose_days=True, series={**CONTACT, "frees_declined": True}), 1
        )
        second_day = post.invitation(KIM, "REQUEST")
        stranger = reply_to(second_day, "DECLINED", 9, sender="rogue@people.example")
        assert post.receive(stranger) is Outcome.NOT_PROVEN
        assert days_of(KIM) == {1, 2}
        assert post.receive(reply_to(second_day, "DECLINED", 1)) is Outcome.NOTED
        assert (post.last().changed_days, days_of(KIM)) == (True, {1})
        withdrawn = post.invitation(KIM, "CANCEL")
        assert line_of(withdrawn, "UID") == line_of(second_day, "UID")
        old = eventhub_clock.now() - timedelta(hours=1)
        assert post.receive(reply_to(second_day, "ACCEPTED", 2, sent_at=old)) is Outcome.SUPERSEDED
        assert post.receive(reply_to(second_day, "ACCEPTED", 3)) is Outcome.NOTED
        assert (post.last().changed_days, days_of(KIM)) == (True, {1, 2})
        again = post.invitation(KIM, "REQUEST")
        assert line_of(again, "UID") == line_of(second_day, "UID")
        assert int(line_of(again, "SEQUENCE")) > int(line_of(withdrawn, "SEQUENCE"))
        assert state_of(KIM) is RegistrationState.CONFIRMED


def test_the_only_day_gives_the_place_back(app: Flask, post: Post) -> None:
    with app.app_context():
        two_days = {
            "start_date": date(2026, 4, 1),
            "end_date": date(2026, 4, 2),
            "ends_at": datetime(2026, 4, 2, 16, tzinfo=UTC),
        }
        key = add_edition(app, **two_days, choose_days=True, series={**CONTACT, "frees_declined": True})
        signed_up(key, 1, days=frozenset({2}), asked=True)
        assert post.answer(KIM, "DECLINED") is Outcome.FREED
        assert state_of(KIM) is RegistrationState.CANCELLED


def days_of(address: str) -> frozenset[int]:
    db.session.rollback()
    found = db.session.scalars(select(Registration).filter_by(email=address)).one()
    return days.chosen(found.days, 2)


def test_two_workers_at_once_do_what_a_mail_says_once(app: Flask, post: Post) -> None:
    def work() -> int:
        with app.app_context():
            return work_off_received()

    with app.app_context():
        edition_id = add_edition(app, capacity=4, series={**CONTACT, "frees_declined": True})
        for number in range(4):
            signed_up(edition_id, number)
        answers = [
            reply_to(post.invitation(f"person{number}@lab.example"), "DECLINED", number)
            for number in range(4)
        ]
        for content in answers:
            with transaction():
                service.receive(content)
        db.session.remove()
    with ThreadPoolExecutor(3) as workers:
        assert sum(done.result() for done in [workers.submit(work) for _ in range(3)]) == 4
    with app.app_context():
        assert set(db.session.scalars(select(ReceivedMail.outcome))) == {Outcome.FREED}
        assert db.session.get_one(Edition, edition_id).taken_count == 0


def test_an_answer_to_the_date_before_does_not_accept_the_new_one(app: Flask, post: Post) -> None:
    with app.app_context():
        edition_id = two_people(app, at_once=True)
        before = post.invitation(KIM)
        with transaction():
            move(db.session.get_one(Edition, edition_id), 16)
        assert post.receive(reply_to(before, "ACCEPTED", 1)) is Outcome.OLD_DATE
        assert post.shown(KIM) is None
        assert post.receive(reply_to(before, "DECLINED", 2)) is Outcome.ASKED
        assert state_of(KIM) is RegistrationState.CONFIRMED


def test_what_was_said_about_another_date_or_place_holds_no_more(
    app: Flask, post: Post, clock: FrozenClock
) -> None:
    with app.app_context():
        edition_id = two_people(app, at_once=True)
        post.answer(KIM, "ACCEPTED")
        assert post.shown(KIM) is Answer.ACCEPTED
        with transaction():
            move(db.session.get_one(Edition, edition_id), 16)
        assert post.shown(KIM) is None
        post.answer(KIM, "DECLINED")
        assert post.shown(KIM) is Answer.DECLINED
        clock.advance(timedelta(minutes=1))
        with transaction():
            lee = db.session.scalars(select(Registration).filter_by(email=LEE)).one()
            registration.cancel(lee, "participant")
        signed_up(edition_id, 1, once_key="again")
        assert state_of(KIM) is RegistrationState.CONFIRMED
        assert post.shown(KIM) is None


def test_an_older_answer_that_comes_late_changes_nothing(app: Flask, post: Post, clock: FrozenClock) -> None:
    with app.app_context():
        two_people(app, at_once=True)
        invited = post.invitation(KIM)
        earlier = reply_to(invited, "DECLINED", 1)
        clock.advance(timedelta(minutes=5))
        assert post.receive(reply_to(invited, "ACCEPTED", 2)) is Outcome.NOTED
        assert post.receive(earlier) is Outcome.SUPERSEDED
        assert post.shown(KIM) is Answer.ACCEPTED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sender": "rogue@else.example"}, Outcome.ASKED),
        ({"to": "replies@lab.example", "sender": KIM}, Outcome.ASKED),
        ({"to": "replies+7k4m2qxraaaaaaaaaaaaaaaaaaaaaaaaaa@lab.example"}, Outcome.WRONG_TOKEN),
        ({"attendee": "rogue@else.example", "sender": "rogue@else.example"}, Outcome.SOMEBODY_ELSE),
        ({"results": "mx.lab.example; dmarc=fail header.from=lab.example"}, Outcome.NOT_PROVEN),
        (
            {"results": "mx.lab.example; dmarc=pass header.from=lab.example", "to": "events@lab.example"},
            Outcome.FREED,
        ),
        ({"results": "mx.rogue.example; dmarc=pass", "to": "events@lab.example"}, Outcome.ASKED),
    ],
)
def test_what_is_not_proven_frees_no_place(
    app: Flask, post: Post, changes: dict[str, str], expected: Outcome
) -> None:
    with app.app_context():
        two_people(app, at_once=True)
        assert post.answer(KIM, "DECLINED", **changes) is expected
        freed = expected is Outcome.FREED
        assert state_of(KIM) is (RegistrationState.CANCELLED if freed else RegistrationState.CONFIRMED)
        asked = post.told(KIM).count("reply_declined")
        assert asked == (expected is Outcome.ASKED)
        if changes.get("sender"):
            assert post.told(changes["sender"]) == [] or changes["sender"] == KIM


def test_an_answer_for_a_cancelled_meeting_is_only_kept(app: Flask, post: Post) -> None:
    with app.app_context():
        edition_id = two_people(app)
        invited = post.invitation(KIM)
        with transaction():
            editions.cancel(db.session.get_one(Edition, edition_id), "")
        before = post.told(KIM)
        assert post.receive(reply_to(invited, "ACCEPTED")) is Outcome.NOT_TAKING_PLACE
        assert post.told(KIM) == before


def test_another_time_is_a_wish_that_the_organiser_sees_and_the_calendar_is_told_no(
    app: Flask, post: Post
) -> None:
    with app.app_context():
        two_people(app)
        wish = {"method": "COUNTER", "starts": "20260401T160000Z", "comment": "Later\\, please"}
        assert post.answer(KIM, "TENTATIVE", **wish) is Outcome.WISH
        mail = post.last()
        assert (mail.kind, mail.words) == (MailKind.COUNTER, "Later, please")
        assert mail.wished_from
        assert mail.wished_from.hour == 16
        answer = post.invitation(KIM, "DECLINECOUNTER")
        assert line_of(answer, "UID") == line_of(post.invitation(KIM, "REQUEST"), "UID")
        assert line_of(answer, "SEQUENCE") == line_of(post.invitation(KIM, "REQUEST"), "SEQUENCE")
        assert organizer_of(answer) == organizer_of(post.invitation(KIM, "REQUEST"))
        assert "PARTSTAT" not in calendar_of(answer)
        post.answer(KIM, "TENTATIVE", **wish)
        assert post.told(KIM).count("reply_counter") == 1
        assert "organiser_notice" in post.told("team@lab.example")


def test_who_asks_for_the_invitation_gets_it_at_the_registered_address(
    app: Flask, post: Post, clock: FrozenClock
) -> None:
    with app.app_context():
        two_people(app)
        invited = post.invitation(KIM)
        clock.advance(timedelta(hours=1))
        assert post.receive(reply_to(invited, "", method="REFRESH")) is Outcome.SENT_AGAIN
        assert post.told(KIM)[-1] == "existing"
        again = reply_to(invited, "", 2, method="REFRESH", sender="rogue@else.example")
        assert post.receive(again) is Outcome.NOT_PROVEN
        assert post.told("rogue@else.example") == []


def test_who_sends_more_than_twenty_in_an_hour_is_not_heard(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app, at_once=True)
        for _turn in range(20):
            assert post.answer(KIM, "TENTATIVE") is Outcome.NOTED
        assert post.answer(KIM, "DECLINED") is Outcome.TOO_MANY
        assert state_of(KIM) is RegistrationState.CONFIRMED


def test_what_machines_send_changes_nothing_and_gets_no_answer(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app, at_once=True)
        to = organizer_of(post.invitation(KIM))
        before = post.told(KIM)
        away = letter_to(to, KIM, "I am away", Auto_Submitted="auto-replied")
        assert post.receive(away) is Outcome.NOTED
        assert post.last().kind is MailKind.AWAY
        assert post.receive(letter_to(to, "replies@lab.example", "I am you")) is Outcome.NOTHING
        assert post.receive(bounce_to(to, KIM, "4.4.1")) is Outcome.NOTED
        assert post.receive(bounce_to(to, KIM, "5.2.2", "full@x")) is Outcome.NOTED
        assert post.told(KIM) == before
        assert state_of(KIM) is RegistrationState.CONFIRMED


def test_words_of_a_person_reach_the_organisers(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app)
        to = organizer_of(post.invitation(KIM))
        assert post.receive(letter_to(to, KIM, "May I bring my dog?")) is Outcome.TO_READ
        assert "May I bring my dog?" in post.last().words
        assert "organiser_notice" in post.told("team@lab.example")


def test_what_concerns_nobody_leaves_nothing_behind(app: Flask, post: Post, clock: FrozenClock) -> None:
    with app.app_context():
        assert post.receive(letter_to("replies@lab.example", "spam@else.example", "Buy!")) is Outcome.NOTHING
        assert (post.last().sender, post.last().words, post.last().content) == ("", "", None)
        clock.advance(timedelta(days=31))
        with transaction():
            service.forget_old()
        assert db.session.scalar(select(func.count()).select_from(ReceivedMail)) == 0


def test_a_mail_that_is_too_large_is_only_noted(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app)
        content = reply_to(post.invitation(KIM), "DECLINED") + b"x" * 1_000_000
        assert post.receive(content) is Outcome.TOO_LARGE
        assert post.last().registration_id


def test_a_mail_that_can_not_be_worked_off_holds_up_no_other(
    app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        two_people(app)
        invited = post.invitation(KIM)
        with monkeypatch.context() as broken:
            broken.setattr(service, "_matched", lambda *_: 1 / 0)
            assert post.receive(reply_to(invited, "DECLINED", 1)) is Outcome.FAILED
        assert post.receive(reply_to(invited, "ACCEPTED", 2)) is Outcome.NOTED


def test_a_hard_bounce_stops_mails_until_the_address_is_corrected(app: Flask, post: Post) -> None:
    with app.app_context():
        edition_id = two_people(app)
        to = organizer_of(post.invitation(KIM))
        assert post.receive(bounce_to(to, KIM)) is Outcome.UNREACHABLE
        assert "organiser_notice" in post.told("team@lab.example")
        with transaction():
            move(db.session.get_one(Edition, edition_id), 16)
        delivery.deliver()
        db.session.rollback()
        rows = select(OutboxMessage).filter_by(to_address=KIM, kind="edition_changed")
        stopped = db.session.scalars(rows).one()
        assert stopped.state is MessageState.DROPPED
        assert "come back" in stopped.error
        with transaction():
            known = db.session.scalars(select(Registration).filter_by(email=KIM)).one()
            details = registration.Details(name=known.name, email="kim@new.example", organisation="", note="")
            registration.change(known, details)
        invited = post.invitation("kim@new.example")
        assert method_of(invited) == "REQUEST"
        assert post.receive(bounce_to(to, KIM, original_id="late@x")) is Outcome.NOTED, (
            "of the former address"
        )


def test_a_bounce_without_a_token_is_known_by_the_mail_that_came_back(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app)
        ours = post.invitation(KIM)["Message-ID"].strip("<>")
        assert post.receive(bounce_to("events@lab.example", KIM, original_id="no@body")) is Outcome.NOTHING
        assert post.receive(bounce_to("events@lab.example", KIM, original_id=ours)) is Outcome.UNREACHABLE


def test_an_organiser_can_say_that_the_address_is_right(app: Flask, post: Post, clock: FrozenClock) -> None:
    with app.app_context():
        two_people(app)
        post.receive(bounce_to(organizer_of(post.invitation(KIM)), KIM))
        clock.advance(timedelta(hours=1))
        with transaction():
            known = db.session.scalars(select(Registration).filter_by(email=KIM)).one()
            assert service.try_address_again(known)
        delivery.deliver()
        db.session.rollback()
        latest = db.session.scalars(
            select(OutboxMessage).filter_by(to_address=KIM).order_by(OutboxMessage.id)
        ).all()
        assert latest[-1].state is MessageState.SENT


def test_damaged_mails_are_shown_as_unreadable(app: Flask, post: Post) -> None:
    with app.app_context():
        two_people(app)
        invited = post.invitation(KIM)
        broken = reply_to(invited, "DECLINED").replace(b"ATTENDEE", b"NOBODY")
        assert post.receive(broken) is Outcome.TO_READ
        assert post.last().kind is MailKind.UNREADABLE
