"""Who has moved up from a waitlist, of an edition or of a session in it, as the history says it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from eventhub.agenda.models import Slot
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.history.models import HistoryEntry
from eventhub.registration.models import Registration

INTO_A_SESSION = "signup.promoted"
INTO_AN_EDITION = ("registration.promoted", "registration.offered")


@dataclass(frozen=True, slots=True)
class MovedUp:
    """Somebody who waited and got a place, or in an edition the offer of one for so many hours."""

    where: str
    """The title of the edition or session."""
    offer_hours: int | None
    name: str
    organisation: str


def last_entry() -> int:
    """Return the key of the latest entry of the history."""
    return db.session.scalar(select(func.max(HistoryEntry.id))) or 0


def moved_up_since(entry: int, editions: Collection[Edition]) -> Sequence[MovedUp]:
    """Return who has moved up in editions since an entry of the history, in their order."""
    rows = db.session.execute(
        select(HistoryEntry, Edition, Registration)
        .select_from(HistoryEntry)
        .join(Registration, Registration.id == HistoryEntry.registration_id)
        .join(Edition, Edition.id == HistoryEntry.edition_id)
        .where(
            HistoryEntry.id > entry,
            HistoryEntry.action.in_((*INTO_AN_EDITION, INTO_A_SESSION)),
            HistoryEntry.edition_id.in_([one.id for one in editions]),
        )
        .order_by(HistoryEntry.edition_id, HistoryEntry.id)
    ).all()
    titles = _titles(rows)
    return [_moved_up(*row, titles) for row in rows]


def _moved_up(
    entry: HistoryEntry, edition: Edition, person: Registration, titles: dict[tuple[int, str], str]
) -> MovedUp:
    if entry.action == INTO_A_SESSION:
        return MovedUp(titles[edition.id, entry.details["slot"]], None, person.name, person.organisation)
    return MovedUp(edition.title, edition.offer_hours, person.name, person.organisation)


def _titles(rows: Sequence[Any]) -> dict[tuple[int, str], str]:
    """Return the titles of the sessions that these entries name, by edition and slug."""
    named = {
        (edition.id, entry.details["slot"]) for entry, edition, _ in rows if entry.action == INTO_A_SESSION
    }
    if not named:
        return {}
    found = select(Slot.edition_id, Slot.slug, Slot.title).where(
        Slot.edition_id.in_({key for key, _slug in named}), Slot.slug.in_({slug for _key, slug in named})
    )
    return {(row[0], row[1]): row[2] for row in db.session.execute(found)}
