"""Slots moved on the grid by hand, taken back, and what others did meanwhile: what the page's script asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices, service, undoing
from eventhub.agenda.models import AnySlot
from eventhub.agenda.queries import programme_in_work
from eventhub.agenda.service import TIME
from eventhub.database import lock, transaction
from eventhub.desk.agenda import Shown, revision, shown_board
from eventhub.desk.agenda_grid import By, state_of
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.editions.checks import FIRST_DAY, LAST_DAY
from eventhub.editions.models import Edition
from eventhub.engagements.queries import limited_in_time
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.organisations.roles import Capability
from eventhub.web import times
from eventhub.web.forms import is_key
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to

LONGEST = 24 * 60
"""Minutes that a slot on the grid may last."""


@pages.get("/<series>/<edition>/agenda/board")
@needs(Capability.LOOK)
def agenda_board(series: str, edition: str) -> ResponseReturnValue:
    """Return the board alone, or that nothing has changed: pages ask every few seconds."""
    known = f"{revision()}-"
    if any(tag.startswith(known) for tag in request.if_none_match.as_set()):
        return "", 304
    db.session.rollback()  # what is read from here on is at least as new as what the tag says
    shown = _shown(found_edition(series, edition))
    return shown.html, 200, {"ETag": f'"{shown.tag}"'}


@pages.post("/<series>/<edition>/agenda/slots/<slot>/move")
@needs(Capability.AGENDA)
def move_slot(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Put a slot to another time, room or track, unless somebody else has moved it meanwhile."""
    found = found_edition(series, edition)
    try:
        with transaction():
            lock(found)
            row = _unmoved(found, slot)
            service.update_slot(row, _wanted(), service.people_of(row))
    except RuleBroken as broken:
        return _answer(found, str(broken.message), 409)
    return _answer(found, " ".join([_now_at(row), *_limits(found, row)]), slot_id=row.id)


def _unmoved(edition: Edition, slug: str) -> AnySlot:
    """Return the slot; raises RuleBroken where somebody else has moved or deleted it meanwhile."""
    slot = choices.slot_in_work(edition, slug)
    if slot is None and not _asked_by_script():
        abort(404)
    if slot is None:
        words = _("This slot was deleted in the meantime, so your move was not saved.")
        raise RuleBroken(f"{words} {_last_author('slot.deleted', edition, slug)}".strip())
    if state_of(slot) != request.form.get("was"):
        words = _("“%(title)s” was moved in the meantime, so your move was not saved.", title=slot.title)
        raise RuleBroken(f"{words} {_last_author('slot.changed', edition, slug)}".strip())
    return slot


def _last_author(action: str, edition: Edition, slug: str) -> str:
    return last_author(action, edition.zone, edition_id=edition.id, slot=slug)


def _wanted() -> dict[str, Any]:
    """Read where the slot shall be."""
    sent = request.form
    if sent.get("park"):
        return dict.fromkeys(TIME)
    values: dict[str, Any] = {}
    if sent.get("column") != "same":
        by = By.TRACK if sent.get("by") == By.TRACK else By.ROOM
        values[by.value] = _number(sent.get("column", ""), most=None) if sent.get("column") else None
    start = _number(sent.get("start", ""), most=2 * LONGEST)
    begins = datetime.combine(_day(sent.get("day", "")), time()) + timedelta(minutes=start)
    ends = begins + timedelta(minutes=_number(sent["minutes"], LONGEST)) if sent.get("minutes") else None
    end_day = ends.date() if ends and ends.date() != begins.date() else None
    place = (begins.date(), begins.time(), end_day, ends.time() if ends else None)
    return values | dict(zip(TIME, place, strict=True))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise RuleBroken(_("Choose the day")) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise RuleBroken(_("Choose a year between 1970 and 2199"))
    return day


def _number(text: str, most: int | None) -> int:
    if not is_key(text) or (most is not None and int(text) > most):
        raise RuleBroken(_("This place does not exist in the agenda"))
    return int(text)


def _now_at(slot: AnySlot) -> str:
    if slot.day is None:
        return _("“%(title)s” is not scheduled any more.", title=slot.title)
    when = times.clock(slot.start_time) if slot.start_time else ""
    where = slot.room.name if slot.room else _("no room of its own")
    return _("“%(title)s” is now at %(time)s, %(room)s.", title=slot.title, time=when, room=where)


def _limits(edition: Edition, slot: AnySlot) -> list[str]:
    """Say when the people of a slot can't, in their own words; whoever moves it decides what that means."""
    here = {link.speaker_id for link in slot.speaker_links}
    return [
        _("%(name)s about times: %(words)s", name=one.speaker.name, words=one.availability)
        for one in limited_in_time(edition)
        if one.speaker_id in here
    ]


@pages.post("/<series>/<edition>/agenda/undo")
@needs(Capability.AGENDA)
def undo_agenda(series: str, edition: str) -> ResponseReturnValue:
    """Take back what the user did last in this agenda."""
    return _step(found_edition(series, edition), undoing.undo, _("Taken back: %(title)s"))


@pages.post("/<series>/<edition>/agenda/redo")
@needs(Capability.AGENDA)
def redo_agenda(series: str, edition: str) -> ResponseReturnValue:
    """Do again what the user took back last."""
    return _step(found_edition(series, edition), undoing.redo, _("Done again: %(title)s"))


def _step(edition: Edition, take: Callable[[Edition], str | None], done: str) -> ResponseReturnValue:
    try:
        with transaction():
            title = take(edition)
    except RuleBroken as broken:
        return _answer(edition, str(broken.message), 409)
    if title is None:
        return _answer(edition, _("Somebody else has changed this since; nothing was taken back."), 409)
    return _answer(edition, done % {"title": title})


def _answer(
    edition: Edition, words: str, status: int = 200, slot_id: int | None = None
) -> ResponseReturnValue:
    """Answer the script with words and the new board, and a browser without it with the page."""
    if not _asked_by_script():
        flash(words, "ok" if status == 200 else "warn")
        return redirect(path_to("desk.agenda", series=edition.series.slug, edition=edition.key), 303)
    shown = _shown(edition)
    warnings = shown.board.short.get(slot_id, []) if slot_id else []
    if warnings:
        words += " " + _("Warning: %(words)s", words=", ".join(warnings))
    return {"words": words, "board": shown.html, "etag": f'"{shown.tag}"'}, status


def _asked_by_script() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _shown(edition: Edition) -> Shown:
    found = programme_in_work(edition)
    chosen = next((one for one in found.slots if one.slug == request.args.get("slot")), None)
    return shown_board(edition, found, chosen)
