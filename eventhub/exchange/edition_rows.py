"""Editions of a file, apart from their programme."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from eventhub.calendars.zones import NonexistentTime
from eventhub.editions.models import Admission, Edition, EditionState, Mode, Visibility
from eventhub.editions.naming import RESERVED_FOR_EDITIONS
from eventhub.editions.times import Span, span
from eventhub.exchange import values
from eventhub.exchange.dates import DATES, is_month
from eventhub.exchange.reading import Node, fail
from eventhub.exchange.rows import Book, Change, Field, Taken, column, memory, simple, written_row

MODES = {
    "online": Mode.ONLINE,
    "vor Ort": Mode.ON_SITE,
    "hybrid": Mode.HYBRID,
    "on site": Mode.ON_SITE,
    "on_site": Mode.ON_SITE,
    "Präsenz": Mode.ON_SITE,
}


def mode(node: Node | None) -> Mode | None:
    word = values.text(node)
    if node is not None and word and word not in MODES:
        fail(node, "must be online, vor Ort or hybrid")
    return MODES.get(word)


def mode_word(value: Mode | None) -> str | None:
    return next((word for word, one in MODES.items() if one is value), None)


def _read_mode(node: Node | None, _book: Book) -> Taken:
    found = mode(node)
    word = values.text(node)
    return Taken({"mode": found}, form=word if word != (mode_word(found) or "") else None)


def _write_mode(row: Edition) -> str | None:
    word = memory(row).get("mode")
    return word if word and MODES.get(word) is row.mode else mode_word(row.mode)


def _read_slug(node: Node | None, _book: Book) -> Taken:
    found = values.slug(node)
    if node is not None and found and (found in RESERVED_FOR_EDITIONS or found.isdecimal()):
        fail(node, f"“{found}” can’t be the slug of an edition: it means something else in addresses")
    return Taken({"slug": found})


def _read_zone(node: Node | None, book: Book) -> Taken:
    return Taken({"zone": values.zone(node, book.zone)})


def _read_capacity(node: Node | None, _book: Book) -> Taken:
    """A mapping says more than a number, such as a limit that nobody has put into figures."""
    if node is None or not isinstance(node.value, dict):
        return Taken({"capacity": values.whole(node, least=1)})
    return Taken({"capacity": values.whole(node.value.get("number"), least=1)}, node.plain())


def _write_capacity(row: Edition) -> Any:
    said = (row.extra or {}).get("capacity")
    if not isinstance(said, dict):
        return row.capacity
    return said | {"number": row.capacity} if row.capacity is not None or "number" in said else said


def _venue(key: str, other: str) -> Field:
    """Return the field of the venue, which some files call `place`."""

    def read(node: Node | None, _book: Book) -> Taken:
        return Taken({"venue_name": values.text(node, values.room_for(Edition.venue_name))})

    def write(row: Edition) -> str | None:
        keys = memory(row).get("keys", ())
        mine = key in keys or (key == "venue" and other not in keys)
        return row.venue_name or None if mine else None

    return Field(key, read, write)


def _moment(key: str, name: str) -> Field:
    def read(node: Node | None, book: Book) -> Taken:
        return Taken({name: values.moment(node, book.zone)})

    def write(row: Edition) -> str | None:
        return values.written_moment(getattr(row, name), row.zone)

    return Field(key, read, write)


EDITION = (
    simple("number", "number", values.whole),
    Field("slug", _read_slug, lambda row: row.slug),
    column("title", Edition.title),
    *DATES,
    Field("timezone", _read_zone, lambda row: row.zone if row.zone != row.series.zone else None),
    Field("mode", _read_mode, _write_mode),
    _venue("place", "venue"),
    _venue("venue", "place"),
    column("venue_address", Edition.venue_address),
    column("city", Edition.venue_city),
    column("venue_directions", Edition.venue_directions),
    column("venue_access", Edition.venue_access),
    column("theme", Edition.theme),
    column("description", Edition.description),
    simple("language", "language", lambda node: values.language(node) or None),
    Field("capacity", _read_capacity, _write_capacity),
    simple("join_url", "join_url", lambda node: values.web_address(node, 1000), ""),
    column("join_details", Edition.join_details),
    simple("choose_days", "choose_days", values.flag, False),
    simple("joining_counts", "joining_counts", values.flag, False),
    _moment("registration_opens", "registration_opens_at"),
    _moment("registration_closes", "registration_closes_at"),
    simple("reconfirm_days", "reconfirm_days", lambda node: values.whole(node, least=1, most=60)),
    simple("release_days", "release_days", lambda node: values.whole(node, least=1, most=59)),
    column("state_reason", Edition.state_reason),
    simple("admission", "admission", lambda node: values.word(node, Admission), Admission.OPEN),
    simple("visibility", "visibility", lambda node: values.word(node, Visibility), Visibility.PUBLIC),
    simple("example", "is_example", values.flag, False),
)
ELSEWHERE = frozenset(
    {"hosts", "supporters", "agenda", "days", "parts", "rooms", "speakers", "state", "takes_registrations"}
    | {"own_fields", "groups"}
)


def usual_title(series_title: str, number: int | None, slug: str | None) -> str:
    """Name an edition that its file gives no title."""
    return f"{series_title} {number}" if number is not None else series_title or str(slug)


def usual_life(row: Any, today: date) -> tuple[EditionState, bool]:
    """Return state and openness of an edition whose file says neither: what is past is completed."""
    last = row.end_date or row.start_date or _latest_possible(row)
    if last is None:
        return EditionState.PUBLISHED, False
    return (EditionState.COMPLETED, False) if last < str_day(today, last) else (EditionState.DRAFT, True)


def str_day(today: date, like: date | str) -> Any:
    """Return today as a day, or as a text to compare with `2020-05`."""
    return today if isinstance(like, date) else today.isoformat()[: len(like)]


def _latest_possible(row: Any) -> str | None:
    """Return the month or the end of the days among which an edition was, as text."""
    within = ((row.extra or {}).get("date") or {}).get("within") or {}
    end = within.get("end") if isinstance(within, dict) else None
    planned: str = row.planned or ""
    return str(end) if end else planned if is_month(planned) else None


def derived(row: Edition, change: Change, node: Node, book: Book) -> dict[str, Any]:
    """Return the columns that follow from others; refuses times that can't be."""
    new = {name: change.columns.get(name, getattr(row, name)) for name in _WHEN}
    parts = values.mapping(node)
    place = parts.get("time") or parts.get("end") or parts.get("date") or node
    if new["end_date"] and not new["start_date"]:
        fail(place, "there is an end without a start")
    if new["end_date"] and new["end_date"] < new["start_date"]:
        fail(place, "the edition ends before it starts")
    found = checked_span(place, new["zone"] or book.zone, *(new[name] for name in _WHEN[1:]))
    _check_window(row, change, node)
    return {"starts_at": found.starts_at, "ends_at": found.ends_at}


_WHEN = ("zone", "start_date", "start_time", "end_date", "end_time")


def checked_span(node: Node, zone: str, *when: Any) -> Span:
    """Return start and end in UTC, or say what is wrong with them."""
    try:
        found = span(zone, *when)
    except NonexistentTime as error:
        fail(node, f"{error.wall:%H:%M} does not exist that night: the clocks of {zone} jump over it")
    if found.starts_at and found.ends_at and found.ends_at <= found.starts_at:
        fail(node, "the end is not later than the start")
    return found


def _check_window(row: Edition, change: Change, node: Node) -> None:
    names = ("registration_opens_at", "registration_closes_at")
    opens, closes = (change.columns.get(name, getattr(row, name)) for name in names)
    if opens and closes and closes <= opens:
        fail(values.mapping(node).get("registration_closes", node), "registration closes before it opens")
    capacity = change.columns.get("capacity", row.capacity)
    if capacity is not None and capacity < (row.taken_count or 0):
        place = values.mapping(node).get("capacity", node)
        fail(place, f"{row.taken_count} people have a confirmed place; the capacity can’t be smaller")


def today_in(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def written_edition(row: Edition, today: date, **more: Any) -> dict[str, Any]:
    """Write an edition; `more` holds its lists. An empty list of own fields says something, too."""
    state, takes = usual_life(row, today)
    keys = memory(row).get("keys", ())
    said = {
        "state": row.state.value if "state" in keys or row.state is not state else None,
        "takes_registrations": row.takes_registrations,
    }
    if "takes_registrations" not in keys and row.takes_registrations is takes:
        del said["takes_registrations"]
    found = written_row(row, EDITION, **{**said, **more})
    if "title" not in keys and row.title == usual_title(row.series.title, row.number, row.slug):
        found.pop("title", None)
    if more.get("own_fields") == []:
        found["own_fields"] = []
    if said.get("takes_registrations") is False:
        found["takes_registrations"] = False
    return found
