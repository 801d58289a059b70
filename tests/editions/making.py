"""Series and editions for tests."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from eventhub.agenda.models import Kind, Slot
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


def make_series(slug: str = "labcamp", **values: Any) -> Series:
    """Add a series that an organisation runs; needs a transaction."""
    fields = {"title": "LabCamp", "contact_email": "team@lab.example"} | values
    series = Series(slug=slug, **fields)
    organisation = Organisation(slug=f"org-{slug}", name=f"Organisation of {slug}")
    series.organisation_links = [SeriesOrganisation(organisation=organisation)]
    db.session.add(series)
    db.session.flush()
    return series


def edition_values(number: int | None = 5, **values: Any) -> dict[str, Any]:
    """Return the columns of an online afternoon in May 2026."""
    fields: dict[str, Any] = {
        "number": number,
        "title": f"LabCamp #{number}",
        "zone": "Europe/Berlin",
        "start_date": date(2026, 5, 5),
        "start_time": time(15),
        "end_date": None,
        "end_time": time(18),
        "mode": Mode.ONLINE,
        "visibility": Visibility.PUBLIC,
        "takes_registrations": True,
    }
    return fields | values


def make_edition(series: Series, number: int | None = 5, **values: Any) -> Edition:
    """Add an edition; needs a transaction."""
    fields = edition_values(number, **values)
    when = (
        fields["zone"],
        fields["start_date"],
        fields["start_time"],
        fields["end_date"],
        fields["end_time"],
    )
    fields["starts_at"], fields["ends_at"] = span(*when)
    fields.setdefault("state", EditionState.DRAFT)
    edition = Edition(series=series, calendar_uid=new_calendar_uid("edition", "lab.example"), **fields)
    db.session.add(edition)
    db.session.flush()
    return edition


def add_slot(edition: Edition, slug: str, start: time, end: time, **values: object) -> Slot:
    """Add a slot on the day of the edition; needs a transaction."""
    fields = {
        "day": edition.start_date,
        "title": slug,
        "kind": Kind.TALK,
        "start_time": start,
        "end_time": end,
    }
    slot = Slot(
        edition_id=edition.id,
        slug=slug,
        calendar_uid=f"slot-{edition.id}-{slug}@lab.example",
        **(fields | values),
    )
    db.session.add(slot)
    db.session.flush()
    return slot
