"""Pages as PDF files, where the optional packages for that are installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

from flask import Response, current_app

CONTENT_TYPE = "application/pdf"
HERE = "http://static.invalid"
"""Stands for this site in a document; nothing is ever fetched from elsewhere."""


@cache
def can_make_documents() -> bool:
    """Tell whether WeasyPrint is there, with the libraries of the system that it draws text with."""
    if find_spec("weasyprint") is None:
        return False
    try:
        import weasyprint  # noqa: F401, PLC0415 - takes a second and much memory, for PDF files alone
    except OSError:
        return False
    from PIL import ImageFile  # noqa: PLC0415

    # it has let Pillow read pictures that are cut off, also those that people upload
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return True


def document(page: str) -> bytes:
    """Return a page, whose style sheets are files of ours, as an accessible PDF."""
    if not can_make_documents():
        raise RuntimeError("the packages of the extra `documents` are not installed")
    from weasyprint import HTML  # noqa: PLC0415

    made = HTML(string=page, base_url=HERE, url_fetcher=_own_files())
    found: bytes = made.write_pdf(pdf_variant="pdf/ua-1", optimize_images=False)
    return found


def download(page: str, name: str) -> Response:
    """Return a page as a file to open or to print, which no cache keeps."""
    answer = Response(document(page), content_type=CONTENT_TYPE)
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _own_files() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    assets = current_app.extensions["assets"]

    class OwnFiles(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, _headers: object = None) -> URLFetcherResponse:
            found = assets.find(url.removeprefix(HERE)) if url.startswith(HERE) else None
            if found is None:
                raise ValueError("a document holds nothing from elsewhere")
            return URLFetcherResponse(url, found[0].content, {"Content-Type": found[0].content_type})

    return OwnFiles()
