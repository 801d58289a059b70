"""The organiser's pages: nobody gets in without sign-in, and nobody sees a series of others."""

from __future__ import annotations

from flask import Blueprint, abort, g, request
from flask_login import current_user, login_required

from eventhub.editions import queries
from eventhub.editions.models import Edition, FormOfAddress, Series
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _

pages = Blueprint("desk", __name__, url_prefix="/manage")


@pages.before_request
@login_required  # type: ignore[untyped-decorator]
def _require_sign_in() -> None:
    """Hold for every page of this blueprint, whether its author thinks of it or not."""


def found_series(slug: str) -> Series:
    """Return a series of the user's; a foreign one is answered like one that doesn't exist."""
    series = queries.managed_series(current_user, slug)
    if series is None:
        abort(404)
    _prepare(series)
    return series


def found_edition(series_slug: str, key: str) -> Edition:
    """Return an edition of the user's in any state; a foreign one is answered like a missing one."""
    edition = queries.managed_edition(current_user, series_slug, key)
    if edition is None:
        abort(404)
    _prepare(edition.series)
    return edition


def _prepare(series: Series) -> None:
    g.formal = series.form_of_address is FormOfAddress.SIE
    if request.method == "POST" and not queries.may_edit(current_user, series):
        raise RuleBroken(_("As a helper you can see everything here, but change nothing."))
