"""The page on which participants erase their own data. A look changes nothing."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import transaction
from eventhub.editions.rules import erases_on
from eventhub.privacy import service
from eventhub.registration import secret_link
from eventhub.web.links import path_to
from eventhub.web.security import secret_address

pages = Blueprint("privacy", __name__)


@pages.route("/my/<token>/erase", methods=["GET", "POST"])
def erase(token: str) -> ResponseReturnValue:
    """Say what goes and what stays; erase it on a click."""
    own = secret_link.opened(token)
    if own is None:
        return secret_link.unknown()
    edition = own.edition
    if request.method == "GET":
        return render_template(
            "privacy/erase.html",
            edition=edition,
            token=token,
            erases_on=erases_on(edition),
            gives_up=service.can_be_cancelled(own),
        )
    with transaction():
        service.erase_own(own)
    return redirect(path_to("privacy.erased"), 303)


@pages.get("/my/erased")
def erased() -> ResponseReturnValue:
    """Say that it is done; the address names nobody."""
    secret_address()
    return render_template("privacy/erased.html")
