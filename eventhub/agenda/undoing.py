"""An organiser takes back what they did in an agenda, or does it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from eventhub.agenda import service
from eventhub.agenda.models import AgendaStep, AnySlot, Kind, Room, Speaker, SpeakerRole, Track, slot_table
from eventhub.agenda.service import Person
from eventhub.agenda.steps import Row, next_step
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.organisations.models import Organisation
from eventhub.web.languages import gettext as _

READERS: dict[str, Any] = {
    "day": date.fromisoformat,
    "end_day": date.fromisoformat,
    "start_time": time.fromisoformat,
    "end_time": time.fromisoformat,
    "kind": Kind,
}
REFERENCES: dict[str, Any] = {
    "room_id": Room.edition_id,
    "track_id": Track.edition_id,
    "organisation_id": Organisation.id,
    "people": Speaker.series_id,
}
"""What slots refer to may be gone meanwhile: then a slot comes back without it."""


@dataclass(slots=True)
class Plan:
    """What taking a step does: slots come back, get their values, or leave; each by its UID."""

    returning: dict[str, Row] = field(default_factory=dict)
    changing: dict[str, Row] = field(default_factory=dict)
    leaving: list[str] = field(default_factory=list)


def undo(edition: Edition) -> str | None:
    """Take back the user's latest step and return its title; None where others have changed it since."""
    return _take(edition, undone=False)


def redo(edition: Edition) -> str | None:
    """Do again what the user took back last, likewise."""
    return _take(edition, undone=True)


def _take(edition: Edition, undone: bool) -> str | None:
    lock(edition)
    step = next_step(edition, undone)
    if step is None:
        raise RuleBroken(_("There is nothing to redo.") if undone else _("There is nothing to undo."))
    slots = _slots(edition, step.changes)
    plan = _plan(step, slots)
    if plan is None:
        db.session.delete(step)  # so that the step before it can be reached
        return None
    _carry_out(edition, step, plan, slots)
    step.undone = not undone
    action = "agenda.redone" if undone else "agenda.undone"
    history.record(action, edition_id=edition.id, title=step.title)
    return step.title


def _slots(edition: Edition, uids: Collection[str]) -> dict[str, AnySlot]:
    table = slot_table(edition)
    found = select(table).where(table.edition_id == edition.id, table.calendar_uid.in_(uids))
    rows = db.session.scalars(found.options(selectinload(table.speaker_links)))
    return {slot.calendar_uid: slot for slot in rows}


def _plan(step: AgendaStep, slots: Mapping[str, AnySlot]) -> Plan | None:
    """Return what is to be done; None where a slot is not as the step left it."""
    plan = Plan()
    for uid, change in step.changes.items():
        if "beside" not in change:
            return None  # an earlier version of eventhub kept it, in another way
        now, then = (change["was"], change["is"]) if step.undone else (change["is"], change["was"])
        slot = slots.get(uid)
        if (slot is None) != (now is None) or (slot is not None and not _stands(slot, now)):
            return None
        if slot is None:
            plan.returning[uid] = then
        elif then is None:
            plan.leaving.append(uid)
        else:
            plan.changing[uid] = then
    return plan if _leave_nobody_behind(plan, slots) else None


def _stands(slot: AnySlot, row: Row) -> bool:
    kept = history.plain(service.row_of(slot))
    return all(kept[name] == value for name, value in row.items())


def _leave_nobody_behind(plan: Plan, slots: Mapping[str, AnySlot]) -> bool:
    """Tell whether all parts of what leaves leave, too: others may have added one."""
    wholes = {slots[uid].id for uid in plan.leaving}
    if not wholes:
        return True
    table = type(slots[plan.leaving[0]])
    parts = db.session.scalars(select(table.calendar_uid).where(table.parent_id.in_(wholes)))
    return set(parts) <= {*plan.leaving}


def _carry_out(edition: Edition, step: AgendaStep, plan: Plan, slots: dict[str, AnySlot]) -> None:
    gone = _gone(edition, [*plan.returning.values(), *plan.changing.values()])
    for uid in sorted(plan.returning, key=lambda uid: plan.returning[uid]["parent"] is not None):
        values = _read(edition, plan.returning[uid], gone)
        slots[uid] = service.bring_back(edition, uid, values, step.changes[uid]["beside"])
    service.restore(edition, {slots[uid]: _read(edition, row, gone) for uid, row in plan.changing.items()})
    beside = {}
    for uid in sorted(plan.leaving, key=lambda uid: slots[uid].parent_id is None):
        beside[uid] = history.plain(service.remove_slot(slots[uid]))
    if beside:
        step.changes = {
            uid: {**change, "beside": beside.get(uid, change["beside"])}
            for uid, change in step.changes.items()
        }


def _gone(edition: Edition, rows: Collection[Row]) -> dict[str, set[int]]:
    """Return the keys that rows of a step name, and under which there is nothing any more."""
    owners = {Room: edition.id, Track: edition.id, Speaker: edition.series_id}
    found = {}
    for name, owner in REFERENCES.items():
        table = owner.class_
        keys = {key for row in rows for key in _keys(row.get(name))}
        there = select(table.id).where(table.id.in_(keys), owner == owners.get(table, owner))
        found[name] = keys - set(db.session.scalars(there)) if keys else keys
    return found


def _keys(value: Any) -> list[int]:
    if isinstance(value, list):
        return [key for key, _role in value]
    return [] if value is None else [value]


def _read(edition: Edition, row: Row, gone: Mapping[str, set[int]]) -> dict[str, Any]:
    """Return the values of a slot as the service takes them."""
    values = {name: _value(name, value, gone.get(name, set())) for name, value in row.items()}
    if "parent" in values:
        whole = values.pop("parent")
        values["parent_id"] = service.key_of(edition, whole) if whole else None
    return values


def _value(name: str, value: Any, gone: Collection[int]) -> Any:
    if name == "people":
        return [Person(key, SpeakerRole(role)) for key, role in value if key not in gone]
    if value is None or (gone and value in gone):
        return None
    reader = READERS.get(name)
    return value if reader is None else reader(value)
