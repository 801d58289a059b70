"""A speaker's own page: answer, presentation, slides and needs. A look changes nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.database import lock, transaction
from eventhub.editions.models import EditionState
from eventhub.editions.rules import is_over
from eventhub.engagements import queries, service
from eventhub.engagements.forms import AboutForm, AnswerForm, DetailsForm, SlidesForm, about_of, details_of
from eventhub.engagements.mails import paragraphs
from eventhub.engagements.models import Engagement
from eventhub.errors import RuleBroken
from eventhub.questionnaires import files
from eventhub.registration.models import RegistrationState
from eventhub.registration.secret_link import opened as opened_registration
from eventhub.registration.secret_link import unknown as unknown_registration
from eventhub.web.forms import Form
from eventhub.web.languages import gettext as _
from eventhub.web.limits import limit
from eventhub.web.links import path_to
from eventhub.web.pictures import picture_answer
from eventhub.web.security import secret_address
from eventhub.web.seen import Stale

pages = Blueprint("engagements", __name__)
CHANGES_PER_HOUR = 60
HOUR = 3600
Forms = dict[str, Form]


@pages.get("/speaking/<token>/")
def show(token: str) -> ResponseReturnValue:
    """Show the question, or once it is answered what a speaker can do."""
    found = _engagement(token)
    if found is None:
        return _unknown()
    if found.opened_at is None and request.method == "GET" and _is_a_look():
        with transaction():
            service.note_look(found)
    return _page(found, token)


@pages.post("/speaking/<token>/accept")
def accept(token: str) -> ResponseReturnValue:
    """Keep that somebody will come."""
    return _answer(token, service.accept, _("Thank you. It is noted that you take part."))


@pages.post("/speaking/<token>/decline")
def decline(token: str) -> ResponseReturnValue:
    """Keep that somebody will not come."""
    return _answer(token, service.decline, _("It is noted that you don’t take part. Thank you for telling."))


@pages.post("/speaking/<token>/details")
def details(token: str) -> ResponseReturnValue:
    """Keep what the organisers need to know, and what may be published."""
    form = DetailsForm()
    return _saved(token, "details", form, lambda found: service.tell_details(found, form.values()))


@pages.post("/speaking/<token>/about")
def about(token: str) -> ResponseReturnValue:
    """Correct how a speaker is presented."""
    engagement = _engagement(token)
    form = AboutForm(data=about_of(engagement) if engagement else None)

    def correct(found: Engagement) -> None:
        lock(found.edition.series)  # as organisers do who change a speaker
        form.require_unchanged(about_of(found))
        service.correct(found, _presentation(found, form))

    return _saved(token, "about", form, correct)


@pages.post("/speaking/<token>/slides")
def add_slides(token: str) -> ResponseReturnValue:
    """Take a file for a session."""
    form = SlidesForm()

    def add(found: Engagement) -> None:
        upload = form.file.data
        if not upload:
            raise RuleBroken(_("Choose a file"), field="file")
        service.add_slides(found, form.slot.data, upload.read(), upload.filename or "")

    return _saved(token, "slides", form, add)


@pages.post("/speaking/<token>/slides/<int:key>/remove")
def remove_slides(token: str, key: int) -> ResponseReturnValue:
    """Take a file back."""
    found = _engagement(token)
    if found is None:
        return _unknown()
    with transaction():
        service.remove_slides(found, key)
    flash(_("The file is gone from all pages."), "ok")
    return redirect(path_to("engagements.show", token=token), 303)


@pages.get("/speaking/<token>/slides/<int:key>")
def own_slides(token: str, key: int) -> ResponseReturnValue:
    """Hand a speaker their own file out."""
    found = _engagement(token)
    if found is None:
        return _unknown()
    slides = next((one for one in queries.slides_of(found) if one.id == key), None) or abort(404)
    return files.download(slides.name, slides.content)


@pages.get("/speaking/<token>/photo")
def photo(token: str) -> ResponseReturnValue:
    """Show a speaker their own photo, also while no public page does."""
    found = _engagement(token)
    if found is None:
        return _unknown()
    return picture_answer(found.speaker.photo) or abort(404)


@pages.get("/my/<token>/slides/<int:key>")
def slides_for_registered(token: str, key: int) -> ResponseReturnValue:
    """Hand a file out to somebody who has a place in the edition."""
    registration = opened_registration(token)
    if registration is None:
        return unknown_registration()
    if registration.state is not RegistrationState.CONFIRMED:
        abort(404)
    slides = queries.slides_in_edition(registration.edition, key, public=False) or abort(404)
    return files.download(slides.name, slides.content)


def _answer(token: str, keep: Callable[[Engagement, str], None], thanks: str) -> ResponseReturnValue:
    form = AnswerForm()

    def answer(found: Engagement) -> None:
        keep(found, form.message.data or "")

    return _saved(token, "answer", form, answer, thanks)


def _saved(
    token: str, name: str, form: Form, save: Callable[[Engagement], None], words: str = ""
) -> ResponseReturnValue:
    """Save one of the page's forms, or show the page with what is wrong at its place."""
    found = _engagement(token)
    if found is None:
        return _unknown()
    if isinstance(form, SlidesForm):
        form.slot.choices = _sessions(found)
    if not form.validate_on_submit():
        return _page(found, token, {name: form}, 422)
    limit("engagement", CHANGES_PER_HOUR, HOUR, who=str(found.id))
    try:
        with transaction():
            save(found)
    except Stale as stale:
        return _page(found, token, {name: form}, 409, stale)
    except RuleBroken as broken:
        form.refuse(broken)
        return _page(found, token, {name: form}, 409)
    flash(words or _("Saved."), "ok")
    return redirect(path_to("engagements.show", token=token), 303)


def _page(
    found: Engagement,
    token: str,
    sent: Forms | None = None,
    status: int = 200,
    stale: Stale | None = None,
) -> tuple[Response, int]:
    slots = queries.slots_of(found)
    forms: dict[str, Any] = {
        "answer": AnswerForm(formdata=None, data={"message": found.message}),
        "details": DetailsForm(formdata=None, data=details_of(found)),
        "about": AboutForm(formdata=None, data=about_of(found)),
        "slides": SlidesForm(formdata=None),
    } | (sent or {})
    forms["slides"].slot.choices = _sessions(found)
    page = render_template(
        "engagements/show.html",
        engagement=found,
        edition=found.edition,
        token=token,
        slots=slots,
        files=queries.slides_of(found),
        sent=next(iter(sent.values())) if sent else None,
        stale=stale,
        paragraphs=paragraphs(found.words),
        open=found.edition.state is not EditionState.CANCELLED,
        over=is_over(found.edition, clock.now()),
        **{f"{name}_form": form for name, form in forms.items()},
    )
    return make_response(page), status


def _presentation(found: Engagement, form: AboutForm) -> dict[str, Any]:
    """Return what changes about the person; a chosen organisation stays as long as its name does."""
    values: dict[str, Any] = {name: form[name].data or "" for name in ("role", "about", "photo_alt")}
    if (form.organisation_name.data or "") != found.speaker.affiliation:
        values |= {"organisation_name": form.organisation_name.data or "", "organisation_id": None}
    portrait = form.portrait(found.speaker.photo)
    if portrait == {"photo": None}:
        values["photo_alt"] = ""
    return values | portrait


def _sessions(found: Engagement) -> list[tuple[int, str]]:
    return [(slot.id, slot.title) for slot in queries.slots_of(found) if not slot.cancelled]


def _engagement(token: str) -> Engagement | None:
    secret_address()
    found = queries.by_token(token)
    if found is not None:
        g.formal = found.edition.series.is_formal
    return found


def _is_a_look() -> bool:
    """Tell whether a person probably looks, by what browsers say they fetch a page for."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    fetched_for = request.headers.get("Sec-Fetch-Dest", "")
    return fetched_for in ("", "document") and "prefetch" not in purpose and "preview" not in purpose


def _unknown() -> ResponseReturnValue:
    return render_template("engagements/unknown.html"), 404
