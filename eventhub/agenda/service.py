"""Slots made, edited, moved and deleted: those that everybody sees, or those of a draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import func, select

from eventhub import clock
from eventhub.agenda.models import (
    AnySlot,
    DraftSlot,
    Room,
    Slot,
    Speaker,
    SpeakerRole,
    Track,
    link_table,
    slot_table,
)
from eventhub.agenda.shift import Placement, moved, set_instants
from eventhub.agenda.snapshots import TOLD, snapshot
from eventhub.agenda.steps import one_step
from eventhub.database import lock
from eventhub.editions.checks import FIRST_DAY, LAST_DAY
from eventhub.editions.models import Edition, new_calendar_uid
from eventhub.editions.naming import slug_of
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import SlotChanged, SlotLeaving, SlotReturned, announce
from eventhub.history import service as history
from eventhub.organisations.models import Organisation
from eventhub.web.languages import gettext as _

TIME = Placement._fields
SIGNIFICANT = frozenset((*TIME, "room_id", "cancelled"))
"""What makes a calendar entry a new version of itself (RFC 5545 3.8.7.4)."""
CALENDAR_TEXT = frozenset(("title", "abstract"))
ADMINISTRATIVE = (
    "kind",
    "kind_label",
    "track_id",
    "organisation_id",
    "language",
    "level",
    "parent_id",
    "position",
    "parallel",
)
EDITABLE = frozenset((*SIGNIFICANT, *CALENDAR_TEXT, *ADMINISTRATIVE))

NAMED: dict[str, Any] = {
    "room_id": Room.name,
    "track_id": Track.name,
    "organisation_id": Organisation.name,
}

Changes = dict[str, tuple[Any, Any]]


class Saved(NamedTuple):
    """What an edit changed, and how many other slots moved with it."""

    changes: Changes
    shifted: int = 0


class Person(NamedTuple):
    """Who does what in a slot."""

    speaker_id: int
    role: SpeakerRole


def create_slot(
    edition: Edition,
    values: Mapping[str, Any],
    people: Sequence[Person] = (),
    source_key: str | None = None,
) -> AnySlot:
    """Add a slot, at the end of its day unless `values` say its position."""
    lock(edition)
    uid = new_calendar_uid("slot", str(current_app.config["HOST"]))
    slot = _new_slot(slot_table(edition), edition, uid)
    slot.source_key = source_key
    if values.get("position") is None:
        values = {**values, "position": _next_position(edition, values.get("day"))}
    _assign(slot, edition, values)
    slot.slug = _free_slug(slot)
    db.session.add(slot)
    db.session.flush()
    _set_people(slot, edition, people)
    if not slot.is_draft:
        edition.changed_at = clock.now()
    history.record("slot.created", edition_id=edition.id, slot=slot.slug, title=slot.title)
    with one_step(edition) as step:
        step.add(uid, slot.title, None, row_of(slot))
    return slot


def _new_slot(table: type[AnySlot], edition: Edition, uid: str) -> AnySlot:
    if table is DraftSlot:
        return DraftSlot(edition_id=edition.id, calendar_uid=uid)
    return Slot(edition_id=edition.id, calendar_uid=uid, sequence=0, extra={})


def release_slot(draft: DraftSlot) -> None:
    """Let everybody see a slot that only stood in a draft; its place among others comes later."""
    edition = draft.edition
    slot = _new_slot(Slot, edition, draft.calendar_uid)
    slot.slug, slot.source_key = draft.slug, draft.source_key
    _assign(slot, edition, {name: getattr(draft, name) for name in EDITABLE - {"parent_id"}})
    db.session.add(slot)
    db.session.flush()
    _set_people(slot, edition, people_of(draft))
    edition.changed_at = clock.now()
    draft.slot_id = slot.id
    db.session.flush()


def update_slot(
    slot: AnySlot,
    values: Mapping[str, Any],
    people: Sequence[Person],
    shift_later: bool = False,
    reason: str = "",
) -> Saved:
    """Save an edit; the parts of a slot move with it, and on request what comes later on that day.

    `reason` is told to those who hold one of these slots.
    """
    edition = slot.edition
    lock(edition)
    before, was, before_people, slug = _placement(slot), snapshot(slot), people_of(slot), slot.slug
    changes: Changes = {name: (getattr(slot, name), value) for name, value in values.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    _assign(slot, edition, {name: pair[1] for name, pair in changes.items()})
    if "title" in changes and edition.published_at is None:
        slot.slug = _free_slug(slot)
    if _set_people(slot, edition, people):
        changes["people"] = (before_people, [*people])
    if not changes:
        return Saved({})
    _touch(slot, edition, changes.keys())
    with one_step(edition, slot.title):
        moved_along = _follow(slot, edition, before, shift_later, reason)
        _note(slot, {**changes, **({"slug": (slug, slot.slug)} if slug != slot.slug else {})})
    _tell(slot, was, changes, reason)
    history.record(
        "slot.changed",
        edition_id=edition.id,
        slot=slot.slug,
        title=slot.title,
        changes=_named(type(slot), changes),
        shifted=moved_along,
    )
    return Saved(changes, moved_along)


def restore(edition: Edition, wanted: Mapping[AnySlot, Mapping[str, Any]]) -> None:
    """Give slots the values that they have elsewhere: before a step, or in a draft; nothing moves along."""
    lock(edition)
    for slot, values in wanted.items():
        was = snapshot(slot)
        _assign(slot, edition, {name: value for name, value in values.items() if name in EDITABLE})
        _name(slot, values)
        if "people" in values:
            _set_people(slot, edition, values["people"])
        _touch(slot, edition, values)
        _tell(slot, was, values, "")


def bring_back(edition: Edition, uid: str, values: Mapping[str, Any], beside: Mapping[str, Any]) -> AnySlot:
    """Add a slot that was deleted again, under its UID: for calendars it is a new version of itself.

    `beside` is what `remove_slot` returned.
    """
    lock(edition)
    slot = _new_slot(slot_table(edition), edition, uid)
    _assign(slot, edition, {name: value for name, value in values.items() if name in EDITABLE})
    _name(slot, values)
    if isinstance(slot, DraftSlot):
        slot.slot_id = db.session.scalar(select(Slot.id).where(Slot.calendar_uid == uid))
    db.session.add(slot)
    db.session.flush()
    _set_people(slot, edition, values["people"])
    if isinstance(slot, Slot):
        slot.sequence, slot.extra = beside.get("sequence", 0), beside.get("extra", {})
        note_change(edition, [slot], significant=True)
        announce(SlotReturned(slot, beside))
    db.session.flush()
    return slot


def _name(slot: AnySlot, values: Mapping[str, Any]) -> None:
    """Give a slot back the names under which others know it, as far as nobody else has them by now."""
    if "slug" in values:
        slot.slug = _free_slug(slot, values["slug"])
    if "source_key" in values:
        slot.source_key = None if _is_known(slot, values["source_key"]) else values["source_key"]


def _is_known(slot: AnySlot, source_key: str | None) -> bool:
    table = type(slot)
    with db.session.no_autoflush:
        known = select(table.calendar_uid).where(
            table.edition_id == slot.edition_id, table.source_key == source_key
        )
        return db.session.scalar(known.where(table.calendar_uid != slot.calendar_uid)) is not None


def _tell(slot: AnySlot, was: dict[str, Any], changed: Iterable[str], reason: str) -> None:
    """Let others know what people may want to hear."""
    db.session.flush()
    if isinstance(slot, Slot) and not TOLD.isdisjoint(changed):
        db.session.refresh(slot, ["room"])
        announce(SlotChanged(slot, was, reason))


def copy_slot(slot: AnySlot) -> AnySlot:
    """Add the same slot again, without a time; who signed up for it stays where they are."""
    edition = slot.edition
    lock(edition)
    return create_slot(edition, _copied(slot) | dict.fromkeys(TIME), people_of(slot))


def split_slot(slot: AnySlot, at: time) -> AnySlot:
    """Let a slot end at this time, and add a second one that lasts from then until its old end."""
    edition = slot.edition
    lock(edition)
    whole, half = _placement(slot), _split(_placement(slot), at)
    end_day = half.day if half.day != whole.day else None
    with one_step(edition, slot.title):
        second = create_slot(edition, _copied(slot) | half._asdict(), people_of(slot))
        update_slot(slot, {"end_day": end_day, "end_time": at}, people_of(slot))
    return second


def _changed(old: Placement, new: Placement) -> Changes:
    pairs = zip(TIME, zip(old, new, strict=True), strict=True)
    return {name: pair for name, pair in pairs if pair[0] != pair[1]}


def _split(whole: Placement, at: time) -> Placement:
    """Return the second half of a placement; raises RuleBroken where it can't be split at this time."""
    start, end = _start(whole), _end(whole)
    if start is None or end is None:
        raise RuleBroken(_("Only what has a start and an end can be split"), field="at")
    middle = datetime.combine(start.date(), at)
    if middle <= start:
        middle += timedelta(days=1)
    if middle >= end:
        raise RuleBroken(_("Choose a time between start and end"), field="at")
    return Placement(middle.date(), at, end.date() if end.date() != middle.date() else None, end.time())


def _copied(slot: AnySlot) -> dict[str, Any]:
    """Return what a copy of a slot has of it; it takes place and stands at the end of its day."""
    names = EDITABLE - {"cancelled", "position"}
    return {name: getattr(slot, name) for name in names}


def value_of(slot: AnySlot, name: str) -> Any:
    """Return a value of a slot, or its people."""
    return people_of(slot) if name == "people" else getattr(slot, name)


def row_of(slot: AnySlot) -> dict[str, Any]:
    """Return all that a step keeps of a slot."""
    names = (*EDITABLE - {"parent_id"}, "people", "slug", "source_key")
    return {name: value_of(slot, name) for name in names} | {"parent": _uid_of(type(slot), slot.parent_id)}


def key_of(edition: Edition, uid: str) -> int | None:
    """Return the key of a slot; None where there is none with this UID."""
    table = slot_table(edition)
    return db.session.scalar(
        select(table.id).where(table.edition_id == edition.id, table.calendar_uid == uid)
    )


def _uid_of(table: type[AnySlot], key: int | None) -> str | None:
    return db.session.get_one(table, key).calendar_uid if key is not None else None


def mark_source(slot: AnySlot, key: str) -> None:
    """Remember which entry of a file the slot stands for."""
    if slot.source_key != key:
        _note(slot, {"source_key": (slot.source_key, key)})
        slot.source_key = key


def _note(slot: AnySlot, changes: Changes) -> None:
    """Let the step of the user say what an edit changed."""
    changes = dict(changes)
    if parents := changes.pop("parent_id", None):
        old, new = parents
        changes["parent"] = (_uid_of(type(slot), old), _uid_of(type(slot), new))
    was, now = ({name: pair[at] for name, pair in changes.items()} for at in (0, 1))
    with one_step(slot.edition) as step:
        step.add(slot.calendar_uid, slot.title, was, now)


def people_of(slot: AnySlot) -> list[Person]:
    """Return who does what in a slot."""
    return [Person(link.speaker_id, link.role) for link in slot.speaker_links]


def shift_rest(edition: Edition, day: date, since: time, minutes: int, reason: str = "") -> int:
    """Move everything that starts on a day at this time or later; returns how many slots moved.

    Raises RuleBroken where one of them would start at a time that doesn't exist.
    """
    lock(edition)
    table = slot_table(edition)
    found = select(table).where(table.edition_id == edition.id, table.day == day, table.start_time >= since)
    slots = db.session.scalars(found.order_by(table.id)).all()
    if not slots:
        raise RuleBroken(_("Nothing starts at this time or later."), field="since")
    with one_step(edition, f"{since:%H:%M} {minutes:+}"):
        _move(edition, dict.fromkeys(slots, minutes), reason)
    db.session.flush()
    history.record("agenda.shifted", edition_id=edition.id, title=f"{day:%Y-%m-%d} {since:%H:%M} {minutes:+}")
    return len(slots)


def _named(table: type[AnySlot], changes: Changes) -> Changes:
    """Return the changes as people read them later: with names instead of keys of rows."""
    return {
        name.removesuffix("_id"): (_names(table, name, old), _names(table, name, new))
        for name, (old, new) in changes.items()
    }


def _names(table: type[AnySlot], field: str, value: Any) -> Any:
    if field == "people":
        keys = [person.speaker_id for person in value]
        names = dict(db.session.execute(select(Speaker.id, Speaker.name).where(Speaker.id.in_(keys))).all())
        return ", ".join(names[key] for key in keys)
    column: Any = table.title if field == "parent_id" else NAMED.get(field)
    return (
        value
        if column is None or value is None
        else db.session.scalar(select(column).where(column.class_.id == value))
    )


def delete_slot(slot: AnySlot) -> None:
    """Remove a slot with its parts from the programme; raises RuleBroken where people count on it.

    In a draft nobody does: they are told by the version in which it is gone.
    """
    edition = slot.edition
    lock(edition)
    with one_step(edition, slot.title) as step:
        for leaving in (*_parts(slot), slot):  # the parts go first: they refer to the slot
            uid, title, row = leaving.calendar_uid, leaving.title, row_of(leaving)
            step.add(uid, title, row, None, beside=remove_slot(leaving))


def remove_slot(slot: AnySlot) -> dict[str, Any]:
    """Remove a slot without a step of the user; returns what else is needed to bring it back."""
    edition = slot.edition
    beside: dict[str, Any] = {}
    if isinstance(slot, Slot):
        beside |= {"sequence": slot.sequence, "extra": slot.extra}
        announce(SlotLeaving(slot, beside))
        edition.changed_at = clock.now()
    history.record("slot.deleted", edition_id=edition.id, slot=slot.slug, title=slot.title)
    db.session.delete(slot)
    db.session.flush()
    return beside


def note_change(edition: Edition, slots: Iterable[AnySlot], significant: bool) -> None:
    """Let the calendar entries of these slots say that they changed; those of a draft are in no calendar."""
    for slot in slots:
        if not isinstance(slot, Slot):
            continue
        slot.changed_at = edition.changed_at = clock.now()
        if significant and edition.published_at is not None:
            slot.sequence += 1


# values -------------------------------------------------------------------------------------------


def _assign(slot: AnySlot, edition: Edition, values: Mapping[str, Any]) -> None:
    with db.session.no_autoflush:
        for name, value in values.items():
            if name not in EDITABLE:
                raise ValueError(f"{name} can't be edited")
            setattr(slot, name, value)
        _check_belonging(slot, edition, values)
        _check_time(slot, edition)


def _check_belonging(slot: AnySlot, edition: Edition, values: Mapping[str, Any]) -> None:
    for name, model in (("room_id", Room), ("track_id", Track), ("parent_id", type(slot))):
        key = values.get(name)
        row: Any = db.session.get(model, key) if key is not None else None
        if key is not None and (row is None or row.edition_id != edition.id):
            raise RuleBroken(_("Choose one from the list"), field=name)
    if values.get("parent_id") is not None:
        _check_parent(slot, values["parent_id"])


def _check_parent(slot: AnySlot, parent_id: int) -> None:
    """Parts have no parts of their own."""
    parent = db.session.get_one(type(slot), parent_id)
    if parent_id == slot.id or parent.parent_id is not None or (slot in db.session and _parts(slot)):
        raise RuleBroken(
            _("A slot that has parts, or is one itself, can’t be chosen here"), field="parent_id"
        )


def _check_time(slot: AnySlot, edition: Edition) -> None:
    if slot.end_day == slot.day:
        slot.end_day = None
    for name, day in (("day", slot.day), ("end_day", slot.end_day)):
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise RuleBroken(_("Choose a year between 1970 and 2199"), field=name)
    if slot.day is None and (slot.start_time or slot.end_time or slot.end_day):
        raise RuleBroken(_("Choose the day"), field="day")
    if slot.end_day is not None and slot.day is not None and slot.end_day < slot.day:
        raise RuleBroken(_("It can’t end on a day before it starts"), field="end_day")
    if slot.start_time is None and (slot.end_time or slot.end_day):
        raise RuleBroken(_("Enter the time at which it starts"), field="start_time")
    if slot.end_day is not None and slot.end_time is None:
        raise RuleBroken(_("Enter the time at which it ends on that day"), field="end_time")
    set_instants(slot, edition.zone)
    if slot.starts_at and slot.ends_at and slot.ends_at <= slot.starts_at:
        raise RuleBroken(
            _("The end lies before the start. Does it end after midnight? Then say on which day"),
            field="end_time",
        )


def _next_position(edition: Edition, day: date | None) -> int:
    table = slot_table(edition)
    same_day = table.day == day if day is not None else table.day.is_(None)
    highest = db.session.scalar(
        select(func.max(table.position)).where(table.edition_id == edition.id, same_day)
    )
    return (highest or 0) + 1


def _free_slug(slot: AnySlot, wanted: str = "") -> str:
    """Return a short name for the slot's address that no other slot of the edition has, or is to get."""
    wanted = wanted or slug_of(slot.title) or str(slot.kind or "slot").replace("_", "-")
    tables: set[type[AnySlot]] = {Slot, type(slot)}
    taken: set[str] = set()
    with db.session.no_autoflush:
        for table in tables:
            others = select(table.slug).where(
                table.edition_id == slot.edition_id,
                table.calendar_uid != slot.calendar_uid,
                table.slug.startswith(wanted, autoescape=True),
            )
            taken.update(db.session.scalars(others))
    return free_slug(wanted, taken)


def free_slug(wanted: str, taken: set[str]) -> str:
    """Return the slug, with a number behind it where it is taken."""
    number, slug = 1, wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _set_people(slot: AnySlot, edition: Edition, people: Sequence[Person]) -> bool:
    """Say who does what, in this order; returns whether anything changed."""
    wanted = [Person(*person) for person in people]
    if wanted == people_of(slot):
        return False
    keys = {person.speaker_id for person in wanted}
    own = select(func.count()).where(Speaker.id.in_(keys), Speaker.series_id == edition.series_id)
    if len(keys) < len(wanted) or db.session.scalar(own) != len(keys):
        raise RuleBroken(_("Choose each person of this series once"), field="people")
    slot.speaker_links.clear()
    db.session.flush()  # the old rows make way for those with the same key
    link = link_table(type(slot))
    slot.speaker_links.extend(
        link(speaker_id=person.speaker_id, role=person.role, position=position)
        for position, person in enumerate(wanted)
    )
    db.session.flush()
    return True


def _touch(slot: AnySlot, edition: Edition, changed: Iterable[str]) -> None:
    significant = not SIGNIFICANT.isdisjoint(changed)
    if significant or not (CALENDAR_TEXT | {"people"}).isdisjoint(changed):
        note_change(edition, [slot], significant)


# moving -------------------------------------------------------------------------------------------


def _follow(slot: AnySlot, edition: Edition, before: Placement, shift_later: bool, reason: str) -> int:
    """Move what depends on the slot; returns how many others moved."""
    after = _placement(slot)
    if after == before:
        return 0
    moves = {part: _gap(_start(before), _start(after)) for part in _parts(slot)}
    if shift_later and before.day == after.day:
        minutes = _gap(_end(before) or _start(before), _end(after) or _start(after))
        moves |= dict.fromkeys(_later(slot, before, moves), minutes)
    return _move(edition, moves, reason)


def _move(edition: Edition, moves: Mapping[AnySlot, int], reason: str) -> int:
    """Move each slot by its minutes; returns how many really moved."""
    moved_slots = [slot for slot, minutes in moves.items() if minutes and slot.day is not None]
    for slot in moved_slots:
        if isinstance(slot, Slot):
            announce(SlotChanged(slot, snapshot(slot), reason))
        place = moved(_placement(slot), 0, moves[slot])
        _note(slot, _changed(_placement(slot), place))
        for name, value in zip(TIME, place, strict=True):
            setattr(slot, name, value)
        set_instants(slot, edition.zone)
    note_change(edition, moved_slots, significant=True)
    return len(moved_slots)


def _later(slot: AnySlot, before: Placement, moving: Mapping[AnySlot, int]) -> list[AnySlot]:
    """Return what starts on that day after the old end, in its room if it has one; parts included."""
    end = _end(before) or _start(before)
    if end is None:
        return []
    table = type(slot)
    same_room = [table.room_id == slot.room_id] if slot.room_id is not None else []
    rows = db.session.scalars(
        select(table).where(
            table.edition_id == slot.edition_id, table.id != slot.id, table.day == before.day, *same_room
        )
    )
    found = [
        row for row in rows if row not in moving and (at := _start(_placement(row))) is not None and at >= end
    ]
    parts = [part for row in found for part in _parts(row) if part not in moving and part not in found]
    return found + parts


def _parts(slot: AnySlot) -> Sequence[AnySlot]:
    table = type(slot)
    return db.session.scalars(select(table).where(table.parent_id == slot.id)).all()


def _placement(slot: AnySlot) -> Placement:
    return Placement(slot.day, slot.start_time, slot.end_day, slot.end_time)


def _start(place: Placement) -> datetime | None:
    return datetime.combine(place.day, place.start_time) if place.day and place.start_time else None


def _end(place: Placement) -> datetime | None:
    return (
        datetime.combine(place.end_day or place.day, place.end_time) if place.day and place.end_time else None
    )


def _gap(old: datetime | None, new: datetime | None) -> int:
    """Return the minutes from one to the other; 0 where one of them is not known."""
    return int((new - old).total_seconds() // 60) if old and new else 0
