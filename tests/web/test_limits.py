"""How often one address may do something."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from eventhub.web import limits


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(limits, "monotonic", time)
    return time


def test_the_window_slides(passing: Time) -> None:
    known = limits.Limits()
    assert known.take("a", 2, 10) == 0
    passing.now += 6
    assert known.take("a", 2, 10) == 0
    assert known.take("a", 2, 10) == 4
    assert known.take("b", 2, 10) == 0
    passing.now += 5
    assert known.take("a", 2, 10) == 0
    assert known.take("a", 2, 10) == 5


def test_keys_used_long_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 2)
    known = limits.Limits()
    for key in ("a", "b", "c"):
        assert known.take(key, 1, 99) == 0
    assert known.take("a", 1, 99) == 0
    assert known.take("c", 1, 99) > 0


def test_the_page_says_when_to_try_again(client: FlaskClient, passing: Time) -> None:
    english = {"Accept-Language": "en"}
    assert [client.get("/limited").status_code for _ in range(2)] == [200, 200]
    passing.now += 200
    answer = client.get("/limited", headers=english)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "401"
    assert "Try again in 7 minutes." in answer.text


def test_one_network_is_one_client(client: FlaskClient) -> None:
    def ask(address: str) -> tuple[int, str]:
        answer = client.get("/limited", environ_base={"REMOTE_ADDR": address})
        return answer.status_code, answer.text

    assert ask("2001:db8:1:2:3::4") == (200, "2001:db8:1:2::")
    assert ask("2001:db8:1:2:ffff::1")[0] == 200
    assert ask("2001:db8:1:2::9")[0] == 429
    assert ask("2001:db8:1:3::9")[0] == 200
    assert ask("::ffff:192.0.2.1") == (200, "192.0.2.1")
    assert ask("somewhere") == (200, "somewhere")


class TestOff:
    """An operator switches the limits off for load tests."""

    @pytest.fixture
    def settings(self, tmp_path: object) -> dict[str, object]:
        return {"SETTINGS": Settings(tmp_path, "k" * 40, "sqlite://", rate_limits=False)}  # type: ignore[arg-type]

    def test_nothing_is_limited(self, app: Flask, client: FlaskClient) -> None:
        assert {client.get("/limited").status_code for _ in range(9)} == {200}
