"""Tickets: a code that only a check-in desk can use, and its picture.

The text holds the number of the registration and a proof that is derived from the row's seed and the secret
key, so it can neither be guessed nor be made from a copy of the database. It opens no page.
"""

from __future__ import annotations

import hmac
import io
import re
from dataclasses import dataclass

import segno
from markupsafe import Markup
from PIL import Image

from eventhub.editions.models import Mode
from eventhub.registration.models import Attendance, Registration, RegistrationState
from eventhub.tokens import derive_for_address

PURPOSE = "ticket"
SCALE = 6
"""Pixels for each dark or light square of the picture in a mail."""
QUIET = 4
"""The light border that readers need, in squares."""
VERSION = 3
"""29 squares wide: enough for the text with a quarter more than a reader needs (level M)."""
MASK = 2
"""Given, as finding the best of the eight takes several times as long as all else."""
_TEXT = re.compile(r"([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})\.([A-Z2-7]{26})")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What stands in a ticket that somebody shows."""

    code: str
    proof: str

    def belongs_to(self, registration: Registration) -> bool:
        """Tell whether the ticket was made by this application for this registration."""
        return self.code == registration.code and hmac.compare_digest(self.proof, proof_of(registration))


def has_ticket(registration: Registration) -> bool:
    """Tell whether somebody comes through a door, and so needs a ticket."""
    return (
        registration.state is RegistrationState.CONFIRMED
        and registration.edition.mode is not Mode.ONLINE
        and registration.attendance is not Attendance.ONLINE
    )


def proof_of(registration: Registration) -> str:
    return derive_for_address(PURPOSE, registration.token_seed).upper()


def text_of(registration: Registration) -> str:
    """Return what the picture says: capitals and digits alone, which makes it small."""
    return f"{registration.code}.{proof_of(registration)}"


def read(text: str) -> Ticket | None:
    """Return the ticket in what a camera has read, or None where it is something else."""
    found = _TEXT.fullmatch(text.strip().upper())
    return Ticket(*found.groups()) if found else None


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
