"""Addresses of public calendars: a series to subscribe to, an edition with its programme, one slot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from flask import abort, current_app, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from eventhub import clock
from eventhub.agenda.entries import slot_entry
from eventhub.agenda.models import Kind, Slot
from eventhub.agenda.queries import (
    Appearance,
    CalendarSlot,
    PlannedSlot,
    PlannedTrack,
    calendar_slots,
    people_by_slot,
    people_of_slot,
    tracks_of,
    visible_slot,
)
from eventhub.calendars import links
from eventhub.calendars.entries import Entry
from eventhub.calendars.files import CONTENT_TYPE, calendar_file, feed
from eventhub.editions.entries import day_entries
from eventhub.editions.lines import EditionLine, lines_for_feed, lines_of_all, lines_of_organisation
from eventhub.editions.models import Edition
from eventhub.editions.queries import visible_edition, visible_series
from eventhub.site.programme import in_order, who
from eventhub.site.queries import public_organisation
from eventhub.web import times
from eventhub.web.links import link_to
from eventhub.web.page_cache import cacheable
from eventhub.web.rich_text import plain_text

People = Mapping[int, Sequence[Appearance]]
CANCELLED_STAYS = timedelta(days=90)
"""How long subscribers still see that an edition is cancelled."""
PAST_STAYS = timedelta(days=365)
"""How long the calendar of many series keeps what was."""
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


# addresses ------------------------------------------------------------------------------------------


def all_calendar() -> ResponseReturnValue:
    """Offer the listed editions of all series to subscribe to."""
    cacheable()
    now = clock.now()
    lines = lines_of_all(now - CANCELLED_STAYS, (now - PAST_STAYS).date())
    return _of_many(lines, "eventhub", link_to("site.start"), link_to("site.all_calendar"), "eventhub")


def organisation_calendar(organisation: str) -> ResponseReturnValue:
    """Offer what an organisation runs or hosts to subscribe to."""
    found = public_organisation(organisation) or abort(404)
    cacheable()
    now = clock.now()
    lines = lines_of_organisation(found, now - CANCELLED_STAYS, (now - PAST_STAYS).date())
    source = link_to("site.organisation_calendar", organisation=found.slug)
    return _of_many(lines, found.name, link_to("site.calendars"), source, found.slug)


def _of_many(
    lines: Sequence[EditionLine], name: str, page: str, source: str, file: str
) -> ResponseReturnValue:
    entries = _line_entries(lines)
    zone: str = current_app.config["BABEL_DEFAULT_TIMEZONE"]
    latest = max((entry.modified_at for entry in entries), default=NEVER)
    body = feed(entries, name=name, zone=zone, url=page, source=source, modified_at=latest)
    return _calendar(body, entries, latest, file)


def series_calendar(series: str) -> ResponseReturnValue:
    """Offer all listed editions of a series to subscribe to."""
    found = visible_series(series) or abort(404)
    cacheable()
    page = link_to("site.series", series=found.slug)
    entries = _line_entries(lines_for_feed(found, clock.now() - CANCELLED_STAYS))
    body = feed(
        entries,
        name=found.title,
        zone=found.zone,
        url=page,
        source=link_to("site.series_calendar", series=found.slug),
        modified_at=found.updated_at,
        description=found.subtitle,
    )
    return _calendar(body, entries, found.updated_at, found.slug)


def edition_calendar(series: str, edition: str) -> ResponseReturnValue:
    """Offer an edition with its timed programme to subscribe to; `?only=edition` is a file of one entry.

    `?track=…&kind=…`, each as often as wanted, leaves only the slots of these tracks and kinds.
    """
    found = visible_edition(series, edition) or abort(404)
    cacheable()
    slots, people = calendar_slots(found.id), people_by_slot(found.id)
    days = day_entries(found, description=outline(found, slots, people))
    name = f"{found.series.slug}-{found.key}"
    if request.args.get("only") == "edition":
        return _file(days, name)
    chosen = Choice.of(request.args)
    if chosen:
        kept = chosen.among(slots, tracks_of(found.id))
        entries = [replace(entry, transparent=False) for entry in _known(_slot_entries(found, kept, people))]
    else:
        entries = _known([*days, *_slot_entries(found, slots, people)])
    body = feed(
        entries,
        name=found.title,
        zone=found.zone,
        url=link_to("site.edition", series=series, edition=found.key),
        source=link_to("site.edition_calendar", series=series, edition=found.key, **chosen.query),
        modified_at=found.changed_at,
    )
    return _calendar(body, entries, found.changed_at, name)


def slot_calendar(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Offer one slot as a file; where its day is not known there is none."""
    found = visible_slot(series, edition, slot) or abort(404)
    cacheable()
    entry = public_slot_entry(found, people_of_slot(found.id))
    return _file(_known([entry]), f"{found.edition.series.slug}-{found.edition.key}-{found.slug}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of a programme somebody wants in their calendar."""

    tracks: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()

    @classmethod
    def of(cls, query: MultiDict[str, str]) -> Choice:
        """Read the query of an address; kinds that do not exist are left out."""
        known = {kind.value for kind in Kind}
        return cls(
            tuple(sorted(set(query.getlist("track")))),
            tuple(Kind(word) for word in sorted(set(query.getlist("kind")) & known)),
        )

    def __bool__(self) -> bool:
        return bool(self.tracks or self.kinds)

    @property
    def query(self) -> dict[str, list[str]]:
        """The query of an address that means the same."""
        said = {"track": list(self.tracks), "kind": [kind.value for kind in self.kinds]}
        return {name: values for name, values in said.items() if values}

    def among(self, slots: Sequence[CalendarSlot], tracks: Sequence[PlannedTrack]) -> list[CalendarSlot]:
        """Return the slots that are wanted: of one of the tracks, and of one of the kinds."""
        wanted = {track.id for track in tracks if track.slug in self.tracks}
        return [
            slot
            for slot in slots
            if (not self.tracks or slot.track_id in wanted) and (not self.kinds or slot.kind in self.kinds)
        ]


# entries --------------------------------------------------------------------------------------------


def _line_entries(lines: Iterable[EditionLine]) -> list[Entry]:
    pages: dict[str, str] = {}
    found: list[Entry] = []
    for line in lines:
        slug = line.series.slug
        if slug not in pages:
            pages[slug] = link_to("site.series", series=slug)
        url = f"{pages[slug]}{quote(line.key)}/"
        found += day_entries(line, description=plain_text(line.theme), url=url)
    return found


def public_slot_entry(slot: Slot, people: Sequence[Appearance]) -> Entry | None:
    """Return the entry of a slot as everybody may have it."""
    if slot.edition.date_inferred:
        return None
    named = who(people, slot.organisation.label if slot.organisation else None)
    return slot_entry(slot, slot.edition, speakers=named, room=slot.room.name if slot.room else "")


def _slot_entries(edition: Edition, slots: Sequence[CalendarSlot], people: People) -> Iterable[Entry | None]:
    """Return the entries of all slots whose hours are known; breaks are nothing to put in a calendar."""
    if edition.date_inferred:
        return []
    return (
        slot_entry(
            slot,
            edition,
            speakers=who(people.get(slot.id, ()), slot.organisation),
            room=slot.room or "",
        )
        for slot in in_order(slots)
        if slot.starts_at is not None and slot.kind is not Kind.BREAK
    )


def outline(edition: Edition, slots: Sequence[PlannedSlot], people: People) -> str:
    """Return theme and programme in plain lines, as the entry of an edition describes it."""
    tops = [slot for slot in slots if slot.parent_id is None and not slot.cancelled]
    lines = [plain_text(edition.theme, 500)] if edition.theme else []
    days = {slot.day for slot in tops}
    for day in sorted(days, key=lambda one: (one is None, one or date.min)):
        heading = [times.day(day)] if day and len(days) > 1 else []
        listed = in_order([slot for slot in tops if slot.day == day])
        lines.append("\n".join([*heading, *(_line(slot, people) for slot in listed)]))
    return "\n\n".join(lines)


def _line(slot: PlannedSlot, people: People) -> str:
    named = who(people.get(slot.id, ()), slot.organisation)
    words = f"{slot.title} ({named})" if named else slot.title
    return f"{times.clock(slot.start_time)} {words}" if slot.start_time else f"– {words}"


def _known(entries: Iterable[Entry | None]) -> list[Entry]:
    return [entry for entry in entries if entry is not None]


# responses ------------------------------------------------------------------------------------------


def _file(entries: Sequence[Entry], name: str) -> ResponseReturnValue:
    if not entries:
        abort(404)
    return _calendar(calendar_file(entries), entries, entries[0].modified_at, name)


def _calendar(body: bytes, entries: Sequence[Entry], modified_at: datetime, name: str) -> ResponseReturnValue:
    latest = max([modified_at, *(entry.modified_at for entry in entries)])
    response = make_response(body)
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Content-Disposition"] = f'inline; filename="{name}.ics"'
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["X-Robots-Tag"] = "noindex"
    response.last_modified = latest.astimezone(UTC)
    response.add_etag()
    return response.make_conditional(request)


# menus ----------------------------------------------------------------------------------------------


def menu_links(entry: Entry | None) -> dict[str, str]:
    """Return where the calendars of the web take an entry, named as the calendar menu wants them."""
    if entry is None:
        return {}
    return {
        "google": links.google(entry),
        "outlook": links.outlook(entry),
        "office365": links.office365(entry),
    }
