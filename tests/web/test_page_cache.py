"""Pages kept for everybody: when they are kept, when not, and what they cost."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eventhub.web import page_cache


def times(client: FlaskClient, path: str = "/page", **headers: str) -> str:
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200
    return re.search(r"\d+(?= times)|^(?:None )?\d+$", answer.text)[0]  # type: ignore[index]


def test_a_page_is_rendered_once_until_the_content_changes(
    client: FlaskClient, revision: dict[str, int]
) -> None:
    assert times(client) == times(client) == "1"
    revision["number"] += 1
    assert times(client) == times(client) == "2"


def test_a_page_is_rendered_again_after_its_seconds(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(page_cache, "monotonic", lambda: now)
    assert times(client, "/soon") == times(client, "/soon") == "1"
    now += 1.1
    assert times(client, "/soon") == "2"


def test_each_language_mode_and_query_has_its_own(app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    assert times(client) == "1"
    assert times(client, Accept_Language="en") == "2"
    assert times(client, Cookie="mode=dark") == "3"
    assert times(client, "/page?track=2") == "4"
    assert times(client, Cookie="unknown=1; _ga=2") == "1"
    assert times(client, Accept_Language="en-GB") == "2"


def test_headers_stay_the_same(client: FlaskClient) -> None:
    first, second = client.get("/page"), client.get("/page")
    assert list(first.headers) == list(second.headers)
    assert first.data == second.data
    assert set(second.headers["Vary"].split(", ")) >= {"Accept-Encoding", "Accept-Language", "Cookie"}


def test_the_compressed_page_is_kept_as_well(client: FlaskClient) -> None:
    accept = {"Accept-Encoding": "gzip"}
    first, second = client.get("/page", headers=accept), client.get("/page", headers=accept)
    assert first.headers["Content-Encoding"] == "gzip"
    assert first.data == second.data
    assert b"rendered 1 times" in gzip.decompress(second.data)
    assert first.headers["ETag"] != client.get("/page").headers["ETag"]
    assert "Content-Encoding" not in client.get("/page", headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_conditional_requests(client: FlaskClient, revision: dict[str, int]) -> None:
    tag = client.get("/page").headers["ETag"]
    for wanted in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        again = client.get("/page", headers={"If-None-Match": wanted})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Type" not in again.headers
    revision["number"] += 1
    assert client.get("/page", headers={"If-None-Match": tag}).status_code == 200
    assert client.get("/own-tag", headers={"If-None-Match": '"abc"'}).status_code == 304
    assert client.get("/own-tag", headers={"If-None-Match": '"abd"'}).status_code == 200


def test_a_first_conditional_request_fills_the_cache(client: FlaskClient) -> None:
    assert client.get("/page", headers={"If-None-Match": '"old"'}).status_code == 200
    assert times(client) == "1"


def test_head_is_answered_without_a_body(client: FlaskClient) -> None:
    assert client.head("/page").data == b""
    assert times(client) == "2"
    head = client.head("/page")
    assert (head.status_code, head.data) == (200, b"")


def test_personal_pages_are_never_kept(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    assert times(client, "/personal") != times(client, "/personal")
    assert "personal reads the session" in caplog.text
    assert client.get("/personal").headers["Cache-Control"] == "no-store"
    assert times(client, "/cookie") != times(client, "/cookie")


def test_errors_and_unmarked_pages_are_never_kept(app: Flask, client: FlaskClient) -> None:
    for path in ("/nothing", "/done", "/rule"):
        client.get(path)
    assert not app.extensions["page_cache"]._entries


def test_messages_wait_for_a_page_that_is_not_kept(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["_flashes"] = [("ok", "Hello you")]
    assert "Hello you" not in client.get("/page").text
    assert "Hello you" in client.get("/done").text


def test_the_cache_is_bounded(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = app.extensions["page_cache"]
    monkeypatch.setattr(page_cache, "MOST_ENTRIES", 3)
    for number in range(9):
        client.get(f"/page?n={number}")
    assert len(cache._entries) == 3
    monkeypatch.setattr(page_cache, "MOST_BYTES", 1)
    client.get("/page")
    assert (len(cache._entries), cache._bytes) == (0, 0)
    client.get(f"/page?n={'1' * 300}")
    assert not cache._entries
    with app.app_context():
        page_cache.clear()


def test_many_readers_render_an_outdated_page_once(app: Flask, revision: dict[str, int]) -> None:
    assert times(app.test_client()) == "1"
    revision["number"] += 1
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: times(app.test_client()), range(32)))
    assert found == {"2"}
