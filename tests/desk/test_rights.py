"""The permission matrix: every page below /manage with every role, and where roles begin and end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub import clock as eventhub_clock
from eventhub.accounts.service import create_user
from eventhub.agenda.models import Speaker
from eventhub.agenda.people import create_speaker
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.editions.rights import AFTERWARDS
from eventhub.extensions import db
from eventhub.organisations.models import Grant, Member, Organisation, Role
from eventhub.organisations.roles import MAY, Capability, Held, Rights
from tests.accounts.signing_in import organiser_of, sign_in
from tests.conftest import FrozenClock
from tests.desk.permissions import NO_ROLE, NO_SIGN_IN, TO_CHANGE, TO_LOOK, permitted
from tests.desk.setting import Desk
from tests.desk.test_access import SAMPLE, addresses
from tests.editions.making import make_edition

OWN = {"organisation": "lab-colleague"}


LAST = (
    "desk.delete",
    "desk.delete_series",
    "desk.detach",
    "accounts.end_session",
    "accounts.sign_out_everywhere",
    "accounts.sign_out",
)
"""Pages after which there is nothing left to look at, or nobody who is signed in."""
HIDDEN = ("/manage/organisations/", "/manage/doctor")
"""What does not exist for those who may not use it."""


def pages_of_the_desk(app: Flask, values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return every page below /manage, whichever feature it belongs to."""
    found = [one for one in addresses(app, SAMPLE | OWN | values) if one[2].startswith("/manage/")]
    return sorted(found, key=lambda one: LAST.index(one[1]) if one[1] in LAST else -1)


def colleague(app: Flask, role: Role) -> FlaskClient:
    """Return the browser of a member of an organisation that runs `labcamp`."""
    client: FlaskClient = organiser_of(app, "labcamp", email="colleague@lab.example", role=role).client
    return client


def somebody_without_a_role(app: Flask) -> FlaskClient:
    """Return the browser of somebody who has an account and nothing else."""
    client: FlaskClient = app.test_client()
    with app.app_context():
        with transaction():
            user = create_user("alone@elsewhere.example", "Alone")
        sign_in(client, user)
    return client


def guest(app: Flask, role: Role, number: int | None = None, **values: Any) -> FlaskClient:
    """Return the browser of somebody with a role in `labcamp` alone, or in one of its editions."""
    found = organiser_of(app, email="guest@elsewhere.example")
    with app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        edition = db.session.query(Edition).filter_by(series_id=series.id, number=number).one_or_none()
        db.session.add(
            Grant(
                user_id=found.id,
                series_id=series.id,
                edition_id=edition.id if edition else None,
                role=role,
                **values,
            )
        )
    client: FlaskClient = found.client
    return client


def test_every_page_says_who_may_open_it(app: Flask) -> None:
    missing = sorted(
        {
            f"{endpoint} has no entry: add {endpoint.removeprefix('desk.')!r} to the row of its capability"
            f" in {'TO_LOOK' if method == 'GET' else 'TO_CHANGE'}, tests/desk/permissions.py"
            for method, endpoint, _path in pages_of_the_desk(app, {})
            if endpoint not in NO_SIGN_IN | NO_ROLE and permitted(endpoint, method) is None
        }
    )
    assert not missing, "\n".join(missing)


def test_no_page_has_two_entries(app: Flask) -> None:
    for table in (TO_LOOK, TO_CHANGE):
        names = [name for row in table.values() for name in row.split()]
        assert len(names) == len(set(names))
    for method, endpoint, _path in pages_of_the_desk(app, {}):
        if endpoint in NO_SIGN_IN | NO_ROLE:
            assert permitted(endpoint, method) is None, endpoint
    assert not NO_SIGN_IN & NO_ROLE


def test_the_table_names_no_page_that_is_gone(app: Flask) -> None:
    pages = pages_of_the_desk(app, {})
    present = {(endpoint.removeprefix("desk."), method == "GET") for method, endpoint, _path in pages}
    for table, looking in ((TO_LOOK, True), (TO_CHANGE, False)):
        for names in table.values():
            for name in names.split():
                assert (name, looking) in present, name
    assert {endpoint for _method, endpoint, _path in pages} >= NO_SIGN_IN | NO_ROLE


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_pages_and_no_others(app: Flask, desk: Desk, role: Role) -> None:
    desk.publish()
    client = colleague(app, role)
    for method, endpoint, path in pages_of_the_desk(app, {}):
        status = client.open(path, method=method, data={} if method == "POST" else None).status_code
        if endpoint in NO_SIGN_IN | NO_ROLE or role in (permitted(endpoint, method) or ()):
            assert status != 403, f"{role} can't use {method} {path} ({endpoint})"
            assert status < 500, (method, path)
        elif path.startswith(HIDDEN):
            assert status == 404, f"{role} may use {method} {path} ({endpoint})"
        else:
            assert status == 403, f"{role} may use {method} {path} ({endpoint})"


def test_without_a_role_there_is_only_what_is_ones_own(app: Flask, desk: Desk) -> None:
    desk.publish()
    client = somebody_without_a_role(app)
    for method, endpoint, path in pages_of_the_desk(app, {}):
        answer = client.open(path, method=method, data={} if method == "POST" else None)
        if endpoint in NO_SIGN_IN | NO_ROLE:
            assert answer.status_code not in (403, 500), f"nobody can use {method} {path} ({endpoint})"
        else:
            assert answer.status_code in (403, 404), f"a stranger may use {method} {path} ({endpoint})"


def test_visitors_are_asked_to_sign_in_unless_they_are_on_their_way(app: Flask, desk: Desk) -> None:
    desk.publish()
    for method, endpoint, path in pages_of_the_desk(app, {}):
        answer = app.test_client().open(path, method=method)
        asked = answer.status_code == 303 and answer.location.startswith("/manage/sign-in?next=")
        assert asked is (endpoint not in NO_SIGN_IN), f"{method} {path} ({endpoint})"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_in_one_edition_opens_nothing_else(app: Flask, desk: Desk, role: Role) -> None:
    desk.publish()
    desk.publish(4, title="LabCamp #4, theirs")
    client = guest(app, role, 4)
    for method, endpoint, path in pages_of_the_desk(app, {"edition": "4"}):
        if not path.startswith("/manage/labcamp/"):
            continue
        status = client.open(path, method=method, data={} if method == "POST" else None).status_code
        of_edition, of_people = path.startswith("/manage/labcamp/4/"), "/speakers/" in path
        may = role in (permitted(endpoint, method) or ())
        if of_edition or of_people:
            assert (status != 403) is may, f"{role} and {method} {path} ({endpoint}): {status}"
        else:
            assert status == 404, f"{role} may use {method} {path} ({endpoint}) with a role in one edition"


def test_a_role_in_one_edition_shows_no_other(app: Flask, desk: Desk) -> None:
    desk.publish()
    desk.publish(4)
    client = guest(app, Role.ORGANISER, 4)
    for method, endpoint, path in pages_of_the_desk(app, {"edition": "5"}):
        if path.startswith("/manage/labcamp/5/"):
            assert client.open(path, method=method).status_code == 404, endpoint
    overview = client.get("/manage/").text
    assert "LabCamp #4" in overview
    assert "LabCamp #5" not in overview


@pytest.mark.parametrize("role", list(Role))
def test_a_role_in_a_series_is_like_one_in_its_organisation(app: Flask, desk: Desk, role: Role) -> None:
    desk.publish()
    client = guest(app, role)
    for method, endpoint, path in pages_of_the_desk(app, {}):
        if path.startswith("/manage/labcamp/"):
            status = client.open(path, method=method, data={} if method == "POST" else None).status_code
            assert (status != 403) is (role in (permitted(endpoint, method) or ())), (method, path)


def test_a_role_ends_with_its_date(app: Flask, desk: Desk, clock: FrozenClock) -> None:
    desk.publish()
    client = guest(app, Role.ORGANISER, ends_at=eventhub_clock.now() + timedelta(days=2))
    assert client.get("/manage/labcamp/5/").status_code == 200
    clock.advance(timedelta(days=2, seconds=1))
    assert client.get("/manage/labcamp/5/").status_code == 404
    assert "LabCamp" not in client.get("/manage/series/").text


def test_membership_ends_with_its_date(app: Flask, desk: Desk, clock: FrozenClock) -> None:
    desk.publish()
    found = organiser_of(app, "labcamp", email="colleague@lab.example")
    with app.app_context(), transaction():
        member = db.session.get_one(Member, (found.id, found.organisation_id))
        member.ends_at = eventhub_clock.now() + timedelta(days=2)
    assert found.client.get("/manage/labcamp/5/").status_code == 200
    assert "lab-colleague" in found.client.get("/manage/organisations/").text
    clock.advance(timedelta(days=2, seconds=1))
    assert found.client.get("/manage/labcamp/5/").status_code == 404
    assert "lab-colleague" not in found.client.get("/manage/organisations/").text


def test_a_role_that_ends_with_its_edition_moves_with_it(app: Flask, desk: Desk, clock: FrozenClock) -> None:
    key = desk.publish(start_date=eventhub_clock.now().date() + timedelta(days=3))
    client = guest(app, Role.ORGANISER, 5, ends_with_edition=True)
    with app.app_context():
        day = db.session.get_one(Edition, key).start_date
        assert day is not None
        clock.advance(day - eventhub_clock.now().date() + AFTERWARDS)
    assert client.get("/manage/labcamp/5/").status_code == 200
    clock.advance(timedelta(days=1))
    assert client.get("/manage/labcamp/5/").status_code == 404
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, key)
        edition.start_date = eventhub_clock.now().date() + timedelta(days=30)
    assert client.get("/manage/labcamp/5/").status_code == 200


def test_a_reader_of_a_house_stays_one_in_what_the_house_was_given(app: Flask, desk: Desk) -> None:
    desk.publish()
    found = organiser_of(app, email="guest@elsewhere.example", role=Role.READER)
    with app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        house = db.session.query(Organisation).filter_by(slug="lab-guest").one()
        db.session.add(Grant(organisation_id=house.id, series_id=series.id, role=Role.ORGANISER))
    assert found.client.get("/manage/labcamp/5/").status_code == 200
    assert found.client.get("/manage/labcamp/5/edit").status_code == 403


def test_an_agenda_editor_of_one_edition_leaves_people_of_others_alone(app: Flask, desk: Desk) -> None:
    desk.publish()
    desk.publish(4)
    with app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        name = {"name": "Ada Beispiel", "given_name": "Ada", "family_name": "Beispiel"}
        slug = create_speaker(series, name).slug
    client = guest(app, Role.AGENDA_EDITOR, 4)
    path = f"/manage/labcamp/speakers/{slug}/"
    new_name = {"given_name": "Ada", "family_name": "Neu"}
    seen = desk.form_of(path)
    assert client.post(path, data=seen | new_name).status_code == 303
    desk.client.post("/manage/labcamp/5/agenda/?new=1", data=slot_with(desk, slug))
    assert client.get(path).status_code == 200
    assert client.post(path, data=desk.form_of(path) | {"given_name": "Eva"}).status_code == 403
    assert client.post(f"{path}delete").status_code == 403


def slot_with(desk: Desk, slug: str) -> dict[str, Any]:
    """Return the form of a new slot with this person."""
    form = desk.form_of("/manage/labcamp/5/agenda/?new=1")
    with desk.app.app_context():
        key = db.session.query(Speaker).filter_by(slug=slug).one().id
    name = next(field for field in form if field.endswith(("-speaker_id", "speaker")))
    return form | {"title": "Talk", "start_time": "15:00", "end_time": "15:30", name: str(key)}


def test_who_edits_one_edition_changes_no_following_ones(app: Flask, desk: Desk) -> None:
    key4, key5 = desk.publish(4), desk.publish(5)
    client = guest(app, Role.ORGANISER, 4)
    form = desk.form_of("/manage/labcamp/4/edit")
    assert 'name="scope"' not in client.get("/manage/labcamp/4/edit").text
    answer = client.post("/manage/labcamp/4/edit", data=form | {"description": "Ours", "scope": "all"})
    assert answer.status_code == 303
    with app.app_context():
        assert desk.edition(key4).description == "Ours"
        assert desk.edition(key5).description == ""


@pytest.mark.parametrize("role", list(Role))
def test_pages_lead_nowhere_where_a_role_may_not_go(app: Flask, desk: Desk, role: Role) -> None:
    desk.publish()
    desk.add(6)
    with app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        make_edition(series, 3, state=EditionState.COMPLETED)
    client = colleague(app, role)
    for page in ("/manage/", "/manage/labcamp/", *(f"/manage/labcamp/{one}/" for one in (3, 5, 6))):
        text = client.get(page).text
        for link in links_of(text):
            assert client.get(link).status_code not in (403, 404), f"{page} leads {role} to {link}"
        for action in actions_of(text):
            assert client.post(action, data={"nothing": ""}).status_code != 403, (
                f"{page} offers {role} {action}"
            )


def links_of(page: str) -> set[str]:
    return {link.replace("&amp;", "&") for link in re.findall(r'href="(/manage/[^"#]+)', page)}


def actions_of(page: str) -> set[str]:
    return {
        action for action in re.findall(r'action="(/manage/labcamp/[^"]+)"', page) if "delete" not in action
    }


def test_more_of_a_role_is_never_less() -> None:
    assert MAY[Role.OWNER] == frozenset(Capability)
    assert all(Capability.LOOK in capabilities for capabilities in MAY.values())
    both = Rights((Held(None, Role.AGENDA_EDITOR), Held(7, Role.REGISTRATION_DESK)))
    assert both.in_edition(7) == MAY[Role.AGENDA_EDITOR] | MAY[Role.REGISTRATION_DESK]
    assert both.in_edition(8) == both.in_series() == MAY[Role.AGENDA_EDITOR]
    assert Held(None, Role.OWNER, within=Role.READER).capabilities == MAY[Role.READER]
    assert not Rights().anywhere()
