"""An OpenID provider that says whatever a test wants: over real HTTP, with real signatures."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

CLIENT = "eventhub"
SECRET = "a secret that the provider and eventhub share"
SUBJECT = "subject-17"


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log(self, *_args: object, **_more: object) -> None:
        """Say nothing."""


class Forger:
    """One provider: `claims` replaces what its tokens say (None leaves one out), `metadata` what it is."""

    def __init__(self) -> None:
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._keys: dict[str, RSAKey] = {}
        self.begin_anew()

    def begin_anew(self) -> None:
        """Be an honest provider again, of whom nobody has asked anything."""
        self.claims: dict[str, Any] = {}
        self.about: dict[str, Any] = {"sub": SUBJECT, "email": "userinfo@lab.example", "email_verified": True}
        self.kid = self.published = "first"
        self.algorithm = "RS256"
        self.asked: list[str] = []
        self.broken: dict[str, Response] = {}
        self.pause = 0.0
        self._codes: dict[str, dict[str, str]] = {}
        self.metadata: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/me",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def run(self) -> None:
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def agree(self, location: str, **more: str) -> str:
        """Do what a person does at the provider, and return the path to which the browser is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = urlsplit(asked["redirect_uri"]).path
        return f"{back}?{urlencode({'code': code, 'state': asked['state']} | more)}"

    def _answer(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        time.sleep(self.pause)
        answers = {
            "/.well-known/openid-configuration": self._describe,
            "/jwks": self._publish,
            "/token": self._exchange,
            "/me": self._tell,
        }
        response = self.broken.get(request.path) or answers[request.path](request)
        return response(environ, start)

    def _describe(self, _request: Request) -> Response:
        return said(self.metadata)

    def _publish(self, _request: Request) -> Response:
        return said(dict(KeySet([self._key(self.published)]).as_dict(private=False)))

    def _tell(self, request: Request) -> Response:
        assert request.headers["Authorization"].startswith("Bearer ")
        return said(self.about)

    def _exchange(self, request: Request) -> Response:
        """Give tokens for a code: once, to the client, and only to whoever has begun."""
        known = request.authorization
        asked = self._codes.pop(request.form.get("code", ""), None)
        if known is None or (known.username, known.password) != (CLIENT, SECRET):
            return said({"error": "invalid_client"}, 401)
        digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != request.form["redirect_uri"]
        ):
            return said({"error": "invalid_grant"}, 400)
        token = self._signed(self._claims(asked["nonce"]))
        return said({"access_token": "access", "token_type": "Bearer", "id_token": token})

    def _claims(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        honest = {
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": "nadine@lab.example",
            "email_verified": True,
        }
        return {name: value for name, value in (honest | self.claims).items() if value is not None}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if self.algorithm == "HS256":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
        return jwt.encode({"alg": "RS256", "kid": self.published}, claims, self._key(self.kid))

    def _key(self, kid: str) -> RSAKey:
        if kid not in self._keys:
            self._keys[kid] = RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})
        return self._keys[kid]


def said(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, mimetype="application/json")


def _part(content: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@contextmanager
def forging() -> Iterator[Forger]:
    """Run such a provider for the length of the block."""
    forger = Forger()
    thread = threading.Thread(target=forger.run, daemon=True)
    thread.start()
    try:
        yield forger
    finally:
        forger.stop()
        thread.join(5)
