"""What a participant's own page shows of groups."""

from __future__ import annotations

from eventhub.facts import OwnPageShown
from eventhub.groups import queries, wishes


def add_groups(fact: OwnPageShown) -> None:
    """Add the published groups that somebody is in, the teams that they can join, and what they may wish."""
    if not queries.concern_people(fact.registration.edition_id):
        return
    asked = [
        (grouping, queries.own_companions(fact.registration, grouping))
        for grouping in wishes.asked_of(fact.registration)
    ]
    if asked:
        fact.parts.append(("groups/own_companions.html", {"asked": asked}))
    places = queries.places_of(fact.registration)
    allotted = [place for place in places if not place.grouping.is_open]
    if allotted:
        fact.parts.append(("groups/own.html", {"places": allotted}))
    own = {place.grouping.id: place.group for place in places}
    teams = [(grouping, own.get(grouping.id)) for grouping in queries.open_teams(fact.registration.edition)]
    if teams:
        fact.parts.append(("groups/own_teams.html", {"teams": teams}))
