"""Seats held back: who gets them, how they are proven, passed on and released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub import clock as now
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.registration import handing_over, held_back, places, queries, rules, service
from eventhub.registration.applicants import Way
from eventhub.registration.held_back import Terms
from eventhub.registration.jobs import expire_registrations, release_seats
from eventhub.registration.models import Attendance, Claim, Quota, QuotaKind, Registration
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.registration.browsing import FORM, my_link, once_key, registration_of, send
from tests.registration.samples import add_edition, add_quota, applicant, signed_up

pytestmark = pytest.mark.both_databases
CITY = "city.example"


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def hold(edition_id: int, number: int, **terms: object) -> str:
    """Hold seats back and return the code of their link."""
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        return held_back.hold_back(edition, Terms("Town hall", number, **terms)).reference  # type: ignore[arg-type]


def by_link(edition_id: int, code: str, *numbers: int, **values: object) -> list[Registration]:
    """Register people by a link, as a party if there are several."""
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        people = [applicant(number, **values) for number in numbers]
        found = service.register_party(edition, people, f"form of {numbers}", Way(code=code))
    return [one.registration for one in found]


def cancel(row: Registration) -> None:
    with transaction():
        service.cancel(row, "participant")


def states(*rows: Registration) -> list[str]:
    return [row.state.value for row in rows]


def seated() -> list[str]:
    """Return the names of those who have a seat that was held back."""
    found = select(Registration).join(Claim).join(Quota).where(Quota.kind == QuotaKind.RESERVE)
    return [row.name for row in db.session.scalars(found.order_by(Registration.id)) if row.takes_place]


def test_a_seat_given_back_goes_to_those_it_is_for_and_not_to_the_first_in_line(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    code = hold(edition_id, 1)
    signed_up(edition_id, 1)
    [inside] = by_link(edition_id, code, 2)
    outside = signed_up(edition_id, 3).registration
    [late] = by_link(edition_id, code, 4)
    assert states(inside, outside, late) == ["confirmed", "waitlisted", "waitlisted"]
    cancel(inside)
    assert states(outside, late) == ["waitlisted", "confirmed"]
    assert seated() == ["Person 4"]


def test_whoever_has_a_right_and_waits_gets_a_place_of_the_house_too(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    code = hold(edition_id, 1)
    first = signed_up(edition_id, 1).registration
    by_link(edition_id, code, 2)
    [late] = by_link(edition_id, code, 3)
    cancel(first)
    assert states(late) == ["confirmed"]
    assert seated() == ["Person 2"]
    assert db.session.get_one(Edition, edition_id).held_back_count == 0


def test_people_together_take_as_many_seats_as_there_are(context: Flask) -> None:
    edition_id = add_edition(context, capacity=4)
    code = hold(edition_id, 2)
    party = by_link(edition_id, code, 1, 2, 3)
    assert states(*party) == ["confirmed"] * 3
    assert seated() == ["Person 1", "Person 2"]
    edition = db.session.get_one(Edition, edition_id)
    assert (edition.taken_count, edition.held_back_count) == (3, 0)


def test_people_together_who_wait_have_their_seats_together_later(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    code = hold(edition_id, 2)
    first, second = by_link(edition_id, code, 1, 2)
    party = by_link(edition_id, code, 3, 4)
    single = signed_up(edition_id, 5).registration
    cancel(first)
    assert states(*party, single) == ["waitlisted"] * 3
    cancel(second)
    assert states(*party, single) == ["confirmed", "confirmed", "waitlisted"]
    assert seated() == ["Person 3", "Person 4"]


def together(edition_id: int, *emails: str) -> list[Registration]:
    """Register a party of these addresses."""
    with transaction():
        edition = db.session.get_one(Edition, edition_id)
        people = [applicant(email, email=email) for email in emails]
        found = service.register_party(edition, people, "together")
    return [one.registration for one in found]


@pytest.mark.parametrize("entitled_first", [True, False])
def test_who_has_a_right_and_who_has_none_move_up_together(context: Flask, entitled_first: bool) -> None:
    edition_id = add_edition(context, capacity=3)
    hold(edition_id, 1, domains=CITY)
    first, second = (signed_up(edition_id, number).registration for number in (1, 2))
    emails = [f"a@{CITY}", "b@lab.example", "c@lab.example"][:: 1 if entitled_first else -1]
    party = together(edition_id, *emails)
    assert states(*party) == ["waitlisted"] * 3, "the seat is free, but the others have none"
    cancel(first)
    assert states(*party) == ["waitlisted"] * 3, "one place of the house is not enough"
    cancel(second)
    assert states(*party) == ["held" if row.email.endswith(CITY) else "confirmed" for row in party]
    assert len(seated()) == 1


def test_a_party_with_a_right_does_not_overtake_in_the_line_of_the_house(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    hold(edition_id, 1, domains=CITY)
    inside = signed_up(edition_id, 1).registration
    single = signed_up(edition_id, 2).registration
    party = together(edition_id, f"a@{CITY}", "b@lab.example")
    cancel(inside)
    assert states(single, *party) == ["confirmed", "waitlisted", "waitlisted"]
    cancel(single)
    assert states(*party) == ["held", "confirmed"]


def test_no_seat_is_kept_for_those_who_wait_for_the_others_of_their_party(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2)
    hold(edition_id, 1, domains=CITY)
    signed_up(edition_id, 1)
    party = together(edition_id, f"a@{CITY}", "b@lab.example")
    late = signed_up(edition_id, "z", email=f"z@{CITY}").registration
    assert states(*party, late) == ["waitlisted", "waitlisted", "held"]


def test_a_seat_needs_a_place_where_somebody_takes_part(context: Flask) -> None:
    edition_id = add_edition(context, capacity=5)
    add_quota(edition_id, QuotaKind.ATTENDANCE, "on_site", 1)
    add_quota(edition_id, QuotaKind.ATTENDANCE, "online", None)
    code = hold(edition_id, 2)
    on_site = {"attendance": Attendance.ON_SITE}
    [first] = by_link(edition_id, code, 1, **on_site)
    [second] = by_link(edition_id, code, 2, **on_site)
    [third] = by_link(edition_id, code, 3, **on_site, accepts_online=True)
    assert states(first, second, third) == ["confirmed", "waitlisted", "confirmed"]
    assert third.attendance is Attendance.ONLINE
    assert seated() == ["Person 1", "Person 3"]
    cancel(first)
    assert states(second) == ["confirmed"]
    assert seated() == ["Person 2", "Person 3"]


def test_an_address_opens_a_seat_once_it_is_confirmed(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=2)
    hold(edition_id, 1, domains=CITY)
    signed_up(edition_id, 1)
    forged = signed_up(edition_id, 2, email=f"mayor@{CITY}").registration
    true = signed_up(edition_id, 3, email=f"clerk@it.{CITY}").registration
    false = signed_up(edition_id, 4, email=f"x@not{CITY}").registration
    assert states(forged, true, false) == ["held", "waitlisted", "waitlisted"]
    clock.advance(timedelta(hours=rules.HOURS_TO_CONFIRM))
    expire_registrations()
    assert states(forged, true, false) == ["cancelled", "held", "waitlisted"]
    with transaction():
        assert service.confirm_address(true)
    assert states(true) == ["confirmed"]
    assert seated() == ["Person 3"]


def test_where_the_address_is_confirmed_anyway_nobody_confirms_it_twice(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1, admission=Admission.CONFIRM_ADDRESS)
    hold(edition_id, 1, domains=CITY)
    first = signed_up(edition_id, 1, email=f"a@{CITY}").registration
    second = signed_up(edition_id, 2, email=f"b@{CITY}").registration
    for row in (first, second):
        with transaction():
            service.confirm_address(row)
    cancel(first)
    assert states(second) == ["confirmed"]


def test_an_organiser_approves_into_a_seat(context: Flask) -> None:
    edition_id = add_edition(context, capacity=2, admission=Admission.APPROVAL)
    code = hold(edition_id, 1)
    outside, other = (signed_up(edition_id, number).registration for number in (1, 2))
    [inside] = by_link(edition_id, code, 3)
    for row in (outside, other, inside):
        with transaction():
            service.approve(row)
    assert states(outside, other, inside) == ["confirmed", "waitlisted", "confirmed"]
    assert seated() == ["Person 3"]


def test_a_seat_for_a_domain_is_passed_on_within_it(context: Flask) -> None:
    edition_id = add_edition(context, capacity=1)
    hold(edition_id, 1, domains=CITY)
    first = signed_up(edition_id, 1, email=f"a@{CITY}").registration
    with transaction():
        service.confirm_address(first)
    with pytest.raises(RuleBroken, match="held back for “Town hall”") as raised, transaction():
        handing_over.hand_over(first, applicant(2), "x")
    assert raised.value.field == "email"
    with transaction():
        handing_over.hand_over(first, applicant(3, email=f"c@{CITY}"), "x")
    assert seated() == ["Person 3"]


def test_seats_are_released_on_their_date_and_the_list_moves_up(context: Flask, clock: FrozenClock) -> None:
    edition_id = add_edition(context, capacity=3)
    code = hold(edition_id, 2, until=now.now() + timedelta(days=3))
    hold(edition_id, 1)
    [inside] = by_link(edition_id, code, 1)
    outside = [signed_up(edition_id, number).registration for number in (2, 3)]
    clock.advance(timedelta(days=2))
    assert release_seats() == 0
    clock.advance(timedelta(days=1))
    assert release_seats() == 1
    assert states(inside, *outside) == ["confirmed", "confirmed", "waitlisted"]
    [late] = by_link(edition_id, code, 4)
    assert states(late) == ["waitlisted"], "the link holds nothing any more"
    assert release_seats() == 0
    entry = db.session.scalars(select(HistoryEntry).filter_by(action="seats.released")).one()
    assert entry.details["number"] == 1
    edition = db.session.get_one(Edition, edition_id)
    assert (edition.taken_count, edition.held_back_count) == (2, 1)


def test_a_smaller_house_counts_what_is_held_back(context: Flask) -> None:
    edition_id = add_edition(context, capacity=3)
    hold(edition_id, 2)
    edition = db.session.get_one(Edition, edition_id)
    assert edition.free_places == 1
    assert signed_up(edition_id, 1).registration.takes_place
    assert not signed_up(edition_id, 2).registration.takes_place
    with transaction():
        assert places.fill(db.session.get_one(Edition, edition_id)) == 0
    assert queries.quotas(edition)[0].taken_count == 0


# the form ----------------------------------------------------------------------------------------------


@pytest.fixture
def full(app: Flask, client: FlaskClient) -> str:
    """Fill an edition but for one seat; return the code of its link."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    edition_id = add_edition(app, capacity=2)
    with app.app_context():
        code = hold(edition_id, 1)
        signed_up(edition_id, 1)
    return code


def test_the_link_says_that_a_seat_is_held_back_and_gives_it(
    app: Flask, client: FlaskClient, full: str
) -> None:
    assert "Join the waitlist" in client.get(FORM).text
    page = client.get(f"{FORM}?code={full}")
    assert "A seat is held back for you: Town hall" in page.text
    assert "Register now" in page.text
    wrong = client.post(FORM, data={"once_key": once_key(page), "code": full})
    assert (wrong.status_code, f'value="{full}"' in wrong.text) == (422, True)
    assert send(client, code=full).status_code == 303
    assert send(client, code=full, email="second@lab.example").status_code == 303
    with app.app_context():
        found = [registration_of(), registration_of("second@lab.example")]
        assert states(*found) == ["confirmed", "waitlisted"]
    again = client.get(f"{FORM}?code={full}").text
    assert "This link holds no seat any more" in again
    assert "Join the waitlist" in again


@pytest.mark.parametrize("code", ["", "x", "x" * 500, "' or 1=1", "٣"])
def test_a_forged_code_gives_nothing(app: Flask, client: FlaskClient, full: str, code: str) -> None:
    assert client.get(FORM, query_string={"code": code}).status_code == 200
    assert send(client, code=code).status_code == 303
    with app.app_context():
        assert states(registration_of()) == ["waitlisted"]


def test_colleagues_come_by_the_same_link(app: Flask, client: FlaskClient, full: str) -> None:
    address = f"/lab/5/register/together?code={full}"
    assert address.replace("&", "&amp;") in client.get(f"{FORM}?code={full}").text
    page = client.get(address)
    people = {
        f"people-{at}-{name}": text
        for at, person in enumerate(("ada", "bo"))
        for name, text in (("name", person), ("email", f"{person}@lab.example"))
    }
    sent = {"once_key": once_key(page), "consent": "y", "code": full, **people}
    assert f'name="code" type="hidden" value="{full}"' in page.text
    assert client.post("/lab/5/register/together", data=sent).status_code == 303
    with app.app_context():
        found = [registration_of(f"{name}@lab.example") for name in ("ada", "bo")]
        assert states(*found) == ["waitlisted"] * 2, "one seat is not enough for both"


def test_a_personal_page_shows_the_place_as_any_other(app: Flask, client: FlaskClient, full: str) -> None:
    send(client, code=full)
    assert client.get(my_link(app)).status_code == 200


def test_whoever_has_to_confirm_the_address_is_told_so_at_once(app: Flask, client: FlaskClient) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    edition_id = add_edition(app, capacity=2)
    with app.app_context():
        hold(edition_id, 1, domains=CITY)
    words = "the link with which you confirm your address"
    send(client, email=f"a@{CITY}")
    assert words in client.get("/lab/5/registered").text
    assert "Please confirm your address" in client.get(my_link(app, f"a@{CITY}")).text
    send(client)
    assert words not in client.get("/lab/5/registered").text
