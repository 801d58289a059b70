"""Pages that say which calendars there are, and put together the address of a part of a programme."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.agenda.forms import KINDS
from eventhub.agenda.models import Kind
from eventhub.agenda.queries import calendar_slots, tracks_of
from eventhub.calendars.links import google_subscription, webcal
from eventhub.editions.queries import visible_edition
from eventhub.site import queries
from eventhub.site.calendars import Choice
from eventhub.site.editions import edition_lang, speak_like
from eventhub.site.programme import lang_attribute
from eventhub.web.languages import language
from eventhub.web.links import link_to, path_to
from eventhub.web.page_cache import cacheable


def calendars() -> ResponseReturnValue:
    """List the calendars to subscribe to: all meetings, those of an organisation, those of a series."""
    cacheable()
    return render_template(
        "site/calendars.html",
        everything=menu_of("site.all_calendar"),
        organisations=[
            (one, menu_of("site.organisation_calendar", organisation=one.slug))
            for one in queries.public_organisations()
        ],
        series=[(one, menu_of("site.series_calendar", series=one.slug)) for one in queries.listed_series()],
        lang_of=lambda code: lang_attribute(code, language()),
        canonical=link_to("site.calendars"),
    )


def choose_calendar(series: str, edition: str) -> ResponseReturnValue:
    """Let somebody choose tracks and kinds, and show the address of what they chose."""
    found = visible_edition(series, edition) or abort(404)
    cacheable()
    speak_like(found.series)
    slots = [slot for slot in calendar_slots(found.id) if slot.starts_at and slot.kind is not Kind.BREAK]
    choice, tracks = Choice.of(request.args), tracks_of(found.id)
    used = {slot.kind for slot in slots}
    address = {"series": series, "edition": found.key, **choice.query}
    return render_template(
        "site/choose_calendar.html",
        edition=found,
        series=found.series,
        own=edition_lang(found),
        choice=choice,
        tracks=tracks,
        kinds=[(kind, name) for kind, name in KINDS.items() if kind in used],
        number=len(choice.among(slots, tracks)),
        source=link_to("site.edition_calendar", **address),
        menu=menu_of("site.edition_calendar", **address),
        robots="noindex",
        canonical=link_to("site.choose_calendar", series=series, edition=found.key),
    )


def menu_of(endpoint: str, **values: Any) -> dict[str, str]:
    """Return the links of a calendar menu for a calendar to subscribe to."""
    source = link_to(endpoint, **values)
    return {
        "ics": path_to(endpoint, **values),
        "webcal": webcal(source),
        "google": google_subscription(source),
    }
