"""The page on which a participant says whom they would like to be in a group with."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from eventhub.database import lock, transaction
from eventhub.errors import RuleBroken
from eventhub.groups import queries, wishes
from eventhub.groups.forms import CompanionsForm, companions_data
from eventhub.groups.models import Grouping
from eventhub.groups.views import pages
from eventhub.registration.models import Registration
from eventhub.registration.secret_link import opened, unknown
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.seen import Stale


@pages.route("/my/<token>/groups/<int:key>/", methods=["GET", "POST"])
def companions(token: str, key: int) -> ResponseReturnValue:
    """Ask for up to three people, and say nothing about whether they take part."""
    registration = opened(token)
    if registration is None:
        return unknown()
    grouping = queries.grouping_of(registration.edition, key) or abort(404)
    if grouping.id not in {one.id for one in wishes.asked_of(registration)}:
        flash(_("The groups are made by now, so nothing can be wished any more."), "warn")
        return redirect(path_to("registration.show", token=token), 303)
    form = CompanionsForm(data=companions_data(queries.own_companions(registration, grouping)))
    stale = None
    if form.validate_on_submit():
        try:
            with transaction():
                _name(registration, grouping, form)
        except Stale as found_stale:
            stale = found_stale
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Your wishes are saved. Only the organisers see them."), "ok")
            return redirect(path_to("registration.show", token=token), 303)
    page = render_template(
        "groups/companions.html",
        edition=registration.edition,
        grouping=grouping,
        token=token,
        form=form,
        stale=stale,
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors or form.form_errors else 200


def _name(registration: Registration, grouping: Grouping, form: CompanionsForm) -> None:
    lock(registration.edition)
    form.require_unchanged(companions_data(queries.own_companions(registration, grouping)))
    wishes.name(registration, grouping, form.wishes())
