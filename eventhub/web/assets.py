"""Style sheets, fonts, icons and scripts: served from memory under names that change with their content."""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/static/"
FOREVER = "public, max-age=31536000, immutable"
FIVE_MINUTES = "public, max-age=300"
COMPRESSIBLE = {".css", ".js", ".svg", ".txt", ".json"}
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}
COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
"""In a style sheet; what begins with `/*!` is a licence and stays."""
REFERENCE = re.compile(r'url\("?([^")]+)"?\)')
HASHED = re.compile(r"^(.+)\.[0-9a-f]{8}(\.[a-z0-9]+)$")


@dataclass(frozen=True)
class Asset:
    """One file: its content and the name that changes with it."""

    name: str
    content: bytes

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:8]

    @cached_property
    def url(self) -> str:
        stem, _, ending = self.name.rpartition(".")
        return f"{PREFIX}{stem}.{self.fingerprint}.{ending}"

    @cached_property
    def compressed(self) -> bytes | None:
        if Path(self.name).suffix not in COMPRESSIBLE:
            return None
        return gzip.compress(self.content, 9, mtime=0)

    @cached_property
    def content_type(self) -> str:
        suffix = Path(self.name).suffix
        return TYPES.get(suffix) or mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def headers(self, gzipped: bool, forever: bool) -> list[tuple[str, str]]:
        body = self.compressed if gzipped and self.compressed else self.content
        found = [
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", FOREVER if forever else FIVE_MINUTES),
            ("ETag", f'"{self.fingerprint}{"-gzip" if body is not self.content else ""}"'),
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'"),
        ]
        if body is not self.content:
            found.append(("Content-Encoding", "gzip"))
        return found


class Assets:
    """All files below one folder, read at the first question."""

    def __init__(self, folder: Path, watch: bool = False) -> None:
        self._folder = folder
        self._watch = watch
        self._lock = Lock()
        self._seen: float | None = None
        self._by_name: dict[str, Asset] = {}
        self._by_url: dict[str, Asset] = {}

    def url(self, name: str) -> str:
        """Return the address of a file, for example of "css/eventhub.css"."""
        self._load()
        try:
            return self._by_name[name].url
        except KeyError:
            raise LookupError(f"there is no file static/{name}") from None

    def content(self, name: str) -> bytes:
        """Return what a file holds, to hand it out at an address of its own."""
        self._load()
        return self._by_name[name].content

    def find(self, path: str) -> tuple[Asset, bool] | None:
        """Return the file that an address names, and whether the address names this very content."""
        self._load()
        found = self._by_url.get(path)
        if found:
            return found, True
        name = path.removeprefix(PREFIX)
        earlier = HASHED.match(name)
        asset = self._by_name.get(name) or (earlier and self._by_name.get(earlier[1] + earlier[2]))
        return (asset, False) if asset else None

    def _load(self) -> None:
        if self._seen is not None and not self._watch:
            return
        with self._lock:
            newest = max(path.stat().st_mtime for path in self._files())
            if newest != self._seen:
                self._read()
                self._seen = newest

    def _files(self) -> Iterator[Path]:
        return (path for path in self._folder.rglob("*") if path.is_file())

    def _read(self) -> None:
        plain: dict[str, Asset] = {}
        sheets: dict[str, Asset] = {}
        for path in self._files():
            asset = Asset(path.relative_to(self._folder).as_posix(), path.read_bytes())
            (sheets if path.suffix == ".css" else plain)[asset.name] = asset
        for name, sheet in sheets.items():
            plain[name] = Asset(name, _as_sent(sheet, plain))
        self._by_name = plain
        self._by_url = {asset.url: asset for asset in plain.values()}


def _as_sent(sheet: Asset, others: dict[str, Asset]) -> bytes:
    """Return a style sheet with hashed references, without comments: they are a tenth of its weight."""

    def hashed(match: re.Match[str]) -> str:
        target = urljoin(PREFIX + sheet.name, match[1]).removeprefix(PREFIX)
        return f'url("{others[target].url}")' if target in others else match[0]

    return REFERENCE.sub(hashed, COMMENT.sub("", sheet.content.decode())).encode()


class AssetLayer:
    """Answers requests below /static/ before Flask sees them; everything else passes."""

    def __init__(self, application: "WSGIApplication", assets: Assets) -> None:
        self._application = application
        self._assets = assets

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX) and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            found = self._assets.find(path)
            if found:
                return _answer(found[0], found[1], environ, start_response)
        return self._application(environ, start_response)


def _answer(
    asset: Asset, forever: bool, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    gzipped = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
    headers = asset.headers(gzipped, forever)
    if asset.fingerprint in environ.get("HTTP_IF_NONE_MATCH", ""):
        dropped = ("Content-Length", "Content-Type", "Content-Encoding")
        start_response(_line(HTTPStatus.NOT_MODIFIED), [pair for pair in headers if pair[0] not in dropped])
        return []
    start_response(_line(HTTPStatus.OK), headers)
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    return [asset.compressed if gzipped and asset.compressed else asset.content]


def _line(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"


def init_app(app: Flask) -> None:
    """Serve the files of ../static and offer `asset(name)` to templates."""
    assets = Assets(Path(app.root_path).parent / "static", watch=app.debug)
    asset: Callable[[str], str] = assets.url
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = asset
    app.wsgi_app = AssetLayer(app.wsgi_app, assets)  # type: ignore[method-assign]
