"""A series as the plain data of its file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from eventhub import clock
from eventhub.agenda.models import Room, Slot, SlotSpeaker, Speaker, Track
from eventhub.editions.inheritance import SHARED, differs
from eventhub.editions.models import Edition, Series
from eventhub.exchange.agenda_rows import Written
from eventhub.exchange.edition_rows import today_in, written_edition
from eventhub.exchange.group_rows import written_groups
from eventhub.exchange.organisation_rows import as_seen_by, written_person
from eventhub.exchange.rows import memory
from eventhub.exchange.series_rows import written_series
from eventhub.exchange.writing import with_days
from eventhub.extensions import db
from eventhub.organisations.models import Organisation

USUAL_ORDER = ("series", "organisations", "persons", "editions", "related", "conflicts", "sources")


def document_for(series: Series) -> dict[str, Any]:
    """Return the blocks of the file of a series, in the order that its own file had."""
    said = memory(series)
    list_name: str = said.get("list", "editions")
    today = today_in(series.zone, clock.now())
    blocks = {
        said.get("head", "series"): written_series(series),
        "organisations": _organisations(series),
        "persons": {row.slug: written_person(row) for row in _speakers(series)},
        list_name: _written_editions(_editions(series), today),
        "related": [_related(row, today) for row in _related_series(series)],
        "conflicts": with_days((series.extra or {}).get("conflicts")),
        "sources": with_days(_sources(series)),
    }
    top = said.get("top", ())
    order = dict.fromkeys([*top, *blocks])
    return {
        key: blocks[key] for key in order if key in blocks and (key in top or key == list_name or blocks[key])
    }


def _sources(series: Series) -> Any:
    """Return the list of sources; a meeting beside another series lends those of that one."""
    own = (series.extra or {}).get("sources")
    if own or series.related_to_id is None:
        return own
    main = db.session.get(Series, series.related_to_id)
    return (main.extra or {}).get("sources") if main else None


def _editions(series: Series) -> list[Edition]:
    """Return the editions by their numbers; where one has none, in the order in which they came."""
    found = db.session.scalars(
        select(Edition).where(Edition.series_id == series.id).order_by(Edition.id)
    ).all()
    numbers = [row.number for row in found if row.number is not None]
    if len(numbers) < len(found):
        return list(found)
    return sorted(found, key=lambda row: row.number or 0)


def _written_editions(rows: list[Edition], today: date) -> list[dict[str, Any]]:
    """Write editions; what is set for one alone is named where an import would find something else."""
    return [_edition(row, today, _own_fields(row, rows[: at + 1])) for at, row in enumerate(rows)]


def _own_fields(row: Edition, editions: list[Edition]) -> list[str] | None:
    """Return what an import can't conclude from this edition and those before it in the file."""
    concluded = [name for name in SHARED if differs(row, name, editions)]
    said = "own_fields" in memory(row).get("keys", ())
    return list(row.own_fields) if said or set(concluded) != set(row.own_fields) else None


def _edition(row: Edition, today: date, own_fields: list[str] | None) -> dict[str, Any]:
    keys = memory(row).get("keys", ())
    programme = _programme(row)
    lists = programme.lists()
    if not memory(row):
        lists.setdefault("agenda", [])
    speakers = (row.extra or {}).get("speakers")
    if speakers is None and "speakers" in keys:
        speakers = _speaking(programme.in_file_order)
    organisations = {
        "hosts": [organisation.slug for organisation in row.hosts],
        "supporters": [organisation.slug for organisation in row.supporters],
    }
    parts = organisations | lists | {"speakers": speakers, "groups": written_groups(row)}
    return written_edition(row, today, own_fields=own_fields, **parts)


def _programme(row: Edition) -> Written:
    slots = db.session.scalars(
        select(Slot)
        .where(Slot.edition_id == row.id)
        .options(selectinload(Slot.speaker_links).joinedload(SlotSpeaker.speaker))
    ).all()
    tracks = db.session.scalars(select(Track).where(Track.edition_id == row.id)).all()
    rooms = db.session.scalars(select(Room).where(Room.edition_id == row.id)).all()
    return Written(row, slots, tracks, rooms)


def _speaking(slots: Iterable[Slot]) -> list[str]:
    links = (link for slot in slots for link in slot.speaker_links if link.role.value == "speaker")
    return list(dict.fromkeys(link.speaker.slug for link in links))


def _related_series(series: Series) -> list[Series]:
    """Return the meetings beside a series that are no series themselves: one edition of the same name."""
    rows = db.session.scalars(select(Series).where(Series.related_to_id == series.id).order_by(Series.id))
    return [row for row in rows if len(row.editions) == 1 and row.editions[0].slug == row.slug]


def _related(series: Series, today: date) -> dict[str, Any]:
    edition = series.editions[0]
    found = _edition(edition, today, _own_fields(edition, [edition]))
    return found if series.title == edition.title else {**found, "series_title": series.title}


def _speakers(series: Series) -> list[Speaker]:
    found = select(Speaker).where(Speaker.series_id == series.id).order_by(Speaker.id)
    return list(db.session.scalars(found))


def _organisations(series: Series) -> dict[str, Any]:
    """Return those that the file had and those that anything in the series refers to."""
    views: dict[str, Any] = memory(series).get("organisations", {})
    used = {row.slug: row for row in _referred(series)}
    known = db.session.scalars(select(Organisation).where(Organisation.slug.in_(views)))
    rows = used | {row.slug: row for row in known}
    return {
        slug: as_seen_by(views.get(slug), rows[slug])
        for slug in dict.fromkeys([*views, *used])
        if slug in rows
    }


def _referred(series: Series) -> Iterable[Organisation]:
    for one in (series, *_related_series(series)):
        yield from (link.organisation for link in one.organisation_links)
        if one.contact_organisation:
            yield one.contact_organisation
        for speaker in _speakers(one):
            if speaker.organisation:
                yield speaker.organisation
        for edition in sorted(one.editions, key=lambda row: row.id):
            yield from (link.organisation for link in edition.organisation_links)
            used = select(Slot).where(Slot.edition_id == edition.id, Slot.organisation_id.is_not(None))
            yield from (slot.organisation for slot in db.session.scalars(used) if slot.organisation)
