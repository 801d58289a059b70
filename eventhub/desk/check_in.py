"""The day itself: the live board, and the page that lets people in by search, by number or by their ticket.

The page works without JavaScript. With it, a phone reads tickets, and keeps what it noted while there is no
connection: everything may be sent twice, and counts once. On the day itself a worker keeps page and list, so
that they open without connection, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Response, abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from eventhub import clock
from eventhub.agenda.choices import slot_of
from eventhub.agenda.models import Kind, Slot
from eventhub.agenda.queries import planned_slots
from eventhub.database import transaction
from eventhub.desk import door
from eventhub.desk import registration_queries as reads
from eventhub.desk.blueprint import found_edition, pages
from eventhub.desk.door import Door, Guest, Outcome, Seen
from eventhub.desk.needs import needs
from eventhub.desk.print_queries import dates_of
from eventhub.desk.registrations import state_name
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.organisations.roles import Capability
from eventhub.presence import service as presence
from eventhub.registration.applicants import Applicant
from eventhub.registration.forms import CONSENT_BY_OTHERS, SubstituteForm
from eventhub.registration.models import Registration
from eventhub.signups import queries as signups
from eventhub.web import times
from eventhub.web.forms import is_key
from eventhub.web.kept_forms import new_once_key
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language
from eventhub.web.languages import lazy_gettext as _l
from eventhub.web.links import path_to

LONGEST_SEARCH = 100
LONGEST_ONCE_KEY = 64
CAMERA = "camera=(self), geolocation=(), microphone=()"
"""Only this page may ask for the camera."""


class WalkInForm(SubstituteForm):
    """Somebody who comes without having registered."""

    attendance = accepts_online = role = None
    consent = BooleanField(
        _l("They know our privacy notice and agree"),
        validators=[InputRequired(_l("Only give details of somebody who agrees to it"))],
    )
    beyond = BooleanField(_l("Let them in even if all places are taken"))
    once_key = HiddenField()

    def person(self) -> Applicant:
        """Return who is there."""
        return Applicant(
            name=self.name.data,
            email=self.address,
            organisation=self.organisation.data,
            language=language(),
            consent_version=CONSENT_BY_OTHERS,
        )


@pages.get("/<series>/<edition>/day/")
@needs(Capability.PEOPLE)
def day(series: str, edition: str) -> ResponseReturnValue:
    """Show who is there and who is missing, in all and in each session."""
    found = found_edition(series, edition)
    days = dates_of(found)
    shown = door.day_for(found, request.args.get("day", ""), clock.now()) if days else None
    return render_template(
        "desk/day/board.html",
        edition=found,
        days=days,
        board=door.board(found, shown, _sessions(found)) if shown else None,
    )


@pages.get("/<series>/<edition>/check-in/")
@needs(Capability.PEOPLE)
def check_in(series: str, edition: str) -> ResponseReturnValue:
    """Find people and let them in."""
    found = found_edition(series, edition)
    return _check_in_page(found, _door(found), WalkInForm(data={"once_key": new_once_key()}))


@pages.get("/<series>/<edition>/check-in/people.json")
@needs(Capability.PEOPLE)
def check_in_people(series: str, edition: str) -> ResponseReturnValue:
    """Hand the list of a door to the page, which keeps it while it is open, and for a reload on the day."""
    found = found_edition(series, edition)
    people = [_as_plain(one) for one in door.guests(_door(found))]
    return _plain({"people": people})


@pages.get("/<series>/<edition>/check-in/worker.js")
@needs(Capability.PEOPLE)
def check_in_worker(series: str, edition: str) -> ResponseReturnValue:
    """Hand out the script that keeps the page for its day: from this address it reaches no other page."""
    found_edition(series, edition)
    script = current_app.extensions["assets"].content("js/check-in-worker.js")
    return Response(script, mimetype="text/javascript")


@pages.post("/<series>/<edition>/check-in/")
@needs(Capability.PEOPLE)
def let_in(series: str, edition: str) -> ResponseReturnValue:
    """Note that somebody is there, by their key or their ticket."""
    found = found_edition(series, edition)
    where = _door(found)
    with transaction():
        seen = _seen(where)
    return _answer(found, where, seen)


@pages.post("/<series>/<edition>/check-in/take-back")
@needs(Capability.PEOPLE)
def take_back(series: str, edition: str) -> ResponseReturnValue:
    """Forget that somebody was there, as it was a mistake."""
    found = found_edition(series, edition)
    where, one = _door(found), _registration(found)
    if one is None:
        abort(404)
    with transaction():
        presence.take_back(one, where.day, slot=where.slot)
    words = _("%(name)s is no longer noted as present.", name=one.name)
    return _answer(found, where, Seen(Outcome.NEW, words, one))


@pages.post("/<series>/<edition>/check-in/walk-in")
@needs(Capability.PEOPLE)
def walk_in(series: str, edition: str) -> ResponseReturnValue:
    """Register somebody who comes unannounced, and let them in."""
    found = found_edition(series, edition)
    where, form = _door(found), WalkInForm()
    if form.validate():
        try:
            with transaction():
                key = (form.once_key.data or "")[:LONGEST_ONCE_KEY]
                seen = door.walk_in(where, form.person(), key, beyond=bool(form.beyond.data))
        except RuleBroken as broken:
            form.refuse(broken)
        else:
            return _answer(found, where, seen)
    return _check_in_page(found, where, form), 422


def _check_in_page(edition: Edition, where: Door, form: WalkInForm) -> Response:
    words = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    page = render_template(
        "desk/day/check_in.html",
        edition=edition,
        door=where,
        days=dates_of(edition),
        sessions=_sessions(edition),
        words=words,
        guests=door.guests(where, words, door.MOST_FOUND),
        most=door.MOST_FOUND,
        form=form,
        is_today=where.day == times.local(clock.now(), edition.zone).date(),
        remark=_remark,
        here=_where(where),
        place={"series": edition.series.slug, "edition": edition.key, **_where(where)},
        script_words=_script_words(),
    )
    answer = Response(page)
    answer.headers["Permissions-Policy"] = CAMERA
    return answer


def _sessions(edition: Edition) -> list[object]:
    """Return the slots that somebody can be let into: what has places of its own, with their numbers."""
    own = signups.listed(edition.id)
    return [
        own.get(one.id, one)
        for one in planned_slots(edition.id)
        if one.kind is not Kind.BREAK and not one.cancelled
    ]


def _door(edition: Edition) -> Door:
    slug = request.values.get("slot", "")
    slot: Slot | None = (slot_of(edition, slug) or abort(404)) if slug else None
    wanted = slot.day.isoformat() if slot is not None and slot.day else request.values.get("day", "")
    return Door(
        edition,
        door.day_for(edition, wanted, clock.now()),
        slot,
        limited=slot is not None and door.is_limited(slot),
    )


def _registration(edition: Edition) -> Registration | None:
    key = request.form.get("id", "")
    return reads.registration_of(edition, int(key)) if is_key(key) else None


def _seen(where: Door) -> Seen:
    ticket = request.form.get("ticket")
    found = door.by_ticket(where, ticket) if ticket is not None else _registration(where.edition)
    if isinstance(found, Seen):
        return found
    if found is None:
        return Seen(Outcome.REFUSED, _("This person is not on the list."))
    return door.let_in(where, found, _moment(), anyway="anyway" in request.form)


def _moment() -> datetime | None:
    """Return when the phone saw somebody, in milliseconds since 1970."""
    given = request.form.get("at", "")
    if not (given.isascii() and given.isdecimal() and len(given) <= 13):
        return None
    return datetime.fromtimestamp(int(given) / 1000, UTC)


def _answer(edition: Edition, where: Door, seen: Seen) -> ResponseReturnValue:
    """Say what happened: to the page's script in a few words, to people on the page."""
    if request.accept_mimetypes.best == "application/json":
        one = seen.registration
        found = {"outcome": seen.outcome, "words": seen.words, "id": one.id if one else None}
        return _plain(found)
    flash(seen.words, "warn" if seen.outcome is Outcome.REFUSED else "ok")
    address = path_to("desk.check_in", series=edition.series.slug, edition=edition.key, **_where(where))
    return redirect(address, 303)


def _where(where: Door) -> dict[str, str]:
    found = {"day": where.day.isoformat()}
    return found | {"slot": where.slot.slug} if where.slot else found


def _as_plain(one: Guest) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "organisation": one.organisation,
        "code": one.code,
        "role": one.role,
        "expected": one.expected,
        "mayCome": one.may_come,
        "why": _remark(one),
        "present": one.present,
    }


def _remark(one: Guest) -> str:
    """Say why somebody is not expected at this door, or may not be looked for here today."""
    if one.expected:
        return one.elsewhere
    return _("No place in this session") if one.may_come else str(state_name(one.state))


def _script_words() -> dict[str, str]:
    """Return what the script says; it fills in what stands in braces."""
    return {
        "offline": _("No connection. What is noted is kept on this phone and sent later."),
        "waiting": _("Not sent yet: %(number)s", number="{number}"),
        "noted": _("%(name)s is present.", name="{name}"),
        "known": _("%(name)s was checked in already.", name="{name}"),
        "unlisted": _(
            "Ticket %(code)s is noted. It is not on this list yet, so it is checked.", code="{code}"
        ),
        "foreign": _("This is not a ticket of this meeting."),
        "noCamera": _("The camera can’t be used. Allow it in the browser, or search for the name."),
        "signedOut": _("Not accepted. Load this page again; what is noted stays."),
        "later": _("The server can’t take it at this moment. What is noted is kept and sent later."),
        "notAccepted": _("Not accepted. The session may be gone, or your role may have ended."),
        "notTakenBack": _("No connection, so this is not taken back. Try again once there is one."),
        "somebody": _("Somebody"),
        "again": _("Send again"),
        "discard": _("Discard"),
        "present": _("present"),
        "letIn": _("Present"),
        "anyway": _("Let in all the same"),
        "takeBack": _("Take back"),
        "nobody": _("Nobody is found."),
        "walkInOffline": _("No connection. What you typed stays here; send it again once there is one."),
        "walkInLater": _(
            "The server can’t take it at this moment. What you typed stays here; send it again."
        ),
        "walkInNotAccepted": _(
            "Not accepted. You may be signed out: open this page in another tab, sign in and enter it there."
            " What you typed stays here."
        ),
    }


def _plain(content: Mapping[str, object]) -> Response:
    answer = Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
