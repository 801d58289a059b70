"""The page of tokens for programs: make one, see it once, remove it."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from eventhub import clock
from eventhub.accounts import api_tokens
from eventhub.accounts.forms import TokenForm
from eventhub.accounts.views import pages
from eventhub.database import transaction
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _
from eventhub.web.limits import limit
from eventhub.web.links import link_to, path_to

__all__ = ["pages"]
NEW = "new_token"
"""The session's key for a token that was just made and not shown yet."""


@pages.route("/account/tokens", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
def tokens() -> ResponseReturnValue:
    """List the tokens of the user, show a new one once, and make another."""
    form = TokenForm(data={"last_day": (clock.now() + api_tokens.USUAL).date()})
    if form.validate_on_submit():
        limit("api token", times=20, per_seconds=3600)
        try:
            with transaction():
                token = api_tokens.create(
                    current_user,
                    form.name.data or "",
                    form.last_day.data,
                    reads_people=form.reads_people.data,
                )
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            session[NEW] = token
            return redirect(path_to("accounts.tokens"), 303)
    page = render_template(
        "accounts/tokens.html",
        form=form,
        tokens=api_tokens.tokens_of(current_user),
        new=session.pop(NEW, ""),
        start=link_to("api.start"),
        now=clock.now(),
        zone=current_app.config["SETTINGS"].default_timezone,
    )
    return page, 422 if form.errors else 200


@pages.post("/account/tokens/<int:key>/remove")
@login_required  # type: ignore[untyped-decorator]
def remove_token(key: int) -> ResponseReturnValue:
    """Make a token void."""
    with transaction():
        if not api_tokens.remove(current_user, key):
            abort(404)
    flash(_("The token is removed and opens nothing any more."), "ok")
    return redirect(path_to("accounts.tokens"), 303)
