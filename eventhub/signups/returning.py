"""A slot that was deleted comes back with its places, and builds on what it built on."""

from __future__ import annotations

from sqlalchemy import select

from eventhub.extensions import db
from eventhub.facts import SlotLeaving, SlotReturned
from eventhub.signups.models import Alternatives, SlotPlaces

KEPT = ("capacity", "directions", "alternatives_id", "needs_id")


def keep_places(fact: SlotLeaving) -> None:
    """Keep how many places there are; who had one is gone with the slot."""
    places = db.session.get(SlotPlaces, fact.slot.id)
    if places is None:
        return
    builds_on_it = select(SlotPlaces.slot_id).where(SlotPlaces.needs_id == places.slot_id)
    fact.beside["places"] = {name: getattr(places, name) for name in KEPT} | {
        "needed_by": list(db.session.scalars(builds_on_it))
    }


def give_places(fact: SlotReturned) -> None:
    """Give the slot as many places as it had, in its set of alternatives if that is still there."""
    kept = fact.beside.get("places")
    if kept is None:
        return
    fact.slot.takes_signups = True
    places = SlotPlaces(
        slot_id=fact.slot.id,
        slot=fact.slot,
        capacity=kept["capacity"],
        directions=kept["directions"],
        alternatives_id=_present(Alternatives, kept["alternatives_id"]),
        needs_id=_present(SlotPlaces, kept["needs_id"]),
        taken_count=0,
        waiting_count=0,
        last_in_line=0,
    )
    db.session.add(places)
    db.session.flush()
    for key in kept["needed_by"]:
        dependent = db.session.get(SlotPlaces, key)
        if dependent is not None and dependent.needs_id is None:
            dependent.needs_id = places.slot_id


def _present(table: type[Alternatives] | type[SlotPlaces], key: int | None) -> int | None:
    return key if key is not None and db.session.get(table, key) is not None else None
