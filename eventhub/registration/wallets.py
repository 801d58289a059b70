"""Tickets for the wallets of phones: a signed file for Apple's, a signed address for Google's.

Each is offered where the operator has set a key for it. The library that signs is in the extra `production`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import current_app
from PIL import Image, ImageDraw

from config import SettingError, Settings
from eventhub import clock
from eventhub.editions.models import Edition
from eventhub.editions.phrases import organisers, where
from eventhub.registration import tickets
from eventhub.registration.models import Registration
from eventhub.web import times
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.links import link_to

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

APPLE_TYPE = "application/vnd.apple.pkpass"
SAVE_TO_GOOGLE = "https://pay.google.com/gp/v/save/"
_INK = "#00525a"
_ICONS = {"icon.png": 29, "icon@2x.png": 58, "icon@3x.png": 87}
_LONGEST = 180
"""Characters of a text in Google's address, which must stay short enough for browsers."""


class _Signer(NamedTuple):
    """What a pass is signed with, and what its certificate says of whose it is."""

    certificate: x509.Certificate
    key: RSAPrivateKey | EllipticCurvePrivateKey
    between: list[x509.Certificate]
    pass_type: str
    team: str


def offered() -> list[str]:
    """Return for which wallets tickets are made here: `apple`, `google`."""
    settings: Settings = current_app.config["SETTINGS"]
    found = {"apple": settings.apple_wallet, "google": settings.google_wallet_key}
    return [name for name, key in found.items() if key is not None]


def apple_pass(registration: Registration) -> bytes:
    """Return the ticket as a signed pass (a ZIP file with a manifest and its PKCS #7 signature)."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7  # noqa: PLC0415

    signer = _signer(_settings().apple_wallet)
    files = {name: _icon(width) for name, width in _ICONS.items()}
    files["pass.json"] = json.dumps(_apple_ticket(registration, signer), ensure_ascii=False).encode()
    sums = {name: hashlib.sha1(content).hexdigest() for name, content in files.items()}
    files["manifest.json"] = json.dumps(sums).encode()
    building = pkcs7.PKCS7SignatureBuilder().set_data(files["manifest.json"])
    building = building.add_signer(signer.certificate, signer.key, hashes.SHA256())
    for one in signer.between:
        building = building.add_certificate(one)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    files["signature"] = building.sign(Encoding.DER, options)
    return _packed(files)


def google_address(registration: Registration) -> str:
    """Return the address that saves the ticket: it holds all of it, signed as a JSON Web Token (RFC 7515)."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415

    account, key = _google_account(_settings().google_wallet_key)
    claims = {
        "iss": account,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(clock.now().timestamp()),
        "payload": _google_ticket(registration),
    }
    parts = [_in_address(json.dumps(one).encode()) for one in ({"alg": "RS256", "typ": "JWT"}, claims)]
    signature = key.sign(".".join(parts).encode(), PKCS1v15(), hashes.SHA256())
    return SAVE_TO_GOOGLE + ".".join([*parts, _in_address(signature)])


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _apple_ticket(registration: Registration, signer: _Signer) -> dict[str, Any]:
    edition = registration.edition
    place = where(edition)
    found: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": signer.pass_type,
        "teamIdentifier": signer.team,
        "serialNumber": f"{edition.calendar_uid}-{registration.code}",
        "organizationName": organisers(edition),
        "description": _("Ticket for %(title)s", title=edition.title),
        "backgroundColor": "rgb(255, 255, 255)",
        "foregroundColor": "rgb(20, 32, 34)",
        "labelColor": "rgb(0, 82, 90)",
        "barcodes": [
            {
                "format": "PKBarcodeFormatQR",
                "message": tickets.text_of(registration),
                "messageEncoding": "iso-8859-1",
                "altText": registration.code,
            }
        ],
        "eventTicket": {
            "primaryFields": [{"key": "event", "label": edition.series.title, "value": edition.title}],
            "secondaryFields": [
                {"key": "when", "label": _("When"), "value": times.when(edition, zone=True)},
                *([{"key": "where", "label": _("Where"), "value": place}] if place else []),
            ],
            "auxiliaryFields": [{"key": "name", "label": _("Name"), "value": registration.name}],
            "backFields": [
                {"key": "page", "label": _("Public page"), "value": _page(edition)},
                {"key": "number", "label": _("Your number"), "value": registration.code},
            ],
        },
    }
    if edition.starts_at:
        found["relevantDate"] = edition.starts_at.isoformat(timespec="seconds")
    return found


def _google_ticket(registration: Registration) -> dict[str, Any]:
    """Return class and object of the ticket; Google makes the class where it does not know it yet."""
    edition = registration.edition
    issuer = _settings().google_wallet_issuer
    class_id = f"{issuer}.{_plain(edition.calendar_uid)}"
    shared: dict[str, Any] = {
        "id": class_id,
        "issuerName": organisers(edition)[:_LONGEST],
        "eventName": _spoken(edition.title),
        "reviewStatus": "UNDER_REVIEW",
    }
    moments = {"start": edition.starts_at, "end": edition.ends_at}
    if any(moments.values()):
        shared["dateTime"] = {name: at.isoformat(timespec="seconds") for name, at in moments.items() if at}
    if edition.venue_name and edition.venue_address:
        shared["venue"] = {"name": _spoken(edition.venue_name), "address": _spoken(edition.venue_address)}
    own = {
        "id": f"{class_id}-{registration.code}",
        "classId": class_id,
        "state": "ACTIVE",
        "ticketHolderName": registration.name[:_LONGEST],
        "ticketNumber": registration.code,
        "barcode": {
            "type": "QR_CODE",
            "value": tickets.text_of(registration),
            "alternateText": registration.code,
        },
    }
    return {"eventTicketClasses": [shared], "eventTicketObjects": [own]}


def _page(edition: Edition) -> str:
    return link_to("site.edition", series=edition.series.slug, edition=edition.key)


def _spoken(words: str) -> dict[str, Any]:
    return {"defaultValue": {"language": language(), "value": words[:_LONGEST]}}


def _plain(uid: str) -> str:
    """Return letters, digits and hyphens alone, as Google's identifiers want them."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in uid)


def _in_address(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


@cache
def _icon(width: int) -> bytes:
    """Draw a clock's face with a quarter filled, as the icon of the site is; larger, then made small."""
    side = width * 4
    image = Image.new("RGB", (side, side), "#ffffff")
    pen = ImageDraw.Draw(image)
    pen.ellipse([side * 0.07, side * 0.07, side * 0.93, side * 0.93], outline=_INK, width=side // 18)
    pen.arc([side * 0.16, side * 0.16, side * 0.84, side * 0.84], 0, 90, fill=_INK, width=side // 5)
    out = io.BytesIO()
    image.resize((width, width), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


@cache
def _signer(path: Path | None) -> _Signer:
    """Read certificate, key and what lies between it and Apple's own from one PEM file."""
    from cryptography import x509  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    content = path.read_bytes() if path else b""
    key: Any = load_pem_private_key(content, None)
    certificates = x509.load_pem_x509_certificates(content)
    own = next(one for one in certificates if one.public_key() == key.public_key())

    def named(oid: x509.ObjectIdentifier) -> str:
        return str(own.subject.get_attributes_for_oid(oid)[0].value)

    between = [one for one in certificates if one is not own]
    return _Signer(own, key, between, named(NameOID.USER_ID), named(NameOID.ORGANIZATIONAL_UNIT_NAME))


@cache
def _google_account(path: Path | None) -> tuple[str, RSAPrivateKey]:
    """Read the address and the key of a service account from the file that Google gives."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    account = json.loads(path.read_text()) if path else {}
    key: Any = load_pem_private_key(account["private_key"].encode(), None)
    return account["client_email"], key


def check_keys(settings: Settings) -> None:
    """Read what is set, so that a file of no use ends the start with one line; raises SettingError."""
    for name, path, read in (
        ("APPLE_WALLET", settings.apple_wallet, _signer),
        ("GOOGLE_WALLET_KEY", settings.google_wallet_key, _google_account),
    ):
        try:
            if path is not None:
                read(path)
        except Exception as error:  # whatever a file can hold that is no key
            raise SettingError(
                f"EVENTHUB_{name}: {path} holds no certificate and key of this kind."
            ) from error
