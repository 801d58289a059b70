"""What a participant's own page shows of the speakers' slides."""

from __future__ import annotations

from eventhub.engagements import queries
from eventhub.facts import OwnPageShown
from eventhub.registration.models import RegistrationState


def add_slides(fact: OwnPageShown) -> None:
    """Add the files, also those that only registered people may see."""
    confirmed = fact.registration.state is RegistrationState.CONFIRMED
    if not confirmed or not queries.has_slides(fact.registration.edition_id):
        return
    found = queries.slides_of_edition(fact.registration.edition)
    if found:
        fact.parts.append(("engagements/slides.html", {"slides": found}))
