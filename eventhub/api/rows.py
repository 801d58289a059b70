"""What a program gets to know of each row; docs/api.md says what the names mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from eventhub.accounts.models import ApiToken
from eventhub.agenda.queries import Appearance, PlannedSlot
from eventhub.editions.models import Edition, EditionState, Series
from eventhub.organisations.models import Organisation
from eventhub.organisations.roles import Capability
from eventhub.questionnaires.rules import Sense
from eventhub.registration.models import Registration
from eventhub.web.links import link_to

Row = dict[str, Any]


def start(token: ApiToken) -> Row:
    return {
        "account": {"name": token.user.name, "email": token.user.email},
        "token": {
            "name": token.name,
            "ends_at": _written(token.ends_at),
            "reads_people": token.reads_people,
        },
        "series": link_to("api.all_series"),
    }


def series(row: Series, may: frozenset[Capability]) -> Row:
    return {
        "slug": row.slug,
        "title": row.title,
        "subtitle": row.subtitle,
        "description": row.description,
        "language": row.language,
        "timezone": row.zone,
        "organisations": [_organisation(one) for one in row.organisations],
        "may": sorted(may),
        "links": {
            "self": link_to("api.series", series=row.slug),
            "editions": link_to("api.editions", series=row.slug),
            "page": link_to("site.series", series=row.slug),
        },
    }


def edition(row: Edition, may: frozenset[Capability]) -> Row:
    address = {"series": row.series.slug, "edition": row.key}
    links = {
        "self": link_to("api.edition", **address),
        "agenda": link_to("api.agenda", **address),
        "page": link_to("site.edition", **address) if row.state is not EditionState.DRAFT else None,
    }
    if Capability.PEOPLE in may:
        links["registrations"] = link_to("api.registrations", **address)
    return {
        "key": row.key,
        "number": row.number,
        "slug": row.slug,
        "series": row.series.slug,
        "title": row.title,
        "theme": row.theme,
        "description": row.description,
        "language": row.language or row.series.language,
        "state": row.state,
        "state_reason": row.state_reason,
        "visibility": row.visibility,
        "timezone": row.zone,
        "start_date": _written(row.start_date),
        "start_time": _written(row.start_time),
        "end_date": _written(row.end_date or row.start_date),
        "end_time": _written(row.end_time),
        "starts_at": _written(row.starts_at),
        "ends_at": _written(row.ends_at),
        "planned": row.planned,
        "mode": row.mode,
        "venue": {"name": row.venue_name, "address": row.venue_address, "city": row.venue_city},
        "hosts": [_organisation(one) for one in row.hosts],
        "supporters": [_organisation(one) for one in row.supporters],
        "takes_registrations": row.takes_registrations,
        "admission": row.admission,
        "registration_opens_at": _written(row.registration_opens_at),
        "registration_closes_at": _written(row.registration_closes_at),
        "capacity": row.capacity,
        "taken": row.taken_count,
        "waiting": row.waiting_count,
        "changed_at": _written(row.changed_at),
        "may": sorted(may),
        "links": links,
    }


def slot(
    of: Edition,
    row: PlannedSlot,
    people: Sequence[Appearance],
    tracks: Mapping[int, str],
    slugs: Mapping[int, str],
) -> Row:
    return {
        "slug": row.slug,
        "part_of": slugs.get(row.parent_id or 0),
        "title": row.title,
        "abstract": row.abstract,
        "kind": row.kind,
        "kind_label": row.kind_label,
        "day": _written(row.day),
        "start_time": _written(row.start_time),
        "end_day": _written(row.end_day or row.day),
        "end_time": _written(row.end_time),
        "starts_at": _written(row.starts_at),
        "ends_at": _written(row.ends_at),
        "room": row.room,
        "track": tracks.get(row.track_id or 0),
        "organisation": row.organisation,
        "language": row.language or of.language or of.series.language,
        "level": row.level,
        "cancelled": row.cancelled,
        "people": [
            {"name": one.name, "role": one.role, "job": one.job, "organisation": one.affiliation}
            for one in people
        ],
    }


def registration(
    row: Registration, position: int | None, questions: Sequence[Sense], texts: Mapping[str, str]
) -> Row:
    return {
        "code": row.code,
        "state": row.state,
        "position": position,
        "name": row.name,
        "email": row.email,
        "organisation": row.organisation,
        "note": row.note,
        "language": row.language,
        "attendance": row.attendance,
        "role": row.role.title if row.role else None,
        "answers": [
            {"question": one.question.label, "answer": texts[one.key]}
            for one in questions
            if texts.get(one.key)
        ],
        "created_at": _written(row.created_at),
        "state_changed_at": _written(row.state_changed_at),
        "erased_at": _written(row.erased_at),
    }


def _organisation(row: Organisation) -> Row:
    return {"slug": row.slug, "name": row.name, "short_name": row.short_name}


def _written(value: date | datetime | time | None) -> str | None:
    """Return days and times of day as they are said there, moments in UTC."""
    if value is None:
        return None
    return value.isoformat("minutes") if isinstance(value, time) else value.isoformat()
