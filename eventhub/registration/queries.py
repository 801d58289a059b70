"""Named reads of registrations; each uses an index, none grows with the number of registrations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from eventhub import tokens
from eventhub.agenda.models import Kind, Room, Slot, SlotSpeaker, Speaker
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration.models import Registration, RegistrationState, SlotChoice
from eventhub.registration.rules import address_key


def by_token(token: str) -> Registration | None:
    """Find the registration that a personal link opens, with its edition and series."""
    return db.session.scalar(
        select(Registration)
        .join(Registration.edition)
        .join(Edition.series)
        .where(Registration.token_hash == tokens.fingerprint(token))
        .options(contains_eager(Registration.edition).contains_eager(Edition.series))
    )


def by_address(edition: Edition, address: str) -> Registration | None:
    """Find what an address has in an edition, in any state."""
    return db.session.scalar(
        select(Registration).where(
            Registration.edition_id == edition.id, Registration.email_key == address_key(address)
        )
    )


def next_in_line(edition: Edition, number: int) -> Sequence[Registration]:
    """Return the first `number` people of the waitlist in their order."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.edition_id == edition.id, Registration.state == RegistrationState.WAITLISTED)
        .order_by(Registration.place_in_line)
        .limit(number)
    ).all()


def position(registration: Registration) -> int | None:
    """Return how many people stand in line up to this one, itself included; None off the waitlist."""
    if registration.place_in_line is None:
        return None
    edition = registration.edition
    if registration.place_in_line == edition.last_in_line:
        return edition.waiting_count  # the latest to join: nothing has to be counted
    return db.session.scalar(
        select(func.count()).where(
            Registration.edition_id == registration.edition_id,
            Registration.state == RegistrationState.WAITLISTED,
            Registration.place_in_line <= registration.place_in_line,
        )
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A slot as a participant chooses it for their calendar."""

    id: int
    slug: str
    title: str
    language: str | None
    day: date | None
    start_time: time | None
    end_time: time | None
    starts_at: datetime | None
    room: str | None
    speakers: str


def slots_to_choose(edition: Edition) -> list[Offer]:
    """Return the programme without its breaks, as plain rows: two reads, whatever its length."""
    rows = db.session.execute(
        select(
            Slot.id,
            Slot.slug,
            Slot.title,
            Slot.language,
            Slot.day,
            Slot.start_time,
            Slot.end_time,
            Slot.starts_at,
            Room.name,
        )
        .outerjoin(Room, Room.id == Slot.room_id)
        .where(Slot.edition_id == edition.id, Slot.kind != Kind.BREAK, Slot.cancelled.is_(False))
        .order_by(Slot.day, Slot.start_time, Slot.position, Slot.id)
    ).all()
    names = _speakers(edition) if rows else {}
    return [Offer(*row, ", ".join(names.get(row[0], ()))) for row in rows]


def _speakers(edition: Edition) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = db.session.execute(
        select(SlotSpeaker.slot_id, Speaker.name)
        .join(Slot, Slot.id == SlotSpeaker.slot_id)
        .join(Speaker, Speaker.id == SlotSpeaker.speaker_id)
        .where(Slot.edition_id == edition.id)
        .order_by(SlotSpeaker.slot_id, SlotSpeaker.position)
    )
    for slot_id, name in rows:
        found.setdefault(slot_id, []).append(name)
    return found


def chosen_ids(registration: Registration) -> set[int]:
    """Return the keys of the slots that a participant chose."""
    return set(
        db.session.scalars(select(SlotChoice.slot_id).where(SlotChoice.registration_id == registration.id))
    )


def chosen_slots(registration: Registration) -> Sequence[Slot]:
    """Return the slots that a participant chose, in the order of the programme; cancelled ones stay."""
    return db.session.scalars(
        select(Slot)
        .join(SlotChoice, SlotChoice.slot_id == Slot.id)
        .where(SlotChoice.registration_id == registration.id)
        .order_by(Slot.day, Slot.start_time, Slot.position, Slot.id)
        .options(joinedload(Slot.room), selectinload(Slot.speaker_links).joinedload(SlotSpeaker.speaker))
    ).all()


def mails_since(registration: Registration, moment: datetime) -> Sequence[tuple[str, datetime]]:
    """Return kind and time of the mails written to one registration since a moment."""
    rows = db.session.execute(
        select(OutboxMessage.kind, OutboxMessage.created_at).where(
            OutboxMessage.registration_id == registration.id, OutboxMessage.created_at >= moment
        )
    )
    return [(kind, at) for kind, at in rows]
