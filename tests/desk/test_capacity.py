"""The page of places: numbers on site, online and by role, and who would move up before it is saved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from eventhub.editions.models import Mode
from eventhub.extensions import db
from eventhub.registration.models import ParticipantRole, Registration
from tests.desk.setting import Desk
from tests.registration.samples import signed_up

PLACES = "/manage/labcamp/5/places/"


def states(desk: Desk) -> list[str]:
    with desk.app.app_context():
        return [row.value for row in db.session.scalars(select(Registration.state).order_by(Registration.id))]


def come(desk: Desk, key: int, *names: str) -> None:
    with desk.app.app_context():
        for name in names:
            signed_up(key, name, name=name)


def saved(desk: Desk, **values: Any) -> str:
    return desk.client.post(PLACES, data=desk.form_of(PLACES) | values, follow_redirects=True).text


def test_the_organiser_sees_who_would_move_up_before_it_is_saved(desk: Desk) -> None:
    come(desk, desk.publish(capacity=1), "Ada", "Bo", "Cem")
    page = saved(desk, capacity="2")
    assert "1 Person würde nachrücken" in page
    assert "Bo" in page
    assert "Cem" not in page
    assert states(desk) == ["confirmed", "waitlisted", "waitlisted"]
    saved(desk, capacity="2", sure="1")
    assert states(desk) == ["confirmed", "confirmed", "waitlisted"]


def test_places_can_be_offered(desk: Desk) -> None:
    come(desk, desk.publish(capacity=1), "Ada", "Bo")
    assert "24 Stunden" in saved(desk, capacity="2", offer_hours="24")
    saved(desk, capacity="2", offer_hours="24", sure="1")
    assert states(desk) == ["confirmed", "offered"]


def test_fewer_places_than_are_taken_are_refused_in_words(desk: Desk) -> None:
    come(desk, desk.publish(capacity=3), "Ada", "Bo")
    assert "2 Plätze sind schon vergeben" in saved(desk, capacity="1")


def test_places_on_site_online_and_by_role_reach_the_form(desk: Desk) -> None:
    desk.publish(mode=Mode.HYBRID)
    values = {"apart": "y", "on_site": "80", "online": "200"}
    values |= {"roles-0-title": "Mentorin", "roles-0-title_en": "Mentor", "roles-0-capacity": "5"}
    saved(desk, **values)
    page = desk.client.get("/labcamp/5/register").text
    assert "Noch 80 von 80 Plätzen" in page
    assert "Noch 5 von 5 Plätzen" in page
    assert "Mentorin<" in page
    saved(desk, **{"roles-0-remove": "y"})
    with desk.app.app_context():
        assert db.session.scalar(select(func.count(ParticipantRole.id))) == 0


def test_who_is_there_already_was_not_asked_where(desk: Desk) -> None:
    come(desk, desk.publish(mode=Mode.HYBRID), "Ada")
    assert "Es sind schon Leute angemeldet" in saved(desk, apart="y", on_site="80")


def test_nonsense_is_refused(desk: Desk) -> None:
    desk.publish()
    nonsense = (
        {"capacity": "-1"},
        {"capacity": "many"},
        {"roles-0-title": "x", "roles-0-capacity": "9" * 12},
    )
    for values in nonsense:
        assert desk.client.post(PLACES, data=desk.form_of(PLACES) | values).status_code == 422
