"""A training on two days with excursions and games, as people sign up for it."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask import Flask
from sqlalchemy import select

from eventhub.agenda.models import Kind, Slot
from eventhub.agenda.shift import set_instants
from eventhub.database import transaction
from eventhub.editions.models import Edition, Mode, new_calendar_uid
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration
from eventhub.signups import queries, service
from eventhub.signups.models import Signup, SignupState
from tests.registration.samples import add_edition, signed_up

FIRST, SECOND = date(2026, 4, 13), date(2026, 4, 14)
SLOTS: dict[str, tuple[str, Kind, date, time, time]] = {
    "day-1": ("Erster Tag", Kind.OTHER, FIRST, time(9), time(17)),
    "day-2": ("Zweiter Tag", Kind.OTHER, SECOND, time(9), time(17)),
    "hub": ("Besuch im Impact Hub", Kind.EXCURSION, SECOND, time(9, 30), time(12)),
    "lab": ("Besuch im Social Impact Lab", Kind.EXCURSION, SECOND, time(9, 30), time(12)),
    "game-1": ("Planspiel 1", Kind.GAME, SECOND, time(13), time(14, 30)),
    "game-2": ("Planspiel 2", Kind.GAME, SECOND, time(15), time(16, 30)),
    "walk": ("Rundgang", Kind.EXCURSION, SECOND, time(11), time(13)),
}


def add_training(app: Flask, **values: Any) -> int:
    """Add the published training and return its key."""
    fields: dict[str, Any] = {
        "start_date": FIRST,
        "end_date": SECOND,
        "title": "Fortbildung",
        "mode": Mode.ON_SITE,
        "venue_name": "Citylab",
    }
    edition_id = add_edition(app, **(fields | values))
    with app.app_context(), transaction():
        edition = db.session.get_one(Edition, edition_id)
        for number, (slug, (title, kind, day, start, end)) in enumerate(SLOTS.items()):
            slot = Slot(
                edition_id=edition_id,
                slug=slug,
                title=title,
                kind=kind,
                day=day,
                start_time=start,
                end_time=end,
                position=number,
                calendar_uid=new_calendar_uid("slot", "events.example"),
            )
            set_instants(slot, edition.zone)
            db.session.add(slot)
        db.session.flush()
        whole = slot_of(edition_id, "day-2")
        for slug in ("hub", "lab", "game-1", "game-2", "walk"):
            slot_of(edition_id, slug).parent_id = whole.id
    return edition_id


def slot_of(edition_id: int, slug: str) -> Slot:
    return db.session.scalars(select(Slot).filter_by(edition_id=edition_id, slug=slug)).one()


def take(edition_id: int, slug: str, capacity: int | None = None, **values: Any) -> int:
    """Let a slot take sign-ups and return how many moved up; needs an application context."""
    with transaction():
        return service.take_signups(slot_of(edition_id, slug), service.Settings(capacity, **values))


def take_games(edition_id: int) -> None:
    """Let game 2 build on game 1."""
    take(edition_id, "game-1", 2)
    take(edition_id, "game-2", 2, needs_id=slot_of(edition_id, "game-1").id)


def come(edition_id: int, name: str) -> int:
    """Register somebody and return the key."""
    return signed_up(edition_id, name).registration.id


def choose(key: int, *slugs: str) -> bool:
    """Let somebody have exactly these slots; `+slug` would wait."""
    with transaction():
        registration = db.session.get_one(Registration, key)
        picks = {
            slot_of(registration.edition_id, slug.removeprefix("+")).id: slug.startswith("+")
            for slug in slugs
        }
        return service.choose(registration, picks)


def having(key: int) -> set[str]:
    """Return where somebody has a place, and with a plus where they wait."""
    db.session.rollback()
    rows = db.session.execute(
        select(Slot.slug, Signup.state)
        .join(Signup, Signup.slot_id == Slot.id)
        .where(Signup.registration_id == key)
    )
    return {slug if state is SignupState.CONFIRMED else f"+{slug}" for slug, state in rows}


def mails_to(key: int, kind: str) -> int:
    return len(db.session.scalars(select(OutboxMessage).filter_by(registration_id=key, kind=kind)).all())


def check_counts(edition_id: int) -> None:
    """Hold the counters against the rows."""
    db.session.rollback()
    for places in queries.places_of(edition_id).values():
        rows = db.session.scalars(select(Signup).filter_by(slot_id=places.slot_id)).all()
        taken = sum(row.state is SignupState.CONFIRMED for row in rows)
        assert (places.taken_count, places.waiting_count) == (taken, len(rows) - taken)
        assert places.capacity is None or taken <= places.capacity
        assert not places.waiting_count or taken == places.capacity
