"""Numbered versions of an agenda: kept, compared, and told at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from eventhub.agenda import drafts
from eventhub.agenda import service as agenda
from eventhub.agenda.comparing import Difference, Names, State, differences
from eventhub.agenda.models import AnySlot, Slot, Speaker, slot_table
from eventhub.agenda.snapshots import kept_of, snapshot
from eventhub.database import kept, lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import AgendaReleased, SlotNews, announce
from eventhub.history import service as history
from eventhub.programme_changes import queries, service
from eventhub.programme_changes.models import AgendaVersion
from eventhub.web.languages import gettext as _


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the release of a draft would do."""

    differences: list[Difference]
    people: int
    """How many participants would get a mail."""
    news: list[SlotNews]


def state_of(edition: Edition, table: type[AnySlot] = Slot) -> State:
    """Return what versions keep of each slot of an edition, by its UID: that is never used again."""
    found = (
        select(table)
        .where(table.edition_id == edition.id)
        .options(joinedload(table.room), selectinload(table.speaker_links))
        .execution_options(populate_existing=True)
    )
    return {slot.calendar_uid: kept_of(slot) for slot in db.session.scalars(found)}


def in_work(edition: Edition) -> State:
    """Return the same of the agenda as its organisers change it."""
    return state_of(edition, slot_table(edition))


def mark_of(state: State) -> str:
    """Return a digest of an agenda, by which a page notices that it is another one by now."""
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:16]


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


def names_in(edition: Edition) -> Names:
    """Return the names of those who may stand in versions of this agenda."""
    rows = db.session.execute(select(Speaker.id, Speaker.name).where(Speaker.series_id == edition.series_id))
    return dict(rows.all())


def outlook(edition: Edition, prepared: State, names: Names) -> Outlook:
    """Say what the release of a draft would change, and how many participants it would tell."""
    changes = drafts.changes_of(edition)
    told = {one.slot.id for one in changes if one.slot is not None and drafts.is_told(one)}
    waiting = {one.slot_id for one in queries.pending(edition) if snapshot(one.slot) != one.was}
    return Outlook(
        differences(state_of(edition), prepared, names) if changes else [],
        len(service.whom_to_tell(edition, told | waiting)),
        drafts.news_of(changes),
    )


def release(edition: Edition, note: str) -> tuple[AgendaVersion, int]:
    """Keep the agenda under the next number, and tell who is concerned; returns how many participants.

    What was prepared in a draft becomes what everybody sees. A slot that is not in it any more is gone once
    those who had chosen it are told.
    """
    lock(edition)
    last, changes = latest(edition), drafts.changes_of(edition)
    news = drafts.news_of(changes)
    going = drafts.release(edition, changes)
    told = service.tell(edition, note)
    for slot in going:
        agenda.remove_slot(slot)
    version = _next_version(edition, last, note, anyway=bool(changes))
    history.record("agenda.released", edition_id=edition.id, title=str(version.number))
    if news:
        announce(AgendaReleased(edition, news, note))
    return version, told


def _next_version(edition: Edition, last: AgendaVersion | None, note: str, *, anyway: bool) -> AgendaVersion:
    now = state_of(edition)
    if not now:
        raise RuleBroken(_("There is nothing in the agenda yet."))
    if last is not None and not anyway and not differences(last.programme, now, names_in(edition)):
        raise RuleBroken(_("Nothing has changed since version %(num)s.", num=last.number))
    version = AgendaVersion(
        edition_id=edition.id, number=last.number + 1 if last else 1, note=note, programme=dict(now)
    )
    db.session.add(version)
    db.session.flush()
    return version


def changelog(
    versions: Sequence[AgendaVersion], names: Names
) -> list[tuple[AgendaVersion, list[Difference]]]:
    """Return each version with what it changed; the first one, which comes last here, changed nothing."""
    older = [*versions[1:], None]
    return [
        (one, differences(before.programme, one.programme, names) if before else [])
        for one, before in zip(versions, older, strict=True)
    ]
