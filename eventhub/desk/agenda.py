"""The agenda of an edition: all of it on one page, with a form beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from eventhub import clock
from eventhub.agenda import choices, service
from eventhub.agenda.forms import SlotForm, SplitForm, slot_data
from eventhub.agenda.models import AnySlot, Kind
from eventhub.agenda.queries import PlannedSlot, Programme, programme_in_work
from eventhub.agenda.service import TIME
from eventhub.database import current_work, lock, transaction
from eventhub.desk.agenda_board import Board, arranged
from eventhub.desk.agenda_grid import By
from eventhub.desk.blueprint import found_edition, may_open, pages
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.engagements.queries import limited_in_time
from eventhub.errors import RuleBroken
from eventhub.organisations.queries import all_organisations
from eventhub.organisations.roles import Capability
from eventhub.programme_changes.queries import number_of_holders
from eventhub.site.grids import STEP
from eventhub.site.programme import length_of
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language, ngettext
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@pages.route("/<series>/<edition>/agenda/", methods=["GET", "POST"])
@needs(Capability.LOOK, Capability.AGENDA)
def agenda(series: str, edition: str) -> ResponseReturnValue:
    """Show the agenda; `?slot=…` opens a slot in the form, `?new` an empty form, and a POST saves it."""
    found = found_edition(series, edition)
    slot = _chosen(found)
    if not may_open("desk.agenda", "POST") or (slot is None and "new" not in request.args):
        return show(found, None, None)
    read = programme_in_work(found)
    form = _form(found, slot)
    _offer(form, found, slot, read)
    if not form.validate_on_submit():
        return show(found, slot, form, read=read)
    try:
        words = _save(found, slot, form)
    except Stale as stale:
        return show(found, slot, form, stale)
    except RuleBroken as broken:
        form.refuse(broken)
        return show(found, slot, form)
    flash(words, "ok")
    return redirect(_address(found, form), 303)


def form_of(edition: Edition, slot: AnySlot) -> SlotForm:
    """Return the form that shows a stored slot."""
    form = SlotForm(formdata=None, data=slot_data(slot))
    _offer(form, edition, slot, programme_in_work(edition))
    return form


def _chosen(edition: Edition) -> AnySlot | None:
    slug = request.args.get("slot")
    if slug is None:
        return None
    slot = choices.slot_in_work(edition, slug)
    if slot is None:
        abort(404)
    return slot


def _form(edition: Edition, slot: AnySlot | None) -> SlotForm:
    if slot is not None:
        return SlotForm(data=slot_data(slot))
    return SlotForm(data={"day": edition.start_date, "kind": Kind.TALK} | _wanted())


_READERS: dict[str, Callable[[str], Any]] = {
    "day": date.fromisoformat,
    "start_time": time.fromisoformat,
    "end_time": time.fromisoformat,
    By.ROOM: int,
    By.TRACK: int,
}


def _wanted() -> dict[str, Any]:
    """Read what a new slot begins with from the address; the form refuses what is not there to choose."""
    found: dict[str, Any] = {}
    for name, read in _READERS.items():
        try:
            found[name] = read(request.args.get(name, ""))
        except ValueError:
            continue
    return found


def _save(edition: Edition, slot: AnySlot | None, form: SlotForm) -> str:
    """Store what the form says and return the words about it."""
    values = form.values()
    if "unschedule" in request.form:
        values |= dict.fromkeys(TIME)
    people = form.chosen_people()
    with transaction():
        if slot is None:
            service.create_slot(edition, values, people)
            return _("The slot is in the agenda.")
        lock(edition)
        form.require_unchanged(slot_data(slot))
        saved = service.update_slot(
            slot, values, people, form.shift_later.data, reason=form.reason.data or ""
        )
    if not saved.changes:
        return _("Nothing was changed.")
    if not saved.shifted:
        return _("Saved.")
    return ngettext(
        "Saved. %(num)s other slot moved along.", "Saved. %(num)s other slots moved along.", saved.shifted
    )


def _address(edition: Edition, form: SlotForm) -> str:
    day = form.day.data.isoformat() if form.day.data and "unschedule" not in request.form else None
    by = request.args.get("by") or None
    return path_to("desk.agenda", series=edition.series.slug, edition=edition.key, day=day, by=by)


def show(
    edition: Edition,
    slot: AnySlot | None,
    form: SlotForm | None,
    stale: Stale | None = None,
    split: SplitForm | None = None,
    read: Programme | None = None,
) -> ResponseReturnValue:
    """Render the agenda, read now unless it just was, with the form of a slot beside it."""
    found = read or programme_in_work(edition)
    chosen = next((one for one in found.slots if slot is not None and one.id == slot.id), None)
    shown = shown_board(edition, found, chosen)
    page = render_template(
        "desk/agenda/agenda.html",
        edition=edition,
        shown=shown,
        board=shown.board,
        chosen=chosen,
        script_words=_script_words(),
        form=form,
        split=split or SplitForm(formdata=None, data={"at": middle_of(chosen)} if chosen else None),
        own_parts=[one for one in found.slots if chosen is not None and one.parent_id == chosen.id],
        holders=_holders(edition, chosen),
        limited=limited_in_time(edition) if may_open("desk.engagements") else [],
        stale=stale,
        stale_by=last_author("slot.changed", edition.zone, edition_id=edition.id, slot=slot.slug)
        if stale and slot
        else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if (form is not None and form.errors) or (split is not None and split.errors) else 200


def _script_words() -> dict[str, str]:
    """Return what the page's script says; it fills in the values."""
    return {
        "lifted": _("%(title)s taken, %(place)s. Arrow keys move it, Enter drops it, Escape puts it back."),
        "parked": _("%(title)s, not scheduled"),
        "back": _("%(title)s is where it was."),
        "room": _("%(name)s is taken then"),
        "person": _("somebody is needed twice then"),
        "failed": _("Not saved: the server does not answer."),
        "broken": _("Not saved: something went wrong on the server. Please try again in a minute."),
        "forbidden": _("Not saved: you may not change this agenda any more."),
        "signed_out": _("Not saved: you are signed out. Sign in in another tab, then reload this page."),
        "outdated": _("Not saved: this page has been open for too long. Please reload it."),
        "others": _("Somebody else has changed the agenda. You see it as it is now."),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """The board as a page shows it."""

    board: Board
    html: Markup
    tag: str
    """By which a page notices that there is something new, and whether that concerns it."""


def shown_board(edition: Edition, found: Programme, chosen: PlannedSlot | None) -> Shown:
    """Write the part of the page that several people change at once."""
    number = revision()
    by = By.TRACK if request.args.get("by") == "tracks" and found.tracks else By.ROOM
    board = arranged(edition, found, choices.rooms(edition), request.args.get("day"), chosen, by)
    html = render_template(
        "desk/agenda/board.html",
        edition=edition,
        board=board,
        chosen=chosen,
        may_edit=may_open("desk.agenda", "POST"),
    )
    return Shown(board, Markup(html), f"{number}-{hashlib.sha256(html.encode()).hexdigest()[:16]}")  # noqa: S704


def revision() -> str:
    """Say what the board was written from: the state of all content and all drafts, and the language."""
    content, drafts = current_work(current_app)
    return f"{content}-{drafts}-{language()}"


def middle_of(slot: PlannedSlot) -> time | None:
    """Return the time in the middle of a slot, in whole five minutes."""
    minutes = length_of(slot)
    if not minutes or slot.day is None or slot.start_time is None:
        return None
    half = timedelta(minutes=minutes // 2 - minutes // 2 % STEP)
    return (datetime.combine(slot.day, slot.start_time) + half).time()


def _holders(edition: Edition, slot: PlannedSlot | None) -> int:
    """Count whom a change of this slot would be told."""
    if slot is None or slot.public_id is None:
        return 0
    told = edition.state is EditionState.PUBLISHED and not is_over(edition, clock.now())
    return number_of_holders(slot.public_id) if told else 0


def _offer(form: SlotForm, edition: Edition, slot: AnySlot | None, found: Programme) -> None:
    """Tell the form what there is to choose from."""
    form.offer(
        slot,
        rooms=[(room.id, room.name) for room in choices.rooms(edition)],
        tracks=[(track.id, track.name) for track in found.tracks],
        parents=[(one.id, _parent_words(one)) for one in found.slots if _may_hold(one, slot)],
        organisations=[(one.id, one.name) for one in all_organisations()],
        speakers=choices.speaker_names(edition.series),
    )


def _may_hold(one: PlannedSlot, slot: AnySlot | None) -> bool:
    return one.parent_id is None and (slot is None or one.id != slot.id)


def _parent_words(slot: PlannedSlot) -> str:
    start = slot.start_time.strftime("%H:%M ") if slot.start_time else ""
    return f"{start}{slot.title}"


@pages.post("/<series>/<edition>/agenda/slots/<slot>/delete")
@needs(Capability.AGENDA)
def delete_slot(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Remove a slot from the programme, unless somebody else has changed it since it was shown."""
    found = found_edition(series, edition)
    row = choices.slot_in_work(found, slot) or abort(404)
    try:
        with transaction():
            lock(found)
            _require_seen(row)
            service.delete_slot(row)
    except RuleBroken as broken:
        flash(str(broken.message), "warn")
        return redirect(path_to("desk.agenda", series=series, edition=edition, slot=slot), 303)
    flash(_("The slot is deleted."), "ok")
    return redirect(path_to("desk.agenda", series=series, edition=edition), 303)


def _require_seen(slot: AnySlot) -> None:
    now = SlotForm(formdata=None, data=slot_data(slot)).seen.data
    if request.form.get("was", now) != now:
        raise RuleBroken(_("Somebody else has changed this slot. Look at it before you delete it."))
