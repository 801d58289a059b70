"""The operator's OpenID provider, asked with Authlib; imported only where one is set."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from joserfc.errors import JoseError
from requests.exceptions import RequestException

from config import Settings

log = logging.getLogger("eventhub")
SECONDS = 5
"""How long each answer may take."""
KNOWN_FOR = 3600
"""For so many seconds is believed what the provider says about itself."""
SKEW = 60
"""By so many seconds the clocks may differ."""
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
SIGNATURES = frozenset(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)) | {"EdDSA"}
"""Signatures that only whoever has the provider's private key can make."""
LONGEST_SUBJECT = 255
_CODE = re.compile(r"[a-z_]{1,40}")
_BROKEN = (RequestException, ValueError, KeyError, TypeError, AttributeError, RuntimeError)
"""What answers that are none, or are no proper ones, end in."""


class Unreachable(Exception):
    """The provider does not answer, or not as providers do."""


class Untrusted(Exception):
    """What was sent proves nobody's identity."""


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    email: str
    verified: bool
    """Whether the address is surely theirs."""


class Provider(FlaskOAuth2App):  # type: ignore[misc]
    """One provider. Only its own host and those that the operator names are ever asked, without redirects."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = str(settings.openid_issuer)
        self._hosts = {urlsplit(self.issuer).netloc, *settings.openid_hosts}
        self.server_metadata: dict[str, Any]
        super().__init__(
            FlaskIntegration("openid"),
            "openid",
            client_id=settings.openid_client_id,
            client_secret=settings.openid_client_secret,
            server_metadata_url=f"{self.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email",
                "code_challenge_method": "S256",
                "default_timeout": SECONDS,
                "max_redirects": 0,
            },
        )

    def begin(self, back: str) -> dict[str, str]:
        """Return where to send the browser (`url`), and `state`, `nonce` and `code_verifier` of this try."""
        with _asking():
            begun: dict[str, str] = self.create_authorization_url(back)
        return begun

    def person(self, back: str, code: str, nonce: str, verifier: str) -> Person:
        """Return whom a code stands for; the provider takes each once, from whoever has the verifier."""
        claims_options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        with _asking():
            token = self.fetch_access_token(back, code=code, code_verifier=verifier)
            proven = self.parse_id_token(token, nonce, claims_options=claims_options, leeway=SKEW)
            if proven is None:
                raise Untrusted("no id token")
            return self._person(proven, proven if "email" in proven else self._more_about(token, proven))

    def load_server_metadata(self) -> dict[str, Any]:
        """Return what the provider says about itself; another thread never sees half of it."""
        if self.server_metadata.get("_loaded_at", 0) < time.time() - KNOWN_FOR:
            with self._get_session() as session:
                answer = session.request("GET", self._server_metadata_url, withhold_token=True)
            answer.raise_for_status()
            self.server_metadata = self._checked(answer.json()) | {"_loaded_at": time.time()}
        return self.server_metadata

    def check(self) -> None:
        """Ask the provider who it is; raises Unreachable."""
        with _asking():
            self.server_metadata = {}
            self.load_server_metadata()

    def _checked(self, said: dict[str, Any]) -> dict[str, Any]:
        """Return what is needed of it and no more: to the library any other word is a setting of its own."""
        if said["issuer"] != self.issuer:
            raise ValueError("the provider calls itself something else")
        kept = {name: said[name] for name in (*NEEDED, "userinfo_endpoint") if name in NEEDED or name in said}
        for address in kept.values():
            self._require_own(address)
        signatures = said.get("id_token_signing_alg_values_supported") or ["RS256"]
        return kept | {
            "id_token_signing_alg_values_supported": [one for one in signatures if one in SIGNATURES]
        }

    def _require_own(self, address: str) -> None:
        found = urlsplit(address)
        if found.scheme != urlsplit(self.issuer).scheme or found.netloc not in self._hosts:
            raise ValueError("the provider names another host")

    def _more_about(self, token: dict[str, Any], proven: dict[str, Any]) -> dict[str, Any]:
        """Ask for what the id token leaves out."""
        if "userinfo_endpoint" not in self.load_server_metadata():
            return {}
        found: dict[str, Any] = self.userinfo(token=token)
        if found.get("sub") != proven["sub"]:
            raise Untrusted("about somebody else")
        return found

    def _person(self, proven: dict[str, Any], about: dict[str, Any]) -> Person:
        subject, email = proven["sub"], about.get("email")
        if not 0 < len(subject) <= LONGEST_SUBJECT:
            raise Untrusted("no subject")
        return Person(
            self.issuer, subject, email if isinstance(email, str) else "", about.get("email_verified") is True
        )


@contextmanager
def _asking() -> Iterator[None]:
    """Say of everything that may go wrong which of two it is, and let the operator find it in the log."""
    try:
        yield
    except (AuthlibBaseError, JoseError) as error:
        code = str(error.error)
        log.warning("openid: %s %s", type(error).__name__, code if _CODE.fullmatch(code) else "")
        raise Untrusted from None
    except _BROKEN as error:
        log.warning("openid: %s", type(error).__name__)
        raise Unreachable from None
