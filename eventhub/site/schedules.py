"""The programme of an edition for apps and signs of conferences: schedule.xml and schedule.json."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from zoneinfo import ZoneInfo

from flask import abort, make_response, request
from flask.typing import ResponseReturnValue

from eventhub.agenda.models import Kind
from eventhub.agenda.queries import calendar_slots, people_by_slot, tracks_of
from eventhub.editions.models import Edition
from eventhub.editions.queries import visible_edition
from eventhub.exchange.kinds import WORDS
from eventhub.exchange.schedules.writing import Conference, Event, Person, acronym, as_json, as_xml
from eventhub.site.programme import in_order
from eventhub.web.links import link_to
from eventhub.web.page_cache import cacheable


def schedule_xml(series: str, edition: str) -> ResponseReturnValue:
    """Offer the timed programme as schedule.xml."""
    found = _found(series, edition)
    return _response(found, as_xml(_conference(found)), "application/xml")


def schedule_json(series: str, edition: str) -> ResponseReturnValue:
    """Offer the timed programme as schedule.json."""
    found = _found(series, edition)
    return _response(found, as_json(_conference(found)), "application/json")


def _found(series: str, edition: str) -> Edition:
    """Find an edition whose days are known; without them these formats can say nothing."""
    found = visible_edition(series, edition) or abort(404)
    if found.start_date is None or found.date_inferred:
        abort(404)
    cacheable()
    return found


def _conference(edition: Edition) -> Conference:
    address = {"series": edition.series.slug, "edition": edition.key}
    first = edition.start_date
    assert first is not None  # noqa: S101  # `_found` has looked
    return Conference(
        acronym=acronym(edition.series.slug, edition.key),
        title=edition.title,
        url=link_to("site.edition", **address),
        source=link_to("site.schedule_xml", **address),
        zone=edition.zone,
        first=first,
        last=edition.end_date or first,
        version=edition.changed_at,
        events=list(_events(edition)),
    )


def _events(edition: Edition) -> Iterator[Event]:
    """Yield what takes place at a known time."""
    zone, people = ZoneInfo(edition.zone), people_by_slot(edition.id)
    tracks = {track.id: track.name for track in tracks_of(edition.id)}
    own = edition.language or edition.series.language
    for slot in in_order(calendar_slots(edition.id)):
        if slot.starts_at is None or slot.day is None or slot.cancelled:
            continue
        yield Event(
            id=slot.id,
            uid=slot.calendar_uid,
            slug=slot.slug,
            url=link_to("site.slot", series=edition.series.slug, edition=edition.key, slot=slot.slug),
            title=slot.title,
            starts_at=slot.starts_at.astimezone(zone),
            ends_at=slot.ends_at.astimezone(zone) if slot.ends_at else None,
            day=slot.day,
            room=slot.room or "",
            track=tracks.get(slot.track_id or 0, ""),
            kind=slot.kind_label or _word(slot.kind),
            language=slot.language or own,
            abstract=slot.abstract,
            people=[Person(one.speaker_id, one.name) for one in people.get(slot.id, ())],
        )


def _word(kind: Kind) -> str:
    """Return the English word for a kind, which an import understands again."""
    return WORDS[kind].split(", ")[0] if kind in WORDS else kind.value


def _response(edition: Edition, body: bytes, content_type: str) -> ResponseReturnValue:
    response = make_response(body)
    response.headers["Content-Type"] = f"{content_type}; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex"
    response.last_modified = edition.changed_at.astimezone(UTC)
    response.add_etag()
    return response.make_conditional(request)
