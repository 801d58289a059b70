"""How many people wait for the next edition; who they are, nobody sees."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from eventhub.desk.blueprint import found_series, pages
from eventhub.desk.needs import needs
from eventhub.organisations.roles import Capability
from eventhub.subscriptions.mails import NEWS
from eventhub.subscriptions.queries import number_of


@pages.get("/<series>/notice")
@needs(Capability.EDIT)
def notice(series: str) -> ResponseReturnValue:
    """Show how many wait, and lead to what they will read."""
    found = found_series(series)
    return render_template("desk/notice.html", series=found, people=number_of(found), kind=NEWS)
