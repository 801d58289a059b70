"""The addresses that programs ask. Each says what a role must include, as the pages of the desk do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload
from werkzeug.exceptions import HTTPException, TooManyRequests

from eventhub.agenda.queries import people_by_slot, planned_slots, tracks_of
from eventhub.api import rows
from eventhub.api.access import capabilities, found_edition, found_series, require_token, token, user
from eventhub.api.answers import answer, page_of, page_of_list, refuse, refuse_role
from eventhub.desk.answers import questions_of, texts_of
from eventhub.desk.needs import needs, needs_no_role
from eventhub.desk.registration_queries import Wanted, positions, registrations_of
from eventhub.editions.models import Edition, Series
from eventhub.editions.queries import with_organisations
from eventhub.editions.rights import editions_for, rights_of
from eventhub.errors import NotPermitted
from eventhub.organisations.roles import Capability
from eventhub.registration.models import RegistrationState
from eventhub.web.languages import gettext as _
from eventhub.web.security import secret_address

pages = Blueprint("api", __name__, url_prefix="/api/v1")
pages.before_request(secret_address)
pages.before_request(require_token)
pages.register_error_handler(HTTPException, refuse)
pages.register_error_handler(TooManyRequests, refuse)
pages.register_error_handler(500, refuse)
pages.register_error_handler(NotPermitted, refuse_role)


@pages.get("/")
@needs_no_role
def start() -> ResponseReturnValue:
    """Say whose token it is, until when, and where to go on."""
    return answer(rows.start(token()))


@pages.get("/series")
@needs_no_role
def all_series() -> ResponseReturnValue:
    """List the series in which the user has a role, or in one of whose editions."""
    rights = rights_of(user())

    def show(listed: Sequence[Series]) -> list[dict[str, Any]]:
        return [rows.series(one, capabilities(rights[one.id])) for one in listed]

    found = select(Series).where(Series.id.in_(rights)).order_by(Series.id)
    return page_of(found.options(selectinload(Series.organisations)), show)


@pages.get("/series/<series>")
@needs(Capability.LOOK, in_any_edition=True)
def series(series: str) -> ResponseReturnValue:
    """Show one series."""
    found, rights = found_series(series)
    return answer(rows.series(found, capabilities(rights)))


@pages.get("/series/<series>/editions")
@needs(Capability.LOOK, in_any_edition=True)
def editions(series: str) -> ResponseReturnValue:
    """List the editions of a series that the user may see, drafts too."""
    found, rights = found_series(series)

    def show(listed: Sequence[Edition]) -> list[dict[str, Any]]:
        return [rows.edition(one, capabilities(rights, one.id)) for one in listed]

    statement = (
        select(Edition)
        .join(Edition.series)
        .where(Edition.series_id == found.id, editions_for(user()))
        .order_by(Edition.id)
        .options(contains_eager(Edition.series), *with_organisations())
    )
    return page_of(statement, show)


@pages.get("/series/<series>/editions/<edition>")
@needs(Capability.LOOK)
def edition(series: str, edition: str) -> ResponseReturnValue:
    """Show one edition."""
    found, rights = found_edition(series, edition)
    return answer(rows.edition(found, capabilities(rights, found.id)))


@pages.get("/series/<series>/editions/<edition>/agenda")
@needs(Capability.LOOK)
def agenda(series: str, edition: str) -> ResponseReturnValue:
    """List the slots of an edition in their order."""
    found, _rights = found_edition(series, edition)
    people = people_by_slot(found.id)
    tracks = {track.id: track.name for track in tracks_of(found.id)}
    slots = planned_slots(found.id)
    slugs = {slot.id: slot.slug for slot in slots}
    return page_of_list(
        slots,
        lambda shown: [rows.slot(found, one, people.get(one.id, ()), tracks, slugs) for one in shown],
    )


@pages.get("/series/<series>/editions/<edition>/registrations")
@needs(Capability.PEOPLE)
def registrations(series: str, edition: str) -> ResponseReturnValue:
    """List who takes part or wanted to, in the order in which they registered; `?state=` names one state."""
    found, _rights = found_edition(series, edition)
    questions = questions_of(found)
    waiting = positions(found)

    def show(listed: Sequence[Any]) -> list[dict[str, Any]]:
        texts = texts_of([one.id for one in listed], questions) if questions else {}
        return [
            rows.registration(one, waiting.get(one.id), questions, texts.get(one.id, {})) for one in listed
        ]

    return page_of(registrations_of(found, Wanted(state=_state(), sort="created")), show)


@pages.get("/<path:_rest>")
@needs_no_role
def nothing(_rest: str) -> ResponseReturnValue:
    """Answer programs in JSON that there is nothing here."""
    abort(404)


def _state() -> RegistrationState | None:
    given = request.args.get("state", "")
    if given and given not in list(RegistrationState):
        abort(400, _("state must be one of %(states)s.", states=", ".join(RegistrationState)))
    return RegistrationState(given) if given else None
