"""Uploaded pictures: known by their content, made small, and freed of whatever else the file says."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import IO

from flask import Response, make_response, request

from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

LARGEST_FILE = 3_500_000
MOST_PIXELS = 25_000_000
LONGEST_SIDE = 320
FORMATS = ("JPEG", "PNG", "WEBP")
STARTS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


@dataclass(frozen=True, slots=True)
class Square:
    """Which square of a picture is kept, in percent: of the way it can be moved, and of the largest one."""

    across: int
    down: int
    size: int

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return its left, upper, right and lower edge in a picture of this size."""
        side = max(1, min(width, height) * self.size // 100)
        left, top = (width - side) * self.across // 100, (height - side) * self.down // 100
        return left, top, left + side, top + side


def small_picture(file: IO[bytes], field: str, square: Square | None = None) -> bytes:
    """Return the picture, or a square of it, as a small WebP, or say at `field` why it can't be used."""
    with file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise RuleBroken(_("The file is too large; at most 3.5 MB fit"), field=field)
    return _encoded(content, field, square)


def square_of(content: bytes, square: Square) -> bytes:
    """Return a square of a picture that was made small before."""
    return _encoded(content, "photo", square)


def _encoded(content: bytes, field: str, square: Square | None) -> bytes:
    # loaded here only: it takes memory that a process needs for uploads alone
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    unusable = RuleBroken(_("This is no picture that we can read. Use JPEG, PNG or WebP"), field=field)
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise RuleBroken(_("The picture is too large; at most 25 megapixels fit"), field=field)
            enough = 2 * LONGEST_SIDE * 100 // (square.size if square else 100)
            picture.draft("RGB", (enough, enough))
            small = ImageOps.exif_transpose(picture)
            small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise RuleBroken(_("The picture is too large; at most 25 megapixels fit"), field=field) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError):
        raise unusable from None
    if square is not None:
        small = small.crop(square.box(*small.size))
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
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
