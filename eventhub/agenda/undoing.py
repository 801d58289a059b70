"""An organiser takes back what they did in an agenda, or does it again."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from eventhub.agenda import service
from eventhub.agenda.models import AgendaStep, AnySlot, Kind, SpeakerRole, slot_table
from eventhub.agenda.service import Person
from eventhub.agenda.steps import next_step
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.web.languages import gettext as _

READERS: dict[str, Any] = {
    "day": date.fromisoformat,
    "end_day": date.fromisoformat,
    "start_time": time.fromisoformat,
    "end_time": time.fromisoformat,
    "kind": Kind,
    "people": lambda rows: [Person(key, SpeakerRole(role)) for key, role in rows],
}


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
    wanted = _wanted(edition, step)
    if wanted is None:
        db.session.delete(step)  # so that the step before it can be reached
        return None
    service.restore(edition, wanted)
    step.undone = not undone
    action = "agenda.redone" if undone else "agenda.undone"
    history.record(action, edition_id=edition.id, title=step.title)
    return step.title


def _wanted(edition: Edition, step: AgendaStep) -> dict[AnySlot, dict[str, Any]] | None:
    """Return which values each slot gets; None where one is gone, or is not as the step left it."""
    keys, table = [int(key) for key in step.changes], slot_table(edition)
    found = select(table).where(table.id.in_(keys)).options(selectinload(table.speaker_links))
    slots = {slot.id: slot for slot in db.session.scalars(found)}
    wanted: dict[AnySlot, dict[str, Any]] = {}
    for key, pairs in step.changes.items():
        slot = slots.get(int(key))
        if slot is None:
            return None
        for name, (old, new) in pairs.items():
            now, after = (new, old) if step.undone is False else (old, new)
            if history.plain(service.value_of(slot, name)) != now:
                return None
            wanted.setdefault(slot, {})[name] = _read(name, after)
    return wanted


def _read(name: str, value: Any) -> Any:
    reader = READERS.get(name)
    return value if reader is None or value is None else reader(value)
