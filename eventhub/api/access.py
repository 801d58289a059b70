"""Who asks: a token, its user, and what both may read. A session in a browser counts for nothing here."""

from __future__ import annotations

from flask import abort, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from eventhub.accounts import api_tokens
from eventhub.accounts.models import ApiToken, User
from eventhub.database import transaction
from eventhub.desk.needs import allowed, needs_of
from eventhub.editions import rights as reads
from eventhub.editions.models import Edition, Series
from eventhub.errors import NotPermitted
from eventhub.organisations.roles import Capability, Rights
from eventhub.web.languages import gettext as _
from eventhub.web.limits import limit

SCHEME = "Bearer "
PER_MINUTE = 300


def require_token() -> None:
    """Let in whoever shows a token that is good, and note at times that it is in use."""
    given = request.headers.get("Authorization", "")
    found = api_tokens.usable(given.removeprefix(SCHEME).strip()) if given.startswith(SCHEME) else None
    if found is None:
        limit("api without token", times=60, per_seconds=60)
        raise Unauthorized(
            _("Send a token: Authorization: Bearer … Make one on the page of your account."),
            www_authenticate=WWWAuthenticate("bearer", {"realm": "eventhub"}),
        )
    limit("api", times=PER_MINUTE, per_seconds=60, who=str(found.id))
    if api_tokens.must_note_use(found):
        with transaction():
            api_tokens.note_use(found)
    g.api_token = found


def token() -> ApiToken:
    found: ApiToken = g.api_token
    return found


def user() -> User:
    return token().user


def capabilities(rights: Rights, edition_id: int | None = None) -> frozenset[Capability]:
    """Return what the user may do there, without people where the token does not read them."""
    found = rights.anywhere() if edition_id is None else rights.in_edition(edition_id)
    return found if token().reads_people else found - {Capability.PEOPLE}


def found_series(slug: str) -> tuple[Series, Rights]:
    """Return a series in which the user has a role; a foreign one is answered like one that doesn't exist."""
    found = reads.found_series(user(), slug)
    if found is None:
        abort(404)
    return found


def found_edition(series: str, key: str) -> tuple[Edition, Rights]:
    """Return an edition in which the user has a role that is enough for what is asked."""
    found = reads.found_edition(user(), series, key)
    if found is None:
        abort(404)
    edition, rights = found
    needed = needs_of(current_app, request.endpoint or "")
    if not allowed(needed, request.method, rights, edition.id):
        raise NotPermitted(_("The role of this account does not include that."))
    if needed.to_look not in capabilities(rights, edition.id):
        raise NotPermitted(_("This token does not read who takes part. Make one that does."))
    return found
