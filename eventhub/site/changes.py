"""The public list of what has changed in a programme, version by version."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from eventhub.editions.queries import visible_edition
from eventhub.programme_changes import releases
from eventhub.site.editions import edition_lang, robots_of, speak_like
from eventhub.web.links import link_to
from eventhub.web.page_cache import cacheable


def changes(series: str, edition: str) -> ResponseReturnValue:
    """Show each version with what it changed, the latest first."""
    found = visible_edition(series, edition) or abort(404)
    versions = releases.versions_of(found) or abort(404)
    cacheable()
    speak_like(found.series)
    return render_template(
        "site/changes.html",
        edition=found,
        series=found.series,
        changelog=releases.changelog(versions, releases.names_in(found)),
        own=edition_lang(found),
        robots=robots_of(found, filtered=False),
        canonical=link_to("site.changes", series=found.series.slug, edition=found.key),
    )
