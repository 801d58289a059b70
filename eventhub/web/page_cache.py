"""Rendered public pages and calendars, kept in front of Flask.

A view says `cacheable()` before it renders. The page is then kept for everybody who speaks the same
language, until the content revision changes or its seconds are over. Pages that read the session
are never kept, so a kept page can't show anything personal. Conditional requests are answered here.
Where several web processes share a Redis, what one has rendered serves all of them.
"""

import json
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app, g, request
from flask.globals import request_ctx
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from config import ROOT
from eventhub.web.compression import accepts_gzip
from eventhub.web.languages import language_of, mode_of
from eventhub.web.shared import Shared, shared

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from redis import Redis

log = logging.getLogger("eventhub")

SECONDS = "eventhub.cacheable"
MOST_ENTRIES = 512
MOST_BYTES = 64 * 1024 * 1024
LONGEST_QUERY = 200
PATIENCE = 5.0
TAG = re.compile(r'(?:W/)?"([^"]*)"')
ONLY_WITH_CONTENT = frozenset(("content-length", "content-type", "content-encoding", "content-language"))

Headers = list[tuple[str, str]]
Key = tuple[str, str, str, str, str | None, bool]
Revision = Callable[[], int]


def cacheable(max_age: float = 30.0) -> None:
    """Let the page of this request be kept for everybody; call it before rendering.

    It is rendered anew after each change of public content, and after `max_age` seconds: one second
    where free places are shown, the default where only the clock can outdate it.
    """
    g.cacheable = max_age


@dataclass
class Entry:
    """One kept response; the lock lets one request at a time render it anew."""

    headers: Headers
    body: bytes
    etag: str
    revision: int
    until: float
    rendering: Lock = field(default_factory=Lock)

    def fresh(self, revision: int) -> bool:
        return self.revision == revision and monotonic() < self.until


def _with_time_left(redis: "Redis", name: str) -> tuple[bytes, int]:
    pipeline = redis.pipeline()
    pipeline.get(name)
    pipeline.pttl(name)
    value, left = pipeline.execute()
    return value or b"", left


class SharedPages:
    """Pages of all web processes of one version, in Redis."""

    def __init__(self, shared: Shared, version: str) -> None:
        self._shared = shared
        self._version = version

    def keep(self, key: Key, entry: Entry, seconds: float) -> None:
        head = json.dumps([entry.headers, entry.etag]).encode()
        name = self._shared.name("page", self._version, entry.revision, key)
        value = len(head).to_bytes(4) + head + entry.body
        self._shared.ask(lambda redis: bool(redis.set(name, value, px=int(seconds * 1000))), otherwise=False)

    def find(self, key: Key, revision: int) -> Entry | None:
        name = self._shared.name("page", self._version, revision, key)
        value, left = self._shared.ask(lambda redis: _with_time_left(redis, name), (b"", 0))
        if not value or left <= 0:
            return None
        end = 4 + int.from_bytes(value[:4])
        headers, etag = json.loads(value[4:end])
        return Entry(
            [(name, text) for name, text in headers], value[end:], etag, revision, monotonic() + left / 1000
        )


class PageCache:
    """Answers from memory where it can, and keeps what Flask answers where it may."""

    def __init__(
        self,
        application: "WSGIApplication",
        revision: Revision,
        default_language: str,
        others: SharedPages | None = None,
    ) -> None:
        self._others = others
        self._application = application
        self._revision = revision
        self._default_language = default_language
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        try:
            revision = self._revision()
        except SQLAlchemyError:
            return self._application(environ, start_response)
        key = self._key(environ)
        entry = self._entries.get(key)
        if entry is None or not entry.fresh(revision):
            entry = self._from_others(key, revision) or entry
        if entry and entry.fresh(revision):
            return self._answer(key, entry, environ, start_response)
        if entry is None:
            return self._render(key, revision, environ, start_response)
        return self._render_in_turn(key, entry, environ, start_response)

    def _from_others(self, key: Key, revision: int) -> Entry | None:
        """Take over what another process has rendered."""
        entry = self._others.find(key, revision) if self._others else None
        if entry:
            self._keep(key, entry)
        return entry

    def clear(self) -> None:
        """Forget everything that this process keeps."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def _key(self, environ: "WSGIEnvironment") -> Key:
        return (
            environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_HOST", ""),
            language_of(environ, self._default_language),
            mode_of(environ),
            accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
        )

    def _answer(
        self, key: Key, entry: Entry, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
        if _matches(environ, entry.etag):
            return _not_modified(entry.headers, start_response)
        start_response("200 OK", list(entry.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [entry.body]

    def _render_in_turn(
        self, key: Key, stale: Entry, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Render an outdated page; those who ask meanwhile wait for it instead of rendering it as well."""
        mine = stale.rendering.acquire(timeout=PATIENCE)
        try:
            revision = self._revision()
            entry = self._entries.get(key)
            if entry and entry.fresh(revision):
                return self._answer(key, entry, environ, start_response)
            return self._render(key, revision, environ, start_response)
        finally:
            if mine:
                stale.rendering.release()

    def _render(
        self, key: Key, revision: int, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        wanted = environ.get("HTTP_IF_NONE_MATCH")
        inner = dict(environ)
        if wanted:  # Flask shall render the whole page, so that it can be kept
            inner.pop("HTTP_IF_NONE_MATCH")
            inner.pop("HTTP_IF_MODIFIED_SINCE", None)
        began: list[tuple[str, Headers, Any]] = []

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            began.append((status, headers, exc_info))
            return _no_write

        body = self._application(inner, cast("StartResponse", begin))
        status, headers, exc_info = began[-1]
        etag = next((value for name, value in headers if name == "ETag"), "")
        entry = None
        if _keepable(inner, status, headers, key):
            content = b"".join(body)
            _close(body)
            entry = Entry(headers, content, etag, revision, monotonic() + inner[SECONDS])
            self._keep(key, entry)
            if self._others:
                self._others.keep(key, entry, inner[SECONDS])
            body = [content]
        if wanted and etag and status.startswith("200") and _matches(environ, etag):
            _close(body)
            return _not_modified(headers, start_response)
        start_response(status, headers, exc_info)
        return body

    def _keep(self, key: Key, entry: Entry) -> None:
        with self._lock:
            earlier = self._entries.pop(key, None)
            self._bytes -= len(earlier.body) if earlier else 0
            self._entries[key] = entry
            self._bytes += len(entry.body)
            while len(self._entries) > MOST_ENTRIES or self._bytes > MOST_BYTES:
                self._bytes -= len(self._entries.popitem(last=False)[1].body)


def _keepable(environ: "WSGIEnvironment", status: str, headers: Headers, key: Key) -> bool:
    return (
        SECONDS in environ
        and environ["REQUEST_METHOD"] == "GET"
        and status.startswith("200")
        and len(key[1]) <= LONGEST_QUERY
        and not any(name.lower() == "set-cookie" for name, _ in headers)
    )


def _matches(environ: "WSGIEnvironment", etag: str) -> bool:
    wanted = environ.get("HTTP_IF_NONE_MATCH")
    if not wanted or not etag:
        return False
    return wanted.strip() == "*" or etag.removeprefix("W/").strip('"') in TAG.findall(wanted)


def _not_modified(headers: Headers, start_response: "StartResponse") -> Iterable[bytes]:
    kept = [pair for pair in headers if pair[0].lower() not in ONLY_WITH_CONTENT]
    start_response("304 NOT MODIFIED", kept)
    return []


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close:
        close()


def _no_write(_data: bytes) -> object:
    raise RuntimeError("this server's write() is not offered")


def _mark(response: Response) -> Response:
    """Tell the cache in front about a page that may be kept, unless it read the session."""
    seconds = g.get("cacheable")
    if seconds is None or response.status_code != 200 or not response.is_sequence:
        return response
    if _is_personal():
        log.warning("%s reads the session, so it is not kept", request.endpoint)
        g.pop("cacheable")
        return response
    if not response.get_etag()[0]:
        response.set_etag(blake2b(response.get_data(), digest_size=10).hexdigest())
    request.environ[SECONDS] = seconds
    return response


def _is_personal() -> bool:
    session = request_ctx._session  # noqa: SLF001  # the public property would mark the session as read
    return "_login_user" in g or session is None or session.accessed


def _version() -> str:
    """Name what decides how pages look: while one version replaces another, each keeps its own pages."""
    digest = blake2b(digest_size=10)
    for folder, pattern in (("eventhub", "*.py"), ("eventhub", "*.mo"), ("templates", "*"), ("static", "*")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()


def init_app(app: Flask, revision: Callable[[Flask], int]) -> None:
    """Put the cache in front; `revision` tells the number of the present public content."""
    redis = shared(app)
    others = SharedPages(redis, _version()) if redis else None
    cache = PageCache(app.wsgi_app, lambda: revision(app), app.config["DEFAULT_LANGUAGE"], others)
    app.extensions["page_cache"] = cache
    app.wsgi_app = cache  # type: ignore[method-assign]
    app.after_request(_mark)


def clear() -> None:
    """Forget all kept pages of the current application."""
    cache: PageCache = current_app.extensions["page_cache"]
    cache.clear()
