"""What several web processes share through Redis, and how each goes on without it."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from redis import Redis

from config import Settings
from eventhub.web import limits, page_cache
from eventhub.web import shared as shared_module
from eventhub.web.limits import SharedLimits
from eventhub.web.page_cache import Entry, PageCache, SharedPages
from eventhub.web.shared import Shared
from tests import needs

NOWHERE = "redis://127.0.0.1:1/0"
KEY = ("/", "", "localhost", "de", "", False)


def connected(url: str | None = None, secret: str | None = None) -> Shared:
    """Return a connection whose keys no other test has."""
    return Shared(url or needs.redis_url(), secret or str(uuid4()))


@pytest.mark.slow
@pytest.mark.redis
def test_processes_share_one_window() -> None:
    one, secret = "someone 203.0.113.7", str(uuid4())
    first, second = (SharedLimits(connected(secret=secret)) for _ in range(2))
    assert first.take(one, 2, 0.5) == 0
    assert second.take(one, 2, 0.5) == 0
    assert 0 < first.take(one, 2, 0.5) <= 0.5
    assert second.take("somebody else", 2, 0.5) == 0
    time.sleep(0.55)
    assert second.take(one, 2, 0.5) == 0


@pytest.mark.redis
def test_redis_learns_no_address() -> None:
    redis: Redis = Redis.from_url(needs.redis_url())
    SharedLimits(connected()).take("sign-in erika@lab.example", 1, 1)
    assert not any(b"erika" in key for key in redis.scan_iter())


def test_without_redis_each_process_counts_for_itself() -> None:
    limited = SharedLimits(connected(NOWHERE))
    assert limited.take("a", 1, 60) == 0
    assert limited.take("a", 1, 60) > 0


def test_while_redis_is_away_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    shared = connected(NOWHERE)

    def question(_redis: Redis) -> str:
        asked.append(1)
        raise ConnectionError

    assert [shared.ask(question, "alone") for _ in range(5)] == ["alone"] * 5
    assert len(asked) == 1
    later = time.monotonic() + 11
    monkeypatch.setattr(shared_module.time, "monotonic", lambda: later)
    shared.ask(question, "alone")
    assert len(asked) == 2


class Application:
    """Renders one page and counts how often."""

    def __init__(self) -> None:
        self.rendered = 0

    def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]
        self.rendered += 1
        environ[page_cache.SECONDS] = 5.0
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("ETag", '"abc"')])
        return ["Grüße".encode()]


def cache(application: Application, pages: SharedPages, revision: int = 1) -> PageCache:
    return PageCache(application, lambda: revision, "de", pages)


def visit(cache: PageCache) -> bytes:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": "", "HTTP_HOST": "localhost"}
    return b"".join(cache(environ, lambda *_: lambda _data: None))


@pytest.mark.redis
def test_what_one_process_has_rendered_serves_all() -> None:
    application, shared = Application(), connected()
    first, second = (cache(application, SharedPages(shared, "v1")) for _ in range(2))
    assert visit(first) == visit(second) == visit(second) == "Grüße".encode()
    assert application.rendered == 1


@pytest.mark.redis
def test_another_revision_or_version_has_pages_of_its_own() -> None:
    application, shared = Application(), connected()
    for pages, revision in ((SharedPages(shared, "v1"), 1), (SharedPages(shared, "v1"), 2)):
        visit(cache(application, pages, revision))
    visit(cache(application, SharedPages(shared, "v2"), 2))
    assert application.rendered == 3


@pytest.mark.redis
def test_a_shared_page_grows_old() -> None:
    pages = SharedPages(connected(), "v1")
    entry = Entry([("Content-Type", "text/html")], b"page", '"abc"', 1, 0.0)
    pages.keep(KEY, entry, 0.2)
    found = pages.find(KEY, 1)
    assert found is not None
    assert (found.headers, found.body, found.etag, found.revision) == (
        [("Content-Type", "text/html")],
        b"page",
        '"abc"',
        1,
    )
    assert found.until <= time.monotonic() + 0.2
    time.sleep(0.25)
    assert pages.find(KEY, 1) is None


def test_without_redis_pages_are_kept_as_ever() -> None:
    application = Application()
    alone = cache(application, SharedPages(connected(NOWHERE), "v1"))
    assert visit(alone) == visit(alone) == "Grüße".encode()
    assert application.rendered == 1


class TestApplication:
    """The setting switches both on."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> dict[str, object]:
        return {"SETTINGS": Settings(tmp_path, str(uuid4()), "sqlite://", redis_url=needs.redis_url())}

    @pytest.mark.redis
    def test_limits_and_pages_are_shared(self, app: Flask) -> None:
        assert isinstance(app.extensions[limits.EXTENSION], SharedLimits)
        client = app.test_client()
        assert [client.get("/limited").status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/page").text == client.get("/page").text
