"""Secret tokens of links that people get by mail.

A row stores a random seed and the SHA-256 of the token. The token itself is derived from the seed and the
secret key, so that a later mail can name it again while a copy of the database alone opens nothing.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from flask import current_app

SEED_BYTES = 32
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else


def new_seed() -> bytes:
    return secrets.token_bytes(SEED_BYTES)


def derive(purpose: str, seed: bytes) -> str:
    """Return the token of `seed`: 256 bits, safe in a URL."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    digest = hmac.new(key, purpose.encode() + b"\0" + seed, hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def fingerprint(token: str) -> bytes:
    """Return what the database stores of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_code() -> str:
    """Return a short number such as `7K4M-2QXR` for people to name; it opens nothing."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{signs[:4]}-{signs[4:]}"
