"""The rest of a day moves by some minutes, through the organiser's form."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import select

from eventhub.agenda.models import Slot
from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from tests.desk.setting import Desk
from tests.editions.making import add_slot

SHIFT = "/manage/labcamp/5/agenda/shift"


@pytest.fixture
def key(desk: Desk) -> int:
    found = desk.publish()
    with desk.app.app_context(), transaction():
        edition = db.session.get_one(Edition, found)
        add_slot(edition, "welcome", time(15), time(15, 30))
        add_slot(edition, "talk", time(15, 30), time(16))
        add_slot(edition, "end", time(17, 30), time(18))
        add_slot(edition, "next-day", time(17), time(18), day=date(2026, 5, 6))
    return found


def times(desk: Desk) -> dict[str, tuple[time | None, time | None, int]]:
    with desk.app.app_context():
        return {
            one.slug: (one.start_time, one.end_time, one.sequence) for one in db.session.scalars(select(Slot))
        }


def test_what_comes_later_on_that_day_moves(desk: Desk, key: int) -> None:
    before = times(desk)
    fields = desk.form_of(f"{SHIFT}?day=2026-05-05")
    answer = desk.client.post(SHIFT, data=fields | {"since": "15:30", "minutes": "15"})
    assert answer.status_code == 303
    after = times(desk)
    assert (after["talk"][:2], after["end"][:2]) == (
        (time(15, 45), time(16, 15)),
        (time(17, 45), time(18, 15)),
    )
    assert {name: after[name] for name in ("welcome", "next-day")} == {
        name: before[name] for name in ("welcome", "next-day")
    }
    desk.client.post(SHIFT, data=fields | {"since": "15:45", "minutes": "-15"})
    assert {name: found[:2] for name, found in times(desk).items()} == {
        name: found[:2] for name, found in before.items()
    }
    assert "hat den Rest eines Tages verschoben" in desk.client.get("/manage/labcamp/5/history/").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"minutes": ""}, "minutes"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "800"}, "minutes"),
        ({"minutes": "a bit"}, "minutes"),
        ({"since": ""}, "since"),
        ({"since": "19:00"}, "since"),
        ({"day": "2026-05-09"}, "day"),
    ],
)
def test_what_can_not_be_is_said_at_its_field(
    desk: Desk, key: int, typed: dict[str, str], field: str
) -> None:
    before = times(desk)
    page = desk.client.post(SHIFT, data=desk.form_of(SHIFT) | {"since": "15:30", "minutes": "15"} | typed)
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert times(desk) == before


def test_no_slot_lands_where_the_clocks_jump(desk: Desk) -> None:
    night = desk.publish(
        start_date=date(2026, 3, 28), end_date=date(2026, 3, 29), start_time=time(20), end_time=time(6)
    )
    with desk.app.app_context(), transaction():
        add_slot(db.session.get_one(Edition, night), "late", time(1, 30), None, day=date(2026, 3, 29))
    page = desk.client.post(SHIFT, data={"day": "2026-03-29", "since": "01:00", "minutes": "60"})
    assert page.status_code == 422
    assert "die Uhren vorgestellt" in page.text


def test_without_times_there_is_nothing_to_move(desk: Desk) -> None:
    desk.publish()
    assert "Noch hat nichts eine Uhrzeit" in desk.client.get(SHIFT).text
