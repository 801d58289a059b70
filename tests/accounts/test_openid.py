"""Sign-in through an OpenID provider: only whom it surely vouches for, in the browser that has begun it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from config import Settings
from eventhub.accounts import openid, service
from eventhub.accounts.models import OpenIdIdentity, User
from eventhub.database import transaction
from eventhub.doctor import far
from eventhub.extensions import db
from tests.conftest import FrozenClock

pytest.importorskip("authlib")
from tests.accounts.forging import CLIENT, SECRET, SUBJECT, Forger, forging, said

pytestmark = pytest.mark.both_databases
KNOWN = "nadine@lab.example"
BEGIN = "/manage/sign-in/openid"


@pytest.fixture(scope="module")
def one_forger() -> Iterator[Forger]:
    with forging() as running:
        yield running


@pytest.fixture
def provider(one_forger: Forger) -> Forger:
    one_forger.begin_anew()
    return one_forger


@pytest.fixture
def settings(settings: Settings, provider: Forger) -> Settings:
    return replace(
        settings,
        openid_issuer=provider.issuer,
        openid_client_id=CLIENT,
        openid_client_secret=SECRET,
        openid_name="Lab-Konto",
    )


@pytest.fixture(autouse=True)
def account(app: Flask) -> None:
    app.extensions[openid.EXTENSION].server_metadata = {}
    with app.app_context(), transaction():
        service.create_user(KNOWN, "Nadine S.")


def begin(client: FlaskClient, target: str = "/manage/account") -> str:
    """Follow the button, and return where the provider asks who is there."""
    answer = client.get(BEGIN, query_string={"next": target})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def sign_in(client: FlaskClient, provider: Forger, **back: str) -> Any:
    return client.get(provider.agree(begin(client), **back))


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/manage/account").status_code == 200


def identities(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [
            (one.subject, one.user.email)
            for one in db.session.query(OpenIdIdentity).order_by(OpenIdIdentity.id)
        ]


def test_the_provider_signs_in_whoever_has_an_account(
    app: Flask, client: FlaskClient, provider: Forger
) -> None:
    assert "Mit Lab-Konto anmelden" in client.get("/manage/sign-in").text
    place = begin(client)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(place).query).items()}
    assert place.startswith(f"{provider.issuer}/authorize?")
    assert (asked["response_type"], asked["scope"]) == ("code", "openid email")
    assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT, "S256")
    assert asked["redirect_uri"] == f"http://localhost{BEGIN}/back"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    answer = client.get(provider.agree(place))
    assert (answer.status_code, answer.location) == (303, "/manage/account")
    assert identities(app) == [(SUBJECT, KNOWN)]
    page = client.get("/manage/account").text
    assert KNOWN in page
    assert provider.issuer in page


def test_each_try_is_another_one(client: FlaskClient) -> None:
    first, second = (parse_qs(urlsplit(begin(client)).query) for _ in range(2))
    assert not {first[name][0] for name in ("state", "nonce", "code_challenge")} & {
        second[name][0] for name in ("state", "nonce", "code_challenge")
    }


def test_the_session_is_one_of_ones_own_and_ends_everywhere(
    app: Flask, client: FlaskClient, provider: Forger
) -> None:
    firefox = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    assert client.get(provider.agree(begin(client)), headers=firefox).status_code == 303
    other = app.test_client()
    sign_in(other, provider)
    assert "Firefox, Linux" in other.get("/manage/account").text
    other.post("/manage/sign-out-everywhere")
    assert not is_signed_in(client)
    assert not is_signed_in(other)


def test_signing_in_begins_a_new_session(client: FlaskClient, provider: Forger) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in(client, provider)
    with client.session_transaction() as session:
        assert "planted" not in session


def test_who_was_linked_stays_so_when_the_address_changes(
    app: Flask, client: FlaskClient, provider: Forger
) -> None:
    sign_in(client, provider)
    for news in ({"email": "married@lab.example"}, {"email": None}, {"email_verified": False}):
        provider.claims = dict(news)
        later = app.test_client()
        sign_in(later, provider)
        assert KNOWN in later.get("/manage/account").text, news
    assert identities(app) == [(SUBJECT, KNOWN)]


def test_a_new_account_at_the_provider_is_known_by_its_address(
    app: Flask, client: FlaskClient, provider: Forger
) -> None:
    sign_in(client, provider)
    provider.claims = {"sub": "subject-18", "email": KNOWN.upper()}
    other = app.test_client()
    sign_in(other, provider)
    assert is_signed_in(other)
    assert identities(app) == [(SUBJECT, KNOWN), ("subject-18", KNOWN)]


def test_a_link_can_be_removed(app: Flask, client: FlaskClient, provider: Forger) -> None:
    sign_in(client, provider)
    [path] = re.findall(r'action="(/manage/account/openid/\d+/remove)"', client.get("/manage/account").text)
    assert client.post(path).status_code == 303
    assert identities(app) == []
    assert client.post(path).status_code == 404


def test_who_has_no_account_gets_none(app: Flask, client: FlaskClient, provider: Forger) -> None:
    provider.claims = {"email": "nobody@lab.example"}
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "nobody@lab.example" in answer.text
    assert identities(app) == []
    with app.app_context():
        assert db.session.query(User).count() == 1


def test_a_closed_account_stays_closed(app: Flask, client: FlaskClient, provider: Forger) -> None:
    sign_in(client, provider)
    with app.app_context(), transaction():
        db.session.query(User).one().active = False
    for claims in ({}, {"sub": "subject-18"}):
        provider.claims = dict(claims)
        other = app.test_client()
        assert sign_in(other, provider).status_code == 403
        assert not is_signed_in(other)
    assert identities(app) == [(SUBJECT, KNOWN)]


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_surely_theirs_is_nobodys(
    app: Flask, client: FlaskClient, provider: Forger, verified: object
) -> None:
    provider.claims = {"email_verified": verified}
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "Lab-Konto bestätigt deine Mailadresse nicht" in answer.text
    assert not is_signed_in(client)
    assert identities(app) == []


FORGED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another client": {"aud": "elsewhere"},
    "another client, though sent to us": {"aud": "elsewhere", "azp": CLIENT},
    "several clients, not saying whose": {"aud": [CLIENT, "elsewhere"]},
    "several clients, another one's": {"aud": [CLIENT, "elsewhere"], "azp": "elsewhere"},
    "no client": {"aud": None},
    "over": {"exp": 1_700_000_000},
    "without end": {"exp": None},
    "not yet": {"nbf": 4_000_000_000},
    "another try": {"nonce": "a nonce of another try"},
    "no try": {"nonce": None},
    "nobody": {"sub": None},
    "nobody by name": {"sub": ""},
    "a number": {"sub": 17},
    "somebody with a very long name": {"sub": "x" * 256},
    "another access token": {"at_hash": "bm9uc2Vuc2U"},
}


@pytest.mark.parametrize("claims", FORGED.values(), ids=FORGED.keys())
def test_an_id_token_about_something_else_proves_nothing(
    app: Flask, client: FlaskClient, provider: Forger, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "ließ sich nicht prüfen" in answer.text
    assert not is_signed_in(client)
    assert identities(app) == []


@pytest.mark.parametrize("algorithm", ["none", "HS256", "a foreign key"])
def test_an_id_token_that_others_could_have_written_proves_nothing(
    app: Flask, client: FlaskClient, provider: Forger, algorithm: str
) -> None:
    provider.kid, provider.algorithm = (
        ("foreign", "RS256") if algorithm.startswith("a ") else ("first", algorithm)
    )
    assert sign_in(client, provider).status_code == 403
    assert not is_signed_in(client)


def test_a_new_key_of_the_provider_is_found(app: Flask, client: FlaskClient, provider: Forger) -> None:
    sign_in(client, provider)
    provider.kid = provider.published = "second"
    other = app.test_client()
    sign_in(other, provider)
    assert is_signed_in(other)


def test_only_the_browser_that_began_comes_in(app: Flask, client: FlaskClient, provider: Forger) -> None:
    back = provider.agree(begin(client))
    other = app.test_client()
    assert other.get(back).status_code == 403
    begin(other)
    assert other.get(back).status_code == 403
    assert not is_signed_in(other)
    assert "/token" not in provider.asked, "the code of somebody else is not even tried"


@pytest.mark.parametrize("state", ["", "made-up", "ß"])
def test_a_wrong_state_is_refused(client: FlaskClient, provider: Forger, state: str) -> None:
    assert sign_in(client, provider, state=state).status_code == 403
    assert not is_signed_in(client)


def test_a_way_back_is_gone_once(app: Flask, client: FlaskClient, provider: Forger) -> None:
    back = provider.agree(begin(client))
    assert client.get(back).status_code == 303
    client.post("/manage/sign-out")
    again = client.get(back)
    assert again.status_code == 403
    assert "Bitte noch einmal beginnen" in again.text
    assert not is_signed_in(client)


def test_a_code_is_good_for_one_try(app: Flask, client: FlaskClient, provider: Forger) -> None:
    back = provider.agree(begin(client))
    code = parse_qs(urlsplit(back).query)["code"][0]
    client.get(back)
    other = app.test_client()
    state = parse_qs(urlsplit(begin(other)).query)["state"][0]
    assert other.get(f"{BEGIN}/back", query_string={"code": code, "state": state}).status_code == 403
    fresh = provider.agree(begin(client))
    stolen = parse_qs(urlsplit(fresh).query)["code"][0]
    state = parse_qs(urlsplit(begin(other)).query)["state"][0]
    answer = other.get(f"{BEGIN}/back", query_string={"code": stolen, "state": state})
    assert answer.status_code == 403, "whoever has the code alone lacks the verifier"
    assert not is_signed_in(other)


def test_what_another_provider_sends_back_is_refused(client: FlaskClient, provider: Forger) -> None:
    assert sign_in(client, provider, iss="https://elsewhere.example").status_code == 403
    assert sign_in(client, provider, iss=provider.issuer).status_code == 303


def test_who_takes_too_long_begins_again(client: FlaskClient, provider: Forger, clock: FrozenClock) -> None:
    back = provider.agree(begin(client))
    clock.advance(timedelta(minutes=15))
    assert client.get(back).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("language", "error", "words"),
    [
        ("de", "access_denied", "Die Anmeldung bei Lab-Konto kam nicht zustande"),
        ("en", "access_denied", "You were not signed in at Lab-Konto"),
        ("de", "server_error", "Lab-Konto hat die Anmeldung abgelehnt"),
        ("en", "<script>", "Lab-Konto refused the sign-in"),
    ],
)
def test_a_refusal_of_the_provider_is_a_sentence(
    client: FlaskClient, provider: Forger, language: str, error: str, words: str
) -> None:
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    answer = client.get(
        f"{BEGIN}/back",
        query_string={"error": error, "state": state},
        headers={"Accept-Language": language},
    )
    assert answer.status_code == 403
    assert words in answer.text
    assert 'name="email"' in answer.text, "the page offers a link instead"


BROKEN: dict[str, Response] = {
    "an error": Response("oops", 500),
    "nothing": Response("", 200),
    "no JSON": Response("<html>", 200),
    "a list": said([]),
    "a number": said(17),
    "a way elsewhere": Response("", 302, headers={"Location": "/elsewhere"}),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
def test_a_provider_that_does_not_answer_properly_is_named(
    client: FlaskClient, provider: Forger, path: str, answer: Response
) -> None:
    provider.broken[path] = answer
    page = client.get(BEGIN)
    if path.startswith("/.well"):
        assert page.status_code == 503
    else:
        page = client.get(provider.agree(page.location))
        assert page.status_code in (403, 503)
    assert "Lab-Konto" in page.text
    assert 'name="email"' in page.text
    assert "/elsewhere" not in provider.asked, "no redirect is followed"
    assert not is_signed_in(client)


def test_a_slow_provider_holds_nobody_up(app: Flask, client: FlaskClient, provider: Forger) -> None:
    known = app.extensions[openid.EXTENSION]
    usual = known.client_kwargs
    known.client_kwargs = usual | {"default_timeout": 0.05}
    provider.pause = 0.3
    try:
        answer = client.get(BEGIN)
    finally:
        known.client_kwargs = usual
    assert answer.status_code == 503
    assert "antwortet nicht richtig" in answer.text


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"token_endpoint": "http://127.0.0.1:1/token"},
        {"token_endpoint": "http://127.0.0.1@elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": "http://169.254.169.254/"},
        {"authorization_endpoint": "https://elsewhere.example/authorize"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_names_other_hosts_is_not_followed(
    client: FlaskClient, provider: Forger, metadata: dict[str, Any]
) -> None:
    provider.metadata |= metadata
    assert client.get(BEGIN).status_code == 503
    assert provider.asked == ["/.well-known/openid-configuration"]


def test_a_provider_may_be_spread_over_hosts_that_the_operator_names(
    app: Flask, client: FlaskClient, provider: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = f"localhost:{urlsplit(provider.issuer).port}"
    provider.metadata |= {"token_endpoint": f"http://{host}/token", "jwks_uri": f"http://{host}/jwks"}
    assert client.get(BEGIN).status_code == 503
    known = app.extensions[openid.EXTENSION]
    monkeypatch.setattr(known, "_hosts", {*known._hosts, host})
    sign_in(client, provider)
    assert identities(app) == [(SUBJECT, KNOWN)]


def test_what_the_provider_says_of_itself_sets_nothing_else(client: FlaskClient, provider: Forger) -> None:
    provider.metadata |= {"max_redirects": 30, "code_challenge_method": None, "scope": "openid everything"}
    asked = parse_qs(urlsplit(begin(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid email"]
    provider.broken["/token"] = Response("", 302, headers={"Location": "/elsewhere"})
    assert sign_in(client, provider).status_code == 503
    assert "/elsewhere" not in provider.asked


def test_an_address_may_stand_in_the_userinfo(app: Flask, client: FlaskClient, provider: Forger) -> None:
    with app.app_context(), transaction():
        service.create_user("userinfo@lab.example")
    provider.claims = {"email": None, "email_verified": None}
    sign_in(client, provider)
    assert identities(app) == [(SUBJECT, "userinfo@lab.example")]
    provider.about["sub"] = "somebody else"
    other = app.test_client()
    assert sign_in(other, provider).status_code == 403
    assert not is_signed_in(other)


def test_what_the_provider_says_of_itself_is_asked_once(client: FlaskClient, provider: Forger) -> None:
    for _ in range(3):
        sign_in(client, provider)
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    assert provider.asked.count("/jwks") == 1


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere"])
def test_the_way_leads_to_pages_of_this_site_only(client: FlaskClient, provider: Forger, target: str) -> None:
    assert client.get(provider.agree(begin(client, target))).location == "/manage/"


def test_the_doctor_says_whether_the_provider_answers(app: Flask, provider: Forger) -> None:
    with app.app_context():
        assert any(provider.issuer in one.words and one.well for one in far())
        provider.broken["/.well-known/openid-configuration"] = Response("", 500)
        assert any(provider.issuer in one.words and not one.well for one in far())


class TestWithoutProvider:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, openid_issuer=None)

    @pytest.fixture(autouse=True)
    def account(self, app: Flask) -> None:
        """Nobody is known."""

    def test_nothing_is_offered(self, app: Flask) -> None:
        client = app.test_client()
        assert "openid" not in client.get("/manage/sign-in").text
        assert client.get(BEGIN).status_code == 404
        assert client.get(f"{BEGIN}/back").status_code == 404
