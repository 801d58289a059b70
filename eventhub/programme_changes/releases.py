"""Numbered versions of an agenda: kept, compared, and told at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from eventhub.agenda.models import Slot
from eventhub.agenda.snapshots import snapshot
from eventhub.database import kept, lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history import service as history
from eventhub.programme_changes import service
from eventhub.programme_changes.comparing import Difference, State, differences
from eventhub.programme_changes.models import AgendaVersion, HeldChanges
from eventhub.web.languages import gettext as _


def state_of(edition: Edition) -> State:
    """Return what people may know of each slot of an edition now, by its UID: that is never used again."""
    found = select(Slot).where(Slot.edition_id == edition.id).options(joinedload(Slot.room))
    return {slot.calendar_uid: snapshot(slot) for slot in db.session.scalars(found)}


def versions_of(edition: Edition) -> Sequence[AgendaVersion]:
    """Return the versions of an agenda, the latest first."""
    return db.session.scalars(
        select(AgendaVersion)
        .where(AgendaVersion.edition_id == edition.id)
        .order_by(AgendaVersion.number.desc())
    ).all()


def latest(edition: Edition) -> AgendaVersion | None:
    """Return the latest version of an agenda."""
    return db.session.scalar(
        select(AgendaVersion)
        .where(AgendaVersion.edition_id == edition.id)
        .order_by(AgendaVersion.number.desc())
        .limit(1)
    )


def shown_version(edition_id: int) -> tuple[int, datetime] | None:
    """Return number and time of the latest version, from memory: most pages of editions have none."""

    def read() -> tuple[int, datetime] | None:
        row = db.session.execute(
            select(AgendaVersion.number, AgendaVersion.released_at)
            .where(AgendaVersion.edition_id == edition_id)
            .order_by(AgendaVersion.number.desc())
            .limit(1)
        ).first()
        return (row[0], row[1]) if row else None

    return kept(("agenda_version", edition_id), read)


def release(edition: Edition, note: str) -> tuple[AgendaVersion, int]:
    """Keep the agenda as it is now as its next version, and tell who is concerned; returns how many."""
    lock(edition)
    last, now = latest(edition), state_of(edition)
    if not now:
        raise RuleBroken(_("There is nothing in the agenda yet."))
    if last is not None and last.programme == now:
        raise RuleBroken(_("Nothing has changed since version %(num)s.", num=last.number))
    version = AgendaVersion(
        edition_id=edition.id, number=last.number + 1 if last else 1, note=note, programme=dict(now)
    )
    db.session.add(version)
    db.session.flush()
    history.record("agenda.released", edition_id=edition.id, title=str(version.number))
    return version, service.tell(edition)


def changelog(versions: Sequence[AgendaVersion]) -> list[tuple[AgendaVersion, list[Difference]]]:
    """Return each version with what it changed; the first one, which comes last here, changed nothing."""
    older = [*versions[1:], None]
    return [
        (one, differences(before.programme, one.programme) if before else [])
        for one, before in zip(versions, older, strict=True)
    ]


def are_held(edition: Edition) -> bool:
    """Tell whether mails about changes wait for the next version."""
    return db.session.get(HeldChanges, edition.id) is not None


def hold(edition: Edition) -> None:
    """Let mails about changes wait for the next version."""
    lock(edition)
    if not are_held(edition):
        db.session.add(HeldChanges(edition_id=edition.id))
        history.record("agenda.held", edition_id=edition.id)
    db.session.flush()


def let_go(edition: Edition) -> None:
    """Tell people of changes some minutes after each, as usual."""
    lock(edition)
    if are_held(edition):
        db.session.execute(delete(HeldChanges).where(HeldChanges.edition_id == edition.id))
        history.record("agenda.let_go", edition_id=edition.id)
