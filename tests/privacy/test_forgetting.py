from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from eventhub import clock as eventhub_clock
from eventhub.database import overwrite_erased, transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import EditionChanged, announce
from eventhub.groups import service as groups
from eventhub.groups import teams
from eventhub.history.models import HistoryEntry
from eventhub.invitations.models import Invitation
from eventhub.mail import delivery
from eventhub.mail.models import MessageState, OutboxMessage
from eventhub.mail.outbox import send_again
from eventhub.privacy import service
from eventhub.privacy.jobs import forget_people
from eventhub.questionnaires.models import Answer, AnswerFile, Kind, Question, Questionnaire, QuestionVersion
from eventhub.registration import mails
from eventhub.registration import service as registrations
from eventhub.registration.download import personal_data
from eventhub.registration.models import Registration, RegistrationState
from eventhub.tokens import new_seed
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.groups.workshop import divide, groups_of
from tests.privacy.forgotten import (
    register_quittenbaum,
    registration,
    traces_in_files,
    traces_in_tables,
)
from tests.registration.samples import DAYS_AHEAD, add_edition, signed_up

pytestmark = pytest.mark.both_databases

RETENTION_OVER = timedelta(days=DAYS_AHEAD + 90)


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def erase(key: int) -> None:
    with transaction():
        service.erase_own(db.session.get_one(Registration, key))


def kinds_and_addresses() -> list[tuple[str, str]]:
    db.session.rollback()
    rows = db.session.execute(select(OutboxMessage.kind, OutboxMessage.to_address).order_by(OutboxMessage.id))
    return [(kind, address) for kind, address in rows]


# when the retention is over ---------------------------------------------------------------------------


def test_after_the_retention_nobody_is_named_anywhere(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=1)
    register_quittenbaum(context, edition_id)
    register_quittenbaum(context, edition_id, email="other@quittenlabor.example")
    assert traces_in_tables()
    clock.advance(RETENTION_OVER)
    forget_people()
    assert traces_in_tables() == []


def test_until_then_everything_stays(context: Flask, clock: FrozenClock) -> None:
    key = register_quittenbaum(context, add_edition(context))
    clock.advance(RETENTION_OVER - timedelta(days=1))
    forget_people()
    assert registration(key).name == "Wilhelmine Quittenbaum"


def test_the_numbers_stay_right(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=2)
    for number in range(4):
        signed_up(edition_id, number)
    with transaction():
        registrations.cancel(db.session.scalars(select(Registration).limit(1)).one(), "organiser")
    delivery.deliver()
    counted = (
        select(Registration.state, func.count()).group_by(Registration.state).order_by(Registration.state)
    )
    sent = select(OutboxMessage.kind, OutboxMessage.state, func.count()).group_by(
        OutboxMessage.kind, OutboxMessage.state
    )
    before = db.session.execute(counted).all(), set(db.session.execute(sent))
    edition = db.session.get_one(Edition, edition_id)
    places = edition.taken_count, edition.waiting_count
    clock.advance(RETENTION_OVER)
    forget_people()
    db.session.rollback()
    assert (db.session.execute(counted).all(), set(db.session.execute(sent))) == before
    edition = db.session.get_one(Edition, edition_id)
    assert (edition.taken_count, edition.waiting_count) == places
    assert edition.erased_at == eventhub_clock.now()


def test_many_are_forgotten_in_small_transactions(
    context: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventhub.privacy.jobs.BATCH", 2)
    edition_id = add_edition(context)
    for number in range(5):
        signed_up(edition_id, number)
    clock.advance(RETENTION_OVER)
    looks = iter([False, False, True])
    forget_people(lambda: next(looks, True))
    known = select(func.count()).where(Registration.erased_at.is_(None))
    assert db.session.scalar(known) == 1
    forget_people()
    db.session.rollback()
    assert db.session.scalar(known) == 0


def test_running_twice_changes_nothing(context: Flask, clock: FrozenClock) -> None:
    key = register_quittenbaum(context, add_edition(context))
    clock.advance(RETENTION_OVER)
    forget_people()
    once = registration(key)
    before = once.email_key, once.erased_at, once.token_hash
    clock.advance(timedelta(days=1))
    forget_people()
    again = registration(key)
    assert (again.email_key, again.erased_at, again.token_hash) == before
    erased = select(func.count()).where(HistoryEntry.action == "edition.erased")
    assert db.session.scalar(erased) == 1


def test_editions_without_people_are_left_alone(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    clock.advance(RETENTION_OVER)
    forget_people()
    assert db.session.get_one(Edition, edition_id).erased_at is None


def test_history_keeps_that_it_happened_without_details(context: Flask, clock: FrozenClock) -> None:
    key = register_quittenbaum(context, add_edition(context))
    with transaction():
        entry = db.session.scalars(select(HistoryEntry).filter_by(registration_id=key)).one()
        entry.details = {"name": "Wilhelmine Quittenbaum"}
    clock.advance(RETENTION_OVER)
    forget_people()
    db.session.rollback()
    [kept] = db.session.scalars(select(HistoryEntry).filter_by(registration_id=key))
    assert (kept.action, kept.details) == ("registration.created", {})


def test_the_forgotten_get_no_mail_any_more(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    key = register_quittenbaum(context, edition_id)
    clock.advance(RETENTION_OVER)
    forget_people()
    before = len(kinds_and_addresses())
    with transaction():
        announce(EditionChanged(db.session.get_one(Edition, edition_id), {"venue_name": ("", "Hall")}))
        mails.edition_cancelled(db.session.get_one(Edition, edition_id))
        registrations.cancel(db.session.get_one(Registration, key), "organiser")
    assert len(kinds_and_addresses()) == before


def test_an_erased_mail_is_not_sent_again(context: Flask, clock: FrozenClock) -> None:
    register_quittenbaum(context, add_edition(context))
    clock.advance(RETENTION_OVER)
    forget_people()
    with pytest.raises(RuleBroken), transaction():
        send_again(db.session.scalars(select(OutboxMessage)).one())


def test_a_mail_in_hand_is_forgotten_once_it_has_left(context: Flask, clock: FrozenClock) -> None:
    register_quittenbaum(context, add_edition(context))
    with transaction():
        db.session.execute(update(OutboxMessage).values(state=MessageState.SENDING, sent_at=None))
    clock.advance(RETENTION_OVER)
    forget_people()
    assert traces_in_tables()
    with transaction():
        db.session.execute(update(OutboxMessage).values(state=MessageState.SENT, sent_at=clock.now()))
    forget_people()
    assert traces_in_tables() == []


# an edition whose people are forgotten ----------------------------------------------------------------


def test_a_day_that_would_erase_all_at_once_is_asked_about(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    register_quittenbaum(context, edition_id)
    with pytest.raises(RuleBroken, match="Is the year right"):
        move(edition_id, date(2016, 4, 1))


def test_an_erased_edition_stays_in_the_past(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    register_quittenbaum(context, edition_id)
    clock.advance(RETENTION_OVER)
    forget_people()
    with pytest.raises(RuleBroken, match="next edition"):
        move(edition_id, date(2027, 4, 1))


def move(edition_id: int, day: date) -> None:
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        editions.update(edition, {"start_date": day}, edition.version)


# when somebody wishes it ------------------------------------------------------------------------------


def test_who_erases_their_data_gives_the_place_up_first(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=1)
    key = register_quittenbaum(context, edition_id)
    next_one = signed_up(edition_id, "next").registration.id
    erase(key)
    assert registration(key).state is RegistrationState.CANCELLED
    assert registration(next_one).state is RegistrationState.CONFIRMED


def test_a_last_mail_says_so_and_then_the_address_goes(context: Flask, clock: FrozenClock) -> None:
    key = register_quittenbaum(context, add_edition(context))
    erase(key)
    assert registration(key).email == ""
    address = "quittenbaum@lab.example"
    assert kinds_and_addresses() == [("confirmed", ""), ("cancelled", address), ("erased", address)]
    delivery.deliver()
    farewell = db.session.scalars(select(OutboxMessage).filter_by(kind="erased")).one()
    assert farewell.state is MessageState.SENT
    forget_people()
    assert traces_in_tables() == []
    assert {address for _kind, address in kinds_and_addresses()} == {""}


def test_mails_that_wait_are_stopped(context: Flask, clock: FrozenClock) -> None:
    key = signed_up(add_edition(context), "telling").registration.id
    erase(key)
    rows = db.session.execute(
        select(OutboxMessage.kind, OutboxMessage.state).order_by(OutboxMessage.id)
    ).all()
    assert [tuple(row) for row in rows] == [
        ("confirmed", MessageState.DROPPED),
        ("cancelled", MessageState.WAITING),
        ("erased", MessageState.WAITING),
    ]


@pytest.mark.parametrize("state", [EditionState.CANCELLED, EditionState.COMPLETED])
def test_there_is_a_way_out_of_every_edition(context: Flask, clock: FrozenClock, state: EditionState) -> None:
    edition_id = add_edition(context)
    key = register_quittenbaum(context, edition_id)
    with transaction():
        db.session.get_one(Edition, edition_id).state = state
    erase(key)
    delivery.deliver()
    forget_people()
    assert traces_in_tables() == []


def test_erasing_twice_is_erasing_once(context: Flask, clock: FrozenClock) -> None:
    key = register_quittenbaum(context, add_edition(context))
    erase(key)
    before = kinds_and_addresses()
    erase(key)
    assert kinds_and_addresses() == before


def test_the_same_address_may_come_back_as_somebody_new(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    key = register_quittenbaum(context, edition_id)
    erase(key)
    again = signed_up(edition_id, "telling", "another form", email="quittenbaum@lab.example").registration
    assert again.id != key
    assert again.state is RegistrationState.CONFIRMED


# what other features keep ---------------------------------------------------------------------------


def test_answers_and_their_files_go_along_and_can_be_taken_along_before(
    context: Flask, clock: FrozenClock
) -> None:
    key = register_quittenbaum(context, add_edition(context))
    answer_everything(key)
    own = personal_data(registration(key))
    assert [one["answer"] for one in own["answers"]] == ["quitten.pdf"]
    erase(key)
    delivery.deliver()
    forget_people()
    assert traces_in_tables() == []
    assert db.session.scalar(select(func.count()).select_from(AnswerFile)) == 0


def test_invitations_are_forgotten_as_well(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    key = register_quittenbaum(context, edition_id)
    came = invite(edition_id, "quittenbaum@lab.example", registration_id=key)
    silent = invite(edition_id, "silent@quittenlabor.example")
    erase(key)
    db.session.rollback()
    assert db.session.get_one(Invitation, came).email == ""
    assert db.session.get_one(Invitation, silent).email
    delivery.deliver()
    clock.advance(RETENTION_OVER)
    forget_people()
    assert traces_in_tables() == []
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 2


def test_whoever_is_forgotten_leaves_their_groups(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    key = register_quittenbaum(context, edition_id)
    grouping = divide(edition_id)
    with transaction():
        groups.publish(grouping)
    assert personal_data(registration(key))["groups"][0]["division"] == "Werkstatt"
    erase(key)
    assert personal_data(registration(key))["groups"] == []
    delivery.deliver()
    forget_people()
    assert traces_in_tables() == []


def test_in_groups_of_the_past_only_the_number_of_people_stays(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    key = register_quittenbaum(context, edition_id)
    grouping = divide(edition_id)
    clock.advance(RETENTION_OVER)
    forget_people()
    assert sum(map(len, groups_of(grouping).values())) == 1
    assert registration(key).erased_at is not None
    assert traces_in_tables() == []


@pytest.mark.parametrize("public", [False, True])
def test_what_a_team_wrote_stays_only_where_it_was_published(
    context: Flask, clock: FrozenClock, public: bool
) -> None:
    edition_id = add_edition(context)
    register_quittenbaum(context, edition_id)
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        grouping = teams.open_teams(edition, teams.Plan("Hackathon", ["Masken"], 1, 5))
        teams.show_results(grouping, public=public)
        grouping.groups[0].project = "Quittenpresse"
    clock.advance(RETENTION_OVER)
    forget_people()
    assert [trace.partition(":")[0] for trace in traces_in_tables()] == ["participant_group"] * public


def answer_everything(key: int) -> None:
    with transaction():
        questionnaire = Questionnaire()
        db.session.add(questionnaire)
        db.session.flush()
        question = Question(questionnaire_id=questionnaire.id, kind=Kind.FILE)
        db.session.add(question)
        db.session.flush()
        db.session.add(QuestionVersion(question_id=question.id, number=1, label="Your drawing"))
        db.session.flush()
        answered = {"registration_id": key, "question_id": question.id}
        db.session.add(Answer(version=1, value="quitten.pdf", **answered))
        db.session.flush()
        db.session.add(AnswerFile(content=b"quitten", **answered))


def invite(edition_id: int, email: str, registration_id: int | None = None) -> int:
    with transaction():
        invitation = Invitation(
            edition_id=edition_id,
            name="Wilhelmine",
            email=email,
            email_key=email,
            words="Dear Wilhelmine",
            token_seed=new_seed(),
            token_hash=new_seed(),
            registration_id=registration_id,
            accepted_at=eventhub_clock.now() if registration_id else None,
        )
        db.session.add(invitation)
        db.session.flush()
        return invitation.id


# traces ------------------------------------------------------------------------------------------------


def test_not_even_the_file_holds_what_was_erased(
    context: Flask, clock: FrozenClock, database_kind: str
) -> None:
    if database_kind != "sqlite":
        assert overwrite_erased()
        return
    key = register_quittenbaum(context, add_edition(context))
    assert overwrite_erased()
    assert traces_in_files(context) == ["eventhub.sqlite"]
    erase(key)
    delivery.deliver()
    forget_people()
    db.session.remove()
    assert traces_in_files(context) == []
