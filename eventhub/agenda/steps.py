"""What an organiser changed in an agenda at once, kept for a while so that they can take it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from eventhub.agenda.models import AgendaStep, AnySlot
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.history import service as history

MOST = 50
"""So many steps of a person are kept for each edition."""

Changes = Mapping[str, tuple[Any, Any]]


def note(edition: Edition, title: str, changes: Mapping[AnySlot, Changes]) -> None:
    """Keep a step of the user; what they had undone before can't be redone any more."""
    user_id = history.author_id()
    if user_id is None or not any(changes.values()):
        return
    mine = (AgendaStep.edition_id == edition.id, AgendaStep.user_id == user_id)
    newest = select(AgendaStep.id).where(*mine).order_by(AgendaStep.id.desc()).limit(MOST - 1)
    outdated = AgendaStep.undone | AgendaStep.id.not_in(newest.scalar_subquery())
    db.session.execute(delete(AgendaStep).where(*mine, outdated).execution_options(synchronize_session=False))
    db.session.add(
        AgendaStep(
            edition_id=edition.id,
            user_id=user_id,
            title=title,
            changes={slot.id: history.plain(dict(pairs)) for slot, pairs in changes.items() if pairs},
        )
    )
    db.session.flush()


def next_step(edition: Edition, undone: bool) -> AgendaStep | None:
    """Return what the user would redo next, or undo."""
    order = AgendaStep.id if undone else AgendaStep.id.desc()
    return db.session.scalar(
        select(AgendaStep)
        .where(
            AgendaStep.edition_id == edition.id,
            AgendaStep.user_id == history.author_id(),
            AgendaStep.undone == undone,
        )
        .order_by(order)
        .limit(1)
    )


def forget(edition: Edition) -> None:
    """Drop all steps of an edition: the slots that they name are other ones from now on."""
    db.session.execute(delete(AgendaStep).where(AgendaStep.edition_id == edition.id))
