from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from eventhub.agenda.models import Slot
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, EditionState
from eventhub.errors import RegistrationClosed, RuleBroken
from eventhub.extensions import db
from eventhub.facts import CapacityRaised, announce
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import OutboxMessage
from eventhub.registration import queries, service
from eventhub.registration.applicants import Details
from eventhub.registration.models import Registration, RegistrationState
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.registration.samples import add_edition, applicant, signed_up

pytestmark = pytest.mark.both_databases


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def kinds(registration: Registration) -> list[str]:
    return list(
        db.session.scalars(
            select(OutboxMessage.kind)
            .where(OutboxMessage.registration_id == registration.id)
            .order_by(OutboxMessage.id)
        )
    )


def details(name: str, email: str, organisation: str = "", note: str = "") -> Details:
    return {"name": name, "email": email, "organisation": organisation, "note": note}


def counters(edition_id: int) -> tuple[int, int]:
    edition = db.session.get_one(Edition, edition_id)
    return edition.taken_count, edition.waiting_count


def test_a_place_comes_with_its_mail_and_its_history(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    outcome = signed_up(edition_id, name="Aylin Yıldız", organisation="Zukunftslabor")
    found = outcome.registration
    assert found.state is RegistrationState.CONFIRMED
    assert not outcome.full
    assert counters(edition_id) == (1, 0)
    assert kinds(found) == ["confirmed"]
    entry = db.session.scalars(select(HistoryEntry)).one()
    assert (entry.action, entry.actor, entry.details) == (
        "registration.created",
        "participant",
        {"state": "confirmed"},
    )


def test_beyond_the_capacity_people_wait_in_order(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    outcomes = [signed_up(edition_id, number) for number in range(3)]
    assert [outcome.full for outcome in outcomes] == [False, True, True]
    assert [queries.position(outcome.registration) for outcome in outcomes] == [None, 1, 2]
    assert kinds(outcomes[2].registration) == ["waitlisted"]
    assert counters(edition_id) == (1, 2)


def test_without_a_limit_everybody_is_in(context: Flask) -> None:
    edition_id = add_edition(context)
    assert {signed_up(edition_id, number).registration.state for number in range(5)} == {
        RegistrationState.CONFIRMED
    }


def test_a_cancelled_place_goes_to_the_first_in_line(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    first, second, third = (signed_up(edition_id, number).registration for number in range(3))
    with transaction():
        assert service.cancel(first, "participant")
    assert [row.state for row in (first, second, third)] == ["cancelled", "confirmed", "waitlisted"]
    assert kinds(first) == ["confirmed", "cancelled"]
    assert kinds(second) == ["waitlisted", "promoted"]
    assert queries.position(third) == 1
    assert counters(edition_id) == (1, 1)


def test_cancelling_twice_frees_one_place(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    first, _second, third, fourth = (signed_up(edition_id, number).registration for number in range(4))
    for expected in (True, False):
        with transaction():
            assert service.cancel(first, "participant") is expected
    assert third.state is RegistrationState.CONFIRMED
    assert fourth.state is RegistrationState.WAITLISTED
    assert kinds(first).count("cancelled") == 1


def test_leaving_the_list_frees_no_place(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    _first, second, third = (signed_up(edition_id, number).registration for number in range(3))
    with transaction():
        service.cancel(second, "participant")
    assert third.state is RegistrationState.WAITLISTED
    assert counters(edition_id) == (1, 1)


def test_while_somebody_waits_a_new_place_is_theirs(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    _first, second = (signed_up(edition_id, number).registration for number in range(2))
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        edition.capacity = 2
        announce(CapacityRaised(edition))
    assert second.state is RegistrationState.CONFIRMED
    assert signed_up(edition_id, 3).registration.state is RegistrationState.WAITLISTED


def test_the_same_form_twice_is_one_registration(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    first = signed_up(edition_id, once_key="form")
    second = signed_up(edition_id, once_key="form")
    assert second.registration.id == first.registration.id
    assert second.full == first.full
    assert kinds(first.registration) == ["confirmed"]


def test_the_form_of_a_cancelled_registration_does_not_bring_it_back(context: Flask) -> None:
    edition_id = add_edition(context)
    first = signed_up(edition_id, once_key="form").registration
    with transaction():
        service.cancel(first, "participant")
    assert signed_up(edition_id, once_key="form").registration.state is RegistrationState.CANCELLED


def test_a_corrected_address_in_the_same_form_counts(context: Flask) -> None:
    edition_id = add_edition(context)
    first = signed_up(edition_id, once_key="form", email="anna@lab.exmaple")
    second = signed_up(edition_id, once_key="form", email="anna@lab.example")
    assert second.registration.id != first.registration.id


def test_a_known_address_keeps_its_place_and_gets_one_mail(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    first = signed_up(edition_id, email="Anna@lab.example", name="Anna").registration
    clock.advance(timedelta(minutes=10))
    again = signed_up(edition_id, once_key="other form", email="anna@LAB.example", name="Somebody else")
    assert again.registration.id == first.id
    assert first.name == "Anna"
    assert kinds(first) == ["confirmed", "existing"]
    signed_up(edition_id, once_key="third form", email="anna@lab.example")
    assert kinds(first) == ["confirmed", "existing"], "what was just mailed is on its way"


def test_whether_an_address_is_known_does_not_show(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    signed_up(edition_id, 1)
    known = signed_up(edition_id, 1, once_key="another form")
    unknown = signed_up(edition_id, 2)
    assert known.full == unknown.full


def test_who_cancelled_may_come_back_at_the_end_of_the_line(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    first, second = (signed_up(edition_id, number).registration for number in range(2))
    seed = first.token_seed
    with transaction():
        service.cancel(first, "participant")
    signed_up(edition_id, 0, once_key="another form", name="New Name")
    assert (first.state, second.state) == ("waitlisted", "confirmed")
    assert first.name == "New Name"
    assert first.token_seed == seed, "links in earlier mails still work"
    assert kinds(first) == ["confirmed", "cancelled", "waitlisted"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"takes_registrations": False}, "no registration here"),
        ({"admission": Admission.INVITATION}, "by invitation only"),
        ({"state": EditionState.CANCELLED}, "cancelled"),
        ({"state": EditionState.COMPLETED}, "over"),
        ({"start_date": None}, "date"),
    ],
)
def test_closed_for_a_reason(context: Flask, values: dict[str, object], words: str) -> None:
    edition_id = add_edition(context)
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        for name, value in values.items():
            setattr(edition, name, value)
        if values == {"start_date": None}:
            edition.starts_at = edition.ends_at = None
    with pytest.raises(RegistrationClosed) as raised:
        signed_up(edition_id)
    assert words in raised.value.message
    assert counters(edition_id) == (0, 0)


def test_the_window_opens_and_closes(context: Flask, clock: FrozenClock) -> None:
    opens = clock.now() + timedelta(days=1)
    edition_id = add_edition(
        context, registration_opens_at=opens, registration_closes_at=opens + timedelta(days=1)
    )
    with pytest.raises(RegistrationClosed, match="not opened yet"):
        signed_up(edition_id)
    clock.set(opens)
    signed_up(edition_id, 1)
    clock.advance(timedelta(days=1))
    with pytest.raises(RegistrationClosed, match="has closed"):
        signed_up(edition_id, 2)
    assert signed_up(edition_id, 1).registration.state is RegistrationState.CONFIRMED, (
        "a repeat still answers"
    )


def test_after_the_end_nothing_can_be_cancelled(context: Flask, clock: FrozenClock) -> None:
    found = signed_up(add_edition(context)).registration
    clock.advance(timedelta(days=60))
    with pytest.raises(RuleBroken, match="over"), transaction():
        service.cancel(found, "participant")


def test_nobody_moves_up_when_it_is_over(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=1)
    first, second = (signed_up(edition_id, number).registration for number in range(2))
    clock.advance(timedelta(days=60))
    with transaction():
        service.cancel(first, "organiser")
    assert second.state is RegistrationState.WAITLISTED


def test_changed_details_are_mailed_and_noted_without_personal_data(context: Flask) -> None:
    edition_id = add_edition(context)
    found = signed_up(edition_id, name="Anna").registration
    with transaction():
        changed = service.change(found, details("Anna Blau", "anna.blau@lab.example", "Lab"))
    assert changed
    assert found.email_key == "anna.blau@lab.example"
    assert "details_changed" in kinds(found)
    entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert entry is not None
    assert entry.details == {"fields": ["email", "name", "organisation"]}


def test_a_changed_note_needs_no_mail(context: Flask) -> None:
    found = signed_up(add_edition(context)).registration
    for note, changed in (("vegetarian", True), ("vegetarian", False)):
        with transaction():
            assert service.change(found, details(found.name, found.email, note=note)) is changed
    assert kinds(found) == ["confirmed"]


def test_an_address_belongs_to_one_registration(context: Flask) -> None:
    edition_id = add_edition(context)
    first, second = (signed_up(edition_id, number).registration for number in range(2))
    with pytest.raises(RuleBroken) as raised, transaction():
        service.change(first, details("A", second.email.upper()))
    assert raised.value.field == "email"
    with transaction():
        assert service.change(first, details(first.name, first.email.upper())), (
            "another spelling of one's own address is fine"
        )


def test_what_is_cancelled_stays_as_it_is(context: Flask) -> None:
    found = signed_up(add_edition(context)).registration
    with transaction():
        service.cancel(found, "organiser")
    with pytest.raises(RuleBroken, match="cancelled"), transaction():
        service.change(found, details("A", found.email))


def test_links_are_mailed_again_within_limits(context: Flask, clock: FrozenClock) -> None:
    found = signed_up(add_edition(context)).registration
    sent = []
    for _ in range(6):
        clock.advance(timedelta(minutes=5))
        with transaction():
            sent.append(service.resend(found))
    assert sent == [True, True, True, False, False, False]


def test_a_lost_link_is_mailed_only_to_those_who_have_one(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context)
    found = signed_up(edition_id).registration
    clock.advance(timedelta(minutes=5))
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        service.send_link(edition, found.email.upper())
        service.send_link(edition, "nobody@lab.example")
    assert kinds(found) == ["confirmed", "existing"]
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 2


def test_only_slots_of_the_programme_can_be_chosen(context: Flask) -> None:
    edition_id = add_edition(context, slots=3)
    other_id = add_edition(context, slots=1, series={"slug": "other", "title": "Other"})
    found = signed_up(edition_id).registration
    stranger = signed_up(other_id).registration
    own = [slot.id for slot in queries.slots_to_choose(found)]
    foreign = [slot.id for slot in queries.slots_to_choose(stranger)]
    for wanted, expected in (([own[2], own[0], *foreign], [own[0], own[2]]), ([own[1]], [own[1]]), ([], [])):
        with transaction():
            service.choose_slots(found, wanted)
        assert [slot.id for slot in queries.chosen_slots(found)] == expected


def test_a_chosen_slot_that_is_called_off_stays_in_the_calendar(context: Flask) -> None:
    edition_id = add_edition(context, slots=2)
    found = signed_up(edition_id).registration
    first, second = queries.slots_to_choose(found)
    with transaction():
        service.choose_slots(found, [first.id])
    with transaction():
        db.session.get_one(Slot, first.id).cancelled = True
    with transaction():
        service.choose_slots(found, [second.id])
    assert [slot.id for slot in queries.chosen_slots(found)] == [first.id, second.id]


def test_the_database_refuses_more_people_than_places(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    for number in range(2):
        signed_up(edition_id, number)
    with pytest.raises(IntegrityError), transaction():
        db.session.get_one(Edition, edition_id).capacity = 1


def test_registering_costs_the_same_in_a_full_house(context: Flask) -> None:
    edition_id = add_edition(context, capacity=3)
    costs = []
    for number in range(8):
        db.session.remove()
        person = applicant(number)
        edition = db.session.get_one(Edition, edition_id)
        with counted_statements() as statements, transaction():
            service.register(edition, person, f"form {number}")
        costs.append(len(statements))
    assert max(costs) <= 10, costs  # the most: the last place, whose mail tells the organisers as well
    assert costs[0] == costs[1] <= 9
    assert costs[3] == costs[7] <= 9
