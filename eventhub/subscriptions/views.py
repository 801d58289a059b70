"""The one field on public pages, and the page behind the personal link of a subscription."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from eventhub.database import transaction
from eventhub.editions.models import Series
from eventhub.editions.queries import visible_series
from eventhub.errors import RuleBroken
from eventhub.extensions import csrf
from eventhub.registration.rules import MAILS_PER_DAY, MAILS_PER_HOUR, mailbox
from eventhub.registration.views import DAY, FORMS_FROM_ONE_PLACE, HOUR
from eventhub.subscriptions import queries, service
from eventhub.subscriptions.forms import SubscribeForm
from eventhub.subscriptions.models import Subscription
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.limits import limit
from eventhub.web.links import path_to
from eventhub.web.security import secret_address, surely_sent_from_here

pages = Blueprint("subscriptions", __name__)


@pages.get("/<series>/subscribe")
def subscribe(series: str) -> ResponseReturnValue:
    """Show the field on a page of its own."""
    return _form(_series(series), SubscribeForm())


@pages.post("/<series>/subscribe")
@csrf.exempt  # type: ignore[untyped-decorator]
def take(series: str) -> ResponseReturnValue:
    """Take an address. Public pages are kept without a token, so there the browser's word counts instead."""
    if not surely_sent_from_here():
        csrf.protect()
    found = _series(series)
    form = SubscribeForm(meta={"csrf": False})
    if not form.validate():
        return _form(found, form), 422
    try:
        _limit_mails(found, form.address)
    except TooManyRequests as refused:
        form.refuse(RuleBroken(_("Too many tries in a short time. Try again later"), field="email"))
        return _form(found, form), 429, {"Retry-After": str(refused.retry_after)}
    if not request.form.get("website"):  # only machines fill in what nobody sees
        with transaction():
            service.subscribe(found, form.address, language())
    return redirect(path_to("subscriptions.asked", series=found.slug), 303)


@pages.get("/<series>/subscribed")
def asked(series: str) -> ResponseReturnValue:
    """Say what happens next, the same for known and unknown addresses."""
    return render_template("subscriptions/asked.html", series=_series(series))


@pages.get("/subscriptions/<token>/")
def show(token: str) -> ResponseReturnValue:
    """Show what the link is about; a look changes nothing."""
    found = _subscription(token)
    if found is None:
        return render_template("subscriptions/gone.html"), 404
    return render_template("subscriptions/show.html", subscription=found, series=found.series, token=token)


@pages.post("/subscriptions/<token>/confirm")
def confirm(token: str) -> ResponseReturnValue:
    """Say yes."""
    with transaction():
        found = _subscription(token)
        if found is not None:
            service.confirm(found)
    if found is None:
        return render_template("subscriptions/gone.html"), 404
    flash(_("Done. You hear from us when the next edition opens its registration."), "ok")
    return redirect(path_to("subscriptions.show", token=token), 303)


@pages.get("/subscriptions/<token>/leave")
def look_before_leaving(token: str) -> ResponseReturnValue:
    """Lead people who open the address of the mail's header to the page with the button."""
    secret_address()
    return redirect(path_to("subscriptions.show", token=token))


@pages.post("/subscriptions/<token>/leave")
@csrf.exempt  # type: ignore[untyped-decorator]
def leave(token: str) -> ResponseReturnValue:
    """Forget the address. Mail programs send this by themselves, without session or cookie (RFC 8058)."""
    with transaction():
        found = _subscription(token)
        if found is not None:
            service.leave(found)
    return render_template("subscriptions/gone.html", left=True)


def _series(slug: str) -> Series:
    found = visible_series(slug) or abort(404)
    g.formal = found.is_formal
    return found


def _subscription(token: str) -> Subscription | None:
    secret_address()
    found = queries.by_token(token)
    if found is not None:
        g.formal = found.series.is_formal
    return found


def _form(series: Series, form: SubscribeForm) -> str:
    return render_template("subscriptions/subscribe.html", series=series, form=form)


def _limit_mails(series: Series, address: str) -> None:
    """Protect a mailbox, whatever alias is typed."""
    limit("form", FORMS_FROM_ONE_PLACE, HOUR)
    limit(f"mails of {series.slug}", MAILS_PER_HOUR, HOUR, who=mailbox(address))
    limit("mails", MAILS_PER_DAY, DAY, who=mailbox(address))
