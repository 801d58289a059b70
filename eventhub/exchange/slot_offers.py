"""Meetings of a calendar file as slots of an agenda."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from eventhub.agenda import choices, places, service
from eventhub.agenda.models import Kind, Slot
from eventhub.agenda.service import Person
from eventhub.calendars.reading import Meeting, Unread
from eventhub.calendars.zones import to_local
from eventhub.editions import checks
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.exchange.kinds import kind_of
from eventhub.exchange.offers import Offer, Standing, Taken, chosen, keys_of, matched, require_few
from eventhub.extensions import db
from eventhub.web.languages import gettext as _

LONGEST_ROOM = 120
MOST_DAYS = 30
"""After the first, of one meeting that lasts whole days."""


def offers_for(edition: Edition, meetings: Sequence[Meeting]) -> tuple[list[Offer], list[Unread]]:
    """Set each meeting beside what the agenda has; what can't be a slot comes with its reason."""
    meetings = [day for meeting in meetings for day in _by_day(edition, meeting)]
    known = _known(edition, meetings)
    offers, unread = [], []
    for meeting in meetings:
        try:
            offers.append(_offer(edition, meeting, known.get(meeting.key)))
        except RuleBroken as broken:
            unread.append(Unread(meeting.at, meeting.title, str(broken.message)))
    require_few(offers)
    return offers, unread


def take(edition: Edition, offers: Sequence[Offer], tokens: Collection[str]) -> Taken:
    """Add new meetings to the agenda, with rooms that are missing, and take over changes."""
    wanted = chosen(offers, tokens)
    rooms = {used.row.name.casefold(): used.row.id for used in choices.rooms_of(edition)}
    new = [offer for offer in wanted if offer.standing is Standing.NEW]
    for offer in new:
        slot = service.create_slot(edition, _stored(edition, offer.values, rooms))
        slot.source_key = offer.meeting.key
    for offer in wanted:
        if isinstance(offer.row, Slot):
            changed = {name: new for name, (_old, new) in offer.changes.items()}
            people = [Person(link.speaker_id, link.role) for link in offer.row.speaker_links]
            service.update_slot(offer.row, _stored(edition, changed, rooms), people)
            offer.row.source_key = offer.meeting.key
    return Taken(len(new), len(wanted) - len(new), len(set(tokens)) - len(wanted))


def _known(edition: Edition, meetings: Sequence[Meeting]) -> dict[str, Slot]:
    rows = db.session.scalars(
        select(Slot)
        .where(Slot.edition_id == edition.id, Slot.source_key.in_(keys_of(meetings)))
        .options(joinedload(Slot.room), selectinload(Slot.speaker_links))
    )
    return matched(meetings, {str(row.source_key): row for row in rows}, lambda _row: True)


def _by_day(edition: Edition, meeting: Meeting) -> list[Meeting]:
    """Return a meeting of several whole days as one for each day of the edition, as calendars show them."""
    if meeting.start is not None or meeting.end_day is None:
        return [meeting]
    last = min(meeting.end_day, edition.end_date or edition.start_date or meeting.end_day)
    rest = range(1, min((last - meeting.day).days, MOST_DAYS) + 1)
    return [
        replace(meeting, end_day=None),
        *(
            replace(
                meeting,
                key=sha256(f"{meeting.key}\n{day}".encode()).hexdigest(),
                day=meeting.day + timedelta(days=day),
                end_day=None,
                former_keys=(),
            )
            for day in rest
        ),
    ]


def _offer(edition: Edition, meeting: Meeting, row: Slot | None) -> Offer:
    if row is None and meeting.called_off:
        return Offer(meeting, Standing.CALLED_OFF)
    values = _values(edition, meeting)
    if row is None:
        return Offer(meeting, Standing.NEW, values | {"kind": _kind(meeting.title)})
    present = {name: _present(row, name) for name in values}
    changes = {name: (present[name], value) for name, value in values.items() if present[name] != value}
    return Offer(meeting, Standing.CHANGED if changes else Standing.KNOWN, values, row, changes)


def _present(row: Slot, name: str) -> Any:
    if name == "room":
        return row.room.name if row.room else ""
    return getattr(row, name)


def _values(edition: Edition, meeting: Meeting) -> dict[str, Any]:
    """Return what the file says, on the clocks of the edition; raises RuleBroken for a time that can't be."""
    day, start, end_day, end = _here(edition.zone, meeting)
    checks.check_edition(
        Edition(
            number=0,
            taken_count=0,
            zone=edition.zone,
            start_date=day,
            start_time=start,
            end_date=end_day,
            end_time=end,
        )
    )
    found = {
        "title": meeting.title or _("Without a title"),
        "day": day,
        "start_time": start,
        "end_day": end_day if end else None,
        "end_time": end,
        "abstract": "\n\n".join(part for part in (meeting.description, meeting.link) if part),
        "room": meeting.place[:LONGEST_ROOM].strip(),
        "cancelled": meeting.called_off,
    }
    return {name: value for name, value in found.items() if value or name not in ("abstract", "room")}


def _here(zone: str, meeting: Meeting) -> tuple[date, time | None, date | None, time | None]:
    """Return when it is on the clocks of this zone."""
    if meeting.start is None or meeting.zone == zone:
        return meeting.day, meeting.start, meeting.end_day, meeting.end
    start = to_local(zone, checks.local_to_utc(meeting.zone, meeting.day, meeting.start, "start_time"))
    if meeting.end is None:
        return start.date(), start.time(), None, None
    last = meeting.end_day or meeting.day
    end = to_local(zone, checks.local_to_utc(meeting.zone, last, meeting.end, "end_time"))
    return start.date(), start.time(), end.date() if end.date() != start.date() else None, end.time()


def _kind(title: str) -> Kind:
    """Guess the kind from the first word of the title."""
    first = title.replace(":", " ").split()[:1]
    found = kind_of(first[0]) if first else Kind.OTHER
    return kind_of(title) if found is Kind.OTHER else found


def _stored(edition: Edition, values: Any, rooms: dict[str, int]) -> dict[str, Any]:
    """Return what the service takes; a room that is missing is made."""
    found = dict(values)
    name = found.pop("room", None)
    if name is None:
        return found
    if name.casefold() not in rooms:
        rooms[name.casefold()] = places.create_room(edition, {"name": name}).id
    return found | {"room_id": rooms[name.casefold()]}
