"""What an organiser changed in an agenda at once, kept for a while so that they can take it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, select

from eventhub.agenda.models import AgendaStep
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.web.languages import ngettext

MOST = 50
"""So many steps of a person are kept for each edition."""

Row = Mapping[str, Any]
"""Values of a slot: all of them where it came or left, else those that changed."""
NOTHING: Row = {}


class Changes:
    """What became of slots, each by its UID: `was` and `is`, where None says that it was not there."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.titles: dict[str, str] = {}

    def add(self, uid: str, title: str, was: Row | None, now: Row | None, beside: Row = NOTHING) -> None:
        """Add a change to what happened to the slot before; `beside` is what else comes back with it."""
        if was == now:
            return
        earlier = self.rows.pop(uid, None)
        if earlier is not None:
            was = None if earlier["was"] is None else {**(was or {}), **earlier["was"]}
            now = None if now is None else {**(earlier["is"] or {}), **now}
        if was is None and now is None:
            return
        self.rows[uid] = {
            "was": history.plain(was),
            "is": history.plain(now),
            "beside": history.plain(beside),
        }
        self.titles[uid] = title

    def words(self) -> str:
        titles = [self.titles[uid] for uid in self.rows]
        return titles[0] if len(titles) == 1 else ngettext("%(num)s slot", "%(num)s slots", len(titles))


@contextmanager
def one_step(edition: Edition, title: str = "") -> Iterator[Changes]:
    """Let all that is changed inside be one step of the user; one inside of another belongs to that."""
    info = db.session.info
    outer = info.get("agenda_changes")
    if outer is not None:
        yield outer
        return
    changes = info["agenda_changes"] = Changes()
    try:
        yield changes
    finally:
        del info["agenda_changes"]
    _keep(edition, title or changes.words(), changes)


def _keep(edition: Edition, title: str, changes: Changes) -> None:
    """Keep a step; what the user had undone before can't be redone any more."""
    user_id = history.author_id()
    if user_id is None or not changes.rows:
        return
    mine = (AgendaStep.edition_id == edition.id, AgendaStep.user_id == user_id)
    newest = select(AgendaStep.id).where(*mine).order_by(AgendaStep.id.desc()).limit(MOST - 1)
    outdated = AgendaStep.undone | AgendaStep.id.not_in(newest.scalar_subquery())
    db.session.execute(delete(AgendaStep).where(*mine, outdated).execution_options(synchronize_session=False))
    db.session.add(AgendaStep(edition_id=edition.id, user_id=user_id, title=title, changes=changes.rows))
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
