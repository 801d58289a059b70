"""Secret tokens of links that people get by mail.

A row stores a random seed and the SHA-256 of the token. The token itself is derived from the seed and the
secret key, so that a later mail can name it again while a copy of the database alone opens nothing.
"""

import hashlib
import hmac
import secrets
from base64 import b32encode, urlsafe_b64encode

from flask import current_app

SEED_BYTES = 32
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else


def new_seed() -> bytes:
    return secrets.token_bytes(SEED_BYTES)


def derive(purpose: str, seed: bytes) -> str:
    """Return the token of `seed`: 256 bits, safe in a URL."""
    return urlsafe_b64encode(_signature(purpose, seed)).rstrip(b"=").decode("ascii")


def derive_for_address(purpose: str, seed: bytes) -> str:
    """Return a shorter one, 128 bits, of small letters and digits: mail servers change the case of others."""
    return b32encode(_signature(purpose, seed)[:16]).rstrip(b"=").decode("ascii").lower()


def _signature(purpose: str, seed: bytes) -> bytes:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, purpose.encode() + b"\0" + seed, hashlib.sha256).digest()


def fingerprint(token: str) -> bytes:
    """Return what the database stores of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_code() -> str:
    """Return a short number such as `7K4M-2QXR` for people to name; it opens nothing."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{signs[:4]}-{signs[4:]}"
