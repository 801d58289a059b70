"""The page of an offered role: a look, then accept or decline. The mailed link proves the address."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, flash, g, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub import clock
from eventhub.database import transaction
from eventhub.roles import queries, service
from eventhub.roles.models import RoleOffer
from eventhub.roles.words import CHECKLIST, title_of, what_is_offered
from eventhub.web.languages import gettext as _
from eventhub.web.limits import limit
from eventhub.web.links import path_to
from eventhub.web.security import secret_address

pages = Blueprint("roles", __name__, url_prefix="/manage/roles")


@pages.before_request
def _keep_address() -> None:
    secret_address()


@pages.get("/<token>/")
def show(token: str) -> ResponseReturnValue:
    """Show what is offered, or what became of it."""
    offer = _offer(token)
    if offer is None:
        return render_template("roles/unknown.html"), 404
    return render_template(
        "roles/show.html",
        offer=offer,
        token=token,
        over=offer.answered_at is None and offer.expires_at <= clock.now(),
        offered=what_is_offered(offer),
        title=title_of(offer),
        checklist=CHECKLIST,
        zone=offer.series.zone if offer.series else current_app.config["SETTINGS"].default_timezone,
    )


@pages.post("/<token>/accept")
def accept(token: str) -> ResponseReturnValue:
    """Take the role; who has no account gets one for the address that the link went to."""
    return _answer(token, service.accept, _("Accepted."))


@pages.post("/<token>/decline")
def decline(token: str) -> ResponseReturnValue:
    """Refuse the role."""
    return _answer(token, service.decline, _("Declined. Nothing has changed."))


def _answer(token: str, take: Callable[[RoleOffer], None], done: str) -> ResponseReturnValue:
    limit("role", times=30, per_seconds=3600)
    offer = _offer(token)
    if offer is None:
        return render_template("roles/unknown.html"), 404
    with transaction():
        take(offer)
    flash(done, "ok")
    if offer.accepted and current_user.is_authenticated:
        return redirect(path_to("desk.dashboard"), 303)
    return redirect(path_to("roles.show", token=token), 303)


def _offer(token: str) -> RoleOffer | None:
    found = queries.by_token(token)
    if found is not None and found.series is not None:
        g.formal = found.series.is_formal
    return found
