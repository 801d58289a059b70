"""Pages that say what went wrong and what to do now; no input ends in anything else."""

import logging
import secrets
from http import HTTPStatus
from types import TracebackType
from typing import Any

from flask import Flask, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import BadRequest, HTTPException, TooManyRequests

from eventhub.errors import NotPermitted, Overtaken, RuleBroken
from eventhub.web import security
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

log = logging.getLogger("eventhub")


def words(code: int) -> tuple[str, str]:
    """Return heading and advice for a status code."""
    known = {
        400: (
            _("This request could not be read"),
            _("Go back, reload the page and try once more."),
        ),
        403: (
            _("This form came from another page"),
            _("Open the page here in eventhub and send the form again."),
        ),
        404: (
            _("This page does not exist"),
            _("The link may be mistyped or out of date. The start page lists all meetings."),
        ),
        405: (
            _("This address can’t be used like that"),
            _("Go back and use the buttons of the page."),
        ),
        410: (
            _("This link is no longer valid"),
            _("It was already used or has expired. Ask for a new one where you got it."),
        ),
        413: (
            _("That was too much"),
            _("The text or the file is too large. Go back, shorten it and send it again."),
        ),
        415: (
            _("This format is not accepted"),
            _("Go back and use the form of the page."),
        ),
    }
    return known.get(code, known[400])


def _show(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.response is not None:
        return error
    title, advice = words(error.code)
    if isinstance(error, CSRFError):
        title = _("Please send the form once more")
    if isinstance(error, BadRequest):
        advice = security.explain(error) or advice
    answer = _page(error.code, title, advice, fields=_again(error))
    answer.headers.extend(_headers_of(error))
    return answer


def _again(error: HTTPException) -> list[tuple[str, str]]:
    return list(security.resendable()) if isinstance(error, CSRFError) else []


def _headers_of(error: HTTPException) -> list[tuple[str, str]]:
    return [pair for pair in error.get_headers() if pair[0] not in ("Content-Type", "Content-Length")]


def _wait(error: TooManyRequests) -> str:
    seconds = error.retry_after if isinstance(error.retry_after, int) else 60
    minutes = -(-seconds // 60)
    return ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)


def _show_limit(error: TooManyRequests) -> ResponseReturnValue:
    answer = _page(429, _("That was a little too often"), _wait(error))
    answer.headers["Retry-After"] = str(error.retry_after or 60)
    return answer


def _show_broken_rule(error: RuleBroken) -> ResponseReturnValue:
    return _page(HTTPStatus.CONFLICT, _("That is not possible"), str(error.message))


def _show_not_permitted(error: NotPermitted) -> ResponseReturnValue:
    return _page(HTTPStatus.FORBIDDEN, _("This role does not include that"), str(error.message))


def _show_overtaken(error: Exception) -> ResponseReturnValue:
    """Somebody else deleted or added a row between reading and saving; nothing was saved."""
    log.warning("overtaken in %s %s: %s", request.method, request.endpoint, type(error).__name__)
    title = _("Somebody else changed this at the same moment")
    advice = _("Nothing was saved. Please go back, reload the page and look what is there now.")
    return _page(HTTPStatus.CONFLICT, title, advice)


def _show_failure(_error: Exception) -> ResponseReturnValue:
    number = g.get("error_number", "")
    title = _("That did not work")
    advice = _("Your entries are still here: go back and try again in a minute.")
    try:
        return _page(500, title, advice, number=number)
    except Exception:  # the error page itself must never fail
        log.exception("error page for %s failed", number)
        return Response(f"{title}\n{number}\n", 500, mimetype="text/plain")


def _page(code: int, title: str, advice: str, **values: Any) -> Response:
    g.pop("cacheable", None)
    page = render_template("errors/error.html", code=code, heading=title, advice=advice, **values)
    return Response(page, int(code), mimetype="text/html")


def _log(found: tuple[type, BaseException, TracebackType] | tuple[None, None, None]) -> None:
    """Log an unexpected error under the number that its page shows; never the address, it may be secret."""
    g.error_number = secrets.token_hex(4)
    log.error("error %s in %s %s", g.error_number, request.method, request.endpoint, exc_info=found)


def init_app(app: Flask) -> None:
    """Show an error page for everything that can go wrong."""
    app.log_exception = _log  # type: ignore[method-assign, assignment]
    app.register_error_handler(TooManyRequests, _show_limit)
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(RuleBroken, _show_broken_rule)
    app.register_error_handler(NotPermitted, _show_not_permitted)
    for overtaken in (Overtaken, IntegrityError, ObjectDeletedError, StaleDataError):
        app.register_error_handler(overtaken, _show_overtaken)
    app.register_error_handler(500, _show_failure)
