"""The organiser's words to those who wait for the next edition; who they are, nobody sees."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import transaction
from eventhub.desk.blueprint import found_series, pages
from eventhub.desk.mail_preview import Shown, shown
from eventhub.desk.needs import needs
from eventhub.editions.models import Series
from eventhub.editions.queries import last_edition
from eventhub.organisations.roles import Capability
from eventhub.subscriptions import mails, service
from eventhub.subscriptions.forms import NoticeForm
from eventhub.subscriptions.queries import number_of
from eventhub.web.languages import LANGUAGES
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to


@pages.route("/<series>/notice", methods=["GET", "POST"])
@needs(Capability.EDIT)
def notice(series: str) -> ResponseReturnValue:
    """Show how many wait and what they will read; take other words."""
    found = found_series(series)
    form = NoticeForm(obj=found)
    if not form.validate_on_submit():
        return _show(form, found, 422 if form.errors else 200)
    if "preview" in request.form:
        return _show(form, found, 200)
    with transaction():
        service.set_notice_text(found, form.notice_text.data or "")
    flash(_("Saved."), "ok")
    return redirect(path_to("desk.notice", series=found.slug), 303)


def _show(form: NoticeForm, series: Series, status: int) -> ResponseReturnValue:
    page = render_template(
        "desk/notice.html",
        form=form,
        series=series,
        people=number_of(series),
        previews=_previews(series, form.notice_text.data or ""),
    )
    return page, status


def _previews(series: Series, text: str) -> list[Shown]:
    """Return the mail in each language, as it would be about the latest edition there is."""
    edition = last_edition(series)
    if edition is None:
        return []
    return [shown(code, mails.preview(edition, code, text)) for code in LANGUAGES]
