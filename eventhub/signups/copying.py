"""The sessions of the next edition take sign-ups as those of the one before."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Select, select

from eventhub import clock
from eventhub.agenda.models import Slot
from eventhub.calendars.zones import NonexistentTime, to_local, to_utc
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import EditionCopied
from eventhub.signups import queries
from eventhub.signups.models import Alternatives, SlotPlaces


def copy_signups(fact: EditionCopied) -> None:
    """Copy places, meeting points, what builds on what, and sets of alternatives; wishes open anew."""
    places = queries.places_of(fact.source.id)
    if not places:
        return
    slots = _copied_slots(fact)
    sets = {
        one.id: _copied_set(one, fact)
        for one in queries.alternatives_of(fact.source)
        if any(own.alternatives_id == one.id for key, own in places.items() if key in slots)
    }
    db.session.add_all(sets.values())
    db.session.flush()  # their slots name their keys
    copies = {
        key: _copied(own, slots[key], sets.get(own.alternatives_id or 0))
        for key, own in places.items()
        if key in slots
    }
    db.session.add_all(copies.values())
    db.session.flush()  # what builds on a slot names its row
    for key, copy in copies.items():
        needed = copies.get(places[key].needs_id or 0)
        copy.needs_id = needed.slot_id if needed else None
    if copies:
        fact.copied.append(f"signups:{len(copies)}")


def _copied_slots(fact: EditionCopied) -> dict[int, Slot]:
    """Return the slots of the new edition by the keys of those they were copied from."""
    new = {slot.slug: slot for slot in db.session.scalars(_slots_of(fact.edition))}
    old = db.session.scalars(_slots_of(fact.source))
    return {slot.id: new[slot.slug] for slot in old if slot.slug in new}


def _slots_of(edition: Edition) -> Select[Slot]:
    return select(Slot).where(Slot.edition_id == edition.id)


def _copied(own: SlotPlaces, slot: Slot, alternatives: Alternatives | None) -> SlotPlaces:
    slot.takes_signups = True
    return SlotPlaces(
        slot_id=slot.id,
        slot=slot,
        alternatives_id=alternatives.id if alternatives else None,
        capacity=own.capacity,
        directions=own.directions,
        taken_count=0,
        waiting_count=0,
        last_in_line=0,
    )


def _copied_set(one: Alternatives, fact: EditionCopied) -> Alternatives:
    return Alternatives(
        edition_id=fact.edition.id,
        title=one.title,
        ranked=one.ranked,
        allocates_at=_moved(one.allocates_at, fact),
        seed=secrets.randbits(32) if one.ranked else None,
    )


def _moved(cut_off: datetime | None, fact: EditionCopied) -> datetime | None:
    """Return the cut-off as many days before the start as it was; None where nobody can know."""
    source, edition = fact.source, fact.edition
    if cut_off is None or source.start_date is None or edition.start_date is None:
        return None
    local = to_local(source.zone, cut_off) + (edition.start_date - source.start_date)
    try:
        moved = to_utc(edition.zone, local.date(), local.time())
    except NonexistentTime:  # in the night in which clocks are put forward
        return None
    return moved if moved > clock.now() else None
