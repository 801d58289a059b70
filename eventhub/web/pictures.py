"""Uploaded pictures: known by their content, made small, and freed of whatever else the file says."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from flask import Response, make_response, request

from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

LARGEST_FILE = 3_500_000
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 320
FORMATS = ("JPEG", "PNG", "WEBP")
PARTS = {
    "whole": None,
    "centre": (0.5, 0.5),
    "top": (0.5, 0.0),
    "bottom": (0.5, 1.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
}
"""Which square of a picture is kept; None keeps all of it."""
STARTS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def small_picture(file: IO[bytes], field: str, part: str = "whole") -> bytes:
    """Return the picture, or a square of it, as a small WebP, or say at `field` why it can't be used."""
    with file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise RuleBroken(_("The file is too large; at most 3.5 MB fit"), field=field)
    return _encoded(content, field, PARTS[part])


def _encoded(content: bytes, field: str, centre: tuple[float, float] | None) -> bytes:
    # loaded here only: it takes memory that a process needs for uploads alone
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    unusable = RuleBroken(_("This is no picture that we can read. Use JPEG, PNG or WebP"), field=field)
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise RuleBroken(_("The picture is too large; at most 25 megapixels fit"), field=field)
            picture.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
            small = ImageOps.exif_transpose(picture)
            small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RuleBroken(_("The picture is too large; at most 25 megapixels fit"), field=field) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError):
        raise unusable from None
    if centre is None:
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    else:
        small = ImageOps.fit(small, (LONGEST_SIDE, LONGEST_SIDE), centering=centre)
    out = BytesIO()
    small.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()


def picture_answer(content: bytes | None) -> Response | None:
    """Answer with a stored picture, or None where there is none; it may do nothing but be looked at."""
    kind = next((kind for start, kind in STARTS.items() if content and content.startswith(start)), None)
    if content is None or kind is None:
        return None
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
