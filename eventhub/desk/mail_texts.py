"""How a series words its mails: all kinds, and one of them with its texts in both languages."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub.database import lock, transaction
from eventhub.desk.blueprint import found_series, pages
from eventhub.desk.mail_preview import filled_in, send_to_me
from eventhub.desk.mails import KINDS
from eventhub.desk.needs import needs
from eventhub.desk.stale import last_author
from eventhub.desk.text_fields import TextsForm, placeholders
from eventhub.editions.models import Series
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.registration import own_texts
from eventhub.registration.own_texts import FURTHER, OwnText
from eventhub.web.languages import LANGUAGES
from eventhub.web.languages import gettext as _
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to
from eventhub.web.seen import Stale

TITLES: dict[str, Any] = {
    **{kind: KINDS[kind] for kind in FURTHER if kind in KINDS},
    "expired": _l("An offered place was not accepted in time"),
    "unconfirmed": _l("The address was not confirmed in time"),
    "cancelled": _l("Somebody has cancelled"),
    "left_waitlist": _l("Somebody has left the waitlist"),
    "cancelled_by_organisers": _l("The organisers cancel a registration"),
    "next_edition": _l("The next edition is open"),
    "subscribed": _l("Somebody asks for news once more who gets them already"),
    "notice_full": _l("Notice to organisers: sold out"),
    "notice_mail_failed": _l("Notice to organisers: a mail did not arrive"),
    "notice_unreachable": _l("Notice to organisers: an address takes no mail"),
    "notice_mail_came": _l("Notice to organisers: mail to read"),
    "handed_over": _l("Somebody has passed the place on"),
    "moved": _l("Somebody has changed to another date"),
    "released": _l("The place of somebody silent goes to others"),
    "declined": _l("Somebody has declined an offered place"),
    "withdrawn": _l("Somebody has withdrawn a registration that was not decided yet"),
    "hand_over": _l("An organisation is asked to take over"),
}
GROUPS = (
    (
        _l("Registering and waiting"),
        (
            *("confirmed", "held", "unconfirmed", "pending", "rejected"),
            *("waitlisted", "offered", "expired", "promoted", "existing"),
        ),
    ),
    (_l("Changes of a registration"), ("details_changed", "address_changed", "days_changed", "another_day")),
    (
        _l("Leaving"),
        (
            *("cancelled", "left_waitlist", "declined", "withdrawn", "handed_over", "moved", "released"),
            *("cancelled_by_organisers", "erased"),
        ),
    ),
    (_l("Before the meeting"), ("reconfirm", "reminder", "edition_changed", "edition_cancelled")),
    (
        _l("Sessions and groups"),
        (
            *("programme", "signup_promoted", "allotted", "sessions_changed"),
            *("group", "group_changed", "group_gone"),
        ),
    ),
    (_l("Answers given in the calendar"), ("reply_declined", "reply_accepted", "reply_counter")),
    (_l("Invited people"), ("invitation", "invitation_reminder")),
    (
        _l("Speakers"),
        (
            *("engagement_asked", "engagement_reminder", "engagement_accepted"),
            *("engagement_entry", "engagement_changes"),
        ),
    ),
    (_l("News of the series"), ("subscription", "subscribed", "next_edition")),
    (
        _l("Team"),
        (
            *("role_offer", "hand_over", "role_changed", "role_ended"),
            *("notice_full", "notice_mail_failed", "notice_unreachable", "notice_mail_came"),
        ),
    ),
)
"""All mails by who reads them, and when."""


@pages.get("/<series>/texts/")
@needs(Capability.EDIT)
def mail_texts(series: str) -> ResponseReturnValue:
    """List the mails that the series can word itself."""
    found = found_series(series)
    own = {(text.kind, text.language) for text in own_texts.texts_of(found)}
    return render_template(
        "desk/mail_texts.html",
        series=found,
        titles=TITLES,
        groups=GROUPS,
        own=own,
        worded=len({kind for kind, _language in own}),
        languages=LANGUAGES,
    )


@pages.route("/<series>/texts/<kind>", methods=["GET", "POST"])
@needs(Capability.EDIT)
def mail_text(series: str, kind: str) -> ResponseReturnValue:
    """Show one mail and how it will read; keep other words, show them, or mail them to the organiser."""
    found = found_series(series)
    if kind not in FURTHER:
        abort(404)
    form = TextsForm(data=_stored(found, kind))
    if not form.validate_on_submit():
        return _show(form, found, kind)
    try:
        for spoken, text in form.texts().items():
            own_texts.require_known(text, spoken, kind)
        if "preview" in request.form:
            return _show(form, found, kind)
        if request.form.get("sample") in LANGUAGES:
            spoken = request.form["sample"]
            send_to_me(found, kind, spoken, form.texts()[spoken])
            return _show(form, found, kind)
        with transaction():
            lock(found)
            form.require_unchanged(_stored(found, kind))
            own_texts.save(found, kind, form.texts())
    except Stale as stale:
        return _show(form, found, kind, stale)
    except RuleBroken as broken:
        form.refuse(broken)
        return _show(form, found, kind)
    flash(_("Saved."), "ok")
    return redirect(path_to("desk.mail_texts", series=found.slug), 303)


@pages.post("/<series>/texts/<kind>/default")
@needs(Capability.EDIT)
def default_mail_text(series: str, kind: str) -> ResponseReturnValue:
    """Drop the series' own words."""
    found = found_series(series)
    if kind not in FURTHER:
        abort(404)
    with transaction():
        own_texts.save(found, kind, dict.fromkeys(LANGUAGES, OwnText()))
    flash(_("This mail reads as it does by default again."), "ok")
    return redirect(path_to("desk.mail_text", series=found.slug, kind=kind), 303)


def _stored(series: Series, kind: str) -> dict[str, str]:
    values = {f"{part}_{spoken}": "" for part in ("subject", "body") for spoken in LANGUAGES}
    for text in own_texts.texts_of(series):
        if text.kind == kind:
            values |= {f"subject_{text.language}": text.subject, f"body_{text.language}": text.body}
    return values


def _show(form: TextsForm, series: Series, kind: str, stale: Stale | None = None) -> ResponseReturnValue:
    by = last_author("series.mail_text", series.zone, series_id=series.id, kind=kind) if stale else ""
    page = render_template(
        "desk/mail_text.html",
        form=form,
        series=series,
        kind=kind,
        title=TITLES[kind],
        previews=[] if form.errors else filled_in(series, kind, form.texts()),
        placeholders=placeholders(own_texts.allowed(kind)),
        languages=LANGUAGES,
        has_own=any(_stored(series, kind).values()),
        stale=stale,
        stale_by=by,
    )
    return page, 409 if stale else 422 if form.errors or form.form_errors else 200
