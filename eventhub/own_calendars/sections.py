"""What a participant's own page shows of the calendar of all meetings."""

from __future__ import annotations

from eventhub.facts import OwnPageShown


def add_calendar(fact: OwnPageShown) -> None:
    """Add the offer; whether there is a calendar already is no business of who looks at this page."""
    fact.parts.append(("own_calendars/own.html", {}))
