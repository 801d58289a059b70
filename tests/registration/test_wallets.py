"""Tickets for the wallets of phones: signed, with what the door reads, and only where keys are set."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID
from flask import Flask
from PIL import Image
from sqlalchemy import select

from config import SettingError, load_settings
from eventhub.app import create_app
from eventhub.database import transaction
from eventhub.editions.models import Edition, Mode
from eventhub.extensions import db
from eventhub.registration import tickets, wallets
from tests.registration.browsing import my_link
from tests.registration.samples import add_edition, signed_up

PASS_TYPE, TEAM, ISSUER = "pass.org.example.eventhub", "ABCDE12345", "3388000000000000000"


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(
    subject: dict[x509.ObjectIdentifier, str],
    key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
    signing: rsa.RSAPrivateKey,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()])
    now = datetime.now(UTC)
    building = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    return building.sign(signing, hashes.SHA256())


class Keys:
    """What an operator gets from both, made here."""

    def __init__(self, folder: Path) -> None:
        self.root_file, self.apple, self.google = (
            folder / name for name in ("root.pem", "pass.pem", "google.json")
        )
        root_key, own_key, self.google_key = (rsa.generate_private_key(65537, 2048) for _ in range(3))
        root = certificate({NameOID.COMMON_NAME: "Example Root"}, root_key, None, root_key)
        subject = {
            NameOID.USER_ID: PASS_TYPE,
            NameOID.COMMON_NAME: f"Pass Type ID: {PASS_TYPE}",
            NameOID.ORGANIZATIONAL_UNIT_NAME: TEAM,
        }
        own = certificate(subject, own_key, root, root_key)
        encoding = serialization.Encoding.PEM
        self.root_file.write_bytes(root.public_bytes(encoding))
        self.apple.write_bytes(root.public_bytes(encoding) + own.public_bytes(encoding) + pem(own_key))
        account = {
            "client_email": "eventhub@project.iam.example",
            "private_key": pem(self.google_key).decode(),
        }
        self.google.write_text(json.dumps(account))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def ticket_page(app: Flask, keys: Keys) -> str:
    """Offer both wallets, and give the address of somebody who comes on site."""
    app.config["SETTINGS"] = replace(
        app.config["SETTINGS"],
        apple_wallet=keys.apple,
        google_wallet_key=keys.google,
        google_wallet_issuer=ISSUER,
    )
    edition_id = add_edition(app)
    with app.app_context():
        with transaction():
            edition = db.session.get_one(Edition, edition_id)
            edition.mode, edition.venue_name, edition.venue_address = Mode.ON_SITE, "Halle", "Weg 1, Berlin"
        email = signed_up(edition_id, 1).registration.email
    return my_link(app, email)


def meet(app: Flask, mode: Mode) -> None:
    with app.app_context(), transaction():
        for edition in db.session.scalars(select(Edition)):
            edition.mode = mode


def apple_files(app: Flask, page: str) -> dict[str, bytes]:
    answer = app.test_client().get(f"{page}ticket.pkpass")
    assert answer.status_code == 200
    assert answer.content_type == wallets.APPLE_TYPE
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_pass_holds_what_the_door_reads(app: Flask, ticket_page: str) -> None:
    files = apple_files(app, ticket_page)
    said: dict[str, Any] = json.loads(files["pass.json"])
    assert (said["passTypeIdentifier"], said["teamIdentifier"]) == (PASS_TYPE, TEAM)
    with app.app_context():
        holder = tickets.holder_of(said["barcodes"][0]["message"])
        assert holder is not None
        assert said["eventTicket"]["auxiliaryFields"][0]["value"] == holder.name
    assert "Halle" in json.dumps(said["eventTicket"]["secondaryFields"], ensure_ascii=False)
    assert "/my/" not in files["pass.json"].decode(), "a wallet is shown to others"
    for name, width in (("icon.png", 29), ("icon@2x.png", 58)):
        assert Image.open(io.BytesIO(files[name])).size == (width, width)


def test_the_pass_is_signed_so_that_another_program_believes_it(
    app: Flask, ticket_page: str, keys: Keys, tmp_path: Path
) -> None:
    files = apple_files(app, ticket_page)
    sums = json.loads(files["manifest.json"])
    assert sums == {
        name: hashlib.sha1(content).hexdigest()
        for name, content in files.items()
        if name not in ("manifest.json", "signature")
    }
    for name in ("manifest.json", "signature"):
        (tmp_path / name).write_bytes(files[name])
    command = [
        "openssl",
        "smime",
        "-verify",
        "-inform",
        "DER",
        "-in",
        "signature",
        "-content",
        "manifest.json",
    ]
    checked = subprocess.run(
        [*command, "-binary", "-CAfile", str(keys.root_file), "-purpose", "any"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr.decode()
    assert checked.stdout == files["manifest.json"]


def test_the_address_for_google_is_signed_and_short_enough(app: Flask, ticket_page: str, keys: Keys) -> None:
    answer = app.test_client().get(f"{ticket_page}google-wallet")
    assert answer.status_code == 303
    assert answer.location.startswith(wallets.SAVE_TO_GOOGLE)
    token = answer.location.removeprefix(wallets.SAVE_TO_GOOGLE)
    assert len(token) < 1800, "what Google takes in an address"
    head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    signed = token.rpartition(".")[0].encode()
    keys.google_key.public_key().verify(signature, signed, PKCS1v15(), hashes.SHA256())
    assert json.loads(head) == {"alg": "RS256", "typ": "JWT"}
    payload = json.loads(claims)["payload"]
    [shared], [own] = payload["eventTicketClasses"], payload["eventTicketObjects"]
    assert own["classId"] == shared["id"]
    assert shared["id"].startswith(f"{ISSUER}.")
    with app.app_context():
        assert tickets.holder_of(own["barcode"]["value"]) is not None


def test_the_page_offers_both(app: Flask, ticket_page: str) -> None:
    page = app.test_client().get(ticket_page).text
    assert f"{ticket_page}ticket.pkpass" in page
    assert f"{ticket_page}google-wallet" in page


def test_without_keys_or_ticket_there_is_nothing(app: Flask, ticket_page: str) -> None:
    meet(app, Mode.ONLINE)
    client = app.test_client()
    for name in ("ticket.pkpass", "google-wallet"):
        assert client.get(f"{ticket_page}{name}").status_code == 404
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], apple_wallet=None, google_wallet_key=None)
    meet(app, Mode.ON_SITE)
    for name in ("ticket.pkpass", "google-wallet"):
        assert client.get(f"{ticket_page}{name}").status_code == 404
    assert "Wallet" not in client.get(ticket_page).text


def test_a_key_that_can_not_be_used_ends_the_start_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="APPLE_WALLET: there is no file"):
        load_settings({"EVENTHUB_APPLE_WALLET": str(tmp_path / "missing.pem")}, tmp_path)
    broken = tmp_path / "broken.pem"
    broken.write_text("no key")
    settings = load_settings({"EVENTHUB_APPLE_WALLET": str(broken)}, tmp_path)
    with pytest.raises(SettingError, match="holds no certificate"):
        create_app(settings)
    with pytest.raises(SettingError, match="belong together"):
        load_settings({"EVENTHUB_GOOGLE_WALLET_KEY": str(broken)}, tmp_path)
