"""Data for the measurements: editions of 100 and 500 slots, a series of 200 editions, an open house."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask import Flask

from eventhub import clock, migrating
from eventhub.agenda.models import Kind, Room, Slot, SlotSpeaker, Speaker
from eventhub.database import transaction
from eventhub.editions.models import (
    Edition,
    EditionState,
    Mode,
    Series,
    SeriesOrganisation,
    Visibility,
    new_calendar_uid,
)
from eventhub.editions.times import span
from eventhub.extensions import db
from eventhub.organisations.models import Organisation

ZONE = "Europe/Berlin"
SLOTS = 100
EDITIONS = 200
WORDS = "Was öffentliche Labore beitragen und wie sie mit Verwaltung und Zivilgesellschaft arbeiten. "


def seed(app: Flask) -> None:
    """Fill an empty database."""
    with app.app_context():
        migrating.bring_up_to_date()
        with transaction():
            lab = Organisation(slug="lab", name="Beispiellabor", city="Berlin")
            db.session.add(lab)
            _edition_with_slots(add_series("big", "Großes Treffen", lab), SLOTS)
            _edition_with_slots(add_series("long", "Langes Treffen", lab), 5 * SLOTS)
            _many_editions(add_series("many", "Viele Treffen", lab))
            add_edition(add_series("open", "Offenes Treffen", lab), 1, days_ahead(30), capacity=1_000_000)


def add_series(slug: str, title: str, lab: Organisation) -> Series:
    series = Series(slug=slug, title=title, subtitle="Vernetzung", description=WORDS * 3, zone=ZONE)
    series.organisation_links.append(SeriesOrganisation(organisation=lab))
    db.session.add(series)
    return series


def days_ahead(days: int) -> date:
    return (clock.now() + timedelta(days=days)).date()


def add_edition(series: Series, number: int, day: date, capacity: int | None = 60) -> Edition:
    """Add a published online edition that takes registrations."""
    times = span(ZONE, day, time(9), day, time(17))
    edition = Edition(
        series=series,
        number=number,
        title=f"{series.title} #{number}",
        description=WORDS * 4,
        zone=ZONE,
        start_date=day,
        start_time=time(9),
        end_date=day,
        end_time=time(17),
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        mode=Mode.ONLINE,
        join_url="https://meet.example.org/room",
        capacity=capacity,
        visibility=Visibility.PUBLIC,
        state=EditionState.PUBLISHED,
        published_at=datetime.now(UTC),
        calendar_uid=new_calendar_uid("edition", "bench.example.org"),
    )
    db.session.add(edition)
    return edition


def _many_editions(series: Series) -> None:
    for number in range(1, EDITIONS + 1):
        add_edition(series, number, days_ahead(7 * number - 400))


def _edition_with_slots(series: Series, number: int) -> None:
    edition = add_edition(series, 1, days_ahead(60))
    db.session.flush()
    rooms = [
        Room(edition_id=edition.id, name=f"Raum {letter}", position=at) for at, letter in enumerate("ABCD")
    ]
    speakers = [
        Speaker(
            series=series,
            slug=f"person-{n}",
            name=f"Dr. Person {n}",
            role="Leitung",
            organisation_name="Labor",
        )
        for n in range(40)
    ]
    db.session.add_all([*rooms, *speakers])
    db.session.flush()
    kinds = [Kind.TALK, Kind.WORKSHOP, Kind.DISCUSSION, Kind.EXCURSION]
    assert edition.start_date is not None
    for at in range(number):
        start = datetime.combine(edition.start_date, time(9)) + timedelta(minutes=at // 4 * 19)
        end = start + timedelta(minutes=15)
        times = span(ZONE, start.date(), start.time(), end.date(), end.time())
        slot = Slot(
            edition=edition,
            slug=f"slot-{at}",
            title=f"Beitrag {at}: Zieldimensionen",
            abstract=WORDS * 2,
            kind=kinds[at % 4],
            day=start.date(),
            start_time=start.time(),
            end_time=end.time(),
            starts_at=times.starts_at,
            ends_at=times.ends_at,
            room_id=rooms[at % 4].id,
            calendar_uid=new_calendar_uid("slot", "bench.example.org"),
        )
        slot.speaker_links.append(SlotSpeaker(speaker=speakers[at % 40]))
        db.session.add(slot)
