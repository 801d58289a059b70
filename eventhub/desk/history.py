"""What happened to an edition, in words."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from eventhub.desk import queries, words
from eventhub.desk.blueprint import found_edition, pages
from eventhub.web.pagination import page_of


@pages.get("/<series>/<edition>/history/")
def history(series: str, edition: str) -> ResponseReturnValue:
    """List the entries, the latest first."""
    found = found_edition(series, edition)
    return render_template(
        "desk/history.html", edition=found, page=page_of(queries.history_of(found), 50), words=words
    )
