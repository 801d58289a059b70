"""How answers look: JSON with an ETag, long lists page by page, errors as sentences (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, abort, g, json, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, select
from werkzeug.exceptions import HTTPException

from eventhub.errors import NotPermitted
from eventhub.extensions import db
from eventhub.web.languages import gettext as _
from eventhub.web.links import link_to

USUAL, MOST = 50, 200
LAST_PAGE = 100_000


def answer(content: dict[str, Any]) -> ResponseReturnValue:
    """Return what was asked for, or 304 where the program has just that already."""
    response = Response(json.dumps(content, ensure_ascii=False, sort_keys=False), mimetype="application/json")
    response.add_etag()
    return response.make_conditional(request)


def page_of(
    statement: Select[Any], show: Callable[[Sequence[Any]], list[dict[str, Any]]]
) -> ResponseReturnValue:
    """Return the page of rows that `?page=` and `?per_page=` name; one beyond the end is empty."""
    number, size = _number("page", 1, LAST_PAGE), _number("per_page", USUAL, MOST)
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = db.session.scalars(statement.limit(size).offset((number - 1) * size)).all()
    return _page(show(rows), number, size, total)


def page_of_list(
    rows: Sequence[Any], show: Callable[[Sequence[Any]], list[dict[str, Any]]]
) -> ResponseReturnValue:
    """Return such a page of rows that are read already."""
    number, size = _number("page", 1, LAST_PAGE), _number("per_page", USUAL, MOST)
    return _page(show(rows[(number - 1) * size : number * size]), number, size, len(rows))


def _page(items: list[dict[str, Any]], number: int, size: int, total: int) -> ResponseReturnValue:
    more = number * size < total
    address = dict(request.view_args or {}, **{**request.args.to_dict(), "page": number + 1})
    following = link_to(request.endpoint or "", **address) if more else None
    return answer({"items": items, "page": number, "per_page": size, "total": total, "next": following})


def _number(name: str, usual: int, most: int) -> int:
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= most):
        abort(400, _("%(name)s must be a whole number from 1 to %(most)s.", name=name, most=most))
    return int(text)


def refuse(error: HTTPException) -> Response:
    """Say in JSON what is wrong."""
    number = g.get("error_number", "")
    details = {
        404: _("There is nothing at this address that this token may read."),
        429: _("That was a little too often. Wait as many seconds as Retry-After says."),
        500: _("That did not work. The log of the server has it under %(number)s.", number=number),
    }
    code = error.code or 500
    own = error.description if error.description != type(error).description else None
    detail = own or details.get(code) or error.description or ""
    response = _problem(code, error.name, detail)
    response.headers.extend(
        [pair for pair in error.get_headers() if pair[0] not in ("Content-Type", "Content-Length")]
    )
    return response


def refuse_role(error: NotPermitted) -> Response:
    """Say that a role, or the token, is not enough."""
    return _problem(403, "Forbidden", str(error.message))


def _problem(code: int, title: str, detail: str) -> Response:
    content = {"status": code, "title": title, "detail": detail}
    return Response(json.dumps(content, ensure_ascii=False), code, mimetype="application/problem+json")
