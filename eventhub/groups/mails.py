"""What participants are told about their groups: rows of the outbox, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable

from eventhub import clock
from eventhub.editions.models import EditionState
from eventhub.editions.rules import is_over
from eventhub.groups.models import Grouping
from eventhub.mail.outbox import enqueue
from eventhub.registration.models import Registration, RegistrationState


def published(grouping: Grouping, people: Iterable[Registration]) -> None:
    """Tell people which group they are in."""
    _write("group", grouping, people)


def changed(grouping: Grouping, people: Iterable[Registration]) -> None:
    """Tell people that their group, or where it meets, is another one now."""
    _write("group_changed", grouping, people)


def gone(grouping: Grouping, people: Iterable[Registration]) -> None:
    """Tell people that they have no group any more."""
    _write("group_gone", grouping, people)


def _write(kind: str, grouping: Grouping, people: Iterable[Registration]) -> None:
    edition = grouping.edition
    if not grouping.is_published:
        return
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        return
    for registration in people:
        if registration.state is not RegistrationState.CONFIRMED:
            continue
        registration.version += 1
        enqueue(
            kind,
            to_address=registration.email,
            to_name=registration.name,
            language=registration.language,
            dedupe_key=f"{kind}:{registration.id}:{registration.version}",
            edition_id=edition.id,
            registration_id=registration.id,
            facts={"grouping": grouping.id, "title": grouping.title},
        )
