"""Series, editions and programmes for the tests of public pages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any, TypeVar

from eventhub.agenda.models import Kind, Room, Slot, SlotSpeaker, Speaker, SpeakerRole, Track
from eventhub.editions.models import (
    Edition,
    EditionOrganisation,
    EditionState,
    Mode,
    Part,
    Series,
    SeriesOrganisation,
    new_calendar_uid,
)
from eventhub.editions.times import span
from eventhub.extensions import db
from eventhub.organisations.models import Organisation

DAY = date(2026, 4, 14)
"""Six weeks after the morning on which the tests' clock stands still."""
HOST = "events.example"
_numbers = count(1)
Row = TypeVar("Row")


def add(row: Row) -> Row:
    """Store a row and give it its key; needs a transaction around."""
    db.session.add(row)
    db.session.flush()
    return row


def series(slug: str = "lab", **values: Any) -> Series:
    """Add a series that one organisation runs."""
    organisation = add(
        Organisation(slug=f"city-{next(_numbers)}", name="City Lab", url="https://city.example")
    )
    found = add(Series(**{"slug": slug, "title": "LabCamp", "subtitle": "Labs learn together", **values}))
    add(SeriesOrganisation(series_id=found.id, organisation_id=organisation.id))
    return found


def edition(of: Series, number: int | None = 1, **values: Any) -> Edition:
    """Add a published edition on an afternoon in April; times follow from the dates given."""
    fields: dict[str, Any] = {
        "series": of,
        "number": number,
        "title": f"LabCamp #{number}",
        "start_date": DAY,
        "start_time": time(15),
        "end_time": time(18),
        "zone": "Europe/Berlin",
        "mode": Mode.ONLINE,
        "state": EditionState.PUBLISHED,
        "calendar_uid": new_calendar_uid("edition", HOST),
        **values,
    }
    found = span(*(fields.get(name) for name in ("zone", "start_date", "start_time", "end_date", "end_time")))
    return add(Edition(**{"starts_at": found.starts_at, "ends_at": found.ends_at, **fields}))


def unknown(of: Series, number: int, **values: Any) -> Edition:
    """Add an edition of which only the number is known."""
    blank = {
        "start_date": None,
        "start_time": None,
        "end_time": None,
        "mode": None,
        "takes_registrations": False,
    }
    return edition(of, number, **{**blank, **values})


def slot(of: Edition, title: str, start: str = "", end: str = "", **values: Any) -> Slot:
    """Add a slot on the day of its edition; `start` and `end` such as "15:10", or nothing."""
    day = values.pop("day", of.start_date)
    at, to = (time.fromisoformat(text) if text else None for text in (start, end))
    found = span(of.zone, day, at, None, to)
    fields: dict[str, Any] = {
        "edition_id": of.id,
        "slug": f"{title.lower().replace(' ', '-')}-{next(_numbers)}",
        "calendar_uid": new_calendar_uid("slot", HOST),
        "title": title,
        "day": day,
        "start_time": at,
        "end_time": to,
        "starts_at": found.starts_at,
        "ends_at": found.ends_at,
        **values,
    }
    return add(Slot(**fields))


def speaker(of: Series, name: str, **values: Any) -> Speaker:
    """Add a person to a series."""
    return add(
        Speaker(**{"series": of, "slug": name.lower().replace(" ", "-").strip("."), "name": name, **values})
    )


def appears(who: Speaker, where: Slot, role: SpeakerRole = SpeakerRole.SPEAKER) -> None:
    """Put a person on the programme."""
    add(SlotSpeaker(slot_id=where.id, speaker_id=who.id, role=role))


def host(of: Edition, name: str, part: Part = Part.HOST, slug: str = "") -> None:
    """Let an organisation host or support an edition."""
    organisation = add(Organisation(slug=slug or f"host-{next(_numbers)}", name=name))
    add(EditionOrganisation(edition_id=of.id, organisation_id=organisation.id, part=part))


def conference(of: Series, slots: int = 100, rooms: int = 4, **values: Any) -> Edition:
    """Add an edition of two days whose rooms run in parallel, with people and texts."""
    found = edition(
        of, title="Big LabCamp", end_date=DAY + timedelta(days=1), start_time=time(9), capacity=120, **values
    )
    places = [add(Room(edition_id=found.id, name=f"Room {one}", position=one)) for one in range(rooms)]
    track = add(Track(edition_id=found.id, slug="methods", name="Methods"))
    people = [speaker(of, f"Person {one}", organisation_name="City Lab") for one in range(30)]
    for at in range(slots):
        start = datetime.combine(DAY, time(9)) + timedelta(minutes=30 * (at // rooms % 15))
        end = start + timedelta(minutes=30)
        added = slot(
            found,
            f"Session {at}",
            f"{start:%H:%M}",
            f"{end:%H:%M}",
            day=DAY + timedelta(days=at // (rooms * 15)),
            room_id=places[at % rooms].id,
            track_id=track.id if at % 3 else None,
            position=at,
            kind=list(Kind)[at % 6],
            abstract=f"What session {at} is about, in a sentence or two that say *enough* to choose it.",
        )
        appears(people[at % 30], added)
    return found
