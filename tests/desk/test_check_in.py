"""At the door: found by name or ticket, counted once, per day and per session, walk-ins too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.agenda.models import Slot
from eventhub.database import transaction
from eventhub.editions.models import Edition, Mode
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.presence.models import Presence, Way
from eventhub.registration import tickets
from eventhub.registration.models import Attendance, QuotaKind, Registration
from eventhub.registration.service import cancel
from eventhub.signups import service as signups
from eventhub.signups.models import SlotPlaces
from eventhub.signups.queries import people_in
from eventhub.signups.service import Settings
from tests.conftest import FrozenClock
from tests.desk.counting import counted_queries
from tests.desk.setting import Desk
from tests.editions.making import add_slot
from tests.registration.samples import add_quota, signed_up

DAY = "/manage/labcamp/5/day/"
DOOR = "/manage/labcamp/5/check-in/"
JSON = {"Accept": "application/json", "Accept-Language": "en"}
ENGLISH = {"Accept-Language": "en"}
MORNING = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)

pytestmark = pytest.mark.both_databases


@pytest.fixture
def edition_id(desk: Desk, clock: FrozenClock) -> int:
    """A meeting of two days; it is the morning of the first."""
    key = desk.publish(
        5, mode=Mode.ON_SITE, start_date=date(2026, 3, 3), end_date=date(2026, 3, 4), capacity=5
    )
    clock.set(MORNING)
    return key


@pytest.fixture
def add(desk: Desk, edition_id: int) -> Callable[[str], int]:
    """Register somebody and return the key of the registration."""

    def _add(name: str) -> int:
        with desk.app.app_context():
            return signed_up(
                edition_id, name, name=f"{name} Muster", organisation="Stadt Köln"
            ).registration.id

    return _add


def present(app: Flask) -> list[tuple[int, date, int | None, Way]]:
    with app.app_context():
        rows = db.session.scalars(select(Presence).order_by(Presence.id))
        return [(row.registration_id, row.day, row.slot_id, row.way) for row in rows]


def said(desk: Desk, path: str = DOOR, **fields: Any) -> dict[str, Any]:
    answer = desk.client.post(path, data=fields, headers=JSON)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def numbers_of(desk: Desk, day: str) -> list[str]:
    """Return who is present, missing and expected on a day."""
    page = desk.client.get(f"{DAY}?day={day}", headers=ENGLISH).text
    return [part.split("</dd>")[0] for part in page.split('<dd class="big-number">')[1:]]


def ticket_of(desk: Desk, key: int) -> str:
    with desk.app.app_context():
        return tickets.text_of(db.session.get_one(Registration, key))


def test_people_are_found_by_words_and_let_in_without_a_script(desk: Desk, add: Callable[[str], int]) -> None:
    ada, bo = add("Ada"), add("Bo")
    page = desk.client.get(f"{DOOR}?q=ada+köln", headers=ENGLISH).text
    assert "Ada Muster" in page
    assert "Bo Muster" not in page
    assert desk.client.post(DOOR, data={"id": ada}, headers=ENGLISH).status_code == 303
    assert "Ada Muster is present." in desk.client.get(DOOR, headers=ENGLISH).text
    assert present(desk.app) == [(ada, date(2026, 3, 3), None, Way.CHECK_IN)]
    assert bo


def test_whoever_is_let_in_twice_counts_once(desk: Desk, add: Callable[[str], int]) -> None:
    ada = add("Ada")
    assert said(desk, ticket=ticket_of(desk, ada))["outcome"] == "new"
    assert said(desk, ticket=ticket_of(desk, ada))["outcome"] == "known"
    assert said(desk, id=ada)["outcome"] == "known"
    assert len(present(desk.app)) == 1
    assert said(desk, id=ada, day="2026-03-04")["outcome"] == "new"
    assert len(present(desk.app)) == 2


def test_what_a_phone_noted_without_connection_keeps_its_time(
    desk: Desk, add: Callable[[str], int], clock: FrozenClock
) -> None:
    ada, bo, cem, dee = add("Ada"), add("Bo"), add("Cem"), add("Dee")
    seen, now = MORNING + timedelta(minutes=10), MORNING + timedelta(hours=1)
    clock.set(now)
    slow = MORNING - timedelta(minutes=10)  # the clock of a phone; nobody was there before they registered
    for key, at in (
        (ada, int(seen.timestamp() * 1000)),
        (bo, 10**15),
        (cem, int(seen.timestamp()) + 10**12 * 9),
        (dee, int(slow.timestamp() * 1000)),
    ):
        assert said(desk, id=key, at=at)["outcome"] == "new"
    with desk.app.app_context():
        times = dict(db.session.execute(select(Presence.registration_id, Presence.at)).all())
    assert times == {ada: seen, bo: now, cem: now, dee: MORNING}


def test_a_ticket_of_another_meeting_or_of_nobody_is_refused(desk: Desk, add: Callable[[str], int]) -> None:
    ada = add("Ada")
    with desk.app.app_context():
        other = db.session.scalars(select(Edition).filter_by(title="Foreign edition")).one()
        stranger = signed_up(other.id, "Eve").registration.id
    for ticket in (ticket_of(desk, stranger), ticket_of(desk, ada)[:-1] + "2", "https://example.org", ""):
        assert said(desk, ticket=ticket)["outcome"] == "refused"
    for key in (stranger, 999, "x", "1" * 30):
        assert said(desk, id=key)["outcome"] == "refused"
    assert present(desk.app) == []


def test_who_has_no_place_is_not_let_in(desk: Desk, add: Callable[[str], int]) -> None:
    ada = add("Ada")
    with desk.app.app_context(), transaction():
        cancel(db.session.get_one(Registration, ada), "organiser")
    answer = said(desk, id=ada)
    assert answer["outcome"] == "refused"
    assert "Ada Muster has no confirmed place" in answer["words"]
    page = desk.client.get(DOOR, headers=ENGLISH).text
    assert "Cancelled" in page
    assert 'name="id"' not in page


def test_a_mistake_is_taken_back(desk: Desk, add: Callable[[str], int]) -> None:
    ada = add("Ada")
    said(desk, id=ada)
    assert "no longer noted" in said(desk, f"{DOOR}take-back", id=ada)["words"]
    assert present(desk.app) == []
    assert desk.client.post(f"{DOOR}take-back", data={"id": 999}).status_code == 404


def test_a_session_lets_in_who_has_a_place_and_others_on_demand(
    desk: Desk, edition_id: int, add: Callable[[str], int]
) -> None:
    ada, bo = add("Ada"), add("Bo")
    with desk.app.app_context():
        with transaction():
            slot = add_slot(db.session.get_one(Edition, edition_id), "trip", time(16), time(17)).id
        with transaction():
            signups.take_signups(db.session.get_one(Slot, slot), Settings(capacity=1))
        with transaction():
            signups.choose(db.session.get_one(Registration, ada), {slot: False})
    assert said(desk, id=ada, slot="trip")["outcome"] == "new"
    refused = said(desk, id=bo, slot="trip")
    assert refused["outcome"] == "refused"
    assert "Bo Muster has no place in “trip”" in refused["words"]
    assert said(desk, id=bo, slot="trip", anyway=1)["outcome"] == "new"
    assert said(desk, id=bo, slot="trip", anyway=1)["outcome"] == "known"
    with desk.app.app_context():
        assert [signup.registration_id for signup in people_in(slot)] == [ada, bo]
        assert db.session.get_one(SlotPlaces, slot).capacity == 2
    # who is in a session is there on that day, too
    assert {(row[0], row[2]) for row in present(desk.app)} == {
        (ada, None),
        (ada, slot),
        (bo, None),
        (bo, slot),
    }
    board = desk.client.get(DAY, headers=ENGLISH).text
    assert "trip" in board


def test_whoever_comes_unannounced_is_registered_once(desk: Desk, edition_id: int) -> None:
    form = desk.form_of(DOOR) | {"name": "Cem Ay", "email": "cem@lab.example", "consent": "y"}
    form.pop("beyond", None)
    assert desk.client.post(f"{DOOR}walk-in", data=form).status_code == 303
    assert desk.client.post(f"{DOOR}walk-in", data=form).status_code == 303
    assert [row[3] for row in present(desk.app)] == [Way.WALK_IN]
    with desk.app.app_context():
        assert db.session.get_one(Edition, edition_id).taken_count == 1


def test_a_full_house_takes_walk_ins_only_on_demand(
    desk: Desk, edition_id: int, add: Callable[[str], int]
) -> None:
    for name in ("A", "B", "C", "D", "E"):
        add(name)
    form = desk.form_of(DOOR) | {"name": "Cem Ay", "email": "cem@lab.example", "consent": "y"}
    form.pop("beyond", None)
    refused = desk.client.post(f"{DOOR}walk-in", data=form, headers=ENGLISH)
    assert refused.status_code == 422
    assert "All places are taken" in refused.text
    assert 'value="Cem Ay"' in refused.text
    assert desk.client.post(f"{DOOR}walk-in", data=form | {"beyond": "y"}).status_code == 303
    with desk.app.app_context():
        edition = db.session.get_one(Edition, edition_id)
        assert (edition.taken_count, edition.waiting_count, edition.capacity) == (6, 0, 6)


def test_whoever_waits_and_comes_all_the_same_gets_the_place_that_is_added(
    desk: Desk, edition_id: int, add: Callable[[str], int]
) -> None:
    for name in ("A", "B", "C", "D", "E", "F"):
        add(name)
    form = desk.form_of(DOOR) | {"name": "F Muster", "email": "personF@lab.example", "consent": "y"}
    assert desk.client.post(f"{DOOR}walk-in", data=form | {"beyond": "y"}).status_code == 303
    assert [row[3] for row in present(desk.app)] == [Way.WALK_IN]
    with desk.app.app_context():
        edition = db.session.get_one(Edition, edition_id)
        assert (edition.taken_count, edition.waiting_count, edition.capacity) == (6, 0, 6)


@pytest.fixture
def trip(desk: Desk, edition_id: int) -> int:
    """Let a session with one place be one of two; return its key."""
    with desk.app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            keys = [add_slot(edition, name, time(16), time(17)).id for name in ("trip", "walk")]
        for key in keys:
            with transaction():
                signups.take_signups(db.session.get_one(Slot, key), Settings(1, alternatives="Outside"))
    return keys[0]


def came_unannounced(desk: Desk, slot: str, **values: str) -> tuple[int, str]:
    form = desk.form_of(f"{DOOR}?slot={slot}") | {
        "name": "Cem Ay",
        "email": "cem@lab.example",
        "consent": "y",
    }
    form.pop("beyond", None)
    answer = desk.client.post(f"{DOOR}walk-in", data=form | values, headers=ENGLISH)
    return answer.status_code, answer.text


def in_slot(desk: Desk, slug: str) -> tuple[int | None, int, int, list[str]]:
    """Return the places of a session, how many are taken and waited for, and who has one."""
    with desk.app.app_context():
        key = db.session.scalars(select(Slot.id).filter_by(slug=slug)).one()
        places, people = db.session.get_one(SlotPlaces, key), people_in(key)
        names = [one.registration.name for one in people if one.place_in_line is None]
        return places.capacity, places.taken_count, places.waiting_count, names


def test_whoever_comes_unannounced_to_a_session_has_one_of_its_places(desk: Desk, trip: int) -> None:
    assert came_unannounced(desk, "trip")[0] == 303
    assert in_slot(desk, "trip") == (1, 1, 0, ["Cem Ay"])
    assert [row[2] for row in present(desk.app)] == [None, trip]
    with desk.app.app_context():
        kinds = list(db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)))
    assert kinds == ["confirmed", "another_day", "programme"]


def test_a_full_session_takes_walk_ins_only_on_demand_and_grows_by_them(
    desk: Desk, trip: int, add: Callable[[str], int]
) -> None:
    ada, bo = add("Ada"), add("Bo")
    with desk.app.app_context():
        for key, waits in ((ada, False), (bo, True)):
            with transaction():
                signups.choose(db.session.get_one(Registration, key), {trip: waits})
    status, page = came_unannounced(desk, "trip")
    assert status == 422
    assert "“trip” is full. Tick the box" in page
    assert 'value="Cem Ay"' in page
    assert present(desk.app) == []
    assert in_slot(desk, "trip") == (1, 1, 1, ["Ada Muster"])
    assert came_unannounced(desk, "trip", beyond="y")[0] == 303
    assert in_slot(desk, "trip") == (2, 2, 1, ["Ada Muster", "Cem Ay"])
    waiting = {"name": "Bo Muster", "email": "personBo@lab.example", "beyond": "y"}
    for _twice in range(2):
        assert came_unannounced(desk, "trip", **waiting)[0] == 303
    assert in_slot(desk, "trip") == (3, 3, 0, ["Ada Muster", "Bo Muster", "Cem Ay"])


def test_a_session_that_builds_on_another_takes_walk_ins_only_on_demand(desk: Desk, trip: int) -> None:
    with desk.app.app_context(), transaction():
        walk = db.session.scalars(select(Slot).filter_by(slug="walk")).one()
        signups.take_signups(walk, Settings(1, needs_id=trip))
    status, page = came_unannounced(desk, "walk")
    assert status == 422
    assert "“walk” builds on “trip”, where they have no place" in page
    assert came_unannounced(desk, "walk", beyond="y")[0] == 303
    assert in_slot(desk, "walk") == (1, 1, 0, ["Cem Ay"])


def test_whoever_comes_to_another_of_the_alternatives_leaves_the_first_one_to_others(
    desk: Desk, trip: int, add: Callable[[str], int]
) -> None:
    ada, bo = add("Ada"), add("Bo")
    with desk.app.app_context():
        for key, waits in ((ada, False), (bo, True)):
            with transaction():
                signups.choose(db.session.get_one(Registration, key), {trip: waits})
    assert came_unannounced(desk, "walk", name="Ada Muster", email="personAda@lab.example")[0] == 303
    assert in_slot(desk, "walk") == (1, 1, 0, ["Ada Muster"])
    assert in_slot(desk, "trip") == (1, 1, 0, ["Bo Muster"])


def test_the_board_counts_who_is_there_and_who_is_missing(desk: Desk, add: Callable[[str], int]) -> None:
    keys = [add(name) for name in ("Ada", "Bo", "Cem")]
    said(desk, id=keys[0])
    said(desk, id=keys[1], day="2026-03-04")
    assert numbers_of(desk, "2026-03-03") == ["1", "2", "3"]


def test_only_those_who_come_on_a_day_are_missing_on_it(desk: Desk, edition_id: int) -> None:
    with desk.app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            edition.mode, edition.choose_days = Mode.HYBRID, True
        for kind in Attendance:
            add_quota(edition_id, QuotaKind.ATTENDANCE, kind, None)
        both, second, online = (
            signed_up(
                edition_id, name, name=f"{name} Muster", days=frozenset(days), attendance=kind, asked=True
            ).registration.id
            for name, days, kind in (
                ("Ada", (1, 2), Attendance.ON_SITE),
                ("Bo", (2,), Attendance.ON_SITE),
                ("Cem", (1, 2), Attendance.ONLINE),
            )
        )
    assert numbers_of(desk, "2026-03-03") == ["0", "1", "1"]
    assert numbers_of(desk, "2026-03-04") == ["0", "2", "2"]
    page = desk.client.get(f"{DOOR}?day=2026-03-03", headers=ENGLISH).text
    assert "Comes on other days" in page
    assert page.count("Takes part online") == 1
    # who comes all the same is there, and nobody else is less missing for it
    for key in (second, online):
        assert said(desk, id=key, day="2026-03-03")["outcome"] == "new"
    assert numbers_of(desk, "2026-03-03") == ["2", "1", "1"]
    assert said(desk, id=both, day="2026-03-03")["outcome"] == "new"
    assert numbers_of(desk, "2026-03-03") == ["3", "0", "1"]

    sheet = desk.client.get("/manage/labcamp/5/print/lists", headers=ENGLISH).text
    rows = {name: sheet.split(f"{name} Muster")[1].split("</tr>")[0] for name in ("Ada", "Bo")}
    assert "–" not in rows["Ada"]
    assert rows["Bo"].endswith("<td>–</td><td></td>")
    assert "Cem Muster" not in sheet


def test_whoever_takes_part_online_is_missing_where_joining_counts(desk: Desk, edition_id: int) -> None:
    with desk.app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            edition.mode, edition.joining_counts = Mode.HYBRID, True
            edition.join_url = "https://meet.example/room"
        add_quota(edition_id, QuotaKind.ATTENDANCE, Attendance.ONLINE, None)
        signed_up(edition_id, "Cem", attendance=Attendance.ONLINE, asked=True)
    assert numbers_of(desk, "2026-03-03") == ["0", "1", "1"]


def test_pages_cost_the_same_for_many_people(desk: Desk, add: Callable[[str], int]) -> None:
    add("Ada")
    desk.client.get(DOOR)
    costs = []
    for more in (0, 3):
        for number in range(more):
            add(f"Person{number}")
        for path in (DOOR, DAY, f"{DOOR}people.json"):
            with counted_queries(desk.app) as found:
                desk.client.get(path)
            costs.append(len(found))
    assert costs[:3] == costs[3:]
    assert max(costs) <= 12


def test_the_list_of_a_door_has_no_mail_addresses_and_only_its_page_the_camera(
    desk: Desk, add: Callable[[str], int]
) -> None:
    add("Ada")
    listed = desk.client.get(f"{DOOR}people.json")
    assert "@" not in listed.text
    assert listed.headers["Cache-Control"] == "no-store"
    assert "camera=(self)" in desk.client.get(DOOR).headers["Permissions-Policy"]
    assert "camera=()" in desk.client.get(DAY).headers["Permissions-Policy"]


def test_a_meeting_without_a_date_has_no_door(desk: Desk) -> None:
    desk.publish(6, start_date=None, start_time=None, end_time=None)
    assert desk.client.get("/manage/labcamp/6/day/").status_code == 200
    answer = desk.client.get("/manage/labcamp/6/check-in/", headers=ENGLISH)
    assert answer.status_code < 500
    assert "The date is not set yet" in answer.text
