"""The agenda of an edition: all of it on one page, with a form beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from eventhub import clock
from eventhub.agenda import choices, service
from eventhub.agenda.forms import SlotForm, slot_data
from eventhub.agenda.models import Kind, Slot
from eventhub.agenda.queries import PlannedSlot, Programme, programme
from eventhub.agenda.service import TIME
from eventhub.database import lock, transaction
from eventhub.desk.agenda_board import arranged
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.stale import last_author
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.queries import may_edit
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.organisations.queries import all_organisations
from eventhub.programme_changes.queries import number_of_holders
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@pages.route("/<series>/<edition>/agenda/", methods=["GET", "POST"])
def agenda(series: str, edition: str) -> ResponseReturnValue:
    """Show the agenda; `?slot=…` opens a slot in the form, `?new` an empty form, and a POST saves it."""
    found = found_edition(series, edition)
    slot = _chosen(found)
    if slot is None and "new" not in request.args:
        return _show(found, programme(found.id), None, None)
    read = programme(found.id)
    form = _form(found, slot)
    form.offer(slot, **_rows(found, slot, read))
    if not form.validate_on_submit():
        return _show(found, read, slot, form)
    try:
        words = _save(found, slot, form)
    except Stale as stale:
        return _show(found, programme(found.id), slot, form, stale)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(found, programme(found.id), slot, form)
    flash(words, "ok")
    return redirect(_address(found, form), 303)


def _chosen(edition: Edition) -> Slot | None:
    slug = request.args.get("slot")
    if slug is None:
        return None
    slot = choices.slot_of(edition, slug)
    if slot is None:
        abort(404)
    return slot


def _form(edition: Edition, slot: Slot | None) -> SlotForm:
    if slot is not None:
        return SlotForm(data=slot_data(slot))
    return SlotForm(data={"day": _wanted_day() or edition.start_date, "kind": Kind.TALK})


def _wanted_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


def _save(edition: Edition, slot: Slot | None, form: SlotForm) -> str:
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
    return path_to("desk.agenda", series=edition.series.slug, edition=edition.key, day=day)


def _show(
    edition: Edition,
    found: Programme,
    slot: Slot | None,
    form: SlotForm | None,
    stale: Stale | None = None,
) -> ResponseReturnValue:
    chosen = next((one for one in found.slots if slot is not None and one.id == slot.id), None)
    page = render_template(
        "desk/agenda/agenda.html",
        edition=edition,
        board=arranged(edition, found, request.args.get("day"), chosen),
        form=form,
        chosen=chosen,
        own_parts=[one for one in found.slots if chosen is not None and one.parent_id == chosen.id],
        may_edit=may_edit(current_user, edition.series),
        holders=_holders(edition, slot),
        stale=stale,
        stale_by=last_author("slot.changed", edition.zone, edition_id=edition.id, slot=slot.slug)
        if stale and slot
        else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if form is not None and form.errors else 200


def _holders(edition: Edition, slot: Slot | None) -> int:
    """Count whom a change of this slot would be told."""
    told = slot is not None and edition.state is EditionState.PUBLISHED and not is_over(edition, clock.now())
    return number_of_holders(slot) if told and slot is not None else 0


def _rows(edition: Edition, slot: Slot | None, found: Programme) -> dict[str, Any]:
    """Return what the form offers to choose from."""
    return {
        "rooms": [(used.row.id, used.row.name) for used in choices.rooms_of(edition)],
        "tracks": [(track.id, track.name) for track in found.tracks],
        "parents": [(one.id, _parent_words(one)) for one in found.slots if _may_hold(one, slot)],
        "organisations": [(one.id, one.name) for one in all_organisations()],
        "speakers": choices.speaker_names(edition.series),
    }


def _may_hold(one: PlannedSlot, slot: Slot | None) -> bool:
    return one.parent_id is None and (slot is None or one.id != slot.id)


def _parent_words(slot: PlannedSlot) -> str:
    start = slot.start_time.strftime("%H:%M ") if slot.start_time else ""
    return f"{start}{slot.title}"


@pages.post("/<series>/<edition>/agenda/slots/<slot>/delete")
def delete_slot(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Remove a slot from the programme."""
    found = found_edition(series, edition)
    row = choices.slot_of(found, slot) or abort(404)
    with transaction():
        service.delete_slot(row)
    flash(_("The slot is deleted."), "ok")
    return redirect(path_to("desk.agenda", series=series, edition=edition), 303)
