"""Editions as calendar entries: what the outside calls an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from eventhub.calendars.entries import Days, Entry, Status, Timed
from eventhub.calendars.zones import NonexistentTime, to_utc
from eventhub.editions.lines import EditionLine
from eventhub.editions.models import Edition, EditionState, Mode
from eventhub.web.links import link_to

LONGEST_THEME = 80
"""Longer themes do not fit into the heading of an entry."""
ONE_DAY = timedelta(days=1)
LONGEST_DAY = timedelta(hours=16)
"""What lasts longer goes over several days."""
UNKNOWN_LENGTH = timedelta(hours=1)
"""What a calendar blocks where an edition has a start but no end."""


def heading(edition: Edition | EditionLine) -> str:
    """Return the title with its theme, as a calendar or a list shows it."""
    return (
        f"{edition.title}: {edition.theme}" if edition.theme and len(edition.theme) <= 80 else edition.title
    )


def edition_entry(
    edition: Edition | EditionLine,
    *,
    description: str = "",
    join_url: str = "",
    sequence: int | None = None,
    url: str = "",
) -> Entry | None:
    """Return the entry of a whole edition, or None while its day is not known.

    Of several days it makes one block, so it is for the calendars of the web only, which take one entry.
    `join_url` is for confirmed participants only; `url` replaces the public page, say by the personal one.
    """
    when = when_of(edition)
    if when is None:
        return None
    return Entry(
        uid=edition.calendar_uid,
        sequence=edition.sequence if sequence is None else sequence,
        summary=heading(edition),
        when=when,
        created_at=edition.created_at,
        modified_at=edition.changed_at,
        description=description,
        location=location(edition, join_url),
        url=url or link_to("site.edition", series=edition.series.slug, edition=edition.key),
        status=status(edition),
        conference=join_url or None,
    )


def day_entries(edition: Edition | EditionLine, **values: Any) -> list[Entry]:
    """Return one entry for each day, none while the day is not known; `values` are those of `edition_entry`.

    The first has the UID of the edition, so it stays when an edition grows or shrinks.
    """
    whole, days = edition_entry(edition, **values), days_of(edition)
    if whole is None or len(days) == 1:
        return [whole] if whole else []
    return [
        replace(
            whole,
            uid=_day_uid(whole.uid, number),
            summary=f"{whole.summary} ({number}/{len(days)})",
            when=when,
        )
        for number, when in enumerate(days, start=1)
    ]


def days_of(edition: Edition | EditionLine) -> list[Timed | Days]:
    """Return when an edition is on each of its days: its hours where start and end fit into one day."""
    when = when_of(edition)
    if when is None or isinstance(when, Timed) or when.ends_on - when.starts_on == ONE_DAY:
        return [] if when is None else [when]
    dates = [when.starts_on + number * ONE_DAY for number in range((when.ends_on - when.starts_on).days)]
    return [_hours(edition, day) or Days.through(day, day) for day in dates]


def _hours(edition: Edition | EditionLine, day: date) -> Timed | None:
    if edition.starts_at is None or edition.ends_at is None:
        return None
    zone = ZoneInfo(edition.zone)
    start, end = (moment.astimezone(zone).time() for moment in (edition.starts_at, edition.ends_at))
    if start >= end:
        return None
    try:
        return Timed(to_utc(edition.zone, day, start), to_utc(edition.zone, day, end), edition.zone)
    except NonexistentTime:
        return None


def _day_uid(uid: str, number: int) -> str:
    if number == 1:
        return uid
    name, _at, domain = uid.partition("@")
    return f"{name}-day{number}@{domain}"


def when_of(edition: Edition | EditionLine) -> Timed | Days | None:
    """Return the time of an edition; several days count as days, never as a block over the night."""
    if edition.start_date is None or edition.date_inferred:
        return None
    last = edition.end_date or edition.start_date
    if edition.starts_at is None:
        return Days.through(edition.start_date, last)
    ends_at = edition.ends_at or edition.starts_at + UNKNOWN_LENGTH
    if ends_at - edition.starts_at > LONGEST_DAY:
        return Days.through(edition.start_date, last)
    return Timed(edition.starts_at, ends_at, edition.zone)


def location(edition: Edition | EditionLine, join_url: str) -> str:
    """Return the link where people meet online only, else the place: a link tells nobody the way."""
    return join_url if join_url and edition.mode in (None, Mode.ONLINE) else place(edition)


def place(edition: Edition | EditionLine) -> str:
    """Return where an edition is, in one line for calendars."""
    if edition.mode is Mode.ONLINE:
        return "Online"
    lines = [edition.venue_name, *edition.venue_address.splitlines(), edition.venue_city]
    parts = [part.strip() for part in lines if part.strip()]
    return ", ".join(part for at, part in enumerate(parts) if part not in ", ".join(parts[:at]))


def status(edition: Edition | EditionLine) -> Status:
    return "CANCELLED" if edition.state is EditionState.CANCELLED else "CONFIRMED"
