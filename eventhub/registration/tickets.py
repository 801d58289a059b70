"""Tickets: a code that only a check-in desk can use, and its picture.

It opens no page, and can neither be guessed nor be made from a copy of the database (see `derived_tokens`).
"""

from __future__ import annotations

import io

import segno
from markupsafe import Markup
from PIL import Image

from eventhub.editions.models import Mode
from eventhub.registration.derived_tokens import registration_of, token_for
from eventhub.registration.models import Attendance, Registration, RegistrationState

PURPOSE = "ticket"
SCALE = 6
"""Pixels for each dark or light square of the picture in a mail."""
QUIET = 4
"""The light border that readers need, in squares."""
VERSION = 3
"""29 squares wide: enough for the text with a quarter more than a reader needs (level M)."""
MASK = 2
"""Given, as finding the best of the eight takes several times as long as all else."""


def has_ticket(registration: Registration) -> bool:
    """Tell whether somebody comes through a door, and so needs a ticket."""
    return (
        registration.state is RegistrationState.CONFIRMED
        and registration.edition.mode is not Mode.ONLINE
        and registration.attendance is not Attendance.ONLINE
    )


def text_of(registration: Registration) -> str:
    """Return what the picture says: capitals and digits alone, which makes it small."""
    return token_for(PURPOSE, registration).upper()


def holder_of(text: str) -> Registration | None:
    """Find whose ticket a camera has read; None where it is none of ours."""
    return registration_of(PURPOSE, text.strip().lower())


def drawing(text: str) -> Markup:
    """Return the picture for a page."""
    # the text is our own, and the library makes a plain <svg> of paths from it
    return Markup(_code(text).svg_inline(scale=SCALE, border=QUIET, light="#fff", omitsize=True))  # noqa: S704


def picture(text: str) -> bytes:
    """Return the picture for a mail, as PNG; the library's own writer takes three times as long."""
    rows = [
        bytes(255 if square == 0 else 0 for square in row) for row in _code(text).matrix_iter(border=QUIET)
    ]
    small = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
    out = io.BytesIO()
    small.resize((len(rows) * SCALE,) * 2, Image.Resampling.NEAREST).convert("1").save(out, "PNG")
    return out.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make(text, version=VERSION, error="m", mask=MASK, micro=False, boost_error=False)
