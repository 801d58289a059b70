"""Rooms and tracks of an edition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@dataclass(frozen=True, slots=True)
class Sort:
    """What the pages of rooms and those of tracks differ in."""

    name: str
    form: type[RoomForm | TrackForm]
    used: Callable[[Edition], list[choices.Used]]
    find: Callable[[Edition, int], Any]
    create: Callable[[Edition, dict[str, Any]], Any]
    update: Callable[[Edition, Any, dict[str, Any]], None]
    delete: Callable[[Edition, Any], None]
    fields: tuple[str, ...]
    created: str
    deleted: str


ROOMS = Sort(
    "rooms",
    RoomForm,
    choices.rooms_of,
    choices.room_of,
    places.create_room,
    places.update_room,
    places.delete_room,
    ("name", "description", "capacity"),
    _l("The room is there."),
    _l("The room is deleted."),
)
TRACKS = Sort(
    "tracks",
    TrackForm,
    choices.tracks_with_slots,
    choices.track_of,
    places.create_track,
    places.update_track,
    places.delete_track,
    ("name", "description"),
    _l("The track is there."),
    _l("The track is deleted."),
)


@pages.route("/<series>/<edition>/agenda/rooms/", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def rooms(series: str, edition: str) -> ResponseReturnValue:
    """List the rooms, and add one."""
    return _add(ROOMS, found_edition(series, edition))


@pages.route("/<series>/<edition>/agenda/rooms/<int:key>", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def edit_room(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Change a room."""
    return _edit(ROOMS, found_edition(series, edition), key)


@pages.post("/<series>/<edition>/agenda/rooms/<int:key>/delete")
@needs(Capability.AGENDA)
def delete_room(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Remove a room; its slots stay."""
    return _delete(ROOMS, found_edition(series, edition), key)


@pages.route("/<series>/<edition>/agenda/tracks/", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def tracks(series: str, edition: str) -> ResponseReturnValue:
    """List the tracks, and add one."""
    return _add(TRACKS, found_edition(series, edition))


@pages.route("/<series>/<edition>/agenda/tracks/<int:key>", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def edit_track(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Change a track."""
    return _edit(TRACKS, found_edition(series, edition), key)


@pages.post("/<series>/<edition>/agenda/tracks/<int:key>/delete")
@needs(Capability.AGENDA)
def delete_track(series: str, edition: str, key: int) -> ResponseReturnValue:
    """Remove a track; its slots stay."""
    return _delete(TRACKS, found_edition(series, edition), key)


def _add(sort: Sort, edition: Edition) -> ResponseReturnValue:
    form = sort.form()
    if form.validate_on_submit():
        try:
            with transaction():
                sort.create(edition, _values(sort, form))
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(sort.created, "ok")
            return _to_list(sort, edition)
    return _show(sort, edition, form, None)


def _edit(sort: Sort, edition: Edition, key: int) -> ResponseReturnValue:
    row = sort.find(edition, key) or abort(404)
    stale = None
    form = sort.form(data=_shown(sort, row))
    if form.validate_on_submit():
        try:
            with transaction():
                lock(edition)
                form.require_unchanged(_shown(sort, row))
                sort.update(edition, row, _values(sort, form) | _position(form))
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return _to_list(sort, edition)
    return _show(sort, edition, form, row, stale)


def _delete(sort: Sort, edition: Edition, key: int) -> ResponseReturnValue:
    row = sort.find(edition, key) or abort(404)
    with transaction():
        sort.delete(edition, row)
    flash(sort.deleted, "ok")
    return _to_list(sort, edition)


def _to_list(sort: Sort, edition: Edition) -> ResponseReturnValue:
    return redirect(path_to(f"desk.{sort.name}", series=edition.series.slug, edition=edition.key), 303)


def _shown(sort: Sort, row: Room | Track) -> dict[str, object]:
    """Return what the form shows of a row."""
    return {name: getattr(row, name) for name in (*sort.fields, "position")}


def _values(sort: Sort, form: RoomForm | TrackForm) -> dict[str, Any]:
    given = {name: form[name].data for name in sort.fields}
    return given | {"description": form.description.data or ""}


def _position(form: RoomForm | TrackForm) -> dict[str, object]:
    return {} if form.position.data is None else {"position": form.position.data}


def _show(
    sort: Sort,
    edition: Edition,
    form: RoomForm | TrackForm,
    row: Room | Track | None,
    stale: Stale | None = None,
) -> ResponseReturnValue:
    """Show the list with the form for one of it, or for a new one."""
    used = sort.used(edition)
    slots = next((one.slots for one in used if row is not None and one.row.id == row.id), 0)
    page = render_template(
        f"desk/agenda/{sort.name}.html",
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
