"""A participant's page about the sessions with limited places, behind their secret link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.registration.models import Registration, RegistrationState
from eventhub.registration.secret_link import opened, unknown
from eventhub.signups import queries, service, words
from eventhub.signups.models import Alternatives, Signup, SignupState
from eventhub.signups.queries import Listed
from eventhub.web.languages import gettext as _
from eventhub.web.links import path_to

pages = Blueprint("signups", __name__)

WAITS = "w"
"""Ends the value of a slot for which its reader would wait."""
WISH = "wish-"
"""Begins the name of the field with the rank of a slot."""
MOST_RANKS = 100
LARGEST_KEY = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """A slot as the page offers it."""

    slot: Listed
    value: str
    ticked: bool
    rank: int | None
    """Which wish it is, where it is ranked."""
    state: SignupState | None
    position: int | None
    disabled: bool
    error: str


@pages.route("/my/<token>/sessions", methods=["GET", "POST"])
def mine(token: str) -> ResponseReturnValue:
    """Show the sessions that take sign-ups, and keep which of them somebody wants."""
    if request.method == "GET":
        found = opened(token)
        return _show(found, token, {}, "") if found else unknown()
    found, changed, refused = None, False, None
    try:
        with transaction():  # in which the link is opened as well: nothing is read twice
            found = opened(token)
            changed = found is not None and service.choose(found, _picks(), _wishes())
    except RuleBroken as broken:
        refused = broken
    if found is None:
        return unknown()
    if isinstance(refused, service.Refused):
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


def _picks() -> dict[int, bool]:
    """Return the slots that were ticked, and for which of them their reader would wait."""
    found = {}
    for name, value in request.form.items(multi=True):
        key = value.removesuffix(WAITS)
        if (name == "slot" or name.startswith("one-of-")) and _is_key(key):
            found[int(key)] = value.endswith(WAITS)
    return found


def _wishes() -> dict[int, int]:
    """Return the ranks that were given to slots."""
    found = {}
    for name, value in request.form.items(multi=True):
        key = name.removeprefix(WISH)
        if name.startswith(WISH) and _is_key(key) and _is_key(value) and 1 <= int(value) <= MOST_RANKS:
            found[int(key)] = int(value)
    return found


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= LARGEST_KEY


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
    alternatives = queries.alternatives_of(edition)
    ranked = any(one.ranked for one in alternatives)
    stored = queries.wishes_of(registration) if ranked else {}
    ranks = _wishes() if request.method == "POST" else stored
    rows = _rows(registration, listed, reasons, ranks)
    page = render_template(
        "signups/mine.html",
        registration=registration,
        edition=edition,
        token=token,
        open_now=open_now,
        sections=_sections(rows, alternatives),
        explanations=_explanations(registration, alternatives, stored, listed) if ranked else {},
        wish_name=words.wish_name,
        listed=listed,
        reasons=reasons,
        refused=refused,
        hours=words.hours,
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


def _rows(
    registration: Registration,
    listed: Mapping[int, Listed],
    reasons: Mapping[int, str],
    ranks: Mapping[int, int],
) -> list[Row]:
    held = queries.signups_of(registration)
    positions = queries.positions_of(registration)
    sessions = queries.sessions(listed)
    ticked = _picks() if request.method == "POST" else dict.fromkeys(held, False)
    return [
        Row(
            slot=slot,
            value=str(key) if slot.free or key in held else f"{key}{WAITS}",
            ticked=key in ticked,
            rank=ranks.get(key),
            state=_state(held.get(key)),
            position=positions.get(key),
            disabled=sessions[key].closed and key not in held,
            error=reasons.get(key, ""),
        )
        for key, slot in listed.items()
    ]


def _state(signup: Signup | None) -> SignupState | None:
    return None if signup is None else signup.state


def _sections(
    rows: list[Row], alternatives: Sequence[Alternatives]
) -> list[tuple[Alternatives | None, list[Row]]]:
    """Return the slots in the order of the programme; alternatives stand together where the first stands."""
    named = {one.id: one for one in alternatives}
    found: dict[object, tuple[Alternatives | None, list[Row]]] = {}
    for row in rows:
        one_of = named.get(row.slot.alternatives_id or 0)
        place = ("one of", one_of.id) if one_of else ("day", row.slot.day)
        found.setdefault(place, (one_of, []))[1].append(row)
    return list(found.values())
