"""What programs read with a token: as much as the account behind it, and never more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from eventhub import clock as eventhub_clock
from eventhub.accounts import api_tokens
from eventhub.accounts.jobs import forget_sign_in_links
from eventhub.accounts.models import ApiToken, User
from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.extensions import db
from eventhub.organisations.models import Grant, Member, Role
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock
from tests.desk.permissions import BY_TOKEN, OF_THE_TOKEN, permitted_by_token
from tests.desk.setting import Desk, desk_of
from tests.desk.test_access import SAMPLE, addresses
from tests.registration.samples import signed_up

pytestmark = pytest.mark.both_databases
START = "/api/v1/"
EDITION = "/api/v1/series/labcamp/editions/5"
PAGE = "/manage/account/tokens"


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> Desk:
    return desk_of(app)


def token_of(app: Flask, user_id: int, *, reads_people: bool = True, days: int = 30) -> str:
    with app.app_context(), transaction():
        last_day = eventhub_clock.now().date() + timedelta(days=days)
        user = db.session.get_one(User, user_id)
        return api_tokens.create(user, "a program", last_day, reads_people=reads_people)


def own_token(desk: Desk, **more: Any) -> str:
    with desk.app.app_context():
        key = db.session.query(User).filter_by(email="nadine@lab.example").one().id
    return token_of(desk.app, key, **more)


def ask(app: Flask, path: str, token: str, **headers: str) -> Any:
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}", **headers})


def somebody(app: Flask, role: Role, number: int | None = None) -> int:
    """Return the key of somebody with a role in `labcamp` alone, or in one of its editions."""
    found = organiser_of(app, email="guest@elsewhere.example")
    with app.app_context(), transaction():
        series = db.session.query(Series).filter_by(slug="labcamp").one()
        edition = next((one for one in series.editions if one.number == number), None)
        db.session.add(
            Grant(
                user_id=found.id,
                series_id=series.id,
                edition_id=edition.id if edition else None,
                role=role,
            )
        )
    return int(found.id)


def read_by_programs(app: Flask, values: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (endpoint, path)
        for method, endpoint, path in addresses(app, SAMPLE | values)
        if endpoint.startswith("api.") and method == "GET"
    ]


def test_every_address_says_who_may_read_it_and_none_changes_anything(app: Flask) -> None:
    found = {
        (endpoint, method)
        for method, endpoint, _path in addresses(app, SAMPLE)
        if endpoint.startswith("api.")
    }
    assert {method for _endpoint, method in found} == {"GET"}
    named = {f"api.{name}" for names in BY_TOKEN.values() for name in names.split()}
    assert {endpoint for endpoint, _method in found} == named | OF_THE_TOKEN


@pytest.mark.parametrize("role", list(Role))
def test_a_token_reads_what_its_role_includes(app: Flask, desk: Desk, role: Role) -> None:
    desk.publish()
    token = token_of(app, somebody(app, role))
    for endpoint, path in read_by_programs(app, {}):
        if endpoint not in OF_THE_TOKEN:
            may = role in (permitted_by_token(endpoint) or ())
            assert ask(app, path, token).status_code == (200 if may else 403), (role, path)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_in_one_edition_reads_nothing_else(app: Flask, desk: Desk, role: Role) -> None:
    desk.publish()
    desk.add(4, title="LabCamp #4, theirs")
    token = token_of(app, somebody(app, role, 4))
    for _endpoint, path in read_by_programs(app, {"edition": "5"}):
        if "/editions/5" in path:
            assert ask(app, path, token).status_code == 404, path
    for endpoint, path in read_by_programs(app, {"edition": "4"}):
        if "/editions/4" in path:
            may = role in (permitted_by_token(endpoint) or ())
            assert ask(app, path, token).status_code == (200 if may else 403), path
    listed = ask(app, "/api/v1/series/labcamp/editions", token).json
    assert [one["title"] for one in listed["items"]] == ["LabCamp #4, theirs"]
    assert listed["total"] == 1


def test_series_of_others_do_not_exist(app: Flask, desk: Desk) -> None:
    token = own_token(desk)
    for _endpoint, path in read_by_programs(app, {"series": "other"}):
        if "/other" in path:
            assert ask(app, path, token).status_code == 404, path
    foreign, missing = (ask(app, f"/api/v1/series/{slug}", token) for slug in ("other", "nothing"))
    assert foreign.data == missing.data
    assert [one["slug"] for one in ask(app, "/api/v1/series", token).json["items"]] == ["labcamp"]


def test_a_token_that_reads_no_people_reads_none(app: Flask, desk: Desk) -> None:
    desk.publish()
    token = own_token(desk, reads_people=False)
    refused = ask(app, f"{EDITION}/registrations", token, **{"Accept-Language": "en"})
    assert refused.status_code == 403
    assert refused.mimetype == "application/problem+json"
    assert refused.json["detail"] == "This token does not read who takes part. Make one that does."
    found = ask(app, EDITION, token).json
    assert "people" not in found["may"]
    assert "registrations" not in found["links"]
    assert "own" in found["may"]


def test_rights_that_end_end_for_programs_too(app: Flask, desk: Desk) -> None:
    desk.publish()
    token = own_token(desk)
    assert ask(app, EDITION, token).status_code == 200
    with app.app_context(), transaction():
        db.session.query(Member).one().role = Role.READER
    assert ask(app, f"{EDITION}/registrations", token).status_code == 403
    with app.app_context(), transaction():
        db.session.delete(db.session.query(Member).one())
    assert ask(app, EDITION, token).status_code == 404
    assert ask(app, "/api/v1/series", token).json["items"] == []
    with app.app_context(), transaction():
        db.session.query(User).one().active = False
    assert ask(app, START, token).status_code == 401


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer eventhub_made-up", "Basic bmFkaW5lOng=", "eventhub_x", "Bearer \u00e4"],
)
def test_without_a_token_nothing_is_read(app: Flask, desk: Desk, header: str) -> None:
    desk.publish()
    answer = desk.client.get(EDITION, headers={"Authorization": header.encode("utf-8").decode("latin-1")})
    assert answer.status_code == 401, "a session in a browser counts for nothing"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["status"] == 401


def test_a_token_ends_with_its_last_day(app: Flask, desk: Desk, clock: FrozenClock) -> None:
    token = own_token(desk, days=1)
    clock.advance(timedelta(days=1, hours=13))  # 23:00 in Berlin, on a day of March
    assert ask(app, START, token).status_code == 200
    clock.advance(timedelta(hours=1))
    assert ask(app, START, token).status_code == 401
    assert "beendet" in desk.client.get(PAGE).text
    clock.advance(timedelta(days=31))
    with app.app_context():
        forget_sign_in_links()
        assert db.session.query(ApiToken).count() == 0


def test_a_token_is_shown_once_and_kept_only_as_its_hash(desk: Desk) -> None:
    form = desk.form_of(PAGE) | {"name": "Website", "reads_people": "y"}
    assert desk.client.post(PAGE, data=form).location == PAGE
    page = desk.client.get(PAGE)
    [token] = re.findall(r'value="(eventhub_[\w-]{43})"', page.text)
    assert f"Bearer {token}" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert token not in desk.client.get(PAGE).text
    assert "Website" in desk.client.get(PAGE).text
    with desk.app.app_context():
        kept = db.session.query(ApiToken).one()
        assert token not in " ".join(str(value) for value in vars(kept).values())
        assert kept.reads_people
    assert ask(desk.app, START, token).json["account"]["email"] == "nadine@lab.example"


def test_a_token_can_be_removed_by_its_owner_alone(app: Flask, desk: Desk) -> None:
    token = own_token(desk)
    [path] = re.findall(r'action="(/manage/account/tokens/\d+/remove)"', desk.client.get(PAGE).text)
    stranger = organiser_of(app, email="else@lab.example").client
    assert stranger.post(path).status_code == 404
    assert ask(app, START, token).status_code == 200
    assert desk.client.post(path).status_code == 303
    assert ask(app, START, token).status_code == 401


@pytest.mark.parametrize(
    "answers",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"last_day": ""},
        {"last_day": "heute"},
        {"last_day": "2026-03-01"},
        {"last_day": "2027-03-04"},
        {"last_day": "9999-12-31"},
        {"last_day": "0001-01-01"},
    ],
)
def test_what_can_not_be_a_token_is_said_at_its_field(desk: Desk, answers: dict[str, str]) -> None:
    form = desk.form_of(PAGE) | {"name": "Website"} | answers
    page = desk.client.post(PAGE, data=form)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    with desk.app.app_context():
        assert db.session.query(ApiToken).count() == 0


def test_nobody_has_more_than_twenty(desk: Desk) -> None:
    for _ in range(api_tokens.MOST):
        own_token(desk)
    page = desk.client.post(PAGE, data=desk.form_of(PAGE) | {"name": "one more"})
    assert page.status_code == 422
    assert "Höchstens 20" in page.text


def test_the_page_says_when_a_token_was_used(app: Flask, desk: Desk, clock: FrozenClock) -> None:
    token = own_token(desk)
    assert '<span class="sub">nie</span>' in desk.client.get(PAGE).text
    ask(app, START, token)
    with app.app_context():
        assert db.session.query(ApiToken).one().used_at == clock.now()
    clock.advance(timedelta(minutes=59))
    ask(app, START, token)
    with app.app_context():
        assert db.session.query(ApiToken).one().used_at == clock.now() - timedelta(minutes=59)
    clock.advance(timedelta(minutes=2))
    ask(app, START, token)
    with app.app_context():
        assert db.session.query(ApiToken).one().used_at == clock.now()


def test_an_edition_is_told_with_its_places_and_links(app: Flask, desk: Desk) -> None:
    desk.publish(capacity=20)
    found = ask(app, EDITION, own_token(desk)).json
    assert (found["key"], found["series"], found["state"]) == ("5", "labcamp", "published")
    assert (found["capacity"], found["taken"], found["waiting"]) == (20, 0, 0)
    assert found["links"]["page"] == "http://localhost/labcamp/5/"
    assert found["links"]["registrations"] == f"http://localhost{EDITION}/registrations"
    assert "join_url" not in found
    desk.add(6)
    assert ask(app, "/api/v1/series/labcamp/editions/6", own_token(desk)).json["links"]["page"] is None


def test_the_agenda_is_told_slot_by_slot(app: Flask, desk: Desk) -> None:
    desk.publish()
    path = "/manage/labcamp/5/agenda/?new=1"
    form = desk.form_of(path) | {"title": "Impuls", "start_time": "15:00", "end_time": "15:30"}
    assert desk.client.post(path, data=form).status_code == 303
    [slot] = ask(app, f"{EDITION}/agenda", own_token(desk)).json["items"]
    assert (slot["title"], slot["start_time"], slot["end_time"]) == ("Impuls", "15:00", "15:30")
    assert slot["starts_at"].endswith("+00:00")


def test_registrations_come_page_by_page(app: Flask, desk: Desk) -> None:
    key = desk.publish(capacity=3)
    with app.app_context():
        for number in range(5):
            signed_up(key, number)
    token = own_token(desk)
    path, names, pages = f"{EDITION}/registrations?per_page=2", [], 0
    while path:
        page = ask(app, path, token).json
        assert page["total"] == 5
        names += [one["name"] for one in page["items"]]
        path = (page["next"] or "").removeprefix("http://localhost")
        pages += 1
    assert names == [f"Person {number}" for number in range(5)]
    assert pages == 3
    assert ask(app, f"{EDITION}/registrations?page=9", token).json["items"] == []
    waiting = ask(app, f"{EDITION}/registrations?state=waitlisted", token).json["items"]
    assert [(one["name"], one["position"]) for one in waiting] == [("Person 3", 1), ("Person 4", 2)]


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=two", "page=", "page=999999999", "per_page=201", "state=happy"]
)
def test_what_can_not_be_asked_is_said(app: Flask, desk: Desk, query: str) -> None:
    desk.publish()
    answer = ask(app, f"{EDITION}/registrations?{query}", own_token(desk))
    assert answer.status_code == 400
    assert answer.json["status"] == 400
    assert query.partition("=")[0] in answer.json["detail"]


def test_what_a_program_has_already_is_not_sent_again(app: Flask, desk: Desk) -> None:
    desk.publish()
    token = own_token(desk)
    first = ask(app, EDITION, token)
    again = ask(app, EDITION, token, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with app.app_context(), transaction():
        db.session.query(Series).filter_by(slug="labcamp").one().editions[0].theme = "Something new"
    assert ask(app, EDITION, token, **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_answers_are_for_the_program_alone(app: Flask, desk: Desk) -> None:
    desk.publish()
    answer = ask(app, EDITION, own_token(desk))
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_nothing_is_a_sentence_in_json(app: Flask, desk: Desk) -> None:
    token = own_token(desk)
    answer = ask(app, "/api/v1/nothing/here", token, **{"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.json == {
        "status": 404,
        "title": "Not Found",
        "detail": "There is nothing at this address that this token may read.",
    }


class TestWithLimits:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    def test_guessing_ends_soon(self, app: Flask, desk: Desk, client: FlaskClient) -> None:
        wrong = {"Authorization": "Bearer eventhub_guess"}
        codes = [client.get(START, headers=wrong).status_code for _ in range(61)]
        assert codes == [401] * 60 + [429]
        assert client.get(START, headers=wrong).json["status"] == 429
        assert ask(app, START, own_token(desk)).status_code == 200, "nobody is locked out by it"
