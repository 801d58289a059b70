"""Registers the public pages; everybody may see what they show."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from eventhub.site import calendars, changes, feeds, results, schedules, search, subscribing, views
from eventhub.web.links import link_to

PAGES: dict[str, Callable[..., ResponseReturnValue]] = {
    "/": views.start,
    "/imprint/": views.imprint,
    "/privacy/": views.privacy,
    "/accessibility/": views.accessibility,
    "/sitemap.xml": feeds.sitemap,
    "/robots.txt": feeds.robots,
    "/feed.atom": feeds.atom,
    "/calendar.ics": calendars.all_calendar,
    "/calendar/": subscribing.calendars,
    "/organisations/<organisation>/calendar.ics": calendars.organisation_calendar,
    "/<series>/": views.series,
    "/<series>/calendar.ics": calendars.series_calendar,
    "/<series>/feed.atom": feeds.series_atom,
    "/<series>/speakers/<speaker>/": views.speaker,
    "/<series>/speakers/<speaker>/photo": views.photo,
    "/<series>/organisations/<organisation>/logo": views.logo,
    "/<series>/<edition>/": views.edition,
    "/<series>/<edition>/calendar.ics": calendars.edition_calendar,
    "/<series>/<edition>/schedule.xml": schedules.schedule_xml,
    "/<series>/<edition>/schedule.json": schedules.schedule_json,
    "/<series>/<edition>/calendar/": subscribing.choose_calendar,
    "/<series>/<edition>/changes/": changes.changes,
    "/<series>/<edition>/results/<int:key>/": results.results,
    "/<series>/<edition>/slots/<slot>/": views.slot,
    "/<series>/<edition>/slots/<slot>/slides/<int:key>": views.slides,
    "/<series>/<edition>/slots/<slot>.ics": calendars.slot_calendar,
}


def init_app(app: Flask) -> None:
    """Add the pages of this feature to the application."""
    pages = Blueprint("site", __name__)
    for rule, view in PAGES.items():
        pages.add_url_rule(rule, view_func=view, methods=["GET"])
    app.register_blueprint(pages)
    app.jinja_env.globals["link_to"] = link_to
    search.init_app(app)
