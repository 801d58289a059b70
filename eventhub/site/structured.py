"""Editions as search engines read them: schema.org in JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app

from eventhub.editions.models import Edition, EditionState, Mode
from eventhub.organisations.models import Organisation
from eventhub.site.programme import Item, moment
from eventhub.site.queries import Organiser
from eventhub.web.links import link_to
from eventhub.web.rich_text import plain_text

SCHEMA = "https://schema.org"
ATTENDANCE = {
    Mode.ONLINE: f"{SCHEMA}/OnlineEventAttendanceMode",
    Mode.ON_SITE: f"{SCHEMA}/OfflineEventAttendanceMode",
    Mode.HYBRID: f"{SCHEMA}/MixedEventAttendanceMode",
}


def event_data(
    edition: Edition, organisers: Iterable[Organiser], items: Iterable[Item]
) -> dict[str, Any] | None:
    """Describe an edition with its programme; None where its date is not known for certain."""
    if edition.start_date is None or edition.date_inferred:
        return None
    address = link_to("site.edition", series=edition.series.slug, edition=edition.key)
    data = {
        "@context": SCHEMA,
        "@type": "Event",
        "@id": address,
        "url": address,
        "name": edition.title,
        "description": plain_text(edition.description or edition.theme),
        "inLanguage": edition.language or edition.series.language,
        "startDate": _start(edition),
        "endDate": _end(edition),
        "eventStatus": f"{SCHEMA}/{_status(edition)}",
        "eventAttendanceMode": ATTENDANCE[edition.mode] if edition.mode else None,
        "location": _location(edition, address),
        "organizer": _organisers(edition.hosts, organisers),
        "sponsor": [_organisation(one.name, one.url) for one in edition.supporters],
        "maximumAttendeeCapacity": edition.capacity,
        "superEvent": {
            "@type": "EventSeries",
            "name": edition.series.title,
            "url": link_to("site.series", series=edition.series.slug),
        },
        "subEvent": [_part(item, edition) for item in items if not item.is_break],
    }
    return {name: value for name, value in data.items() if value not in (None, "", [])}


def _start(edition: Edition) -> str:
    if edition.starts_at is not None:
        return moment(edition.starts_at, edition.zone)
    return edition.start_date.isoformat() if edition.start_date else ""


def _end(edition: Edition) -> str:
    if edition.ends_at is not None:
        return moment(edition.ends_at, edition.zone)
    return edition.end_date.isoformat() if edition.end_date else ""


def _status(edition: Edition) -> str:
    return "EventCancelled" if edition.state is EditionState.CANCELLED else "EventScheduled"


def _location(edition: Edition, address: str) -> Any:
    online = {"@type": "VirtualLocation", "url": address}
    lines = [*edition.venue_address.splitlines(), edition.venue_city]
    postal = ", ".join(dict.fromkeys(line.strip() for line in lines if line.strip()))
    place = {"@type": "Place", "name": edition.venue_name or edition.venue_city, "address": postal}
    place = {name: value for name, value in place.items() if value}
    if edition.mode is Mode.ONLINE:
        return online
    if edition.mode is Mode.HYBRID:
        return [place, online] if len(place) > 1 else online
    return place if len(place) > 1 else None


def _organisers(hosts: Iterable[Organisation], of_series: Iterable[Organiser]) -> list[dict[str, str]]:
    return [_organisation(host.name, host.url) for host in hosts] or [
        _organisation(one.name, one.url, one.logo) for one in of_series
    ]


def _organisation(name: str, url: str, logo: str = "") -> dict[str, str]:
    known = {"@type": "Organization", "name": name}
    if url.startswith(("https://", "http://")):
        known["url"] = url
    if logo:
        known["logo"] = f"{current_app.config['BASE_URL']}{logo}"
    return known


def _part(item: Item, edition: Edition) -> dict[str, Any]:
    slot = item.slot
    data = {
        "@type": "Event",
        "name": slot.title,
        "url": f"{current_app.config['BASE_URL']}{item.url}",
    }
    if item.machine:
        data["startDate"] = item.machine
    elif slot.day:
        data["startDate"] = slot.day.isoformat()
    if slot.ends_at:
        data["endDate"] = moment(slot.ends_at, edition.zone)
    if slot.cancelled:
        data["eventStatus"] = f"{SCHEMA}/EventCancelled"
    return data
