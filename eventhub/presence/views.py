"""The page behind the personal link for joining: a look counts nothing, its one button does.

Mail scanners and previews open links by themselves, often when the reminder goes out, so opening the link
can't count, not even while the meeting is on. Where it doesn't count, the page leads on without a form.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.entries import days_of
from eventhub.editions.models import Edition, EditionState
from eventhub.presence import rules, service
from eventhub.presence.models import Way
from eventhub.registration import joining, secret_link
from eventhub.registration.models import Registration, RegistrationState
from eventhub.web.security import secret_address

pages = Blueprint("presence", __name__)


@pages.get("/join/<token>")
def join(token: str) -> ResponseReturnValue:
    """Lead to the meeting; while joining counts, by a button."""
    found = _opened(token)
    if found is None:
        return secret_link.unknown()
    edition = found.edition
    if not _may_join(found) or not edition.join_url:
        return render_template("presence/no_link.html", edition=edition, cancelled=_is_cancelled(edition))
    if not joining.counts(edition):  # the organisers no longer want it; entries still hold this address
        return redirect(edition.join_url)
    now, days = clock.now(), days_of(edition)
    return render_template(
        "presence/join.html",
        edition=edition,
        token=token,
        counts_now=rules.day_at(days, edition.zone, now) is not None,
        counts_from=rules.next_begin(days, edition.zone, now),
    )


@pages.post("/join/<token>")
def enter(token: str) -> ResponseReturnValue:
    """Note who joins as present, and lead on.

    A redirect would do, but the policy of our pages lets forms lead to nowhere else; so the answer is a page.
    """
    found = _opened(token)
    if found is None:
        return secret_link.unknown()
    edition = found.edition
    day = rules.day_at(days_of(edition), edition.zone, clock.now())
    if day is None or not _may_join(found) or not joining.counts(edition):
        return join(token)
    with transaction():
        service.note(found, day, Way.JOIN_LINK)
    return render_template("presence/entering.html", edition=edition)


def _opened(token: str) -> Registration | None:
    secret_address()
    found = joining.opened(token)
    if found is not None:
        secret_link.address_formally(found)
    return found


def _may_join(registration: Registration) -> bool:
    edition = registration.edition
    if registration.state is not RegistrationState.CONFIRMED or edition.state is not EditionState.PUBLISHED:
        return False
    return not rules.is_past(days_of(edition), edition.zone, clock.now())


def _is_cancelled(edition: Edition) -> bool:
    return edition.state is EditionState.CANCELLED
