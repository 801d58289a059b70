"""Files as answers: known by their content, pictures written anew, everything handed out as a download."""

from __future__ import annotations

import re
from io import BytesIO
from typing import IO

from flask import Response, make_response

from eventhub.questionnaires.rules import Refused
from eventhub.web.languages import gettext as _

LARGEST = 3_500_000
MOST_PIXELS = 40_000_000
STARTS = {
    b"%PDF-": ("pdf", "application/pdf"),
    b"\x89PNG\r\n\x1a\n": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
}
ACCEPT = "application/pdf,image/png,image/jpeg"


def accepted(file: IO[bytes], name: str) -> tuple[str, bytes]:
    """Return name and content of an uploaded file as they are kept; raise Refused where it can't be taken."""
    with file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused(_("The file is too large; at most 3.5 MB fit"))
    ending = _ending(content)
    if ending is None or (ending == "pdf" and b"%%EOF" not in content[-2048:]):
        raise Refused(_("This is no PDF, PNG or JPEG file that we can read. Choose another one"))
    if ending != "pdf":
        content = _written_anew(content)
    return f"{_plain_name(name)}.{ending}", content


def _ending(content: bytes) -> str | None:
    return next((ending for start, (ending, _kind) in STARTS.items() if content.startswith(start)), None)


def _plain_name(name: str) -> str:
    """Return the name without its ending and without what a file system or a header might misread."""
    stem = name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"[^\w \-]+", "_", stem).strip(" _")[:60] or "file"


def _written_anew(content: bytes) -> bytes:
    """Return the picture without anything else that the file said, such as where it was taken."""
    # loaded here only: it takes memory that a process needs for uploads alone
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    unusable = Refused(_("This is no PDF, PNG or JPEG file that we can read. Choose another one"))
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused(_("The picture is too large; at most 40 megapixels fit"))
            kind = picture.format or "PNG"
            turned = ImageOps.exif_transpose(picture)
            plain = turned.convert("RGB" if kind == "JPEG" or not turned.has_transparency_data else "RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(_("The picture is too large; at most 40 megapixels fit")) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError):
        raise unusable from None
    out = BytesIO()
    plain.save(out, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return out.getvalue()


def media_type(name: str) -> str:
    """Return the type of a file that was accepted, from the ending that it was given then."""
    return _kind_of(name.rpartition(".")[2])


def _kind_of(ending: str | None) -> str:
    return next((kind for found, kind in STARTS.values() if found == ending), "application/octet-stream")


def download(name: str, content: bytes) -> Response:
    """Hand a stored file out: it may be saved, and do nothing in a browser."""
    kind = _kind_of(_ending(content))
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
