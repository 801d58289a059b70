"""The programme of an edition: slots with their parts, days, tracks and rooms, from a file and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from eventhub.agenda.models import Kind, Room, Slot, SpeakerRole, Track
from eventhub.agenda.service import free_slug
from eventhub.editions.models import Edition
from eventhub.editions.naming import slug_of
from eventhub.exchange import values
from eventhub.exchange.kinds import kind_of
from eventhub.exchange.organisation_rows import named_organisation
from eventhub.exchange.reading import Node, fail
from eventhub.exchange.rows import Book, Field, Taken, column, memory, shaped, simple, written_row

ROLES = {
    "speakers": SpeakerRole.SPEAKER,
    "moderators": SpeakerRole.MODERATOR,
    "hosts": SpeakerRole.HOST,
}
LISTS = frozenset({"items", *ROLES})
PLACED = frozenset({"position", "day", "slug", "room", *LISTS})


def _read_kind(node: Node | None, _book: Book) -> Taken:
    label = values.text(node, values.room_for(Slot.kind_label))
    return Taken({"kind_label": label, "kind": kind_of(label)})


def _read_organisation(node: Node | None, book: Book) -> Taken:
    organisation, words = named_organisation(node, book)
    return Taken({"organisation": organisation}, words or None)


def _write_organisation(row: Slot) -> str | None:
    return row.organisation.slug if row.organisation else (row.extra or {}).get("organisation")


def _time(key: str, name: str) -> Field:
    return Field(
        key,
        lambda node, _book: Taken({name: values.clock_time(node)}),
        lambda row: values.written_time(getattr(row, name)),
    )


SLOT = (
    _time("start", "start_time"),
    _time("end", "end_time"),
    simple("end_day", "end_day", values.day),
    Field("kind", _read_kind, lambda row: row.kind_label or None),
    Field(
        "type",
        lambda node, _book: Taken({"kind": kind} if (kind := values.word(node, Kind)) else {}),
        lambda row: row.kind.value if row.kind is not kind_of(row.kind_label) else None,
    ),
    Field(
        "title",
        lambda node, _book: Taken({"title": values.text(node, values.room_for(Slot.title))}),
        lambda row: row.title,
    ),
    Field("organisation", _read_organisation, _write_organisation),
    column("summary", Slot.abstract),
    simple("parallel", "parallel", values.flag, False),
    simple("language", "language", lambda node: values.language(node) or None),
    column("level", Slot.level),
    simple("cancelled", "cancelled", values.flag, False),
)


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A slot of the file with its place among the others."""

    node: Node
    day: date | None
    track: str | None
    place: int
    """Its number within the day or within its parent; it stands in for a missing `position`."""
    parent: Item | None = None

    @property
    def title(self) -> str:
        return values.needed_text(self.node, "title", values.room_for(Slot.title))

    @property
    def position(self) -> int:
        said = values.whole(values.mapping(self.node).get("position"))
        return self.place if said is None else said


@dataclass(slots=True)
class Plan:
    """The programme of one edition as the file has it."""

    items: list[Item]
    parts: list[tuple[Node, date | None]]
    """Each track where it is first named, with the day."""
    days: list[dict[str, Any]] | None


def only_day(edition: Edition) -> date | None:
    """Return the day of every slot of an edition that has just one, for certain."""
    if edition.date_inferred or edition.start_date is None:
        return None
    return edition.start_date if edition.end_date in (None, edition.start_date) else None


def plan_of(node: Node, edition: Edition) -> Plan:
    """Read the programme; the day of the edition is that of its slots where the file names no days."""
    plan = Plan([], [], None)
    parts = values.mapping(node)
    _take_lists(parts, only_day(edition), plan, dated=False)
    if "days" in parts:
        plan.days = [_take_day(one, plan) for one in values.items(parts["days"])]
    return plan


def _take_day(node: Node, plan: Plan) -> dict[str, Any]:
    parts = values.mapping(node)
    day = values.day(parts.get("date"))
    if day is None:
        fail(parts.get("date", node), "every day needs its date")
    if any(day.isoformat() == said["date"] for said in plan.days or ()):
        fail(parts["date"], "this day has come before")
    _take_lists(parts, day, plan, dated=True)
    rest = {key: child.plain() for key, child in parts.items() if key not in {"agenda", "parts"}}
    return {**rest, "keys": list(parts)}


def _take_lists(parts: dict[str, Node], day: date | None, plan: Plan, dated: bool) -> None:
    places = iter(range(1, 1_000_000))
    _take_slots(parts.get("agenda"), day, None, places, plan)
    for part in values.items(parts.get("parts")):
        said = values.mapping(part)
        slug = values.slug(said.get("slug"))
        if slug is None:
            fail(part, "slug is missing")
        if not any(values.slug(known.value["slug"]) == slug for known, _day in plan.parts):
            plan.parts.append((part, day if dated else None))
        elif set(said) - {"slug", "agenda"}:
            fail(part, f"the part “{slug}” was described before; here only its agenda may follow")
        _take_slots(said.get("agenda"), day, slug, places, plan)


def _take_slots(
    node: Node | None,
    day: date | None,
    track: str | None,
    places: Iterator[int],
    plan: Plan,
    parent: Item | None = None,
) -> None:
    for one in values.items(node):
        said = values.mapping(one)
        own_day = values.day(said["day"]) if "day" in said else day
        item = Item(one, own_day, track, next(places), parent)
        plan.items.append(item)
        if parent is not None and values.items(said.get("items")):
            fail(said["items"], "a part of a slot can’t have parts of its own")
        _take_slots(said.get("items"), own_day, track, iter(range(1, 1_000_000)), plan, item)


def people_of(item: Item, book: Book) -> dict[SpeakerRole, list[str]]:
    """Return who does what in a slot, by the keys of the persons."""
    said = values.mapping(item.node)
    found = {role: values.references(said.get(key), book.speakers, "person") for key, role in ROLES.items()}
    seen: set[str] = set()
    for key, role in ROLES.items():
        for person in found[role]:
            if person in seen:
                fail(said[key], f"“{person}” has a role in this slot already")
            seen.add(person)
    return found


def speakers_of(plan: Plan, book: Book) -> list[str]:
    """Return who speaks in an edition, in the order of the programme."""
    people = (people_of(item, book)[SpeakerRole.SPEAKER] for item in plan.items)
    return list(dict.fromkeys(person for several in people for person in several))


def new_slugs(items: Iterable[Item], taken: Iterable[str]) -> dict[int, str]:
    """Give each item without a slug of its own one made of its title, by the item's identity."""
    used, found = set(taken), {}
    for item in items:
        slug = free_slug(slug_of(item.title) or "slot", used)
        used.add(slug)
        found[id(item)] = slug
    return found


# back to the file --------------------------------------------------------------------------------------


@dataclass
class Written:
    """What is needed to write the programme of one edition."""

    edition: Edition
    slots: Sequence[Slot]
    tracks: Sequence[Track]
    rooms: Sequence[Room]

    def __post_init__(self) -> None:
        self.parts: dict[int | None, list[Slot]] = {}
        for slot in sorted(self.slots, key=_order):
            self.parts.setdefault(slot.parent_id, []).append(slot)
        self.days = self._days()
        self.described: set[int] = set()
        self.in_file_order: list[Slot] = []

    def _days(self) -> list[dict[str, Any]]:
        """Return the days with an entry of their own: those of the file that are in use, and new ones."""
        said = {one["date"]: one for one in memory(self.edition).get("days") or ()}
        used = {slot.day.isoformat() for slot in self.parts.get(None, ()) if slot.day}
        if not said and len(used) < 2:
            return []
        for day in [day for day in said if day not in used and not self._covers(day)]:
            del said[day]
        new = {day: {"date": day, "keys": ["date"]} for day in sorted(used - set(said))}
        return sorted((said | new).values(), key=lambda one: str(one["date"])) if new else list(said.values())

    def _covers(self, day: str) -> bool:
        start, end = self.edition.start_date, self.edition.end_date or self.edition.start_date
        return bool(start and end) and str(start) <= day <= str(end)

    def lists(self) -> dict[str, Any]:
        """Return agenda, parts, days and rooms as far as there are any or the file had an empty list."""
        found: dict[str, Any] = {"rooms": self._rooms()}
        at = _Place(only_day(self.edition), None)
        top = [slot for slot in self.parts.get(None, ()) if not self.days or slot.day is None]
        found |= self._in_place(top, at, memory(self.edition).get("keys", ()))
        found["days"] = [self._day(one) for one in self.days]
        self._name_slots(found)
        return found

    def _day(self, said: dict[str, Any]) -> dict[str, Any]:
        day = date.fromisoformat(said["date"])
        slots = [slot for slot in self.parts.get(None, ()) if slot.day == day]
        rest = {key: value for key, value in said.items() if key not in {"keys", "date"}}
        lists = self._in_place(slots, _Place(day, day.isoformat()), said["keys"])
        return shaped({"date": day, **lists}, said["keys"], rest)

    def _in_place(self, slots: list[Slot], at: _Place, keys: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        agenda = [self._slot(slot, at) for slot in slots if slot.track_id is None]
        if agenda or "agenda" in keys:
            found["agenda"] = agenda
        parts = [
            self._part(track, [slot for slot in slots if slot.track_id == track.id], at)
            for track in sorted(self.tracks, key=lambda track: (track.position, track.id))
            if self._belongs(track, slots, at)
        ]
        if parts or "parts" in keys:
            found["parts"] = parts
        return found

    def _belongs(self, track: Track, slots: list[Slot], at: _Place) -> bool:
        """Tell whether a track has an entry here: with its slots, or where else it would be named."""
        if any(slot.track_id == track.id for slot in slots):
            return True
        if any(slot.track_id == track.id and slot.parent_id is None for slot in self.slots):
            return False
        day = memory(track).get("day")
        return (day if day in {one["date"] for one in self.days} else None) == at.named

    def _part(self, track: Track, slots: list[Slot], at: _Place) -> dict[str, Any]:
        agenda = [self._slot(slot, at) for slot in slots]
        if track.id in self.described:
            return {"slug": track.slug, "agenda": agenda}
        self.described.add(track.id)
        position = None if track.position == len(self.described) else track.position
        return written_track(track, position, agenda)

    def _slot(self, slot: Slot, at: _Place) -> dict[str, Any]:
        self.in_file_order.append(slot)
        place, at.last = at.last + 1, at.last + 1
        inner = _Place(slot.day, None)
        mapping = written_slot(slot, at.day, place)
        children = [self._slot(part, inner) for part in self.parts.get(slot.id, ())]
        if children or "items" in mapping:
            mapping["items"] = children
        return mapping

    def _rooms(self) -> list[dict[str, Any]]:
        rooms = sorted(self.rooms, key=lambda room: (room.position, room.id))
        return [written_room(room, at) for at, room in enumerate(rooms, 1)]

    def _name_slots(self, found: dict[str, Any]) -> None:
        """Write the slugs that an import would not make of the titles."""
        mappings = [*_mappings(found), *(one for day in found["days"] for one in _mappings(day))]
        given = {at for at, one in enumerate(mappings) if "slug" in one}
        while odd := self._odd(given):
            given |= odd
        for at in given:
            mappings[at]["slug"] = self.in_file_order[at].slug

    def _odd(self, given: set[int]) -> set[int]:
        """Return the slots whose slug would come out differently while only those in `given` write theirs."""
        used, odd = {self.in_file_order[at].slug for at in given}, set()
        for at, slot in enumerate(self.in_file_order):
            if at in given:
                continue
            usual = free_slug(slug_of(slot.title) or "slot", used)
            used.add(usual)
            if usual != slot.slug:
                odd.add(at)
        return odd


@dataclass(slots=True)
class _Place:
    """Where slots are being written: their day, the name of its entry, and how many came before."""

    day: date | None
    named: str | None
    last: int = 0


def _mappings(lists: dict[str, Any]) -> Iterator[dict[str, Any]]:
    agendas = [lists.get("agenda") or [], *(part["agenda"] or [] for part in lists.get("parts") or [])]
    for agenda in agendas:
        for slot in agenda:
            yield slot
            yield from _mappings({"agenda": slot.get("items")})


def _order(slot: Slot) -> tuple[int, str, int]:
    return (slot.position, slot.start_time.isoformat() if slot.start_time else "~", slot.id)


def written_slot(slot: Slot, day: date | None, place: int) -> dict[str, Any]:
    """Write a slot without its parts; `day` and `place` are what its surroundings say."""
    said = memory(slot)
    people = {
        key: [link.speaker.slug for link in slot.speaker_links if link.role is role]
        for key, role in ROLES.items()
    }
    shown = slot.position
    position = (
        None if shown == place and (said.get("open") or "position" not in said.get("keys", ())) else shown
    )
    slug = slot.slug if "slug" in said.get("keys", ()) else None
    room = slot.room.name if slot.room else None
    found = written_row(slot, SLOT, position=position, slug=slug, room=room, **people)
    if slot.day != day or "day" in found:
        found["day"] = slot.day
    if "position" in found:
        return {"position": found.pop("position"), **found}
    return found


def written_track(track: Track, position: int | None, agenda: list[Any]) -> dict[str, Any]:
    """Write a track; `position` is None where its place in the file says the same."""
    said = memory(track)
    shown = track.position if position is None and "position" in said.get("keys", ()) else position
    found = {
        "slug": track.slug,
        "title": track.name,
        "description": track.description or None,
        "position": shown,
    }
    mapping = shaped({**found, "agenda": agenda}, said.get("keys", ()), track.extra or {})
    return {**mapping, "agenda": agenda}


def written_room(room: Room, place: int) -> dict[str, Any]:
    found = {
        "name": room.name,
        "description": room.description or None,
        "capacity": room.capacity,
        "position": room.position if room.position != place else None,
    }
    return {key: value for key, value in found.items() if value is not None}
