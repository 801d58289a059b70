"""A slot that was deleted comes back with the points that invited people have added to it."""

from __future__ import annotations

from sqlalchemy import select, update

from eventhub.extensions import db
from eventhub.facts import SlotLeaving, SlotReturned
from eventhub.invitations.models import Point


def keep_points(fact: SlotLeaving) -> None:
    """Remember which points belong to the slot."""
    fact.beside["points"] = list(
        db.session.scalars(select(Point.id).where(Point.slot_id == fact.slot.id).order_by(Point.id))
    )


def give_points(fact: SlotReturned) -> None:
    """Give the slot those points whose people are still invited."""
    kept = fact.beside.get("points", ())
    db.session.execute(
        update(Point).where(Point.id.in_(kept), Point.slot_id.is_(None)).values(slot_id=fact.slot.id)
    )
