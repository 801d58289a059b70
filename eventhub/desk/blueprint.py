"""The organiser's pages: nobody gets in without sign-in, nobody sees a series of others, and roles hold."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, g, request
from flask_login import current_user, login_required

from eventhub.desk.needs import Needs, allowed, needs_of
from eventhub.editions import rights as reads
from eventhub.editions.models import Edition, Series
from eventhub.errors import NotPermitted
from eventhub.organisations.roles import Rights
from eventhub.web.languages import gettext as _

pages = Blueprint("desk", __name__, url_prefix="/manage")


@pages.before_request
@login_required  # type: ignore[untyped-decorator]
def _require_sign_in() -> None:
    """Hold for every page of this blueprint, whether its author thinks of it or not."""


def found_series(slug: str) -> Series:
    """Return a series of the user's; a foreign one is answered like one that doesn't exist."""
    found = reads.found_series(current_user, slug)
    if found is None:
        abort(404)
    series, rights = found
    if not (rights.anywhere() if _page().in_any_edition else rights.in_series()):
        abort(404)
    _enter(series, rights, None)
    return series


def found_edition(series_slug: str, key: str) -> Edition:
    """Return an edition of the user's in any state; a foreign one is answered like a missing one."""
    found = reads.found_edition(current_user, series_slug, key)
    if found is None:
        abort(404)
    edition, rights = found
    _enter(edition.series, rights, edition.id)
    return edition


def own_rights() -> Rights:
    """Return what the user may do in the series that this page is about."""
    found: Rights = g.get("rights", Rights())
    return found


def may_open(endpoint: str, method: str = "GET") -> bool:
    """Tell whether a page may lead the user there: to a page about the same edition, or the series."""
    edition_id = g.get("edition_id") if in_edition(endpoint) else None
    return allowed(needs_of(current_app, endpoint), method, own_rights(), edition_id)


def in_edition(endpoint: str) -> bool:
    """Tell whether a page is about one edition."""
    return any("edition" in rule.arguments for rule in current_app.url_map.iter_rules(endpoint))


def _page() -> Needs:
    return needs_of(current_app, request.endpoint or "")


def _enter(series: Series, rights: Rights, edition_id: int | None) -> None:
    g.formal = series.is_formal
    g.rights, g.edition_id = rights, edition_id
    if not allowed(_page(), request.method, rights, edition_id):
        raise NotPermitted(_("Owners of the series can give other roles."))
