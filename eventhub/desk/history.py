"""What happened to a series or an edition, in words."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from eventhub.desk import queries, words
from eventhub.desk.blueprint import found_edition, found_series, pages
from eventhub.desk.needs import needs
from eventhub.organisations.roles import Capability
from eventhub.web.pagination import page_of


@pages.get("/<series>/history/")
@needs(Capability.LOOK)
def series_history(series: str) -> ResponseReturnValue:
    """List what happened to a series as a whole, the latest first."""
    found = found_series(series)
    return render_template(
        "desk/series_history.html",
        series=found,
        page=page_of(queries.series_history(found), 50),
        words=words,
        zone=found.zone,
    )


@pages.get("/<series>/<edition>/history/")
@needs(Capability.LOOK)
def history(series: str, edition: str) -> ResponseReturnValue:
    """List the entries, the latest first."""
    found = found_edition(series, edition)
    return render_template(
        "desk/history.html",
        edition=found,
        page=page_of(queries.history_of(found), 50),
        words=words,
        zone=found.zone,
    )
