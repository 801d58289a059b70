"""Headers, where forms come from, and input that nobody types."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub.web.security import POLICY, safe_target

GOOD = {"name": "Ada", "email": "a@example.org", "room": "a", "consent": "y"}
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def send(client: FlaskClient, token_in: Callable[[str], str]) -> Callable[..., object]:
    """Send the demo form with a token of the session."""
    token = token_in(client.get("/demo/").text)

    def post(data: object = None, headers: dict[str, str] | None = None) -> object:
        values = {**GOOD, "csrf_token": token, **(data or {})}
        return client.post("/demo/", data=values, headers=headers or {})

    return post


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path in ("/done", "/nothing", "/page"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers
    assert client.get("/done").headers["Cache-Control"] == "no-store"
    assert client.get("/page").headers["Cache-Control"] == "no-cache"
    assert client.get("/my/secret/").headers["Referrer-Policy"] == "no-referrer"


def test_a_good_form_goes_through(send: Callable[..., object]) -> None:
    for headers in ({}, HERE, {"Origin": "http://localhost"}, {"Origin": "null"}, {**HERE, "Origin": "null"}):
        assert send(headers=headers).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_forms_of_other_sites_are_refused(send: Callable[..., object], headers: dict[str, str]) -> None:
    assert send(headers=headers).status_code == 403


def test_without_a_token_nothing_happens_but_a_click_sends_it_again(
    client: FlaskClient, token_in: Callable[[str], str]
) -> None:
    answer = client.post("/demo/", data={**GOOD, "name": '"><b>'}, headers=HERE)
    assert answer.status_code == 400
    assert 'name="name" value="&#34;&gt;&lt;b&gt;"' in answer.text
    again = client.post("/demo/", data={**GOOD, "csrf_token": token_in(answer.text)}, headers=HERE)
    assert again.status_code == 303


def test_an_unproven_form_is_not_offered_again(client: FlaskClient) -> None:
    answer = client.post("/demo/", data=GOOD)
    assert answer.status_code == 400
    assert 'value="Ada"' not in answer.text


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml"])
def test_other_content_types_are_refused(client: FlaskClient, kind: str) -> None:
    assert client.post("/demo/", data=b"{}", content_type=kind).status_code == 415


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ufffe"]
)
def test_unusable_characters_in_forms(send: Callable[..., object], sign: str) -> None:
    answer = send({"name": f"A{sign}da"})
    assert answer.status_code == 400
    assert "name" in answer.text


def test_usable_characters_in_forms(send: Callable[..., object]) -> None:
    for text in ("a\r\nb\tc", "Łukasz Yıldız", "👩🏽\u200d💻", "שלום\u200f", "a\u00adb"):
        assert send({"note": text}).status_code == 303


def test_broken_bytes_in_forms(client: FlaskClient) -> None:
    for body in (b"name=%ED%A0%80", b"name=%FF", b"%00=1", b"name=\xff\xfe"):
        answer = client.post("/demo/", data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/done?q=%00",
        "/done?q=%E2%80%AE",
        "/done?q=%FF",
        "/done?q=a%0d%0ab",
        "/done?%ED%A0%80=1",
        "/%00",
        "/x%0ay",
    ],
)
def test_unusable_characters_in_addresses(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 400


def test_a_number_too_large_for_the_database_is_a_missing_page(client: FlaskClient) -> None:
    assert client.get("/number/2147483647").status_code == 200
    assert client.get(f"/number/{10**30}").status_code == 404


def test_a_single_value_is_sent_once_and_several_are_allowed(send: Callable[..., object]) -> None:
    assert send({"name": ["Ada", "Eve"]}).status_code == 400
    assert send({"tracks": ["x", "y"]}).status_code == 303


def test_too_much_is_refused(client: FlaskClient) -> None:
    many = "&".join(f"f{n}=1" for n in range(201)).encode()
    urlencoded = "application/x-www-form-urlencoded"
    assert client.post("/demo/", data=many, content_type=urlencoded).status_code == 413
    assert client.post("/demo/", data=b"a=" + b"x" * 600_000, content_type=urlencoded).status_code == 413
    assert client.post("/demo/", data=b"a=" + b"x" * 5_000_000, content_type=urlencoded).status_code == 413


def test_unknown_hosts_are_refused(client: FlaskClient) -> None:
    for path in ("/done", "/page"):
        assert client.get(path).status_code == 200
        assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


def test_forwarded_headers_mean_nothing_without_a_proxy(client: FlaskClient) -> None:
    answer = client.get(
        "/limited", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}
    )
    assert answer.text == "127.0.0.1"


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        ("/manage/?page=2", "/manage/?page=2"),
        (None, "/home"),
        ("", "/home"),
        ("//evil.example", "/home"),
        ("/\\evil.example", "/home"),
        ("https://evil.example", "/home"),
        ("/a\nb", "/home"),
        ("\t//evil.example", "/home"),
        ("javascript:alert(1)", "/home"),
    ],
)
def test_redirects_stay_here(target: str | None, safe: str) -> None:
    assert safe_target(target, "/home") == safe


class TestHttps:
    """With an https address everything is stricter."""

    @pytest.fixture
    def settings(self) -> dict[str, object]:
        return {"SESSION_COOKIE_SECURE": True, "BASE_URL": "https://localhost"}

    def test_transport_security_and_secure_cookies(self, client: FlaskClient) -> None:
        assert "max-age" in client.get("/done").headers["Strict-Transport-Security"]
        assert "Secure" in client.get("/done?lang=en").headers["Set-Cookie"]


class TestProxy:
    """With one proxy in front its word counts, once."""

    @pytest.fixture
    def settings(self, tmp_path: object) -> dict[str, object]:
        from config import Settings  # noqa: PLC0415  # only these tests need the real settings

        return {"SETTINGS": Settings(tmp_path, "k" * 40, "sqlite://", proxy_hops=1)}  # type: ignore[arg-type]

    def test_the_last_proxy_names_the_client(self, app: Flask, client: FlaskClient) -> None:
        forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
        assert client.get("/limited", headers=forwarded).text == "203.0.113.9"
