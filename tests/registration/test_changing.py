"""Taking part in another way after registering, and what a corrected address brings along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.questionnaires.models import Kind
from eventhub.registration import held_back, planning, queries, rules, service
from eventhub.registration.applicants import Details, Place
from eventhub.registration.held_back import Terms
from eventhub.registration.models import Attendance, QuotaKind, Registration, RegistrationState
from eventhub.registration.planning import Plan, RolePlan
from eventhub.registration.rules import HOUSE, Places, Waiting
from eventhub.registration.service import By
from eventhub.web.languages import speaking
from tests.mail.samples import mails_sent, text_of
from tests.registration.asking import Asking
from tests.registration.browsing import AYLIN, my_link, registration_of, send
from tests.registration.samples import add_edition, applicant, signed_up

pytestmark = pytest.mark.both_databases
SITE, ONLINE = Attendance.ON_SITE, Attendance.ONLINE


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def hybrid(app: Flask, on_site: int | None = 1, online: int | None = None, **values: Any) -> int:
    """Add an edition with places on site and online, and with visitors and speakers."""
    edition_id = add_edition(app, **values)
    with transaction():
        roles = [RolePlan(None, "Gast", "Visitor", None), RolePlan(None, "Vortrag", "Speaker", 1)]
        edition = db.session.get_one(Edition, edition_id)
        places = {SITE: on_site, ONLINE: online}
        planning.carry_out(edition, Plan(edition.capacity, None, places, roles, may_change_place=True))
    return edition_id


def roles(edition_id: int) -> list[int]:
    return [role.id for role in queries.roles(db.session.get_one(Edition, edition_id))]


def come(edition_id: int, number: int, attendance: Attendance = SITE, **values: Any) -> Registration:
    return signed_up(edition_id, number, attendance=attendance, **values).registration


def change(
    registration: Registration,
    attendance: Attendance | None = None,
    role_id: int | None = None,
    *,
    accepts_online: bool = False,
    by: By = "participant",
    **details: str,
) -> bool:
    place = Place(
        attendance=attendance, accepts_online=accepts_online, role_id=role_id, asked=True, answers=None
    )
    present = {name: getattr(registration, name) for name in Details.__annotations__}
    with transaction():
        return service.change(registration, {**present, **details}, by, place)  # type: ignore[typeddict-item]


def state(registration: Registration) -> str:
    return registration.state.value


def kinds(registration: Registration) -> list[str]:
    found = select(OutboxMessage.kind).filter_by(registration_id=registration.id)
    return list(db.session.scalars(found.order_by(OutboxMessage.id)))


def counts(edition_id: int) -> tuple[int, int, dict[str, tuple[int, int]]]:
    edition = db.session.get_one(Edition, edition_id)
    quotas = [one for one in queries.quotas(edition) if one.kind is QuotaKind.ATTENDANCE]
    by_kind = {one.reference: (one.taken_count, one.waiting_count) for one in quotas}
    return edition.taken_count, edition.waiting_count, by_kind


@given(
    capacity=st.integers(0, 8),
    taken=st.integers(0, 8),
    waiting=st.integers(0, 4),
    elsewhere=st.integers(0, 4),
)
def test_nobody_who_waits_gets_less_because_somebody_changed(
    capacity: int, taken: int, waiting: int, elsewhere: int
) -> None:
    """Whoever waits for the house and needs the same kind as well still finds a place of it."""
    kind = Places(capacity, min(taken, capacity), waiting)
    if not rules.is_left(kind, waiting + elsewhere):
        return
    limits = {HOUSE: Places(100, 0, elsewhere), 1: kind.less(1)}
    line = [Waiting(place, HOUSE, {HOUSE: 1, 1: 1}) for place in range(1, waiting + elsewhere + 1)]
    steps = list(rules.moving_up(limits, {HOUSE: iter(line)}))
    assert all(step.needs is not None for step in steps)
    assert len(steps) == waiting + elsewhere


def test_whoever_joins_online_after_all_frees_their_place_on_site(context: Flask) -> None:
    edition_id = hybrid(context)
    first, second = come(edition_id, 1), come(edition_id, 2)
    assert (state(first), state(second)) == ("confirmed", "waitlisted")
    assert change(first, ONLINE)
    assert (first.attendance, state(first), state(second)) == (ONLINE, "confirmed", "confirmed")
    assert counts(edition_id) == (2, 0, {"on_site": (1, 0), "online": (1, 0)})
    assert (kinds(first), kinds(second)) == (["confirmed", "details_changed"], ["waitlisted", "promoted"])
    assert not change(first, ONLINE), "nothing is different"


def test_the_mail_says_what_is_new(context: Flask) -> None:
    edition_id = hybrid(context)
    _visitor, speaker = roles(edition_id)
    someone = come(edition_id, 1, language="en")
    change(someone, ONLINE, speaker, by="organiser")
    text = text_of(next(mail for row, mail in mails_sent() if row.kind == "details_changed"))
    assert "You now take part online." in text
    assert "You now come as: Speaker" in text


def test_a_place_that_others_wait_for_is_refused(context: Flask) -> None:
    edition_id = hybrid(context)
    _visitor, speaker = roles(edition_id)
    taken = come(edition_id, 1, role_id=speaker)
    online = come(edition_id, 2, ONLINE)
    for attendance, role, field in ((SITE, None, "attendance"), (None, speaker, "role")):
        with pytest.raises(RuleBroken, match="no place left of this kind") as broken:
            change(online, attendance, role)
        assert broken.value.field == field
    assert (online.attendance, state(online)) == (ONLINE, "confirmed")
    change(taken, ONLINE)
    waits = come(edition_id, 3)
    assert state(waits) == "confirmed"
    with pytest.raises(RuleBroken):
        change(online, SITE)


def test_a_free_place_is_kept_for_those_who_wait_for_the_house(context: Flask) -> None:
    edition_id = hybrid(context, on_site=2, capacity=2)
    first, online = come(edition_id, 1), come(edition_id, 2, ONLINE)
    waits = come(edition_id, 3)
    assert state(waits) == "waitlisted"
    with pytest.raises(RuleBroken):
        change(online, SITE)
    with transaction():
        service.cancel(first, "participant")
    assert (state(waits), waits.attendance) == ("confirmed", SITE)
    assert change(online, SITE), "now one is left"


def test_whoever_changes_to_what_others_wait_for_goes_to_the_end(context: Flask) -> None:
    edition_id = hybrid(context, on_site=1, online=1)
    on_site, online = come(edition_id, 1), come(edition_id, 2, ONLINE)
    early = come(edition_id, 3, ONLINE)
    late = come(edition_id, 4, SITE)
    change(early, SITE)
    assert [queries.position(one) for one in (late, early)] == [1, 2]
    with transaction():
        service.cancel(on_site, "participant")
    assert (state(late), state(early)) == ("confirmed", "waitlisted")
    with transaction():
        service.cancel(online, "participant")
    assert state(early) == "waitlisted", "it waits for a place on site now"
    change(early, ONLINE)
    assert state(early) == "confirmed"
    assert kinds(early) == ["waitlisted", "details_changed", "details_changed", "promoted"]


def test_whoever_changes_to_what_nobody_waits_for_keeps_their_place_in_line(context: Flask) -> None:
    edition_id = hybrid(context, on_site=3, capacity=1)
    first = come(edition_id, 1)
    people = [come(edition_id, number) for number in (2, 3)]
    change(people[0], ONLINE)
    assert [queries.position(one) for one in people] == [1, 2]
    with transaction():
        service.cancel(first, "participant")
    assert [state(one) for one in people] == ["confirmed", "waitlisted"]


def test_a_wish_for_an_online_place_instead_can_be_added_while_waiting(context: Flask) -> None:
    edition_id = hybrid(context)
    come(edition_id, 1)
    waits = come(edition_id, 2)
    assert state(waits) == "waitlisted"
    assert change(waits, SITE, accepts_online=True)
    assert (state(waits), waits.attendance) == ("confirmed", ONLINE)


def test_a_party_that_waits_is_not_torn_apart(context: Flask) -> None:
    edition_id = hybrid(context, on_site=1, online=1)
    come(edition_id, 1)
    come(edition_id, 2, ONLINE)
    people = [applicant(number, attendance=SITE) for number in (3, 4)]
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        pair = [one.registration for one in service.register_party(edition, people, "pair")]
    change(pair[0], ONLINE)
    assert len({one.party_id for one in pair}) == 1
    assert len({one.waits_for for one in pair}) == 1
    assert counts(edition_id)[:2] == (2, 2)


def test_whoever_is_left_of_a_party_does_not_wait_for_what_only_another_one_needed(context: Flask) -> None:
    edition_id = hybrid(context, on_site=2, online=0)
    people = [applicant(1, attendance=SITE), applicant(2, attendance=ONLINE)]
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        here, there = (one.registration for one in service.register_party(edition, people, "pair"))
    assert (state(here), state(there)) == ("waitlisted", "waitlisted")
    with transaction():
        service.cancel(there, "participant")
    assert state(here) == "confirmed"


def test_what_is_refused_leaves_the_details_alone_too(context: Flask) -> None:
    edition_id = hybrid(context)
    come(edition_id, 1)
    online = come(edition_id, 2, ONLINE)
    with pytest.raises(RuleBroken):
        change(online, SITE, name="Somebody Else")
    db.session.expire_all()
    assert online.name == "Person 2"


def test_no_role_of_another_edition_can_be_chosen(context: Flask) -> None:
    edition_id = hybrid(context)
    foreign = hybrid(context, number=6, series={"slug": "other", "title": "Other"})
    someone = come(edition_id, 1)
    with pytest.raises(RuleBroken, match="Choose what you come as"):
        change(someone, None, roles(foreign)[0])


def test_what_is_not_named_stays(context: Flask) -> None:
    someone = come(hybrid(context), 1)
    assert not change(someone)


# on the page -------------------------------------------------------------------------------------------


class Page:
    def __init__(self, asking: Asking, *, may: bool) -> None:
        self.asking = asking
        with asking.app.app_context(), transaction():
            edition = db.session.get_one(Edition, asking.edition_id)
            roles = [RolePlan(None, "Visitor", "", None), RolePlan(None, "Speaker", "", 1)]
            places = {SITE: 1, ONLINE: None}
            planning.carry_out(edition, Plan(None, None, places, roles, may_change_place=may))
        with asking.app.app_context():
            edition = db.session.get_one(Edition, asking.edition_id)
            self.speakers = queries.roles(edition)[1].slug
            self.visitor, self.speaker = (str(role.id) for role in queries.roles(edition))
        send(asking.client, attendance="on_site", role=self.visitor)
        self.address = f"{my_link(asking.app)}change"

    def post(self, **values: str) -> Any:
        return self.asking.client.post(self.address, data={**AYLIN, "note": "", **values})

    def place(self) -> tuple[str, str]:
        with self.asking.app.app_context():
            found = registration_of()
            return str(found.attendance), str(found.role_id)


def test_people_change_their_place_where_the_edition_allows_it(asking: Asking) -> None:
    page = Page(asking, may=True)
    field = asking.ask("Your talk?", Kind.SHORT_TEXT, required=True, roles=(page.speakers,))
    shown = asking.client.get(page.address).text
    assert 'name="attendance"' in shown
    assert "Only if you come as: Speaker" in shown
    refused = page.post(attendance="online", role=page.speaker)
    assert (refused.status_code, "Answer “Your talk?”" in refused.text) == (422, True)
    assert page.place() == ("on_site", page.visitor)
    assert page.post(attendance="online", role=page.speaker, **{field: "Bees"}).status_code == 303
    assert page.place() == ("online", page.speaker)
    assert asking.answers() == {"Your talk?": "Bees"}


def test_a_full_kind_of_place_is_refused_at_its_field(asking: Asking) -> None:
    page = Page(asking, may=True)
    send(asking.client, email="other@lab.example", attendance="online", role=page.speaker)
    refused = page.post(attendance="on_site", role=page.speaker, name="New Name")
    assert (refused.status_code, refused.text.count("There is no place left of this kind")) == (422, 2)
    assert 'value="New Name"' in refused.text


def test_elsewhere_they_can_not_and_a_forged_form_changes_nothing(asking: Asking) -> None:
    page = Page(asking, may=False)
    assert 'name="attendance"' not in asking.client.get(page.address).text
    page.post(attendance="online", role=page.speaker, name="Aylin")
    assert page.place() == ("on_site", page.visitor)


# seats held back for a mail domain ---------------------------------------------------------------------


def held(app: Flask, capacity: int = 2, number: int = 1, **values: Any) -> int:
    """Add an edition with seats held back for berlin.de."""
    edition_id = add_edition(app, capacity=capacity, **values)
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        held_back.hold_back(edition, Terms("Land Berlin", number, domains="berlin.de"))
    return edition_id


def test_a_corrected_address_opens_a_seat_once_it_is_confirmed(context: Flask) -> None:
    edition_id = held(context)
    signed_up(edition_id, 1)
    waits = signed_up(edition_id, 2).registration
    assert state(waits) == "waitlisted"
    link = waits.token_hash
    change(waits, email="person2@berlin.de")
    assert state(waits) == "held", "the seat is theirs for 24 hours"
    assert waits.token_hash != link, "the link that is known proves nothing about the new address"
    assert kinds(waits)[1:3] == ["address_changed", "held"]
    with transaction():
        service.confirm_address(waits)
    assert state(waits) == "confirmed"
    assert db.session.get_one(Edition, edition_id).held_back_count == 0


def test_the_old_link_does_not_confirm_the_new_address(asking: Asking) -> None:
    with asking.app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, asking.edition_id)
            edition.capacity = 2
            held_back.hold_back(edition, Terms("Land Berlin", 1, domains="berlin.de"))
        signed_up(asking.edition_id, 1)
    send(asking.client)
    old = my_link(asking.app)
    answer = asking.client.post(f"{old}change", data={**AYLIN, "email": "aylin@berlin.de", "note": ""})
    assert answer.location == "/lab/5/registered"
    assert "aylin@berlin.de" in asking.client.get("/lab/5/registered").text
    assert asking.client.post(f"{old}confirm").status_code == 404
    new = my_link(asking.app, "aylin@berlin.de")
    asking.client.post(f"{new}confirm")
    with asking.app.app_context():
        assert registration_of("aylin@berlin.de").state is RegistrationState.CONFIRMED


def test_a_confirmed_address_does_not_vouch_for_its_correction(context: Flask) -> None:
    edition_id = held(context, admission=Admission.CONFIRM_ADDRESS)
    first, waits = (signed_up(edition_id, number).registration for number in (1, 2))
    for one in (first, waits):
        with transaction():
            service.confirm_address(one)
    change(waits, email="person2@berlin.de")
    assert state(waits) == "held"


def test_an_organisers_correction_counts_too(context: Flask) -> None:
    edition_id = held(context)
    signed_up(edition_id, 1)
    waits = signed_up(edition_id, 2).registration
    link = waits.token_hash
    change(waits, by="organiser", email="person2@berlin.de")
    assert (state(waits), waits.token_hash) == ("held", link)


def test_a_seat_goes_along_to_an_address_of_its_domain_only(context: Flask) -> None:
    edition_id = held(context)
    signed_up(edition_id, 1)
    seated = signed_up(edition_id, "x", email="x@berlin.de").registration
    with transaction():
        service.confirm_address(seated)
    change(seated, email="y@sub.berlin.de")
    with pytest.raises(RuleBroken, match=r"Enter an address at berlin\.de"):
        change(seated, email="y@lab.example")
    change(seated, by="organiser", email="y@lab.example")
    assert len(seated.claims) == 1, "an organiser decides who may keep it"


def test_without_its_domain_a_seat_becomes_one_of_the_house_if_that_has_one(context: Flask) -> None:
    edition_id = held(context, capacity=3)
    signed_up(edition_id, 1)
    seated = signed_up(edition_id, "x", email="x@berlin.de").registration
    change(seated, email="x@lab.example")
    edition = db.session.get_one(Edition, edition_id)
    assert (seated.claims, edition.taken_count, edition.held_back_count) == ([], 2, 1)


def test_whoever_waits_loses_the_right_with_the_address(context: Flask) -> None:
    edition_id = held(context, capacity=2)
    signed_up(edition_id, 1)
    signed_up(edition_id, "x", email="x@berlin.de")
    waits = signed_up(edition_id, "y", email="y@berlin.de").registration
    assert len(waits.claims) == 1
    change(waits, email="y@lab.example")
    assert waits.claims == []
