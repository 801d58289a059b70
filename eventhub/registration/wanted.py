"""Which slots that take sign-ups somebody wants, as forms send it; what they get is decided by `signups`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from eventhub.web.forms import is_key

SLOT = "slot"
"""The name of the boxes; all names of these fields begin with it."""
ONE_OF = "slot-of-"
"""Begins the name of the buttons of which one can be chosen."""
WISH = "slot-wish-"
"""Begins the name of the menu with the rank of a slot."""
WAITS = "w"
"""Ends the value of a slot for which its reader would wait."""
MOST_RANKS = 100

Sent = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The slots that somebody wants, by their keys."""

    picks: Mapping[int, bool] = field(default_factory=dict)
    """For each whether they would wait for it."""
    ranks: Mapping[int, int] = field(default_factory=dict)
    """Which wish it is, for those that are ranked."""

    def __bool__(self) -> bool:
        return bool(self.picks or self.ranks)


def read(sent: Sent) -> Wanted:
    """Return what the fields of a form say; what makes no sense is left out."""
    picks, ranks = {}, {}
    for name, value in sent:
        if name.startswith(WISH):
            key = name.removeprefix(WISH)
            if is_key(key) and is_key(value) and 1 <= int(value) <= MOST_RANKS:
                ranks[int(key)] = int(value)
        elif name == SLOT or name.startswith(ONE_OF):
            key = value.removesuffix(WAITS)
            if is_key(key):
                picks[int(key)] = value.endswith(WAITS)
    return Wanted(picks, ranks)
