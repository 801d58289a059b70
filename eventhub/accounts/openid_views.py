"""The way to an OpenID provider and back."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from eventhub.accounts import openid, service
from eventhub.accounts.browsers import browser_name
from eventhub.accounts.forms import SignInForm
from eventhub.accounts.sessions import open_session, remember_attempt, spent_attempt
from eventhub.accounts.views import ask_how
from eventhub.database import transaction
from eventhub.errors import RuleBroken
from eventhub.web.limits import limit
from eventhub.web.security import safe_target, secret_address

pages = Blueprint("openid", __name__)


@pages.before_request
def _only_where_offered() -> None:
    secret_address()
    if not openid.provider_name():
        abort(404)
    limit("sign-in openid", times=30, per_seconds=600)


@pages.get("/manage/sign-in/openid")
def begin() -> ResponseReturnValue:
    """Lead to the provider.

    A link, not a form: from a form our policy lets nobody leave this site, wherever the provider leads on.
    """
    try:
        address, attempt = openid.begin(safe_target(request.args.get("next"), service.HOME))
    except RuleBroken as broken:
        return _refused(broken)
    remember_attempt(attempt)
    return redirect(address, 303)


@pages.get("/manage/sign-in/openid/back")
def finish() -> ResponseReturnValue:
    """Sign in whom the provider vouches for; what it sends counts only in the browser that has begun this."""
    try:
        attempt = openid.require_own(spent_attempt(), request.args)
        person = openid.proven(attempt, request.args)
        with transaction():
            user = openid.user_of(person)
            link = service.session_for(user, browser_name(request.user_agent.string))
    except RuleBroken as broken:
        return _refused(broken)
    open_session(user, link)
    return redirect(safe_target(attempt.target, service.HOME), 303)


def _refused(broken: RuleBroken) -> ResponseReturnValue:
    form = SignInForm(formdata=None)
    form.refuse(broken)
    return ask_how(form), 503 if isinstance(broken, openid.ProviderSilent) else 403
