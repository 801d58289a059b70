"""Meetings of a calendar file as editions of a series."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from eventhub.calendars.reading import Meeting, Unread
from eventhub.editions import checks, service
from eventhub.editions.models import Edition, EditionState, Mode, Series
from eventhub.exchange.offers import (
    Offer,
    Standing,
    Taken,
    chosen,
    keys_of,
    matched,
    require_few,
    set_beside,
)
from eventhub.extensions import db

OVER = (EditionState.CANCELLED, EditionState.COMPLETED)


def offers_for(series: Series, meetings: Sequence[Meeting]) -> tuple[list[Offer], list[Unread]]:
    """Set each meeting beside what the series has; what can't be an edition comes with its reason."""
    offers, unread = set_beside(meetings, _known(series, meetings), partial(_offer, series))
    require_few(offers)
    return offers, unread


def take(series: Series, offers: Sequence[Offer], tokens: Collection[str], template: Edition | None) -> Taken:
    """Make drafts of new meetings, each with the constant parts of `template`, and take over changes."""
    wanted, missed = chosen(offers, tokens)
    new = [offer for offer in wanted if offer.standing is Standing.NEW]
    for offer in new:
        _make(series, offer, template)
    for offer in wanted:
        if isinstance(offer.row, Edition):
            service.update(
                offer.row, {name: new for name, (_old, new) in offer.changes.items()}, offer.row.version
            )
            offer.row.source_key = offer.meeting.key
    return Taken(len(new), len(wanted) - len(new), missed)


def _known(series: Series, meetings: Sequence[Meeting]) -> dict[str, Edition]:
    rows = db.session.scalars(
        select(Edition)
        .where(Edition.series_id == series.id, Edition.source_key.in_(keys_of(meetings)))
        .options(selectinload(Edition.series))
    )
    return matched(meetings, {str(row.source_key): row for row in rows}, lambda row: row.state not in OVER)


def _offer(series: Series, meeting: Meeting, row: Edition | None) -> Offer:
    if meeting.called_off:
        return Offer(meeting, Standing.CALLED_OFF, row=row)
    values = _values(series, meeting)
    if row is None:
        checks.check_edition(Edition(number=0, taken_count=0, held_back_count=0, **values))
        return Offer(meeting, Standing.NEW, values | _place_of_its_own(meeting))
    if row.state in OVER:
        return Offer(meeting, Standing.KNOWN, values, row)
    impact = service.impact(row, values)
    standing = Standing.CHANGED if impact.changes else Standing.KNOWN
    return Offer(meeting, standing, values, row, impact.changes, impact.people)


def _values(series: Series, meeting: Meeting) -> dict[str, Any]:
    """Return what the file says; where it is silent, the edition keeps what it has."""
    name, _comma, address = meeting.place.partition(",")
    found = {
        "title": meeting.title or series.title,
        "start_date": meeting.day,
        "start_time": meeting.start,
        "end_date": meeting.end_day,
        "end_time": meeting.end,
        "zone": meeting.zone,
        "join_url": meeting.link,
        "description": meeting.description,
        "venue_name": name.strip()[:300],
        "venue_address": address.strip(),
    }
    spoken = ("join_url", "description", "venue_name", "venue_address")
    return {field: value for field, value in found.items() if value or field not in spoken}


def _place_of_its_own(meeting: Meeting) -> dict[str, Any]:
    """Return how people meet, and empty what would tell of the place of the edition before."""
    if not meeting.place:
        return {"mode": Mode.ONLINE} if meeting.link else {}
    mode = Mode.HYBRID if meeting.link else Mode.ON_SITE
    elsewhere = dict.fromkeys(("venue_city", "venue_directions", "venue_access"), "")
    return {"mode": mode, **elsewhere} | ({} if "," in meeting.place else {"venue_address": ""})


def _make(series: Series, offer: Offer, template: Edition | None) -> None:
    values = dict(offer.values) | {"number": service.next_number(series)}
    if template is None:
        edition = service.create(series, values)
    else:
        edition = service.copy(template, values, with_agenda=False)
    edition.source_key = offer.meeting.key
    db.session.flush()  # the next number counts from this one
