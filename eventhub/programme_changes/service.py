"""Changes gathered for some minutes, and told to exactly those who hold the session."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete

from eventhub import clock
from eventhub.agenda.snapshots import snapshot
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import SlotChanged, SlotLeaving
from eventhub.history.service import SYSTEM, record
from eventhub.mail.outbox import enqueue
from eventhub.programme_changes import queries
from eventhub.programme_changes.models import PendingChange
from eventhub.registration.models import Registration
from eventhub.web.languages import ngettext

LONGEST_REASON = 500
Told = dict[str, Any]
"""One change as a mail keeps it: slot, what it was, what it is, why."""


def note(fact: SlotChanged) -> None:
    """Keep what people know of a slot; further changes before they are told add their reason."""
    slot = fact.slot
    if slot.edition.state is not EditionState.PUBLISHED or is_over(slot.edition, clock.now()):
        return
    pending = db.session.get(PendingChange, slot.id)
    if pending is None:
        pending = PendingChange(slot_id=slot.id, edition_id=slot.edition_id, was=dict(fact.was), reason="")
        db.session.add(pending)
    pending.reason = _joined(pending.reason, fact.reason)[:LONGEST_REASON]


def _joined(*reasons: str) -> str:
    return " ".join(filter(None, reasons))


def keep_what_is_held(fact: SlotLeaving) -> None:
    """Refuse to delete what people count on: a slot that is gone could neither be told of nor withdrawn."""
    slot = fact.slot
    edition = slot.edition
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        return
    if slot.cancelled and db.session.get(PendingChange, slot.id) is None:
        return  # they have been told
    number = queries.number_of_holders(slot.id)
    if number:
        raise RuleBroken(
            ngettext(
                "%(num)s person has chosen this session. Say that it does not take place; then they are "
                "told, and it can be deleted some minutes later.",
                "%(num)s people have chosen this session. Say that it does not take place; then they are "
                "told, and it can be deleted some minutes later.",
                number,
            )
        )


def tell(edition: Edition, reason: str = "") -> int:
    """Write one mail to each person who holds a changed session; return how many there are.

    `reason` goes for all of these changes, besides what was said about each.
    """
    lock(edition)
    pending = queries.pending(edition)
    found = {one.slot_id: told for one in pending if (told := _told(one, reason))}
    people = whom_to_tell(edition, found)
    occasion = max((one.changed_at for one in pending), default=clock.now()).isoformat()
    for registration, slots in people.items():
        _write(registration, [found[key] for key in slots], occasion)
    db.session.execute(delete(PendingChange).where(PendingChange.edition_id == edition.id))
    if people:
        record("slots.told", edition_id=edition.id, actor=SYSTEM, people=len(people), slots=len(found))
    return len(people)


def whom_to_tell(edition: Edition, slot_ids: Collection[int]) -> dict[Registration, list[int]]:
    """Return who would be told of changes of these slots; of what is not public, or over, nobody is."""
    takes_place = edition.state is EditionState.PUBLISHED and not is_over(edition, clock.now())
    return queries.holders(edition, slot_ids) if slot_ids and takes_place else {}


def _told(pending: PendingChange, reason: str) -> Told | None:
    """Return what is to tell of one slot; None where it is again as it was."""
    now = snapshot(pending.slot)
    if now == pending.was:
        return None
    return {"slot": pending.slot_id, "was": pending.was, "is": now, "why": _joined(pending.reason, reason)}


def _write(registration: Registration, changes: list[Mapping[str, Any]], occasion: str) -> None:
    enqueue(
        "sessions_changed",
        to_address=registration.email,
        to_name=registration.name,
        language=registration.language,
        dedupe_key=f"sessions_changed:{registration.id}:{occasion}",
        edition_id=registration.edition_id,
        registration_id=registration.id,
        facts={"changes": changes},
    )
