"""An empty agenda starts with a usual frame: in the edition's language, at its start, and only in a draft."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise

import pytest
from sqlalchemy import select

from eventhub.agenda.models import Kind, Slot
from eventhub.agenda.starting_points import FRAMES, StartingPoint, offered, slots_of
from eventhub.extensions import db
from tests.desk.setting import Desk

PATH = "/manage/labcamp/5/agenda/start"
DAY = date(2026, 10, 5)


def slots(desk: Desk) -> list[Slot]:
    db.session.rollback()
    return list(db.session.scalars(select(Slot).order_by(Slot.starts_at, Slot.position)))


@pytest.mark.parametrize("point", StartingPoint)
def test_every_frame_fills_its_days_without_gaps_and_has_breaks(point: StartingPoint) -> None:
    found = list(slots_of(point, DAY, time(8, 30)))
    days = sorted({one["day"] for one in found})
    assert len(days) == len(FRAMES[point][1])
    for day in days:
        plan = [one for one in found if one["day"] == day]
        assert plan[0]["start_time"] == time(8, 30)
        assert all(one["end_time"] == after["start_time"] for one, after in pairwise(plan))
        assert any(one["kind"] is Kind.BREAK for one in plan)


def test_only_what_fits_the_days_is_offered() -> None:
    assert StartingPoint.TRAINING not in offered(DAY, None)
    assert StartingPoint.TRAINING in offered(DAY, date(2026, 10, 6))
    assert offered(None, None) == list(StartingPoint)


@pytest.mark.both_databases
def test_a_frame_becomes_the_agenda_in_the_language_of_the_edition(desk: Desk) -> None:
    desk.client.set_cookie("language", "en")
    desk.add(5, start_date=DAY, start_time=time(13), end_date=None, language="de")
    page = desk.client.get(PATH).text
    assert "A day as a barcamp" in page
    assert 'lang="de"' in page
    assert "Two days of training" not in page
    answer = desk.client.post(PATH, data={"point": "half_day"}, follow_redirects=True)
    assert "8 slots are in the agenda. All of them can be changed." in answer.text
    with desk.app.app_context():
        found = slots(desk)
        assert (found[1].title, found[1].start_time, found[1].end_time) == (
            "Begrüßung",
            time(13, 15),
            time(13, 30),
        )
    assert desk.client.post("/manage/labcamp/5/agenda/undo").status_code == 303
    with desk.app.app_context():
        assert slots(desk) == []
    assert desk.client.post("/manage/labcamp/5/agenda/redo").status_code == 303
    again = desk.client.post(PATH, data={"point": "barcamp"})
    assert again.status_code == 409
    assert "There is an agenda already" in again.text


def test_without_a_day_only_the_order_is_set(desk: Desk) -> None:
    desk.add(5, start_date=None, start_time=None, end_time=None)
    assert desk.client.post(PATH, data={"point": "training"}).status_code == 303
    with desk.app.app_context():
        found = slots(desk)
        assert [one.position for one in found] == list(range(1, 17))
        assert {one.day for one in found} == {None}


def test_nothing_becomes_public_by_itself(desk: Desk) -> None:
    desk.client.set_cookie("language", "en")
    desk.publish(5, start_date=DAY)
    answer = desk.client.post(PATH, data={"point": "barcamp"})
    assert answer.status_code == 409
    assert "everybody would see these slots at once" in answer.text
    assert PATH not in desk.client.get("/manage/labcamp/5/agenda/").text


def test_an_empty_agenda_and_a_new_edition_lead_there(desk: Desk) -> None:
    desk.add(5, start_date=DAY)
    assert PATH in desk.client.get("/manage/labcamp/5/agenda/").text
    fields = desk.form_of("/manage/labcamp/new") | {"agenda": "1"}
    assert desk.client.post("/manage/labcamp/new", data=fields).headers["Location"].endswith("/agenda/start")


def test_an_unknown_frame_does_not_exist(desk: Desk) -> None:
    desk.add(5, start_date=DAY)
    assert desk.client.post(PATH, data={"point": "picnic"}).status_code == 404
