"""Mails that every edition of a series sends by the clock, such as thanks after the end."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from eventhub.announcements import queries, service
from eventhub.announcements.models import Anchor, Seen, TimedMail
from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_series, pages
from eventhub.desk.mail_preview import filled_in, send_to_me
from eventhub.desk.messages import SEEN, SEEN_HINT
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.desk.text_fields import TextsForm, placeholders
from eventhub.editions.fields import Number
from eventhub.editions.models import Series
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.registration.own_texts import allowed, read_in, require_known
from eventhub.web.languages import LANGUAGES, ngettext, speaking
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to
from eventhub.web.seen import Stale

LATEST = 2160
A_DAY = 24
ANCHORS = {Anchor.BEFORE_START: _l("before the start"), Anchor.AFTER_END: _l("after the end")}


class TimedForm(TextsForm):
    """When it leaves, and its words."""

    hours = Number(
        _l("Hours"),
        validators=[
            InputRequired(_l("Enter a number")),
            NumberRange(min=0, max=LATEST, message=_l("Enter a number from %(min)d to %(max)d")),
        ],
    )
    anchor = RadioField(
        _l("Before or after"),
        choices=[SelectChoice(anchor.value, words) for anchor, words in ANCHORS.items()],
    )
    presence = SelectField(
        _l("Of those with a place"),
        choices=[SelectChoice("", _l("all")), *(SelectChoice(*item) for item in SEEN.items())],
        description=SEEN_HINT,
    )


def _presets() -> dict[str, dict[str, Any]]:
    """Return what most meetings send, as a start, in the language that is spoken now."""
    return {
        "join": {
            "anchor": Anchor.BEFORE_START.value,
            "hours": 1,
            "subject": _("In an hour: {edition}"),
            "body": _("Hello {name},\n\nwe begin soon. How to join stands below."),
        },
        "thanks": {
            "anchor": Anchor.AFTER_END.value,
            "hours": 2,
            "subject": _("Thank you for coming: {edition}"),
            "body": _("Hello {name},\n\nthank you for being there!"),
        },
        "survey": {
            "anchor": Anchor.AFTER_END.value,
            "hours": 24,
            "subject": _("How was it? {edition}"),
            "body": _("Hello {name},\n\nwhat shall we keep, what can be better? Please put your link here."),
        },
    }


def _preset(name: str) -> dict[str, Any]:
    """Return the values of a form that starts with one of these, in both languages."""
    values: dict[str, Any] = {"anchor": Anchor.AFTER_END.value, "hours": A_DAY}
    for spoken in LANGUAGES:
        with speaking(spoken):
            found = _presets().get(name)
        if found is not None:
            values |= {"anchor": found["anchor"], "hours": found["hours"]}
            values |= {f"{part}_{spoken}": found[part] for part in ("subject", "body")}
    return values


@pages.get("/<series>/timed/")
@needs(Capability.EDIT)
def timed_mails(series: str) -> ResponseReturnValue:
    """List what editions send by the clock."""
    found = found_series(series)
    rows = queries.timed_mails_of(found)
    return render_template("desk/timed_mails.html", series=found, rows=rows, when=when_words)


def when_words(timed: TimedMail) -> str:
    """Say when a mail leaves, and to whom if not to all."""
    days, hours = divmod(timed.hours, 24)
    number = (
        ngettext("%(num)s day", "%(num)s days", days)
        if days and not hours
        else ngettext("%(num)s hour", "%(num)s hours", timed.hours)
    )
    when = f"{number} {ANCHORS[timed.anchor]}"
    return f"{when}, {SEEN[timed.seen]}" if timed.seen else when


@pages.route("/<series>/timed/new", methods=["GET", "POST"])
@needs(Capability.EDIT)
def new_timed_mail(series: str) -> ResponseReturnValue:
    """Set one up, perhaps from what most meetings send."""
    found = found_series(series)
    form = TimedForm(data=_preset(request.args.get("like", "")))
    if form.validate_on_submit():
        try:
            if _is_tried(form, found):
                return _show(form, found, None)
            with transaction():
                _save(found, None, form)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            return _saved(found)
    return _show(form, found, None)


@pages.route("/<series>/timed/<int:key>/", methods=["GET", "POST"])
@needs(Capability.EDIT)
def timed_mail(series: str, key: int) -> ResponseReturnValue:
    """Change one."""
    found = found_series(series)
    timed = queries.timed_mail_of(found, key) or abort(404)
    form = TimedForm(data=_stored(timed))
    if form.validate_on_submit():
        try:
            if _is_tried(form, found):
                return _show(form, found, timed)
            with transaction():
                lock(timed)
                form.require_unchanged(_stored(timed))
                _save(found, timed, form)
        except Stale as stale:
            return _show(form, found, timed, stale)
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            return _saved(found)
    return _show(form, found, timed)


@pages.post("/<series>/timed/<int:key>/delete")
@needs(Capability.EDIT)
def delete_timed_mail(series: str, key: int) -> ResponseReturnValue:
    """Send it no more."""
    found = found_series(series)
    with transaction():
        service.drop_timed(found, queries.timed_mail_of(found, key) or abort(404))
    flash(_("This mail is not sent any more."), "ok")
    return redirect(path_to("desk.timed_mails", series=found.slug), 303)


def _is_tried(form: TimedForm, series: Series) -> bool:
    """Tell whether the words as typed are only looked at, and mail them to the organiser who wishes that."""
    spoken = request.form.get("sample")
    if "preview" in request.form:
        for one, text in form.texts().items():
            require_known(text, one)
    elif spoken in LANGUAGES:
        service.require_readable(form.texts())
        send_to_me(series, form.anchor.data, spoken, read_in(spoken, form.texts()))
    else:
        return False
    return True


def _save(series: Series, timed: TimedMail | None, form: TimedForm) -> None:
    seen = Seen(form.presence.data) if form.presence.data else None
    service.set_timed(series, timed, Anchor(form.anchor.data), form.hours.data, form.texts(), seen)


def _saved(series: Series) -> ResponseReturnValue:
    flash(_("Saved."), "ok")
    return redirect(path_to("desk.timed_mails", series=series.slug), 303)


def _stored(timed: TimedMail) -> dict[str, Any]:
    values: dict[str, Any] = {
        "anchor": timed.anchor.value,
        "hours": timed.hours,
        "presence": timed.seen or "",
    }
    for spoken, text in timed.texts().items():
        values |= {f"subject_{spoken}": text.subject, f"body_{spoken}": text.body}
    return values


def _show(
    form: TimedForm, series: Series, timed: TimedMail | None, stale: Stale | None = None
) -> ResponseReturnValue:
    by = last_author("series.timed_mail", series.zone, row=timed.id) if stale and timed else ""
    read = {spoken: read_in(spoken, form.texts()) for spoken in LANGUAGES}
    page = render_template(
        "desk/timed_mail.html",
        form=form,
        series=series,
        timed=timed,
        previews=[] if form.errors else filled_in(series, form.anchor.data, read),
        placeholders=placeholders(allowed()),
        languages=LANGUAGES,
        stale=stale,
        stale_by=by,
    )
    return page, 409 if stale else 422 if form.errors or form.form_errors else 200
