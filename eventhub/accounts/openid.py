"""Sign-in through the operator's OpenID provider: authorization code with PKCE, state and nonce.

It lets in whom a mailed link would: the provider proves the address instead. From then on its subject counts.
The library is in the extra `production`; nothing here is offered unless a provider is set.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask, current_app
from sqlalchemy import select

from config import Settings
from eventhub import clock
from eventhub.accounts import queries
from eventhub.accounts.models import OpenIdIdentity, User
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to

if TYPE_CHECKING:
    from eventhub.accounts.provider import Person, Provider

EXTENSION = "eventhub.openid"
LIFETIME = timedelta(minutes=15)
"""How long somebody may take at the provider."""


class ProviderSilent(RuleBroken):
    """The provider does not answer as it should."""


@dataclass(frozen=True)
class Attempt:
    """A sign-in that was begun, as the browser's session remembers it for one try."""

    state: str
    nonce: str
    verifier: str
    target: str
    begun: float


def init_app(app: Flask) -> None:
    """Know the provider that is set; it is asked only once somebody signs in."""
    settings: Settings = app.config["SETTINGS"]
    if settings.openid_issuer:
        from eventhub.accounts.provider import Provider  # noqa: PLC0415 - an extra

        app.extensions[EXTENSION] = Provider(settings)


def provider_name() -> str:
    """Return what people call the provider; empty where none is set."""
    return str(current_app.config["SETTINGS"].openid_name) if EXTENSION in current_app.extensions else ""


def begin(target: str) -> tuple[str, Attempt]:
    """Return where the provider asks who is there, and what the browser has to remember until then."""
    from eventhub.accounts.provider import Unreachable, Untrusted  # noqa: PLC0415 - an extra

    try:
        begun = _provider().begin(_back())
    except (Unreachable, Untrusted):
        raise _silent() from None
    attempt = Attempt(begun["state"], begun["nonce"], begun["code_verifier"], target, clock.now().timestamp())
    return begun["url"], attempt


def require_own(attempt: Attempt | None, said: Mapping[str, str]) -> Attempt:
    """Refuse what this browser has not begun itself a short while ago, and what another provider sent."""
    if (
        attempt is None
        or not hmac.compare_digest(attempt.state.encode(), said.get("state", "").encode())
        or clock.now().timestamp() - attempt.begun >= LIFETIME.total_seconds()
        or said.get("iss", _provider().issuer) != _provider().issuer
    ):
        raise RuleBroken(
            _("This sign-in was begun in another browser, took too long, or is over. Start again.")
        )
    return attempt


def proven(attempt: Attempt, said: Mapping[str, str]) -> Person:
    """Return whom the provider vouches for, given what the browser brought back from there."""
    from eventhub.accounts.provider import Unreachable, Untrusted  # noqa: PLC0415 - an extra

    _require_success(said)
    try:
        return _provider().person(_back(), said.get("code", ""), attempt.nonce, attempt.verifier)
    except Unreachable:
        raise _silent() from None
    except Untrusted:
        raise RuleBroken(
            _(
                "What %(name)s sent could not be checked, or it was used already. Start again, or ask for a"
                " link.",
                name=provider_name(),
            )
        ) from None


def user_of(person: Person) -> User:
    """Return whose account it is: known by subject, the first time by an address that is verified there."""
    identity = db.session.scalar(
        select(OpenIdIdentity).filter_by(issuer=person.issuer, subject=person.subject)
    )
    if identity is None:
        identity = _link(person)
    if not identity.user.active:
        raise _no_account(identity.user.email)
    identity.used_at = clock.now()
    return identity.user


def identities_of(user: User) -> list[OpenIdIdentity]:
    """Return who a user is at providers, the latest first."""
    found = select(OpenIdIdentity).filter_by(user_id=user.id).order_by(OpenIdIdentity.id.desc())
    return list(db.session.scalars(found))


def forget(user: User, key: int) -> bool:
    """Forget one of the user's identities; False where there is none."""
    identity = next((one for one in identities_of(user) if one.id == key), None)
    if identity is not None:
        db.session.delete(identity)
    return identity is not None


def check() -> None:
    """Ask the provider who it is; raises ProviderSilent."""
    from eventhub.accounts.provider import Unreachable, Untrusted  # noqa: PLC0415 - an extra

    try:
        _provider().check()
    except (Unreachable, Untrusted):
        raise _silent() from None


def _require_success(said: Mapping[str, str]) -> None:
    name = provider_name()
    if said.get("error") == "access_denied":
        raise RuleBroken(_("You were not signed in at %(name)s. Start again, or ask for a link.", name=name))
    if "error" in said:
        raise RuleBroken(_("%(name)s refused the sign-in. Ask for a link instead.", name=name))


def _link(person: Person) -> OpenIdIdentity:
    """Remember that this subject is whoever has the address."""
    if not person.verified or not person.email:
        raise RuleBroken(
            _(
                "%(name)s does not say that your email address is checked. Have it checked there, or ask"
                " for a link.",
                name=provider_name(),
            )
        )
    user = queries.user_by_email(person.email)
    if user is None:
        raise _no_account(person.email)
    identity = OpenIdIdentity(user=user, issuer=person.issuer, subject=person.subject)
    db.session.add(identity)
    db.session.flush()  # the database refuses one that is known
    return identity


def _no_account(email: str) -> RuleBroken:
    return RuleBroken(
        _("There is no account for %(email)s. Somebody in the team has to invite this address.", email=email)
    )


def _silent() -> ProviderSilent:
    return ProviderSilent(
        _("%(name)s does not answer properly. Try again in a while, or ask for a link.", name=provider_name())
    )


def _provider() -> Provider:
    found: Provider = current_app.extensions[EXTENSION]
    return found


def _back() -> str:
    return link_to("openid.finish")
