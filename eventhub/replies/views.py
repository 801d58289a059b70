"""The page behind the mail that asks whether a place shall be given back. A look changes nothing."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.registration import secret_link
from eventhub.registration.models import RegistrationState
from eventhub.replies import service
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to

pages = Blueprint("replies", __name__)


@pages.get("/my/<token>/declined")
def declined(token: str) -> ResponseReturnValue:
    """Ask whether somebody gives their place back; mail programs follow links, so only a POST answers."""
    found = secret_link.opened(token)
    if found is None:
        return secret_link.unknown()
    edition = found.edition
    open_still = edition.state is EditionState.PUBLISHED and not is_over(edition, clock.now())
    if found.state is not RegistrationState.CONFIRMED or not open_still:
        return redirect(path_to("registration.show", token=token), 303)
    return render_template("replies/declined.html", edition=edition, token=token)


@pages.post("/my/<token>/declined")
def come_after_all(token: str) -> ResponseReturnValue:
    """Keep the place; whoever gives it back cancels."""
    found = secret_link.opened(token)
    if found is None:
        return secret_link.unknown()
    try:
        with transaction():
            service.come_after_all(found)
    except RuleBroken as broken:
        flash(broken.message, "warn")
    else:
        flash(_("Thank you. We look forward to seeing you."), "ok")
    return redirect(path_to("registration.show", token=token), 303)
