"""Sign-in by a mailed link: the same answer for everybody, one use, one browser, a quarter of an hour."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from config import Settings
from eventhub.accounts import service
from eventhub.accounts.browsers import browser_name
from eventhub.accounts.models import SignInLink, User
from eventhub.database import transaction
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.organisations.cli import accounts_commands
from tests.accounts.signing_in import organiser_of
from tests.conftest import FrozenClock

pytestmark = pytest.mark.both_databases
KNOWN = "nadine@lab.example"
ASK = "/manage/sign-in"


@pytest.fixture(autouse=True)
def account(app: Flask) -> None:
    with app.app_context(), transaction():
        service.create_user(KNOWN, "Nadine S.")


def token(app: Flask, email: str = KNOWN) -> str:
    """Return the token of the newest link for an address."""
    with app.app_context():
        links = db.session.scalars(select(SignInLink).filter_by(email=email).order_by(SignInLink.id)).all()
        return service.token_of(links[-1])


def ask(client: FlaskClient, email: str = KNOWN, target: str = "") -> None:
    answer = client.post(ASK, data={"email": email, "next": target})
    assert answer.status_code == 303
    assert answer.location == "/manage/sign-in/sent"


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/manage/account").status_code == 200


def test_the_mailed_link_signs_in(app: Flask, client: FlaskClient) -> None:
    ask(client)
    link = f"{ASK}/{token(app)}"
    page = client.get(link)
    assert page.status_code == 200
    assert not is_signed_in(client), "a look at the link must not sign in"
    answer = client.post(link)
    assert (answer.status_code, answer.location) == (303, "/manage/")
    assert is_signed_in(client)


def test_the_answer_is_the_same_for_unknown_addresses(app: Flask, client: FlaskClient) -> None:
    answers = []
    for email in (KNOWN, "nobody@lab.example"):
        answer = client.post(ASK, data={"email": email})
        sent = client.get(answer.location).text
        answers.append((answer.status_code, answer.location, sorted(answer.headers.keys()), sent))
    assert answers[0][:3] == answers[1][:3]
    assert "nadine" not in answers[0][3]
    with app.app_context():
        assert len(db.session.scalars(select(OutboxMessage)).all()) == 2


def test_an_unknown_address_gets_in_nowhere(app: Flask, client: FlaskClient) -> None:
    ask(client, "nobody@lab.example")
    assert client.post(f"{ASK}/{token(app, 'nobody@lab.example')}").status_code == 410
    assert not is_signed_in(client)


def test_a_link_works_once(app: Flask, client: FlaskClient) -> None:
    ask(client)
    link = f"{ASK}/{token(app)}"
    client.post(link)
    client.post("/manage/sign-out")
    assert client.get(link).status_code == 410
    assert client.post(link).status_code == 410
    assert not is_signed_in(client)


def test_a_link_ends_after_a_quarter_of_an_hour(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    ask(client)
    clock.advance(timedelta(minutes=15))
    page = client.post(f"{ASK}/{token(app)}")
    assert page.status_code == 410
    assert 'name="email"' in page.text, "the page offers a new link"


def test_another_browser_gets_a_code_for_the_asking_one(app: Flask, client: FlaskClient) -> None:
    ask(client)
    other = app.test_client()
    link = f"{ASK}/{token(app)}"
    assert other.post(link).location == link, "another browser can't use the link"
    page = other.get(link).text
    code = re.search(r"big-code[^>]*>(\d{3})&nbsp;(\d{3})<", page)
    assert code is not None
    assert not is_signed_in(other)
    answer = client.post("/manage/sign-in/code", data={"code": f"{code[1]} {code[2]}"})
    assert answer.status_code == 303
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_a_code_may_be_tried_five_times(app: Flask, client: FlaskClient) -> None:
    ask(client)
    with app.app_context():
        right = service.code_of(db.session.scalars(select(SignInLink)).one())
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _try in range(service.CODE_TRIES):
        assert client.post("/manage/sign-in/code", data={"code": wrong}).status_code == 422
    assert client.post("/manage/sign-in/code", data={"code": right}).status_code == 422
    assert not is_signed_in(client)


def test_a_code_is_worth_nothing_in_another_browser(app: Flask, client: FlaskClient) -> None:
    ask(client)
    with app.app_context():
        right = service.code_of(db.session.scalars(select(SignInLink)).one())
    other = app.test_client()
    assert other.post("/manage/sign-in/code", data={"code": right}).status_code == 422
    assert not is_signed_in(other)


def test_signing_in_begins_a_new_session(app: Flask, client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    ask(client)
    client.post(f"{ASK}/{token(app)}")
    with client.session_transaction() as session:
        assert "planted" not in session


def test_signing_out_makes_a_copied_session_void(app: Flask, client: FlaskClient) -> None:
    ask(client)
    client.post(f"{ASK}/{token(app)}")
    stolen = app.test_client()
    stolen.set_cookie("session", client.get_cookie("session").value)  # type: ignore[union-attr]
    assert is_signed_in(stolen)
    client.post("/manage/sign-out")
    assert not is_signed_in(client)
    assert not is_signed_in(stolen)


def test_signing_out_everywhere_ends_all_sessions(app: Flask) -> None:
    first, second = organiser_of(app).client, organiser_of(app).client
    assert is_signed_in(first)
    assert is_signed_in(second)
    first.post("/manage/sign-out-everywhere")
    assert not is_signed_in(second)


def test_sessions_end_after_a_month_and_with_the_account(app: Flask, clock: FrozenClock) -> None:
    organiser = organiser_of(app)
    clock.advance(timedelta(days=29))
    assert is_signed_in(organiser.client)
    clock.advance(timedelta(days=1))
    assert not is_signed_in(organiser.client)
    other = organiser_of(app)
    with app.app_context(), transaction():
        db.session.get_one(User, other.id).active = False
    assert not is_signed_in(other.client)


def test_one_address_gets_five_links_an_hour(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    for _time in range(service.LINKS_PER_HOUR + 2):
        ask(client)
    with app.app_context():
        assert len(db.session.scalars(select(OutboxMessage)).all()) == service.LINKS_PER_HOUR
    clock.advance(timedelta(hours=1, seconds=1))
    ask(client)
    with app.app_context():
        assert len(db.session.scalars(select(OutboxMessage)).all()) == service.LINKS_PER_HOUR + 1


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/manage/account", "/manage/account"),
        ("//elsewhere.example/", "/manage/"),
        ("https://elsewhere.example/", "/manage/"),
        ("/\\elsewhere.example", "/manage/"),
        ("javascript:alert(1)", "/manage/"),
        ("/" + "x" * 600, "/" + "x" * 499),
    ],
)
def test_the_way_leads_to_pages_of_this_site_only(
    app: Flask, client: FlaskClient, asked: str, reached: str
) -> None:
    ask(client, target=asked)
    assert client.post(f"{ASK}/{token(app)}").location == reached


def test_who_is_not_signed_in_comes_back_to_the_page(client: FlaskClient) -> None:
    answer = client.get("/manage/account?x=1")
    assert answer.status_code == 303
    assert answer.location == "/manage/sign-in?next=/manage/account?x%3D1"
    assert 'value="/manage/account?x=1"' in client.get(answer.location).text


@pytest.mark.parametrize("email", ["", "nobody", "a@b c", "x" * 300 + "@lab.example", "@"])
def test_what_is_no_address_is_said_at_the_field(client: FlaskClient, email: str) -> None:
    page = client.post(ASK, data={"email": email})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text


def test_an_operators_link_works_in_any_browser(app: Flask, client: FlaskClient) -> None:
    runner = app.test_cli_runner()

    printed = runner.invoke(accounts_commands, ["sign-in-link", KNOWN])
    path = printed.output.strip().removeprefix("http://localhost")
    assert path.startswith(f"{ASK}/")
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 303
    assert is_signed_in(client)
    unknown = runner.invoke(accounts_commands, ["sign-in-link", "nobody@lab.example"])
    assert unknown.exit_code == 1
    assert "There is no account" in unknown.output


def test_an_operator_adds_accounts(app: Flask) -> None:

    runner = app.test_cli_runner()
    new = ["create", "New@Lab.example", "--organisation", "lab"]
    refused = runner.invoke(accounts_commands, new)
    assert refused.exit_code == 1
    assert "--new-organisation" in refused.output
    assert runner.invoke(accounts_commands, [*new, "--new-organisation", "A Lab"]).exit_code == 0
    assert runner.invoke(accounts_commands, [*new, "--role", "owner"]).output == (
        "new@lab.example is owner of A Lab.\n"
    )
    assert runner.invoke(accounts_commands, ["create", "nonsense", "--organisation", "lab"]).exit_code == 1


class TestWithLimits:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    def test_one_client_asks_ten_times_in_ten_minutes(self, client: FlaskClient) -> None:
        for number in range(10):
            ask(client, f"person{number}@lab.example")
        assert client.post(ASK, data={"email": KNOWN}).status_code == 429


def test_the_account_page_lists_sessions_and_ends_one(app: Flask) -> None:
    here, there = organiser_of(app).client, app.test_client()
    other = organiser_of(app, client=there).client
    page = here.get("/manage/account").text
    assert page.count('/end"') == 1
    ends = re.findall(r'action="(/manage/account/sessions/\d+/end)"', page)
    assert here.post(ends[0]).status_code == 303
    assert other.get("/manage/account").status_code == 303, "the other browser is signed out"
    assert here.get("/manage/account").status_code == 200
    stranger = organiser_of(app, email="else@lab.example").client
    own = re.search(r'action="(/manage/account/sessions/\d+/end)"', stranger.get("/manage/account").text)
    assert own is None
    assert stranger.post("/manage/account/sessions/1/end").status_code == 404


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/139 Safari/537.36 Edg/139",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1", "Safari, iPhone"),
        ("curl/8", ""),
    ],
)
def test_browsers_are_told_apart(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
