"""The page of somebody's own calendar, and the calendar itself. A look changes nothing."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.calendars.files import CONTENT_TYPE
from eventhub.calendars.links import webcal
from eventhub.database import transaction
from eventhub.own_calendars import queries, service
from eventhub.own_calendars.models import OwnCalendar
from eventhub.registration import secret_link
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.limits import limit
from eventhub.web.links import link_to, path_to
from eventhub.web.security import secret_address

HOUR = 3600
MAILS_PER_HOUR = 3

pages = Blueprint("own_calendars", __name__)


@pages.post("/my/<token>/all-meetings")
def send(token: str) -> ResponseReturnValue:
    """Mail the address of the calendar of all meetings."""
    own = secret_link.opened(token)
    if own is None:
        return secret_link.unknown()
    limit("own-calendar", MAILS_PER_HOUR, HOUR, who=own.email_key)
    with transaction():
        service.send_address(own)
    flash(_("The link to the calendar is on its way by mail."), "ok")
    return redirect(path_to("registration.show", token=token), 303)


@pages.get("/feeds/<token>/")
def show(token: str) -> ResponseReturnValue:
    """Show the address to subscribe to, and how to be rid of it."""
    if _opened(token) is None:
        return _unknown()
    source = link_to("own_calendars.calendar", token=token)
    return render_template("own_calendars/show.html", token=token, source=source, webcal=webcal(source))


@pages.get("/feeds/<token>/calendar.ics")
def calendar(token: str) -> ResponseReturnValue:
    """Offer the calendar to subscribe to; whatever is no address of one is answered alike."""
    found = _opened(token)
    if found is None:
        return _unknown()
    latest = queries.latest_registration(found)
    with speaking(latest.language if latest else current_app.config["DEFAULT_LANGUAGE"]):
        body, latest_change = service.content(found, token, current_app.config["BABEL_DEFAULT_TIMEZONE"])
    answer = make_response(body)
    answer.headers["Content-Type"] = CONTENT_TYPE
    answer.headers["Content-Disposition"] = 'inline; filename="my-meetings.ics"'
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.add_etag()
    answer.make_conditional(request)
    answer.last_modified = latest_change  # after it: what vanishes from a calendar has no time of its own
    return answer


@pages.post("/feeds/<token>/renew")
def renew(token: str) -> ResponseReturnValue:
    """Let this address open nothing any more, and mail another one."""
    found = _opened(token)
    if found is None:
        return _unknown()
    limit("own-calendar", MAILS_PER_HOUR, HOUR, who=found.email_key)
    with transaction():
        service.renew(found)
    return render_template("own_calendars/gone.html", renewed=True)


@pages.post("/feeds/<token>/end")
def end(token: str) -> ResponseReturnValue:
    """Let the calendar be no more."""
    found = _opened(token)
    if found is None:
        return _unknown()
    with transaction():
        service.end(found)
    return render_template("own_calendars/gone.html", renewed=False)


def _opened(token: str) -> OwnCalendar | None:
    secret_address()
    return queries.by_token(token)


def _unknown() -> ResponseReturnValue:
    return render_template("own_calendars/unknown.html"), 404
