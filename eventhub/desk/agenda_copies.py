"""One slot becomes two: as a copy, or split in its time."""

from __future__ import annotations

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices, service
from eventhub.agenda.forms import SplitForm
from eventhub.database import transaction
from eventhub.desk.agenda import form_of, show
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to


@pages.post("/<series>/<edition>/agenda/slots/<slot>/copy")
@needs(Capability.AGENDA)
def copy_slot(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Add the same slot again and open it in the form."""
    found = found_edition(series, edition)
    row = choices.slot_in_work(found, slot) or abort(404)
    with transaction():
        copy = service.copy_slot(row).slug
    flash(_("This is the copy. Give it a time."), "ok")
    return redirect(path_to("desk.agenda", series=series, edition=edition, slot=copy), 303)


@pages.post("/<series>/<edition>/agenda/slots/<slot>/split")
@needs(Capability.AGENDA)
def split_slot(series: str, edition: str, slot: str) -> ResponseReturnValue:
    """Make two slots of one and open the second in the form."""
    found = found_edition(series, edition)
    row = choices.slot_in_work(found, slot) or abort(404)
    form = SplitForm()
    if not form.validate_on_submit():
        return show(found, row, form_of(found, row), split=form)
    try:
        with transaction():
            second = service.split_slot(row, form.at.data).slug
    except RuleBroken as broken:
        form.refuse(broken)
        return show(found, row, form_of(found, row), split=form)
    flash(_("This is the second half."), "ok")
    return redirect(path_to("desk.agenda", series=series, edition=edition, slot=second), 303)
