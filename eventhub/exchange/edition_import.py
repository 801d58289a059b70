"""One edition with its programme into the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from sqlalchemy import select

from eventhub import clock
from eventhub.agenda import drafts
from eventhub.agenda.models import Room, Slot, SlotSpeaker, SpeakerRole, Track
from eventhub.agenda.service import note_change
from eventhub.database import lock
from eventhub.editions.inheritance import DATES, SHARED
from eventhub.editions.models import (
    Edition,
    EditionOrganisation,
    EditionState,
    Part,
    Series,
    new_calendar_uid,
)
from eventhub.editions.rules import is_over
from eventhub.editions.service import CALENDAR_TEXT, JOINING, PLACE, TIME, TOLD, note_own_fields
from eventhub.exchange import values
from eventhub.exchange.agenda_rows import (
    PLACED,
    ROLES,
    SLOT,
    Item,
    Plan,
    new_slugs,
    people_of,
    plan_of,
    speakers_of,
    written_slot,
)
from eventhub.exchange.edition_rows import (
    EDITION,
    ELSEWHERE,
    checked_span,
    derived,
    usual_life,
    usual_title,
    written_edition,
)
from eventhub.exchange.group_rows import take_groups
from eventhub.exchange.reading import Node, fail
from eventhub.exchange.rows import MEMORY, Book, Change, apply, change_of, memory
from eventhub.extensions import db
from eventhub.facts import CapacityRaised, EditionChanged, announce

WATCHED = frozenset((*TIME, *PLACE, *JOINING, *CALENDAR_TEXT, "capacity"))
SIGNIFICANT = frozenset({"day", "start_time", "end_day", "end_time", "room", "cancelled"})
"""What makes the calendar entry of a slot a new version of itself."""
CALENDAR_TEXT_OF_SLOT = frozenset({"title", "abstract"})


class Counts(Protocol):
    """What counts rows for the report."""

    notes: list[str]
    removed: Any

    def count(self, what: str, new: bool, changed: Iterable[str]) -> None: ...


def import_edition(row: Edition | None, node: Node, series: Series, book: Book, report: Counts) -> Edition:
    """Create the edition or change what differs; a state is changed on the edition's pages only."""
    new = row is None
    row = row or _new_edition(series, book)
    change = _edition_change(row, node, new, book)
    row_book = _in_zone(book, change.columns.get("zone", row.zone))
    before = {name: getattr(row, name) for name in WATCHED}
    if not new and _differs(row, change):
        lock(row)
    changed = apply(row, change, node, {} if new else written_edition(row, book.today), ELSEWHERE)
    if new:
        _begin_life(row, node, book)
        db.session.add(row)
        db.session.flush()  # slots, rooms and tracks need its key
    elif values.word(node.value.get("state"), EditionState) not in (None, row.state):
        report.notes.append(
            f"edition {row.key}: its state stays “{row.state.value}”; it is changed on its page"
        )
    if "own_fields" in node.value:
        changed |= _own_fields(row, node.value["own_fields"])
    else:
        note_own_fields(row, SHARED if new else changed)
    changed |= _organisations(row, node, book)
    plan = plan_of(node, row)
    changed |= _remember_programme(row, node, plan, book)
    if drafts.changes_of(row):
        fail(node, "its agenda has changes that are not released; release or discard them first")
    Programme(row, plan, row_book, report).bring_in(node)
    drafts.renew_unchanged(row)
    take_groups(row, node.value.get("groups"), report)
    report.count("editions", new, changed)
    if not new:
        _tell(row, before)
    return row


def _new_edition(series: Series, book: Book) -> Edition:
    return Edition(
        series=series,
        calendar_uid=new_calendar_uid("edition", book.host),
        zone=series.zone,
        title="",
        state=EditionState.DRAFT,
        taken_count=0,
        takes_registrations=True,
        admission="open",
        visibility="public",
        own_fields=[],
        extra={},
    )


def _check_reconfirmation(row: Edition, columns: Mapping[str, Any], node: Node) -> None:
    reconfirm, release = (
        columns.get(name, getattr(row, name)) for name in ("reconfirm_days", "release_days")
    )
    if release is not None and (reconfirm is None or release >= reconfirm):
        fail(node, "release_days must be less than reconfirm_days")


def _edition_change(row: Edition, node: Node, new: bool, book: Book) -> Change:
    """Read the edition with all that follows from it, without touching the row."""
    book = _in_zone(book, row.series.zone)
    if node.value.get("timezone"):
        book = _in_zone(book, values.zone(node.value["timezone"], book.zone))
    values.references(node.value.get("invited_by"), book.speakers, "person")
    kept = {key: value for key, value in memory(row).items() if key == "days"}
    change = change_of(row, node, EDITION, book, elsewhere=ELSEWHERE, remember=kept)
    if isinstance(said := (row.extra or {}).get("speakers"), list):
        change.extra["speakers"] = said
    columns = change.columns
    _check_reconfirmation(row, columns, node)
    if "takes_registrations" in node.value:
        columns["takes_registrations"] = values.flag(node.value["takes_registrations"])
    if not columns.get("title", row.title).strip():
        number, slug = columns.get("number", row.number), columns.get("slug", row.slug)
        columns["title"] = usual_title(row.series.title, number, slug)
    columns.update(derived(row, change, node, book))
    if new:
        columns.setdefault("zone", book.zone)
    return change


def _in_zone(book: Book, zone: str) -> Book:
    return replace(book, zone=zone)


def _differs(row: Edition, change: Change) -> bool:
    return any(getattr(row, name) != value for name, value in change.columns.items())


def _begin_life(row: Edition, node: Node, book: Book) -> None:
    state, takes = usual_life(row, book.today)
    row.state = values.word(node.value.get("state"), EditionState) or state
    if "takes_registrations" not in node.value:
        row.takes_registrations = takes
    if row.state is EditionState.PUBLISHED:
        row.published_at = clock.now()


def _organisations(row: Edition, node: Node, book: Book) -> set[str]:
    """Set hosts and supporters as far as the file names such lists."""
    changed = set()
    for key, part in (("hosts", Part.HOST), ("supporters", Part.SUPPORTER)):
        if key not in node.value and key not in memory(row).get("keys", ()):
            continue
        wanted = values.references(node.value.get(key), book.organisations, "organisation")
        links = {link.organisation.slug: link for link in row.organisation_links if link.part is part}
        if list(links) == wanted:
            continue
        for slug in set(links) - set(wanted):
            row.organisation_links.remove(links[slug])
        for at, slug in enumerate(wanted):
            if slug not in links:
                links[slug] = EditionOrganisation(organisation=book.organisations[slug], part=part)
                row.organisation_links.append(links[slug])
            links[slug].position = at
        changed.add(key)
    return changed


def _own_fields(row: Edition, node: Node) -> set[str]:
    """Note what the file says is set for this edition alone; changes of several leave that."""
    known = (*SHARED, *DATES)
    wanted = set()
    for one in values.items(node):
        name = values.text(one)
        if name not in known:
            fail(one, f"must be one of: {', '.join(known)}")
        wanted.add(name)
    if wanted == set(row.own_fields):
        return set()
    row.own_fields = sorted(wanted)
    return {"own_fields"}


def _remember_programme(row: Edition, node: Node, plan: Plan, book: Book) -> set[str]:
    """Keep what slots don't hold: the days, and speakers who are named apart from the programme."""
    extra = {key: value for key, value in (row.extra or {}).items() if key != "speakers"}
    speakers = values.references(node.value.get("speakers"), book.speakers, "person")
    if speakers and speakers != speakers_of(plan, book):
        extra["speakers"] = speakers
    if MEMORY in extra:
        kept = {key: value for key, value in memory(row).items() if key != "days"}
        extra[MEMORY] = kept | ({"days": plan.days} if plan.days is not None else {})
    if extra == row.extra:
        return set()
    row.extra = extra
    return {"extra"}


def _tell(row: Edition, before: dict[str, Any]) -> None:
    """Raise the sequence and let others know, as a change on the edition's page would."""
    changes = {name: (old, getattr(row, name)) for name, old in before.items() if getattr(row, name) != old}
    moved = not changes.keys().isdisjoint((*TIME, *PLACE))
    if moved and row.published_at is not None:
        row.sequence += 1
    if moved or not changes.keys().isdisjoint(CALENDAR_TEXT):
        row.changed_at = clock.now()
    if changes:
        row.version += 1
    told = {name: change for name, change in changes.items() if name in TOLD}
    if told and row.state is EditionState.PUBLISHED and not is_over(row, clock.now()):
        announce(EditionChanged(row, told))
    if "capacity" in changes and (
        row.capacity is None or row.capacity > (before["capacity"] or row.capacity)
    ):
        announce(CapacityRaised(row))


# programme ---------------------------------------------------------------------------------------------

Row = TypeVar("Row", Room, Track, Slot)


class Programme:
    """Brings rooms, tracks and slots of one edition into the database."""

    def __init__(self, edition: Edition, plan: Plan, book: Book, report: Counts) -> None:
        self.edition, self.plan, self.book, self.report = edition, plan, book, report
        self.rooms = {row.name: row for row in self._rows(Room)}
        self.tracks = {row.slug: row for row in self._rows(Track)}
        self.slots = list(self._rows(Slot))

    def _rows(self, kind: type[Row]) -> Sequence[Row]:
        found = select(kind).where(kind.edition_id == self.edition.id).order_by(kind.position, kind.id)
        return db.session.scalars(found).all()

    def bring_in(self, node: Node) -> None:
        self._take_rooms(node)
        self._take_tracks()
        if any(key in node.value for key in ("agenda", "days", "parts")) or any(map(memory, self.slots)):
            self._take_slots()
        self._forget_tracks()

    def _take_rooms(self, node: Node) -> None:
        names: set[str] = set()
        for at, one in enumerate(values.items(node.value.get("rooms")), 1):
            said = values.mapping(one)
            name = values.needed_text(one, "name", 120)
            if name in names:
                fail(one, f"the room “{name}” stands here twice")
            names.add(name)
            position = values.whole(said.get("position"))
            columns = {
                "description": values.text(said.get("description")),
                "capacity": values.whole(said.get("capacity"), least=1),
                "position": at if position is None else position,
            }
            self._room(name, columns)

    def _room(self, name: str, columns: dict[str, Any]) -> Room:
        row = self.rooms.get(name)
        new = row is None
        row = row or Room(edition_id=self.edition.id, name=name)
        changed = {key for key, value in columns.items() if getattr(row, key) != value}
        for key in changed:
            setattr(row, key, columns[key])
        db.session.add(row)
        self.rooms[name] = row
        self.report.count("rooms", new, changed)
        return row

    def _take_tracks(self) -> None:
        for at, (node, day) in enumerate(self.plan.parts, 1):
            said = values.mapping(node)
            values.references(said.get("moderation"), self.book.speakers, "person")
            position = values.whole(said.get("position"))
            slug = str(values.slug(said["slug"]))
            columns = {
                "name": values.needed_text(node, "title", 300),
                "description": values.text(said.get("description")),
                "position": at if position is None else position,
            }
            known = {"slug", "title", "description", "position", "agenda"}
            extra = {
                key: child.plain()
                for key, child in said.items()
                if key not in known and child.value is not None
            }
            form = {"keys": list(said), **({"day": day.isoformat()} if day else {})}
            self._track(slug, Change(columns, extra | {MEMORY: form}), node)

    def _track(self, slug: str, change: Change, node: Node) -> None:
        row = self.tracks.get(slug)
        new = row is None
        row = row or Track(edition_id=self.edition.id, slug=slug, extra={})
        said = {key: value for key, value in (row.extra or {}).items() if key != MEMORY}
        unmoved = not new and all(getattr(row, key) == value for key, value in change.columns.items())
        if (
            unmoved
            and not memory(row)
            and said == {key: v for key, v in change.extra.items() if key != MEMORY}
        ):
            return
        changed = apply(row, change, node, {"slug": None} if new else {})
        db.session.add(row)
        self.tracks[slug] = row
        self.report.count("tracks", new, changed)

    def _forget_tracks(self) -> None:
        named = {str(values.slug(node.value["slug"])) for node, _day in self.plan.parts}
        used = {slot.track_id for slot in self.slots}
        for slug, row in self.tracks.items():
            if slug not in named and memory(row) and row.id not in used:
                db.session.delete(row)
                self.report.removed["tracks"] += 1

    def _take_slots(self) -> None:
        db.session.flush()  # slots need the keys of rooms and tracks
        matched = match(self.plan.items, self.slots, self.tracks)
        own = {id(item): slug for item in self.plan.items if (slug := self._own_slug(item))}
        free = [item for item in self.plan.items if id(item) not in matched and id(item) not in own]
        taken = {row.slug for row in matched.values()} | set(own.values())
        slugs = own | new_slugs(free, taken)
        self._forget_slots(matched)
        rows: dict[int, Slot] = {}
        for item in self.plan.items:
            rows[id(item)] = self._slot(item, matched.get(id(item)), slugs.get(id(item)), rows)
        self.slots = [row for row in self.slots if row not in db.session.deleted]

    def _own_slug(self, item: Item) -> str | None:
        node = item.node.value.get("slug")
        slug = values.slug(node)
        others = (one for one in self.plan.items if one is not item and slug)
        if any(values.slug(one.node.value.get("slug")) == slug for one in others):
            fail(node, f"“{slug}” is the slug of another slot of this edition")
        return slug

    def _forget_slots(self, matched: dict[int, Slot]) -> None:
        """Remove slots that an earlier file has brought; what was added on the pages stays."""
        met = {row.id for row in matched.values()}
        for row in self.slots:
            if row.id not in met and memory(row):
                db.session.delete(row)
                self.report.removed["slots"] += 1
        db.session.flush()  # their slugs become free

    def _slot(self, item: Item, row: Slot | None, slug: str | None, rows: dict[int, Slot]) -> Slot:
        new = row is None
        row = row or Slot(
            edition_id=self.edition.id,
            calendar_uid=new_calendar_uid("slot", self.book.host),
            kind="other",
            extra={},
        )
        people = people_of(item, self.book)
        change = self._slot_change(item, row, slug, new, rows)
        before = {name: getattr(row, name) for name in SIGNIFICANT | CALENDAR_TEXT_OF_SLOT}
        changed = apply(row, change, item.node, {} if new else written_slot(row, row.day, item.place), PLACED)
        db.session.add(row)
        changed |= self._people(row, people, new)
        if new:
            db.session.flush()  # its parts need its key
        elif moved := {name for name, old in before.items() if getattr(row, name) != old}:
            note_change(self.edition, [row], significant=not SIGNIFICANT.isdisjoint(moved))
        self.report.count("slots", new, changed)
        return row

    def _slot_change(
        self, item: Item, row: Slot, slug: str | None, new: bool, rows: dict[int, Slot]
    ) -> Change:
        said = values.mapping(item.node)
        remember = {"open": True} if "position" in said and said["position"].value is None else {}
        change = change_of(row, item.node, SLOT, self.book, elsewhere=PLACED, remember=remember)
        columns = change.columns
        columns |= {"title": item.title, "day": item.day, "position": item.position}
        if slug:
            columns["slug"] = slug
        if new:
            columns["parent_id"] = rows[id(item.parent)].id if item.parent else None
        if new or item.parent is None:
            columns["track"] = self.tracks[item.track] if item.track else None
        if "room" in said or "room" in memory(row).get("keys", ()):
            columns["room"] = self._room_named(said.get("room"))
        when = {key: columns.get(key, getattr(row, key)) for key in ("start_time", "end_day", "end_time")}
        if when["end_day"] and (item.day is None or when["end_day"] <= item.day):
            fail(said.get("end_day", item.node), "must be a later day than that of the slot")
        place = said.get("end") or said.get("start") or item.node
        if (
            item.day is None
            and when["start_time"]
            and when["end_time"]
            and when["end_time"] <= when["start_time"]
        ):
            fail(place, "the end is not later than the start")
        found = checked_span(
            place, self.edition.zone, item.day, when["start_time"], when["end_day"], when["end_time"]
        )
        columns |= {"starts_at": found.starts_at, "ends_at": found.ends_at}
        return change

    def _room_named(self, node: Node | None) -> Room | None:
        name = values.text(node, 120)
        if not name or name in self.rooms:
            return self.rooms.get(name)
        row = self._room(name, {"description": "", "capacity": None, "position": len(self.rooms) + 1})
        db.session.flush()  # slots need its key
        return row

    def _people(self, row: Slot, people: dict[SpeakerRole, list[str]], new: bool) -> set[str]:
        """Set who does what, keeping the links of those who stay."""
        links = {} if new else {link.speaker.slug: link for link in row.speaker_links}
        now = {role: [slug for slug, link in links.items() if link.role is role] for role in ROLES.values()}
        if now == people:
            return set()
        wanted = [(slug, role) for role, several in people.items() for slug in several]
        for slug in set(links) - {slug for slug, _role in wanted}:
            row.speaker_links.remove(links[slug])
        for at, (slug, role) in enumerate(wanted):
            if slug not in links:
                links[slug] = SlotSpeaker(speaker=self.book.speakers[slug])
                row.speaker_links.append(links[slug])
            links[slug].role, links[slug].position = role, at
        return {"people"}


# which slot of the file is which row --------------------------------------------------------------------

Likeness = Callable[[Item, Slot], bool]


def match(items: Sequence[Item], slots: Sequence[Slot], tracks: dict[str, Track]) -> dict[int, Slot]:
    """Find the row of each slot of the file, by its identity, so that UIDs and addresses stay what they are.

    The surest likeness comes first: the same slug, then the same title at the same place and time, the same
    title nearby, the same title anywhere, and at last the same place under a new title.
    """
    names = {track.id: track.slug for track in tracks.values()}
    found: dict[int, Slot] = {}
    free = list(slots)
    for alike in _likenesses(names, found):
        for item in items:
            if id(item) in found:
                continue
            row = next((row for row in free if alike(item, row)), None)
            if row is not None:
                found[id(item)] = row
                free.remove(row)
    return found


def _likenesses(names: dict[int, str], found: dict[int, Slot]) -> list[Likeness]:
    def family(item: Item, row: Slot) -> bool:
        """Tell whether both are parts of the same slot, or of none."""
        parent = found.get(id(item.parent)) if item.parent else None
        return row.parent_id == (parent.id if parent else None) and (
            item.parent is None or parent is not None
        )

    def named(item: Item, row: Slot) -> bool:
        return family(item, row) and row.title == item.title

    def nearby(item: Item, row: Slot) -> bool:
        track = names.get(row.track_id) if row.track_id else None
        return family(item, row) and row.day == item.day and (item.parent is not None or track == item.track)

    def at_same_time(item: Item, row: Slot) -> bool:
        return row.start_time == values.clock_time(item.node.value.get("start"))

    return [
        lambda item, row: family(item, row) and row.slug == values.slug(item.node.value.get("slug")),
        lambda item, row: (
            named(item, row)
            and nearby(item, row)
            and at_same_time(item, row)
            and row.position == item.position
        ),
        lambda item, row: named(item, row) and nearby(item, row) and at_same_time(item, row),
        lambda item, row: named(item, row) and nearby(item, row),
        named,
        lambda item, row: bool(memory(row)) and nearby(item, row) and row.position == item.position,
    ]
