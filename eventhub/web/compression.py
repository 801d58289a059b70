"""Pages and calendars travel compressed."""

import gzip
import io
import secrets

from flask import Flask, request
from werkzeug.wrappers import Response

SMALLEST = 1024
TYPES = ("text/", "application/json", "application/ld+json", "application/xml", "application/atom+xml")
LONGEST_NAME = 100


def accepts_gzip(header: str) -> bool:
    """Return whether an Accept-Encoding header allows gzip."""
    return "gzip" in header and "gzip;q=0" not in header.replace(" ", "")


def compressed(content: bytes) -> bytes:
    """Return content in gzip; its random length hides how well secrets compressed (BREACH)."""
    target = io.BytesIO()
    name = "a" * secrets.randbelow(LONGEST_NAME)
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=5, fileobj=target, mtime=0) as file:
        file.write(content)
    return target.getvalue()


def _compress(response: Response) -> Response:
    if not _worth_it(response) or not accepts_gzip(request.headers.get("Accept-Encoding", "")):
        return response
    etag, weak = response.get_etag()
    response.set_data(compressed(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    if etag:
        response.set_etag(f"{etag}-gzip", weak=bool(weak))
    return response


def _worth_it(response: Response) -> bool:
    return (
        response.is_sequence
        and not response.direct_passthrough
        and (response.mimetype or "").startswith(TYPES)
        and "Content-Encoding" not in response.headers
        and response.calculate_content_length() > SMALLEST  # type: ignore[operator]
    )


def init_app(app: Flask) -> None:
    """Compress what is worth it, last of all."""
    app.after_request(_compress)
