"""Places by attendance, role and option; parties, offers, approval, addresses to confirm, seats held back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.mail.models import OutboxMessage
from eventhub.registration import held_back, planning, queries, quotas, service
from eventhub.registration.applicants import Way
from eventhub.registration.held_back import Terms
from eventhub.registration.jobs import expire_registrations
from eventhub.registration.models import Attendance, ParticipantRole, Quota, QuotaKind, Registration
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.registration.samples import add_edition, add_quota, applicant, signed_up

pytestmark = pytest.mark.both_databases

ON_SITE = {"attendance": Attendance.ON_SITE}
ONLINE = {"attendance": Attendance.ONLINE}


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def kinds(registration: Registration) -> list[str]:
    rows = select(OutboxMessage.kind).where(OutboxMessage.registration_id == registration.id)
    return list(db.session.scalars(rows.order_by(OutboxMessage.id)))


def states(*rows: Registration) -> list[str]:
    return [row.state.value for row in rows]


def came(edition_id: int, *numbers: int, **values: object) -> list[Registration]:
    return [signed_up(edition_id, number, **values).registration for number in numbers]


def party(edition_id: int, *numbers: int, **values: object) -> list[Registration]:
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        people = [applicant(number, **values) for number in numbers]
        outcomes = service.register_party(edition, people, f"form of {numbers}")
    return [outcome.registration for outcome in outcomes]


def cancel(*rows: Registration) -> None:
    for row in rows:
        with transaction():
            service.cancel(row, "participant")


def hybrid(app: Flask, on_site: int | None, online: int | None, **values: object) -> int:
    edition_id = add_edition(app, **values)
    add_quota(edition_id, QuotaKind.ATTENDANCE, "on_site", on_site)
    add_quota(edition_id, QuotaKind.ATTENDANCE, "online", online)
    return edition_id


# quotas ------------------------------------------------------------------------------------------------


def test_places_on_site_and_online_are_counted_apart(context: Flask) -> None:
    edition_id = hybrid(context, 1, 1)
    here, waits = came(edition_id, 1, 2, **ON_SITE)
    there, waits_too, third = came(edition_id, 3, 4, 5, **ONLINE)
    assert states(here, waits, there, waits_too) == ["confirmed", "waitlisted", "confirmed", "waitlisted"]
    assert [queries.position(row) for row in (waits, waits_too, third)] == [1, 1, 2]
    cancel(there)
    assert states(waits, waits_too) == ["waitlisted", "confirmed"]
    assert queries.position(third) == 1


def test_whoever_ticked_it_gets_an_online_place_at_once(context: Flask) -> None:
    edition_id = hybrid(context, 1, 1)
    came(edition_id, 1, **ON_SITE)
    [second] = came(edition_id, 2, **ON_SITE, accepts_online=True)
    assert states(second) == ["confirmed"]
    assert second.attendance is Attendance.ONLINE


def test_whoever_ticked_it_gets_an_online_place_later(context: Flask) -> None:
    edition_id = hybrid(context, 1, 1)
    came(edition_id, 1, **ON_SITE)
    [online] = came(edition_id, 2, **ONLINE)
    [patient] = came(edition_id, 3, **ON_SITE)
    [flexible] = came(edition_id, 4, **ON_SITE, accepts_online=True)
    cancel(online)
    assert states(patient, flexible) == ["waitlisted", "confirmed"]
    assert flexible.attendance is Attendance.ONLINE
    found = {quota.reference: quota for quota in queries.quotas(flexible.edition)}
    assert (found["on_site"].taken_count, found["on_site"].waiting_count) == (1, 1)
    assert found["online"].taken_count == 1


def test_a_role_has_its_own_places(context: Flask) -> None:
    edition_id = add_edition(context)
    with transaction():
        role = ParticipantRole(edition_id=edition_id, slug="mentor", title="Mentorin")
        db.session.add(role)
        db.session.flush()
        role_id = role.id
    add_quota(edition_id, QuotaKind.ROLE, str(role_id), 1)
    first, second = came(edition_id, 1, 2, role_id=role_id)
    assert states(first, second) == ["confirmed", "waitlisted"]
    with pytest.raises(RuleBroken) as raised:
        came(edition_id, 3, role_id=role_id + 100)
    assert raised.value.field == "role"


def test_a_larger_quota_lets_people_move_up_and_a_smaller_is_refused(context: Flask) -> None:
    edition_id = hybrid(context, 1, 1)
    first, second = came(edition_id, 1, 2, **ON_SITE)
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        quota = next(row for row in queries.quotas(edition) if row.reference == "on_site")
        quotas.set_capacity(edition, quota, 2)
    assert states(first, second) == ["confirmed", "confirmed"]
    with pytest.raises(RuleBroken, match="2 places"), transaction():
        quotas.set_capacity(db.session.get_one(Edition, edition_id), db.session.get_one(Quota, quota.id), 1)


# parties -----------------------------------------------------------------------------------------------


def test_a_party_gets_its_places_together_or_waits_together(context: Flask) -> None:
    edition_id = add_edition(context, capacity=3)
    came(edition_id, 1)
    waiting = party(edition_id, 2, 3, 4)
    assert states(*waiting) == ["waitlisted"] * 3
    assert [queries.position(row) for row in waiting] == [1, 2, 3]
    assert [kinds(row) for row in waiting] == [["waitlisted"]] * 3
    assert states(*came(edition_id, 5)) == ["waitlisted"], "two places stay free for the party"


def test_a_party_is_not_starved_by_single_people_behind_it(context: Flask) -> None:
    edition_id = add_edition(context, capacity=3)
    first, second, third = came(edition_id, 1, 2, 3)
    waiting = party(edition_id, 4, 5)
    [single] = came(edition_id, 6)
    cancel(first)
    assert states(*waiting, single) == ["waitlisted"] * 3
    cancel(second)
    assert states(*waiting, single) == ["confirmed", "confirmed", "waitlisted"]
    cancel(third)
    assert states(single) == ["confirmed"]


def test_a_waiting_party_shrinks_when_somebody_leaves_it(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    came(edition_id, 1)
    one, two = party(edition_id, 2, 3)
    cancel(one)
    assert states(one, two) == ["cancelled", "confirmed"]


def test_who_is_registered_already_is_no_part_of_the_party(context: Flask) -> None:
    edition_id = add_edition(context, capacity=3)
    [known] = came(edition_id, 1)
    again, new = party(edition_id, 1, 2)
    assert again.id == known.id
    assert states(again, new) == ["confirmed", "confirmed"]
    assert new.party_id is None
    with pytest.raises(RuleBroken, match="own"):
        party(edition_id, 8, 8)


# offers ------------------------------------------------------------------------------------------------


def test_a_free_place_is_offered_and_accepted(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=1, offer_hours=24)
    first, second, third = came(edition_id, 1, 2, 3)
    cancel(first)
    assert states(second, third) == ["offered", "waitlisted"]
    assert second.expires_at == clock.now() + timedelta(hours=24)
    assert states(*came(edition_id, 4)) == ["waitlisted"], "the offered place is taken"
    for expected in (True, False):
        with transaction():
            assert service.accept_offer(second) is expected
    assert states(second) == ["confirmed"]
    assert kinds(second) == ["waitlisted", "offered", "confirmed"]


def test_a_declined_offer_goes_to_the_next(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1, offer_hours=24)
    first, second, third = came(edition_id, 1, 2, 3)
    cancel(first)
    with transaction():
        assert service.decline_offer(second)
    assert states(second, third) == ["cancelled", "offered"]
    assert second.ended_because == "declined"


def test_an_offer_that_nobody_answers_goes_to_the_next(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=1, offer_hours=24)
    first, second, third = came(edition_id, 1, 2, 3)
    cancel(first)
    clock.advance(timedelta(hours=23))
    assert expire_registrations() == 0
    clock.advance(timedelta(hours=1))
    assert expire_registrations() == 1
    assert states(second, third) == ["cancelled", "offered"]
    assert kinds(second) == ["waitlisted", "offered", "expired"]
    assert expire_registrations() == 0


def test_nobody_is_offered_a_place_that_there_is_no_time_to_accept(
    context: Flask, clock: FrozenClock
) -> None:
    edition_id = add_edition(context, capacity=2, offer_hours=24)
    first, second, third, fourth, fifth = came(edition_id, 1, 2, 3, 4, 5)
    starts_at = first.edition.starts_at
    assert starts_at is not None
    clock.set(starts_at - timedelta(minutes=30))
    cancel(first)
    assert (states(third), third.expires_at) == (["offered"], starts_at)
    clock.advance(timedelta(minutes=1))
    cancel(second)
    clock.set(starts_at)
    assert expire_registrations() == 1
    assert expire_registrations() == 0
    assert states(third, fourth, fifth) == ["cancelled", "waitlisted", "waitlisted"]
    assert kinds(fourth) == kinds(fifth) == ["waitlisted"]
    plan = planning.plan_of(first.edition)
    with transaction():
        planning.carry_out(db.session.get_one(Edition, edition_id), replace(plan, capacity=3))
    assert states(fourth, fifth) == ["waitlisted", "waitlisted"]
    with transaction():
        planning.carry_out(db.session.get_one(Edition, edition_id), replace(plan, offer_hours=None))
    assert states(fourth, fifth) == ["confirmed", "confirmed"], (
        "given at once, places help also after the start"
    )


# addresses and approval --------------------------------------------------------------------------------


def test_a_place_is_held_until_the_address_is_confirmed(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=1, admission=Admission.CONFIRM_ADDRESS)
    first, second = came(edition_id, 1, 2)
    assert states(first, second) == ["held", "waitlisted"]
    assert kinds(first) == kinds(second) == ["held"]
    with transaction():
        assert service.confirm_address(second)
    clock.advance(timedelta(hours=24))
    expire_registrations()
    assert states(first, second) == ["cancelled", "confirmed"]
    assert first.ended_because == "unconfirmed"
    assert kinds(second) == ["held", "waitlisted", "promoted"]


def test_a_held_place_becomes_firm(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1, admission=Admission.CONFIRM_ADDRESS)
    [first] = came(edition_id, 1)
    for expected in (True, False):
        with transaction():
            assert service.confirm_address(first) is expected
    assert (states(first), first.expires_at) == (["confirmed"], None)


def test_an_organiser_decides(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1, admission=Admission.APPROVAL)
    first, second, third = came(edition_id, 1, 2, 3)
    assert states(first, second, third) == ["pending"] * 3
    assert db.session.get_one(Edition, edition_id).taken_count == 0
    for row in (first, second):
        with transaction():
            assert service.approve(row, "Welcome!")
    with transaction():
        assert service.reject(third, "Not this time.")
    assert states(first, second, third) == ["confirmed", "waitlisted", "rejected"]
    assert kinds(third) == ["pending", "rejected"]
    with transaction():
        assert not service.reject(third)
    with transaction():
        assert service.approve(third), "an organiser may think again"
    assert states(third) == ["waitlisted"]


# seats held back, invitations --------------------------------------------------------------------------


def test_seats_held_back_are_for_those_they_are_kept_for(context: Flask) -> None:
    edition_id = add_edition(context, capacity=3)
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        reserve = held_back.hold_back(edition, Terms("Land Berlin", 2))
        reserve_id, code = reserve.id, reserve.reference
    came(edition_id, 1)
    [outside] = came(edition_id, 2)
    assert states(outside) == ["waitlisted"]
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        inside = service.register(edition, applicant(3), "form 3", Way(code=code)).registration
    assert states(inside) == ["confirmed"]
    assert (edition.taken_count, edition.held_back_count) == (2, 1)
    with transaction():
        held_back.release(db.session.get_one(Quota, reserve_id))
    assert states(outside) == ["confirmed"]
    assert (edition.taken_count, edition.held_back_count, edition.quota_count) == (3, 0, 0)


def test_a_seat_given_back_is_held_back_again(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        code = held_back.hold_back(edition, Terms("Land Berlin", 1)).reference
        way = Way(code=code)
        inside = service.register(edition, applicant(1), "form 1", way).registration
    [outside] = came(edition_id, 2)
    cancel(inside)
    assert states(outside) == ["waitlisted"]
    assert db.session.get_one(Edition, edition_id).held_back_count == 1


def test_more_seats_than_are_free_cant_be_held_back(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    came(edition_id, 1)
    with pytest.raises(RuleBroken, match="1 place"), transaction():
        held_back.hold_back(db.session.get_one(Edition, edition_id), Terms("Land Berlin", 2))


def test_who_is_let_in_beyond_the_limit_makes_the_house_larger(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    _first, waits = came(edition_id, 1, 2)
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        service.register(edition, applicant(3), "form 3", Way(beyond=True))
    assert (edition.capacity, edition.taken_count) == (2, 2)
    assert states(waits) == ["waitlisted"]


def comes_by(edition_id: int, number: int, **way: bool) -> Registration:
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        return service.register(edition, applicant(number), f"way of {number}", Way(**way)).registration


def test_who_waits_and_is_let_in_beyond_the_limit_gets_the_place_that_is_added(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    _first, before, guest, behind = came(edition_id, 1, 2, 3, 4)
    for _twice in range(2):
        comes_by(edition_id, 3, invited=True, beyond=True, address_confirmed=True)
    assert states(before, guest, behind) == ["waitlisted", "confirmed", "waitlisted"]
    assert (guest.edition.capacity, guest.edition.taken_count, guest.edition.waiting_count) == (2, 2, 2)
    assert kinds(guest) == ["waitlisted", "confirmed"]
    comes_by(edition_id, 2)
    assert states(before) == ["waitlisted"], "the form for all spares nobody anything"


def test_the_house_does_not_grow_for_who_has_a_place_already(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    [first] = came(edition_id, 1)
    comes_by(edition_id, 1, invited=True, beyond=True)
    assert (first.edition.capacity, kinds(first)) == (1, ["confirmed"])


def test_who_is_let_in_takes_no_place_that_is_kept_for_a_party(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    came(edition_id, 1)
    two, three = party(edition_id, 2, 3)
    guest = comes_by(edition_id, 4, beyond=True)
    assert (guest.edition.capacity, guest.edition.taken_count) == (3, 2)
    comes_by(edition_id, 2, beyond=True)
    assert states(two, three) == ["confirmed", "confirmed"], "who is left of the party fits in now"
    assert (guest.edition.capacity, guest.edition.taken_count) == (4, 4)


def test_an_invitation_that_skips_approval_lets_in_who_has_asked_already(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1, admission=Admission.APPROVAL)
    first, second, third = came(edition_id, 1, 2, 3)
    with transaction():
        service.reject(first, "")
    comes_by(edition_id, 1, invited=True, approved=True)
    comes_by(edition_id, 2, invited=True, approved=True)
    comes_by(edition_id, 3, invited=True, beyond=True)
    assert states(first, second, third) == ["confirmed", "waitlisted", "pending"]
    assert (kinds(first), kinds(second)) == (["pending", "rejected", "confirmed"], ["pending", "waitlisted"])
    assert first.edition.capacity == 1


@pytest.mark.parametrize(
    ("capacity", "approved", "state"),
    [(2, False, "pending"), (2, True, "confirmed"), (1, True, "waitlisted")],
)
def test_an_invitation_reopens_a_rejection_and_spares_the_approval_where_it_says_so(
    capacity: int, approved: bool, state: str, context: Flask
) -> None:
    edition_id = add_edition(context, capacity=capacity, admission=Admission.APPROVAL)
    first, second = came(edition_id, 1, 2)
    with transaction():
        service.approve(first)
        service.reject(second, "Not this time.")
    comes_by(edition_id, 2)
    assert states(second) == ["rejected"], "the form for all reopens nothing"
    for _twice in range(2):
        comes_by(edition_id, 2, invited=True, approved=approved)
    assert states(second) == [state]
    assert [kind for kind in kinds(second) if kind != "existing"] == ["pending", "rejected", state]
    done = select(HistoryEntry.action).filter_by(registration_id=second.id).order_by(HistoryEntry.id)
    assert db.session.scalars(done).all()[-1] == "registration.renewed"


def test_whoever_comes_by_a_link_of_their_own_takes_the_place_that_is_held_for_them(context: Flask) -> None:
    held = add_edition(context, admission=Admission.CONFIRM_ADDRESS)
    [first] = came(held, 1)
    comes_by(held, 1, invited=True, address_confirmed=True)
    offers = add_edition(context, capacity=1, offer_hours=24, series={"slug": "offers", "title": "Offers"})
    second, third = came(offers, 2, 3)
    cancel(second)
    assert states(third) == ["offered"]
    comes_by(offers, 3, invited=True, address_confirmed=True)
    assert (states(first), states(third)) == (["confirmed"], ["confirmed"])


def test_the_history_says_by_how_much_an_invitation_let_places_grow(context: Flask) -> None:
    edition_id = hybrid(context, 1, None)
    came(edition_id, 1, **ON_SITE)
    comes_by(edition_id, 2, invited=True, beyond=True)
    changes = select(HistoryEntry.details).filter_by(action="edition.places", edition_id=edition_id)
    assert db.session.scalars(changes).all() == [{"changes": {"on_site": [1, 2]}}]
