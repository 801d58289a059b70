"""What a participant's own page shows of groups."""

from __future__ import annotations

from eventhub.facts import OwnPageShown
from eventhub.groups import queries


def add_groups(fact: OwnPageShown) -> None:
    """Add the published groups that somebody is in."""
    places = queries.places_of(fact.registration)
    if places:
        fact.parts.append(("groups/own.html", {"places": places}))
