"""Passkeys: the browser keeps a private key and proves it; only the public one is here.

The library is in the extra `production`; without it nothing here is offered.
"""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from eventhub import clock
from eventhub.accounts.models import Passkey, User
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.web.languages import gettext as _

LONGEST_ANSWER = 20_000
MOST = 20
ADDRESS_ONLY = re.compile(r"[0-9.]+|.*:.*")


def are_available() -> bool:
    """Tell whether the library is installed, and eventhub has a name: bare addresses get no passkey."""
    return find_spec("webauthn") is not None and not ADDRESS_ONLY.fullmatch(_host())


def creation_options(user: User, challenge: bytes) -> str:
    """Return what the browser needs to make a passkey, as JSON."""
    import webauthn  # noqa: PLC0415 - an extra
    from webauthn.helpers import structs  # noqa: PLC0415

    known = [structs.PublicKeyCredentialDescriptor(id=one.credential_id) for one in passkeys_of(user)]
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name="eventhub",
        user_id=str(user.id).encode(),
        user_name=user.email,
        user_display_name=user.name or user.email,
        challenge=challenge,
        exclude_credentials=known,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
    )
    return webauthn.options_to_json(options)


def request_options(challenge: bytes) -> str:
    """Return what the browser needs to prove any passkey it has for us, as JSON."""
    import webauthn  # noqa: PLC0415 - an extra
    from webauthn.helpers import structs  # noqa: PLC0415

    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=challenge,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def keep(user: User, answer: str, challenge: bytes, name: str) -> Passkey:
    """Check what the browser made, and keep its public key."""
    import webauthn  # noqa: PLC0415 - an extra

    if len(passkeys_of(user)) >= MOST:
        raise RuleBroken(_("At most %(most)s passkeys. Remove one first.", most=MOST))
    verified = _verified(
        webauthn.verify_registration_response,
        credential=_read(answer),
        expected_challenge=challenge,
        expected_rp_id=_host(),
        expected_origin=_origin(),
        require_user_verification=True,
    )
    passkey = Passkey(
        user_id=user.id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=name,
    )
    db.session.add(passkey)
    db.session.flush()  # the database refuses one that is known
    return passkey


def proven(answer: str, challenge: bytes) -> User:
    """Return whose passkey signed the challenge."""
    import webauthn  # noqa: PLC0415 - an extra

    given = _read(answer)
    passkey = _by_credential(given)
    if passkey is None or not passkey.user.active:
        raise _unknown()
    verified = _verified(
        webauthn.verify_authentication_response,
        credential=given,
        expected_challenge=challenge,
        expected_rp_id=_host(),
        expected_origin=_origin(),
        credential_public_key=passkey.public_key,
        credential_current_sign_count=passkey.sign_count,
        require_user_verification=True,
    )
    passkey.sign_count, passkey.used_at = verified.new_sign_count, clock.now()
    return passkey.user


def passkeys_of(user: User) -> list[Passkey]:
    """Return a user's passkeys, the latest first."""
    return list(db.session.scalars(select(Passkey).filter_by(user_id=user.id).order_by(Passkey.id.desc())))


def _by_credential(given: dict[str, Any]) -> Passkey | None:
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415 - an extra

    try:
        key = base64url_to_bytes(given["rawId"])
    except (KeyError, TypeError, ValueError):
        return None
    return db.session.scalar(select(Passkey).filter_by(credential_id=key))


def remove(user: User, key: int) -> bool:
    """Forget one of the user's passkeys; False where there is none."""
    passkey = next((one for one in passkeys_of(user) if one.id == key), None)
    if passkey is not None:
        db.session.delete(passkey)
    return passkey is not None


def _read(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer[:LONGEST_ANSWER])
    except ValueError:
        raise _unknown() from None
    if not isinstance(found, dict):
        raise _unknown()
    return found


def _verified(check: Any, **values: Any) -> Any:
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - an extra

    try:
        return check(**values)
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise _unknown() from None


def _unknown() -> RuleBroken:
    return RuleBroken(_("This passkey could not be checked. Try again, or ask for a link."))


def _origin() -> str:
    found = urlsplit(current_app.config["SETTINGS"].base_url)
    return f"{found.scheme}://{found.netloc}"


def _host() -> str:
    return urlsplit(current_app.config["SETTINGS"].base_url).hostname or "localhost"
