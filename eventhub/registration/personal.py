"""My registration: the pages behind the secret link. A look changes nothing; every change is a POST."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, flash, g, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.calendars import links
from eventhub.calendars.files import CONTENT_TYPE
from eventhub.database import transaction
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import erases_on, is_over
from eventhub.errors import RuleBroken
from eventhub.facts import OwnPageShown, announce
from eventhub.questionnaires import files
from eventhub.questionnaires.queries import file_of
from eventhub.registration import (
    answers,
    attending,
    choices,
    joining,
    queries,
    reconfirmation,
    service,
    tickets,
    wallets,
)
from eventhub.registration.blueprint import pages
from eventhub.registration.calendar import personal_calendar, place_entry
from eventhub.registration.choices import days_to_choose, days_words, offer_days, role_title
from eventhub.registration.download import personal_data
from eventhub.registration.forms import ChangeForm, changing
from eventhub.registration.models import ENDED, Registration, RegistrationState
from eventhub.registration.places import passes_on
from eventhub.registration.secret_link import opened as _registration
from eventhub.registration.secret_link import unknown as _unknown
from eventhub.registration.views import HOUR, LAST, sent_by
from eventhub.web.languages import gettext as _
from eventhub.web.languages import speaking
from eventhub.web.limits import limit
from eventhub.web.links import path_to

CHANGES_PER_HOUR = 20
"""Each change of the address may ask whether another one is registered, so they are few."""
LARGEST_KEY = 2**31 - 1


@pages.get("/my/<token>/")
def show(token: str) -> ResponseReturnValue:
    """Show state, practical details, calendar and programme."""
    found = _registration(token)
    if found is None:
        return _unknown()
    edition = found.edition
    confirmed = found.state is RegistrationState.CONFIRMED
    active = edition.state is EditionState.PUBLISHED and not is_over(edition, clock.now())
    return render_template(
        "registration/show.html",
        registration=found,
        edition=edition,
        token=token,
        position=queries.position(found),
        passes_on=passes_on(edition, edition.offer_hours, clock.now()),
        active=active,
        confirmed=confirmed,
        ticket=tickets.drawing(tickets.text_of(found)) if active and tickets.has_ticket(found) else None,
        wallets=wallets.offered(),
        role=role_title(found.role) if found.role else "",
        days=days_words(found),
        erases_on=erases_on(edition),
        menu=_calendar_menu(found, token) if confirmed else {},
        later=queries.later_edition(edition) if confirmed and active else None,
        offers=queries.slots_to_choose(found) if confirmed and active else [],
        join_link=joining.link_of(found) if confirmed and active else "",
        joining_counts=joining.counts(edition),
        parts=_parts(found) if confirmed and edition.state is not EditionState.CANCELLED else [],
    )


@pages.get("/my/<token>/ticket.pkpass")
def apple_ticket(token: str) -> ResponseReturnValue:
    """Hand out the ticket for Apple's wallet."""
    found = _with_ticket(token, "apple")
    if found is None:
        return _unknown()
    answer = Response(wallets.apple_pass(found), content_type=wallets.APPLE_TYPE)
    answer.headers["Content-Disposition"] = 'attachment; filename="ticket.pkpass"'
    return answer


@pages.get("/my/<token>/google-wallet")
def google_ticket(token: str) -> ResponseReturnValue:
    """Lead to Google with the ticket, which nobody there knows before."""
    found = _with_ticket(token, "google")
    return redirect(wallets.google_address(found), 303) if found else _unknown()


def _with_ticket(token: str, wallet: str) -> Registration | None:
    found = _registration(token)
    return found if found and wallet in wallets.offered() and tickets.has_ticket(found) else None


@pages.route("/my/<token>/change", methods=["GET", "POST"])
def change(token: str) -> ResponseReturnValue:
    """Show and take what somebody says about themselves."""
    found = _registration(token)
    if found is None:
        return _unknown()
    if found.state in ENDED:
        return redirect(path_to("registration.show", token=token), 303)
    edition = found.edition
    form = changing(found, place=edition.may_change_place)
    offer_days(form, days_to_choose(edition), found)
    if form.validate_on_submit() and _change(found, form):
        if queries.by_token(token) is not found:  # the link to follow went to the new address alone
            session[LAST] = sent_by(edition, found.email, unconfirmed=True)
            return redirect(
                path_to("registration.registered", series=edition.series.slug, edition=edition.key), 303
            )
        return redirect(path_to("registration.show", token=token), 303)
    page = render_template(
        "registration/change.html",
        edition=edition,
        registration=found,
        form=form,
        token=token,
        offered=choices.offer_instead(form, found),
    )
    return page, 422 if request.method == "POST" else 200


@pages.post("/my/<token>/cancel")
def cancel(token: str) -> ResponseReturnValue:
    """Give the place back."""
    found = _registration(token)
    if found is None:
        return _unknown()
    try:
        with transaction():
            service.cancel(found, "participant")
    except RuleBroken as broken:
        flash(broken.message, "danger")
    return redirect(path_to("registration.show", token=token), 303)


@pages.post("/my/<token>/confirm")
def confirm_address(token: str) -> ResponseReturnValue:
    """Take the word of whoever opened the mail that the address is theirs."""
    return _answer(token, service.confirm_address, _("Thank you. Your address is confirmed."))


@pages.post("/my/<token>/accept")
def accept_offer(token: str) -> ResponseReturnValue:
    """Take the place that is offered."""
    return _answer(token, service.accept_offer, _("The place is yours."))


@pages.post("/my/<token>/decline")
def decline_offer(token: str) -> ResponseReturnValue:
    """Leave the place that is offered to the next in line."""
    return _answer(
        token, service.decline_offer, _("Thank you for telling us. The place goes to the next in line.")
    )


@pages.get("/my/<token>/coming")
def coming(token: str) -> ResponseReturnValue:
    """Ask whether somebody comes; only a POST answers, as mail programs follow links."""
    found = _registration(token)
    if found is None:
        return _unknown()
    if not found.is_silent or is_over(found.edition, clock.now()):
        return redirect(path_to("registration.show", token=token), 303)
    return render_template("registration/coming.html", edition=found.edition, token=token)


@pages.post("/my/<token>/coming")
def come(token: str) -> ResponseReturnValue:
    """Take the answer that somebody comes; who does not cancels."""
    found = _registration(token)
    if found is None:
        return _unknown()
    try:
        with transaction():
            reconfirmation.come(found)
    except RuleBroken as broken:
        flash(broken.message, "warn")
    else:
        flash(_("Thank you. We look forward to seeing you."), "ok")
    return redirect(path_to("registration.show", token=token), 303)


@pages.post("/my/<token>/slots")
def slots(token: str) -> ResponseReturnValue:
    """Keep which slots belong into the personal calendar."""
    found = _registration(token)
    if found is None:
        return _unknown()
    wanted = [int(key) for key in request.form.getlist("slot") if _is_key(key)]
    with transaction():
        service.choose_slots(found, wanted)
    flash(_("Your programme is saved. A calendar that you subscribed to follows by itself."), "ok")
    return redirect(path_to("registration.show", token=token) + "#programme", 303)


@pages.post("/my/<token>/resend")
def resend(token: str) -> ResponseReturnValue:
    """Mail the place and its link once more."""
    found = _registration(token)
    if found is None:
        return _unknown()
    with transaction():
        sent = service.resend(found)
    if sent:
        flash(_("The mail is on its way once more."), "ok")
    else:
        flash(_("A mail left a short while ago. Please wait a few minutes before you ask again."), "warn")
    return redirect(path_to("registration.show", token=token), 303)


@pages.get("/my/<token>/calendar.ics")
def calendar(token: str) -> ResponseReturnValue:
    """Offer the personal calendar to download and to subscribe to."""
    found = _registration(token)
    if found is None:
        return _unknown()
    with speaking(found.language, bool(g.formal)):  # calendar programs speak no language of their own
        answer = make_response(personal_calendar(found, token))
    answer.headers["Content-Type"] = CONTENT_TYPE
    answer.headers["Content-Disposition"] = f'inline; filename="{_file_name(found.edition)}.ics"'
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.add_etag()
    return answer.make_conditional(request)


@pages.get("/my/<token>/data.json")
def download(token: str) -> ResponseReturnValue:
    """Hand out everything that is kept about this participant."""
    found = _registration(token)
    if found is None:
        return _unknown()
    answer = Response(json.dumps(personal_data(found), ensure_ascii=False, indent=2))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file_name(found.edition)}-data.json"'
    return answer


@pages.get("/my/<token>/files/<int:question>")
def file(token: str, question: int) -> ResponseReturnValue:
    """Hand out a file that this participant has given as an answer."""
    found = _registration(token)
    kept = file_of(found.id, question) if found else None
    return files.download(*kept) if kept else _unknown()


def _answer(token: str, verb: Callable[[Registration], bool], thanks: str) -> ResponseReturnValue:
    """Do what a button of the own page says; where it came too late the page itself shows what holds now."""
    found = _registration(token)
    if found is None:
        return _unknown()
    try:
        with transaction():
            done = verb(found)
    except RuleBroken as broken:
        flash(broken.message, "danger")
    else:
        if done:
            flash(thanks, "ok")
        else:
            flash(_("That is settled already. Below you see how things are."), "warn")
    return redirect(path_to("registration.show", token=token), 303)


def _change(registration: Registration, form: ChangeForm) -> bool:
    """Change the details; what the rules refuse is shown in the form."""
    details = form.details()
    limit("change", CHANGES_PER_HOUR, HOUR, who=str(registration.id))
    try:
        with transaction():
            changed = service.change(registration, details, place=form.changed_place())
            if form.days.choices:
                changed |= attending.change(registration, form.chosen_days(), by="participant")
            answered = answers.change(registration, form.answered(), by_participant=True)
    except RuleBroken as broken:
        form.refuse(broken)
        return False
    flash(_("Your details are saved.") if changed or answered else _("Nothing has changed."), "ok")
    return True


def _parts(registration: Registration) -> list[tuple[str, dict[str, Any]]]:
    """Return what higher features show on the page."""
    fact = OwnPageShown(registration, [])
    announce(fact)
    return fact.parts


def _calendar_menu(registration: Registration, token: str) -> dict[str, str]:
    """Return the links of the calendar menu.

    The secret link goes to no external service, and is nothing to subscribe to: for that there is an address
    that lets nobody change a place (see `own_calendars`).
    """
    found = {"ics": path_to("registration.calendar", token=token)}
    entry = place_entry(registration)
    if entry is None:
        return found
    return found | {
        "google": links.google(entry),
        "outlook": links.outlook(entry),
        "office365": links.office365(entry),
    }


def _file_name(edition: Edition) -> str:
    return f"{edition.series.slug}-{edition.key}"


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= LARGEST_KEY
