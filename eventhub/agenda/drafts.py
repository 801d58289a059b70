"""The draft of an agenda: organisers work in it quietly, until all of it becomes what everybody sees.

Everything public reads slots, so nothing of a draft can slip out. While an agenda is quiet, each of its
slots has a copy in the draft, new ones stand there alone, and what has no copy is to go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload, selectinload

from eventhub.agenda import service, steps
from eventhub.agenda.models import AnySlot, DraftSlot, DraftSlotSpeaker, Slot
from eventhub.agenda.service import EDITABLE
from eventhub.agenda.snapshots import TOLD, snapshot
from eventhub.database import draft_changed, lock
from eventhub.editions.models import Edition, EditionState
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import SlotNews
from eventhub.history import service as history
from eventhub.web.languages import gettext as _

COPIED = (*sorted(EDITABLE - {"parent_id"}), "slug", "source_key")
DERIVED = ("starts_at", "ends_at")

AnyRow = TypeVar("AnyRow", bound=AnySlot)


@dataclass(frozen=True, slots=True)
class Change:
    """What a draft changes about one slot: it has no `slot` where it is new, and no `draft` where it goes."""

    slot: Slot | None
    draft: DraftSlot | None
    fields: frozenset[str] = frozenset()


def begin(edition: Edition) -> None:
    """Let changes of the agenda of a public edition be made in a draft from now on."""
    lock(edition)
    if edition.quiet_agenda:
        return
    if edition.state is EditionState.DRAFT:
        raise RuleBroken(_("Nobody sees the agenda as long as the edition is a draft."))
    edition.quiet_agenda = True
    _renew(edition)
    history.record("agenda.quiet", edition_id=edition.id)


def end(edition: Edition) -> None:
    """Let everybody see changes at once again; raises RuleBroken while the draft has some of its own."""
    lock(edition)
    if not edition.quiet_agenda:
        return
    if changes_of(edition):
        raise RuleBroken(_("Release or discard first what nobody sees yet."))
    edition.quiet_agenda = False
    _clear(edition)
    history.record("agenda.at_once", edition_id=edition.id)


def discard(edition: Edition) -> None:
    """Forget what was not released."""
    lock(edition)
    if edition.quiet_agenda:
        _renew(edition)
        history.record("agenda.discarded", edition_id=edition.id)


def renew_unchanged(edition: Edition) -> None:
    """Follow what was changed past the draft; the caller knows that it had no changes of its own."""
    if edition.quiet_agenda:
        _renew(edition)


def changes_of(edition: Edition) -> list[Change]:
    """Return what the draft changes, in its order; what goes comes last."""
    if not edition.quiet_agenda:
        return []
    slots, drafts = _rows(Slot, edition), _rows(DraftSlot, edition)
    wholes, draft_wholes = _wholes(slots), _wholes(drafts)
    left = {slot.id: slot for slot in slots}
    found = []
    for draft in drafts:
        slot = left.pop(draft.slot_id or 0, None)
        fields = _differing(slot, draft) if slot else frozenset()
        if slot is not None and wholes[slot.calendar_uid] != draft_wholes[draft.calendar_uid]:
            fields |= {"parent_id"}
        if slot is None or fields:
            found.append(Change(slot, draft, fields))
    return found + [Change(slot, None) for slot in left.values()]


def _wholes(rows: Sequence[AnySlot]) -> dict[str, str | None]:
    """Return of what each is a part: by UID, which is the same in the draft."""
    uids = {row.id: row.calendar_uid for row in rows}
    return {row.calendar_uid: uids.get(row.parent_id or 0) for row in rows}


def _differing(slot: Slot, draft: DraftSlot) -> frozenset[str]:
    fields = {name for name in COPIED if getattr(slot, name) != getattr(draft, name)}
    return frozenset(fields | ({"people"} if service.people_of(slot) != service.people_of(draft) else set()))


def news_of(changes: Iterable[Change]) -> list[SlotNews]:
    """Return what the people of each changed slot may want to hear."""
    return [
        SlotNews(
            was=snapshot(change.slot) if change.slot else None,
            now=snapshot(change.draft) if change.draft else None,
            before=_speakers(change.slot),
            after=_speakers(change.draft),
        )
        for change in changes
    ]


def is_told(change: Change) -> bool:
    """Tell whether who has chosen the slot hears of this change."""
    if change.slot is None:
        return False
    return not change.slot.cancelled if change.draft is None else not TOLD.isdisjoint(change.fields)


def _speakers(slot: AnySlot | None) -> frozenset[int]:
    return frozenset(link.speaker_id for link in slot.speaker_links) if slot else frozenset()


def release(edition: Edition, changes: Sequence[Change]) -> list[Slot]:
    """Let everybody see these changes of the draft; returns what goes, parts first.

    That does not take place any more, and is to be deleted as soon as its people are told.
    """
    going = [change.slot for change in changes if change.slot is not None and change.draft is None]
    for slot in going:
        slot.source_key = None  # what it was imported from may stand in the draft as a new slot
    db.session.flush()
    wanted: dict[AnySlot, dict[str, object]] = {}
    for change in changes:
        if change.slot is None and change.draft is not None:
            service.release_slot(change.draft)
        elif change.slot is not None and change.draft is not None:
            wanted[change.slot] = _values(change.draft, change.fields)
            change.slot.slug, change.slot.source_key = change.draft.slug, change.draft.source_key
    wanted |= {slot: {"cancelled": True} for slot in going if not slot.cancelled}
    service.restore(edition, wanted)
    for change in changes:
        if change.draft is not None and (change.slot is None or "parent_id" in change.fields):
            _put_among_others(change.draft)
    db.session.flush()
    return sorted(going, key=lambda slot: slot.parent_id is None)


def _values(draft: DraftSlot, fields: frozenset[str]) -> dict[str, object]:
    return {name: service.value_of(draft, name) for name in fields & (EDITABLE - {"parent_id"} | {"people"})}


def _put_among_others(draft: DraftSlot) -> None:
    whole = db.session.get(DraftSlot, draft.parent_id) if draft.parent_id else None
    db.session.get_one(Slot, draft.slot_id).parent_id = whole.slot_id if whole else None


def _rows(table: type[AnyRow], edition: Edition) -> Sequence[AnyRow]:
    db.session.flush()  # an import does not do so by itself, and reading anew would lose what is pending
    return db.session.scalars(
        select(table)
        .where(table.edition_id == edition.id)
        .order_by(table.day, table.start_time, table.position, table.id)
        .options(joinedload(table.room), selectinload(table.speaker_links))
        .execution_options(populate_existing=True)
    ).all()


def _renew(edition: Edition) -> None:
    _clear(edition)
    slots = _rows(Slot, edition)
    copies = {slot.id: _copy(slot) for slot in slots}
    db.session.add_all(copies.values())
    db.session.flush()  # parts need the keys of what they are part of
    for slot in slots:
        if slot.parent_id is not None:
            copies[slot.id].parent_id = copies[slot.parent_id].id
    db.session.flush()


def _copy(slot: Slot) -> DraftSlot:
    return DraftSlot(
        slot_id=slot.id,
        edition_id=slot.edition_id,
        calendar_uid=slot.calendar_uid,
        speaker_links=[
            DraftSlotSpeaker(speaker_id=link.speaker_id, role=link.role, position=link.position)
            for link in slot.speaker_links
        ],
        **{name: getattr(slot, name) for name in (*COPIED, *DERIVED)},
    )


def _clear(edition: Edition) -> None:
    """Drop the draft, and the steps that could be taken back: they name slots that are other ones now."""
    steps.forget(edition)
    mine = select(DraftSlot.id).where(DraftSlot.edition_id == edition.id)
    db.session.execute(delete(DraftSlotSpeaker).where(DraftSlotSpeaker.slot_id.in_(mine)))
    db.session.execute(delete(DraftSlot).where(DraftSlot.edition_id == edition.id))
    draft_changed()
