"""What programs read: Atom feeds, the sitemap, robots.txt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.editions.models import Edition
from eventhub.editions.queries import visible_series
from eventhub.site import queries
from eventhub.web.links import link_to
from eventhub.web.page_cache import cacheable

IN_A_FEED = 50
MOST_PLACES = 50_000
"""A sitemap may not have more."""


def atom() -> ResponseReturnValue:
    """Tell of the editions published last."""
    cacheable()
    return _atom("eventhub", link_to("site.start"), link_to("site.atom"), queries.newest(IN_A_FEED))


def series_atom(series: str) -> ResponseReturnValue:
    """Tell of the editions of a series published last."""
    found = visible_series(series) or abort(404)
    cacheable()
    page, address = (link_to(f"site.{name}", series=found.slug) for name in ("series", "series_atom"))
    return _atom(found.title, page, address, queries.newest(IN_A_FEED, found), found.updated_at)


def _atom(
    title: str, page: str, address: str, editions: Sequence[Edition], changed_at: datetime | None = None
) -> ResponseReturnValue:
    moments = [edition.changed_at for edition in editions] + ([changed_at] if changed_at else [])
    body = render_template(
        "site/feed.xml",
        title=title,
        page=page,
        address=address,
        editions=editions,
        changed_at=max(moments, default=None),
    )
    return _for_programs(body, "application/atom+xml; charset=utf-8")


def sitemap() -> ResponseReturnValue:
    """List every page that lists may name."""
    cacheable()
    body = render_template("site/sitemap.xml", places=queries.places(MOST_PLACES))
    return _for_programs(body, "application/xml; charset=utf-8")


def robots() -> ResponseReturnValue:
    """Ask search engines to leave out what is personal or for organisers."""
    cacheable()
    lines = [
        "User-agent: *",
        "Disallow: /api/",
        "Disallow: /feeds/",
        "Disallow: /manage/",
        "Disallow: /invitations/",
        "Disallow: /my/",
        "Disallow: /subscriptions/",
        f"Sitemap: {link_to('site.sitemap')}",
        "",
    ]
    return _for_programs("\n".join(lines), "text/plain; charset=utf-8")


def _for_programs(body: str, content_type: str) -> ResponseReturnValue:
    response = make_response(body)
    response.headers["Content-Type"] = content_type
    response.headers["Cache-Control"] = "public, max-age=300"
    response.add_etag()
    return response.make_conditional(request)
