"""An agenda to start from: the usual frames to look at, and one of them taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.agenda.starting_points import StartingPoint, offered, slots_of, start_with
from eventhub.database import transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.languages import ngettext, speaking
from eventhub.web.links import path_to

WORDS = {
    StartingPoint.HALF_DAY: (_l("Half a day online"), _l("A talk, work in groups, short breaks")),
    StartingPoint.BARCAMP: (_l("A day as a barcamp"), _l("Sessions that the participants propose")),
    StartingPoint.TRAINING: (_l("Two days of training"), _l("Basics, exercises and own cases")),
}


@dataclass(frozen=True)
class Frame:
    """A starting point as the page shows it."""

    value: str
    name: str
    about: str
    slots: list[dict[str, Any]]


@pages.route("/<series>/<edition>/agenda/start", methods=["GET", "POST"])
@needs(Capability.AGENDA)
def start_agenda(series: str, edition: str) -> ResponseReturnValue:
    """Show what an empty agenda can start with; a POST takes one."""
    found = found_edition(series, edition)
    back = path_to("desk.agenda", series=series, edition=edition)
    if request.method == "GET":
        return _show(found)
    point = next((one for one in StartingPoint if one == request.form.get("point")), None) or abort(404)
    try:
        with transaction():
            number = start_with(found, point)
    except RuleBroken as broken:
        return _show(found, broken)
    words = ngettext("%(num)s slot is in the agenda.", "%(num)s slots are in the agenda.", number)
    flash(f"{words} {_('All of them can be changed.')}", "ok")
    return redirect(back, 303)


def _show(edition: Edition, refused: RuleBroken | None = None) -> ResponseReturnValue:
    with speaking(edition.language or edition.series.language):
        slots = {
            point: list(slots_of(point, edition.start_date, edition.start_time))
            for point in offered(edition.start_date, edition.end_date)
        }
    frames = [
        Frame(point.value, str(WORDS[point][0]), str(WORDS[point][1]), found)
        for point, found in slots.items()
    ]
    page = render_template("desk/agenda/start.html", edition=edition, frames=frames, refused=refused)
    return page, 409 if refused else 200
