"""Rooms and tracks of an edition."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices, places
from eventhub.agenda.forms import RoomForm, TrackForm
from eventhub.agenda.models import Room, Track
from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@pages.route("/<series>/<edition>/agenda/rooms/", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def rooms(series: str, edition: str) -> ResponseReturnValue:
    """List the rooms, and add one."""
    found = found_edition(series, edition)
    form = RoomForm()
    if form.validate_on_submit():
        try:
            with transaction():
                places.create_room(found, _room_values(form))
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The room is there."), "ok")
            return redirect(path_to("desk.rooms", series=series, edition=edition), 303)
    return _show(found, "rooms", form, None)


@pages.route("/<series>/<edition>/agenda/rooms/<int:key>", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def edit_room(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Change a room."""
    found = found_edition(series, edition)
    room = choices.room_of(found, key) or abort(404)
    stale = None
    form = RoomForm(data=_shown(room))
    if form.validate_on_submit():
        try:
            with transaction():
                lock(found)
                form.require_unchanged(_shown(room))
                places.update_room(found, room, _room_values(form) | _position(form))
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(path_to("desk.rooms", series=series, edition=edition), 303)
    return _show(found, "rooms", form, room, stale)


@pages.post("/<series>/<edition>/agenda/rooms/<int:key>/delete")
@needs(Capability.AGENDA)
def delete_room(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Remove a room; its slots stay."""
    found = found_edition(series, edition)
    room = choices.room_of(found, key) or abort(404)
    with transaction():
        places.delete_room(found, room)
    flash(_("The room is deleted."), "ok")
    return redirect(path_to("desk.rooms", series=series, edition=edition), 303)


@pages.route("/<series>/<edition>/agenda/tracks/", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def tracks(series: str, edition: str) -> ResponseReturnValue:
    """List the tracks, and add one."""
    found = found_edition(series, edition)
    form = TrackForm()
    if form.validate_on_submit():
        try:
            with transaction():
                places.create_track(found, _track_values(form))
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("The track is there."), "ok")
            return redirect(path_to("desk.tracks", series=series, edition=edition), 303)
    return _show(found, "tracks", form, None)


@pages.route("/<series>/<edition>/agenda/tracks/<int:key>", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def edit_track(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Change a track."""
    found = found_edition(series, edition)
    track = choices.track_of(found, key) or abort(404)
    stale = None
    form = TrackForm(data=_shown(track))
    if form.validate_on_submit():
        try:
            with transaction():
                lock(found)
                form.require_unchanged(_shown(track))
                places.update_track(found, track, _track_values(form) | _position(form))
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(path_to("desk.tracks", series=series, edition=edition), 303)
    return _show(found, "tracks", form, track, stale)


@pages.post("/<series>/<edition>/agenda/tracks/<int:key>/delete")
@needs(Capability.AGENDA)
def delete_track(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Remove a track; its slots stay."""
    found = found_edition(series, edition)
    track = choices.track_of(found, key) or abort(404)
    with transaction():
        places.delete_track(found, track)
    flash(_("The track is deleted."), "ok")
    return redirect(path_to("desk.tracks", series=series, edition=edition), 303)


def _shown(row: Room | Track) -> dict[str, object]:
    """Return what the form shows of a row."""
    names = ("name", "description", "position", *(["capacity"] if isinstance(row, Room) else []))
    return {name: getattr(row, name) for name in names}


def _room_values(form: RoomForm) -> dict[str, object]:
    return {
        "name": form.name.data,
        "description": form.description.data or "",
        "capacity": form.capacity.data,
    }


def _track_values(form: TrackForm) -> dict[str, object]:
    return {"name": form.name.data, "description": form.description.data or ""}


def _position(form: RoomForm | TrackForm) -> dict[str, object]:
    return {} if form.position.data is None else {"position": form.position.data}


def _show(
    edition: Edition,
    what: str,
    form: RoomForm | TrackForm,
    row: Room | Track | None,
    stale: Stale | None = None,
) -> ResponseReturnValue:
    """Show the list with the form for one of it, or for a new one."""
    used = choices.rooms_of(edition) if what == "rooms" else choices.tracks_with_slots(edition)
    slots = next((one.slots for one in used if row is not None and one.row.id == row.id), 0)
    page = render_template(
        f"desk/agenda/{what}.html",
        edition=edition,
        used=used,
        form=form,
        row=row,
        slots=slots,
        stale=stale,
        stale_by=_author(edition, row) if stale and row else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors else 200


def _author(edition: Edition, row: Room | Track) -> str:
    kind = "room" if isinstance(row, Room) else "track"
    return last_author(f"{kind}.changed", edition.zone, edition_id=edition.id, **{kind: row.name})
