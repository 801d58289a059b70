"""What a participant's own page shows of groups."""

from __future__ import annotations

from eventhub.facts import OwnPageShown
from eventhub.groups import queries


def add_groups(fact: OwnPageShown) -> None:
    """Add the published groups that somebody is in, and the teams that they can join."""
    if not queries.has_published(fact.registration.edition_id):
        return
    places = queries.places_of(fact.registration)
    allotted = [place for place in places if not place.grouping.is_open]
    if allotted:
        fact.parts.append(("groups/own.html", {"places": allotted}))
    own = {place.grouping.id: place.group for place in places}
    teams = [(grouping, own.get(grouping.id)) for grouping in queries.open_teams(fact.registration.edition)]
    if teams:
        fact.parts.append(("groups/own_teams.html", {"teams": teams}))
