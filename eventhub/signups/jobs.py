"""Work on the clock for sign-ups."""

from __future__ import annotations

from collections.abc import Callable

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.signups import queries
from eventhub.signups.cut_off import allocate_wishes
from eventhub.signups.models import Alternatives

Stopping = Callable[[], bool]


def allocate_due(stopping: Stopping) -> None:
    """Allocate the wishes whose cut-off has passed."""
    for key in queries.to_allocate():
        if stopping():
            return
        with transaction():
            alternatives = db.session.get_one(Alternatives, key)
            allocate_wishes(db.session.get_one(Edition, alternatives.edition_id), alternatives)
