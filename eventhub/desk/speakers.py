"""The speakers of a series."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from eventhub.agenda import choices, people
from eventhub.agenda.forms import SpeakerForm, offered
from eventhub.agenda.models import Speaker
from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_series, own_rights, pages
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.editions.models import Edition, Series
from eventhub.errors import NotPermitted, RuleBroken
from eventhub.organisations.queries import all_organisations
from eventhub.organisations.roles import Capability
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to
from eventhub.web.pictures import picture_answer
from eventhub.web.seen import Stale

PLAIN = ("title", "given_name", "family_name", "role", "organisation_name", "about", "photo_alt")


@pages.get("/<series>/speakers/")
@needs(Capability.AGENDA, in_any_edition=True)
def speakers(series: str) -> ResponseReturnValue:
    """List everybody who is or was on a programme of the series."""
    found = found_series(series)
    return render_template(
        "desk/speakers/list.html",
        series=found,
        speakers=choices.speakers_of(found),
        appearances=people.appearances(found),
        with_photo=choices.with_photo(found),
    )


@pages.route("/<series>/speakers/new", methods=["GET", "POST"])
@needs(Capability.AGENDA, in_any_edition=True)
def new_speaker(series: str) -> ResponseReturnValue:
    """Add a person."""
    found = found_series(series)
    form = _form(SpeakerForm())
    if form.validate_on_submit():
        try:
            with transaction():
                made = people.create_speaker(found, _values(form))
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("%(name)s is there, and can be chosen in the agenda.", name=made.name), "ok")
            return redirect(path_to("desk.speakers", series=series), 303)
    return _show(found, form, None)


@pages.route("/<series>/speakers/<speaker>/", methods=["GET", "POST"])
@needs(Capability.AGENDA, in_any_edition=True)
def speaker(series: str, speaker: str) -> ResponseReturnValue:
    """Change what is said about a person."""
    found = found_series(series)
    row = choices.speaker_of(found, speaker) or abort(404)
    form = _form(SpeakerForm(data=_data(row)))
    if form.validate_on_submit():
        _require_only_here(row)
        try:
            with transaction():
                lock(found)
                form.require_unchanged(_data(row))
                people.update_speaker(row, _values(form, row))
        except Stale as stale:
            return _show(found, form, row, stale)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            flash(_("Saved."), "ok")
            return redirect(path_to("desk.speakers", series=series), 303)
    return _show(found, form, row)


@pages.post("/<series>/speakers/<speaker>/delete")
@needs(Capability.AGENDA, in_any_edition=True)
def delete_speaker(series: str, speaker: str) -> ResponseReturnValue:
    """Remove a person from the series and its programmes."""
    found = found_series(series)
    row = choices.speaker_of(found, speaker) or abort(404)
    _require_only_here(row)
    try:
        with transaction():
            people.delete_speaker(row)
    except RuleBroken as broken:
        flash(broken.message, "danger")
        return redirect(path_to("desk.speaker", series=series, speaker=speaker), 303)
    flash(_("The person is deleted."), "ok")
    return redirect(path_to("desk.speakers", series=series), 303)


@pages.get("/<series>/speakers/<speaker>/photo")
@needs(Capability.AGENDA, in_any_edition=True)
def speaker_photo(series: str, speaker: str) -> ResponseReturnValue:
    """Send the portrait, also while no public page shows the person."""
    row = choices.speaker_of(found_series(series), speaker) or abort(404)
    return picture_answer(row.photo) or abort(404)


def _require_only_here(row: Speaker) -> None:
    """Keep whoever edits the agenda of one edition from changing the programmes of others."""
    rights = own_rights()
    editions = {edition.id for _title, edition in choices.slots_with(row)}
    if not all(Capability.AGENDA in rights.in_edition(key) for key in editions):
        raise NotPermitted(_("This person is also on the programme of other editions, whose teams decide."))


def _form(form: SpeakerForm) -> SpeakerForm:
    form.organisation_id.choices = offered(
        [(one.id, one.name) for one in all_organisations()], _("None of these")
    )
    return form


def _own_slots(row: Speaker) -> list[tuple[str, Edition]]:
    """Return the slots of a person that the user may know of."""
    rights = own_rights()
    return [found for found in choices.slots_with(row) if rights.in_edition(found[1].id)]


def _data(row: Speaker) -> dict[str, Any]:
    """Return what the form shows; a name that was never taken apart is proposed in parts."""
    found = {name: getattr(row, name) for name in (*PLAIN, "organisation_id")}
    if not row.given_name and not row.family_name:
        found |= dict(
            zip(("title", "given_name", "family_name"), people.parts_of_name(row.name), strict=True)
        )
    return found


def _values(form: SpeakerForm, row: Speaker | None = None) -> dict[str, Any]:
    """Return what the service takes; a chosen organisation goes before a typed one."""
    found: dict[str, Any] = {name: form[name].data or "" for name in PLAIN}
    found["organisation_id"] = form.organisation_id.data
    if found["organisation_id"] is not None:
        found["organisation_name"] = ""
    found["name"] = people.full_name(found["title"], found["given_name"], found["family_name"])
    return found | form.portrait(row.photo if row else None)


def _show(
    series: Series, form: SpeakerForm, row: Speaker | None, stale: Stale | None = None
) -> ResponseReturnValue:
    page = render_template(
        "desk/speakers/edit.html",
        series=series,
        form=form,
        speaker=row,
        has_photo=row is not None and row.id in choices.with_photo(series),
        slots=_own_slots(row) if row is not None else [],
        stale=stale,
        stale_by=last_author("speaker.changed", series.zone, series_id=series.id, speaker=row.slug)
        if stale and row
        else "",
    )
    if stale is not None:
        return page, 409
    return page, 422 if form.errors else 200
