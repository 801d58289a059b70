"""A participant's page about the sessions with limited places, behind their secret link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken, SlotsRefused
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.secret_link import opened, unknown
from eventhub.registration.wanted import Wanted, read
from eventhub.signups import offering, queries, service, words
from eventhub.signups.models import Alternatives
from eventhub.signups.queries import Listed
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to

pages = Blueprint("signups", __name__)


@pages.route("/my/<token>/sessions", methods=["GET", "POST"])
def mine(token: str) -> ResponseReturnValue:
    """Show the sessions that take sign-ups, and keep which of them somebody wants."""
    if request.method == "GET":
        found = opened(token)
        return _show(found, token, {}, "") if found else unknown()
    found, changed, refused = None, False, None
    try:
        with transaction():  # in which the link is opened as well: nothing is read twice
            found = opened(token, to_change=True)
            wanted = _sent()
            changed = found is not None and service.choose(found, wanted.picks, wanted.ranks)
    except RuleBroken as broken:
        refused = broken
    if found is None:
        return unknown()
    if isinstance(refused, SlotsRefused):
        return _show(found, token, refused.reasons, "")
    if refused is not None:
        return _show(found, token, {}, refused.message)
    if changed:
        flash(_("Your sessions are saved. A mail with all of them is on its way."), "ok")
    else:
        flash(_("Nothing has changed."), "ok")
    return redirect(path_to("signups.mine", token=token), 303)


@pages.after_request
def _keep_out_of_search(answer: Response) -> Response:
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _sent() -> Wanted:
    return read(request.form.items(multi=True))


def _show(
    registration: Registration, token: str, reasons: Mapping[int, str], refused: str
) -> ResponseReturnValue:
    edition = registration.edition
    now = clock.now()
    open_now = (
        registration.state is RegistrationState.CONFIRMED
        and edition.state is EditionState.PUBLISHED
        and not is_over(edition, now)
    )
    listed = queries.listed(edition.id)
    alternatives = queries.alternatives_among(edition, listed.values())
    ranked = any(one.ranked for one in alternatives)
    stored = queries.wishes_of(registration) if ranked else {}
    held = queries.signups_of(registration)
    positions = queries.positions_of(registration, held)
    wanted = _sent() if request.method == "POST" else Wanted(dict.fromkeys(held, False), stored)
    page = render_template(
        "signups/mine.html",
        registration=registration,
        edition=edition,
        token=token,
        open_now=open_now,
        sections=offering.sections(listed, alternatives, wanted, reasons, held, positions),
        explanations=_explanations(registration, alternatives, stored, listed) if ranked else {},
        reasons=reasons,
        refused=refused,
        **offering.shown(listed),
    )
    return page, 422 if request.method == "POST" else 200


def _explanations(
    registration: Registration,
    alternatives: Sequence[Alternatives],
    wishes: Mapping[int, int],
    listed: Mapping[int, Listed],
) -> dict[int, list[str]]:
    """Return for each allocation what it gave this participant, and why."""
    allotments = queries.allotments_of(registration)
    held = queries.states_of(registration) if allotments else {}
    return {
        one.id: words.explanation(
            allotments[one.id].rank,
            one,
            words.wishes_for(one, wishes, listed),
            listed,
            held,
        )
        for one in alternatives
        if one.id in allotments
    }
