"""S2: numbers are given; deleting one edition and moving another changes no other's identity."""

from __future__ import annotations

import re
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eventhub.editions.models import Edition, EditionState
from eventhub.extensions import db
from tests.conftest import FrozenClock
from tests.desk.setting import desk_of


def identities(app: Flask) -> dict[int, tuple[int | None, str, str]]:
    with app.app_context():
        found = db.session.scalars(select(Edition).where(Edition.number.in_((3, 4, 5, 6, 7))))
        return {one.id: (one.number, one.key, one.calendar_uid) for one in found}


def feed_uids(visitor: FlaskClient) -> set[str]:
    """Return the UIDs by which calendars know the meetings of the series."""
    return set(re.findall(r"^UID:(\S+)", visitor.get("/labcamp/calendar.ics").text, re.MULTILINE))


def test_deleting_and_moving_leave_the_others_alone(app: Flask, clock: FrozenClock) -> None:
    desk = desk_of(app)
    for number, month in ((3, 4), (4, 6), (5, 7), (6, 8), (7, 9)):
        desk.publish(number, start_date=date(2026, month, 7))
    desk.add(None, slug="test", title="Test edition", start_date=date(2026, 5, 7))
    visitor = app.test_client()
    pages = {number: visitor.get(f"/labcamp/{number}/").status_code for number in range(3, 8)}
    before, known = identities(app), feed_uids(visitor)

    assert desk.client.post("/manage/labcamp/test/delete").status_code == 303
    edit = "/manage/labcamp/6/edit"
    assert desk.client.post(edit, data=desk.form_of(edit) | {"start_date": "2026-10-07"}).status_code == 303

    assert identities(app) == before
    assert feed_uids(visitor) == known
    assert len(known) == 5
    assert {number: visitor.get(f"/labcamp/{number}/").status_code for number in range(3, 8)} == pages
    assert set(pages.values()) == {200}
    with app.app_context():
        sixth = db.session.scalars(select(Edition).where(Edition.number == 6)).one()
        seventh = db.session.scalars(select(Edition).where(Edition.number == 7)).one()
        assert (sixth.start_date, seventh.start_date) == (date(2026, 10, 7), date(2026, 9, 7))
        assert sixth.state is EditionState.PUBLISHED
