"""Meetings of a calendar file as slots of an agenda."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from eventhub.agenda import choices, places, service
from eventhub.agenda import people as people_of_series
from eventhub.agenda.models import AnySlot, Kind, SpeakerRole, link_table, slot_table
from eventhub.agenda.service import Person
from eventhub.agenda.steps import one_step
from eventhub.calendars.reading import Meeting, Unread
from eventhub.calendars.zones import to_local
from eventhub.editions import checks
from eventhub.editions.models import Edition
from eventhub.exchange.kinds import kind_of
from eventhub.exchange.offers import Offer, Standing, Taken, chosen, keys_of, matched, set_beside
from eventhub.exchange.schedules.sessions import Session, key_of
from eventhub.exchange.schedules.table import source_of
from eventhub.extensions import db
from eventhub.web.languages import gettext as _

LONGEST_ROOM = 120
MOST_DAYS = 30
"""After the first, of one meeting that lasts whole days."""
SPOKEN = ("abstract", "room", "track", "people", "language")
"""Where the file is silent about these, the slot keeps what it has."""
WHEN = ("day", "start_time", "end_day", "end_time")
"""A file that says none of these leaves a slot where it is, and a new one waits beside the agenda."""


@dataclass(frozen=True, slots=True)
class News:
    """What an import would add beside slots."""

    rooms: list[str]
    tracks: list[str]
    people: list[str]


def offers_for(edition: Edition, meetings: Sequence[Meeting]) -> tuple[list[Offer], list[Unread]]:
    """Set each meeting beside what the agenda has; what can't be a slot comes with its reason."""
    meetings = [day for meeting in meetings for day in _by_day(edition, meeting)]
    return set_beside(meetings, _known(edition, meetings), partial(_offer, edition))


def news_of(edition: Edition, offers: Iterable[Offer]) -> News:
    """Return which rooms, tracks and people the offers would add."""
    store = Store(edition)
    found: dict[str, dict[str, str]] = {"room": {}, "track": {}, "people": {}}
    for offer in offers:
        said = {name: new for name, (_old, new) in offer.changes.items()} or offer.values
        if offer.can_be_taken:
            for name, names in found.items():
                names |= {one.casefold(): one for one in _names(said.get(name)) if not store.has(name, one)}
    return News(*(sorted(names.values(), key=str.casefold) for names in found.values()))


def take(edition: Edition, offers: Sequence[Offer], tokens: Collection[str]) -> Taken:
    """Add new meetings to the agenda, with rooms that are missing, and take over changes."""
    wanted, missed = chosen(offers, tokens)
    store = Store(edition)
    new = [offer for offer in wanted if offer.standing is Standing.NEW]
    with one_step(edition):
        for offer in new:
            service.create_slot(edition, *store.stored(offer.values, []), offer.meeting.key)
        for offer in wanted:
            if isinstance(offer.row, AnySlot):
                changed = {name: new for name, (_old, new) in offer.changes.items()}
                people = [Person(link.speaker_id, link.role) for link in offer.row.speaker_links]
                service.update_slot(offer.row, *store.stored(changed, people))
                service.mark_source(offer.row, offer.meeting.key)
    return Taken(len(new), len(wanted) - len(new), missed)


def _known(edition: Edition, meetings: Sequence[Meeting]) -> dict[str, AnySlot]:
    """Return the slots that the meetings became, also those that came out as a table and come back."""
    table, keys = slot_table(edition), keys_of(meetings)
    rows = db.session.scalars(
        select(table)
        .where(table.edition_id == edition.id)
        .options(
            joinedload(table.room),
            joinedload(table.track),
            selectinload(table.speaker_links).joinedload(link_table(table).speaker),
        )
    )
    known = {key: row for row in rows for key in (row.source_key, key_of(source_of(row.slug))) if key in keys}
    return matched(meetings, {str(key): row for key, row in known.items()}, lambda _row: True)


def _by_day(edition: Edition, meeting: Meeting) -> list[Meeting]:
    """Return a meeting of several whole days as one for each day of the edition, as calendars show them."""
    if meeting.start is not None or meeting.day is None or meeting.end_day is None:
        return [meeting]
    last = min(meeting.end_day, edition.end_date or edition.start_date or meeting.end_day)
    rest = range(1, min((last - meeting.day).days, MOST_DAYS) + 1)
    return [
        replace(meeting, end_day=None),
        *(
            replace(
                meeting,
                key=sha256(f"{meeting.key}\n{number}".encode()).hexdigest(),
                day=meeting.day + timedelta(days=number),
                end_day=None,
                former_keys=(),
            )
            for number in rest
        ),
    ]


def _offer(edition: Edition, meeting: Meeting, row: AnySlot | None) -> Offer:
    if row is None and meeting.called_off:
        return Offer(meeting, Standing.CALLED_OFF)
    values = _values(edition, meeting)
    if row is None:
        return Offer(meeting, Standing.NEW, values | _kind(meeting))
    present = {name: _present(row, name) for name in values}
    changes = {name: (present[name], value) for name, value in values.items() if present[name] != value}
    return Offer(meeting, Standing.CHANGED if changes else Standing.KNOWN, values, row, changes)


def _present(row: AnySlot, name: str) -> Any:
    if name == "room":
        return row.room.name if row.room else ""
    if name == "track":
        return row.track.name if row.track else ""
    if name == "people":
        return tuple(link.speaker.name for link in row.speaker_links)
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
    found: dict[str, Any] = {
        "title": meeting.title or _("Without a title"),
        "day": day,
        "start_time": start,
        "end_day": end_day if end else None,
        "end_time": end,
        "abstract": "\n\n".join(part for part in (meeting.description, meeting.link) if part),
        "room": meeting.place[:LONGEST_ROOM].strip(),
        "cancelled": meeting.called_off,
    }
    if isinstance(meeting, Session):
        found |= {
            "track": meeting.track,
            "people": meeting.people,
            "language": meeting.language,
        }
    silent = SPOKEN if meeting.day else SPOKEN + WHEN
    return {name: value for name, value in found.items() if value or name not in silent}


def _here(zone: str, meeting: Meeting) -> tuple[date | None, time | None, date | None, time | None]:
    """Return when it is on the clocks of this zone."""
    if meeting.day is None or meeting.start is None or meeting.zone == zone:
        return meeting.day, meeting.start, meeting.end_day, meeting.end
    start = to_local(zone, checks.local_to_utc(meeting.zone, meeting.day, meeting.start, "start_time"))
    if meeting.end is None:
        return start.date(), start.time(), None, None
    last = meeting.end_day or meeting.day
    end = to_local(zone, checks.local_to_utc(meeting.zone, last, meeting.end, "end_time"))
    return start.date(), start.time(), end.date() if end.date() != start.date() else None, end.time()


def _kind(meeting: Meeting) -> dict[str, Any]:
    """Return the kind by the file's own word, else by the title; a word that says nothing to us is kept."""
    word = meeting.kind if isinstance(meeting, Session) else ""
    named = kind_of(word)
    if named is not Kind.OTHER:
        return {"kind": named}
    first = meeting.title.replace(":", " ").split()[:1]
    found = kind_of(first[0]) if first else Kind.OTHER
    found = kind_of(meeting.title) if found is Kind.OTHER else found
    if found is Kind.OTHER and isinstance(meeting, Session) and meeting.people:
        found = Kind.TALK
    return {"kind": found} | ({"kind_label": word} if word else {})


def _names(value: Any) -> Sequence[str]:
    """Return the names in a value: those of people, or the only one of a room or track."""
    if isinstance(value, tuple):
        return value
    return [value] if value else []


class Store:
    """Rooms, tracks and people of an edition by name; what is missing is made when it is needed."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.keys = {
            "room": {row.name.casefold(): row.id for row in choices.rooms(edition)},
            "track": {used.row.name.casefold(): used.row.id for used in choices.tracks_with_slots(edition)},
            "people": {name.casefold(): key for key, name in choices.speaker_names(edition.series)},
        }

    def has(self, what: str, name: str) -> bool:
        return name.casefold() in self.keys[what]

    def stored(self, values: Mapping[str, Any], people: list[Person]) -> tuple[dict[str, Any], list[Person]]:
        """Return what the service takes; `people` are those who are there, and keep what they do."""
        found = dict(values)
        for what in ("room", "track"):
            if name := found.pop(what, None):
                found[f"{what}_id"] = self._key(what, name)
        if named := found.pop("people", None):
            roles = {person.speaker_id: person.role for person in people}
            keys = dict.fromkeys(self._key("people", name) for name in named)
            people = [Person(key, roles.get(key, SpeakerRole.SPEAKER)) for key in keys]
        return found, people

    def _key(self, what: str, name: str) -> int:
        known = self.keys[what]
        if name.casefold() not in known:
            known[name.casefold()] = self._made(what, name)
        return known[name.casefold()]

    def _made(self, what: str, name: str) -> int:
        if what == "room":
            return places.create_room(self.edition, {"name": name}).id
        if what == "track":
            return places.create_track(self.edition, {"name": name}).id
        title, given, family = people_of_series.parts_of_name(name)
        parts = {"title": title[:60], "given_name": given[:100], "family_name": family[:100]}
        return people_of_series.create_speaker(self.edition.series, {"name": name} | parts).id
