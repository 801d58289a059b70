"""Newcomers are written down first and counted last: what others do meanwhile is never passed over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventhub.database import transaction
from eventhub.editions import service as editions
from eventhub.editions.models import Edition
from eventhub.errors import Overtaken
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import OutboxMessage
from eventhub.registration import planning, service
from eventhub.registration.applicants import Outcome
from eventhub.registration.models import Quota, QuotaKind, Registration
from tests.registration.racing import WRITTEN, faster
from tests.registration.samples import add_edition, add_quota, applicant, signed_up

pytestmark = pytest.mark.postgres


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def comes(edition_id: int, number: int = 1) -> Outcome:
    """Register somebody by the form."""
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        return service.register_newcomer(edition, applicant(number), f"form {number}")


def nothing_is_left_of(number: int) -> bool:
    email = applicant(number).email
    rows = select(func.count()).where(Registration.email == email)
    mails = select(func.count()).where(OutboxMessage.to_address == email)
    return not db.session.scalar(rows) and not db.session.scalar(mails)


def test_somebody_who_comes_meanwhile_is_counted_as_well(context: Flask) -> None:
    edition_id = add_edition(context, capacity=3)
    with faster(context, lambda: comes(edition_id, 2)):
        assert not comes(edition_id, 1).full
    assert db.session.get_one(Edition, edition_id).taken_count == 2


def test_the_last_place_is_given_once(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    with faster(context, lambda: comes(edition_id, 2)), pytest.raises(Overtaken):
        comes(edition_id, 1)
    assert nothing_is_left_of(1)
    assert db.session.scalar(select(func.count()).select_from(HistoryEntry)) == 1
    assert comes(edition_id, 1).full
    edition = db.session.get_one(Edition, edition_id)
    assert (edition.taken_count, edition.waiting_count) == (1, 1)


def test_nobody_passes_whoever_waits_meanwhile(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    signed_up(edition_id, 1)

    def two_come_and_wait() -> None:
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            service.register_party(edition, [applicant(2), applicant(3)], "party")

    with faster(context, two_come_and_wait), pytest.raises(Overtaken):
        comes(edition_id, 4)
    assert comes(edition_id, 4).full


def test_the_invitation_follows_a_meeting_that_moves_meanwhile(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)

    def it_moves() -> None:
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            starts, ends = edition.start_time, edition.end_time
            assert starts
            assert ends
            times = {"start_time": starts.replace(minute=30), "end_time": ends.replace(minute=30)}
            editions.update(edition, times, edition.version)

    with faster(context, it_moves), pytest.raises(Overtaken):
        comes(edition_id)
    registration = comes(edition_id).registration
    assert registration.last_sequence == db.session.get_one(Edition, edition_id).sequence > 0


def test_a_role_that_fills_up_meanwhile_is_not_overbooked(context: Flask) -> None:
    edition_id = add_edition(context)
    online = add_quota(edition_id, QuotaKind.ATTENDANCE, "online", 1)
    with faster(context, lambda: comes(edition_id, 2)), pytest.raises(Overtaken):
        comes(edition_id, 1)
    assert comes(edition_id, 1).full
    assert db.session.get_one(Quota, online).taken_count == 1


def test_a_limit_that_is_set_meanwhile_counts(context: Flask) -> None:
    edition_id = add_edition(context)

    def it_is_limited() -> None:
        add_quota(edition_id, QuotaKind.ATTENDANCE, "online", 1)

    with faster(context, it_is_limited), pytest.raises(Overtaken):
        comes(edition_id)
    assert [claim.quota_id for claim in comes(edition_id).registration.claims]


def test_a_house_that_shrinks_meanwhile_is_not_overbooked(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    signed_up(edition_id, 1)

    def it_shrinks() -> None:
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            planning.carry_out(edition, replace(planning.plan_of(edition), capacity=1))

    with faster(context, it_shrinks), pytest.raises(Overtaken):
        comes(edition_id, 2)
    assert comes(edition_id, 2).full


def test_an_address_comes_in_once(context: Flask) -> None:
    edition_id = add_edition(context)
    with faster(context, lambda: comes(edition_id, 1), WRITTEN), pytest.raises(Overtaken):
        comes(edition_id, 1)
    comes(edition_id, 1)
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1
    assert db.session.get_one(Edition, edition_id).taken_count == 1


def test_who_has_to_wait_is_registered_at_once(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    comes(edition_id, 1)
    assert comes(edition_id, 2).full


def test_the_organisers_hear_of_the_last_place(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1, series={"contact_email": "lab@lab.example"})
    comes(edition_id, 1)
    told = select(func.count()).where(OutboxMessage.to_address == "lab@lab.example")
    assert db.session.scalar(told) == 1


def test_whoever_comes_by_two_ways_at_once_is_registered_once(context: Flask) -> None:
    """One has written the address and wants the lock, the other has the lock and wants to write it."""
    edition_id = add_edition(context, capacity=2)
    overtaken = []

    def until_it_works(verb: Callable[[], object]) -> None:
        while True:
            try:
                verb()
            except Overtaken:
                overtaken.append(verb)
            else:
                return

    def by_invitation() -> None:
        with context.app_context():
            until_it_works(lambda: signed_up(edition_id, 1))

    with ThreadPoolExecutor(1) as other:

        def invited_meanwhile() -> None:
            running.append(other.submit(by_invitation))
            time.sleep(0.3)

        running: list[Future[None]] = []
        with faster(context, invited_meanwhile):
            until_it_works(lambda: comes(edition_id, 1))
        running[0].result(20)
    assert len(overtaken) == 1
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1
    assert db.session.get_one(Edition, edition_id).taken_count == 1
