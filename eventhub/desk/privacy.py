"""How long the people of an edition are known: shown, and changed."""

from __future__ import annotations

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from wtforms.validators import Optional

from eventhub.database import transaction
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.needs import needs
from eventhub.editions.fields import Day
from eventhub.editions.rules import erases_on
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.privacy import queries, service
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to


class RetentionForm(Form):
    """Asks for the day on which people are forgotten."""

    erase_on = Day(
        _l("Erase on"),
        validators=[Optional()],
    )


@pages.route("/<series>/<edition>/privacy", methods=["GET", "POST"])
@needs(Capability.EDIT)
def privacy(series: str, edition: str) -> ResponseReturnValue:
    """Say what is kept of the participants and until when, and take another day."""
    found = found_edition(series, edition)
    form = RetentionForm(data={"erase_on": found.erase_on})
    if form.validate_on_submit():
        try:
            with transaction():
                service.keep_until(found, form.erase_on.data)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(path_to("desk.privacy", series=found.series.slug, edition=found.key), 303)
    page = render_template(
        "desk/privacy.html",
        edition=found,
        form=form,
        erases_on=erases_on(found),
        known=queries.number_known(found),
        erased=queries.number_erased(found),
    )
    return page, 422 if form.errors else 200
