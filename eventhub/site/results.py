"""The public list of what came out in teams."""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from eventhub.editions.queries import visible_edition
from eventhub.groups import queries
from eventhub.site.editions import edition_lang, robots_of, speak_like
from eventhub.web.links import link_to
from eventhub.web.page_cache import cacheable


def results(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Show project, team and status as the teams keep them current."""
    found = visible_edition(series, edition) or abort(404)
    grouping = next((one for one in queries.public_results(found) if one.id == key), None) or abort(404)
    cacheable()
    speak_like(found.series)
    return render_template(
        "site/results.html",
        edition=found,
        series=found.series,
        grouping=grouping,
        teams=queries.results(grouping),
        own=edition_lang(found),
        robots=robots_of(found, filtered=False),
        canonical=link_to("site.results", series=found.series.slug, edition=found.key, key=grouping.id),
    )
