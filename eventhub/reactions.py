"""The one table that says who reacts to which fact."""

from __future__ import annotations

from eventhub.facts import Reaction, react

REACTIONS: list[tuple[type, Reaction]] = []


def connect() -> None:
    """Tell the announcer about every line of the table."""
    for fact, reaction in REACTIONS:
        react(fact, reaction)
