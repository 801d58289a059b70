"""Certificates of attendance: made from who was there, never from who had registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from eventhub import clock
from eventhub.calendars.entries import Timed
from eventhub.editions.entries import days_of
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.phrases import whom_to_ask
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.facts import NameChanging, OwnPageShown
from eventhub.presence.models import Presence
from eventhub.presence.queries import presences_of
from eventhub.presence.rules import day_of
from eventhub.registration.derived_tokens import registration_of, token_for
from eventhub.registration.models import Registration
from eventhub.tokens import derive
from eventhub.web import times
from eventhub.web.languages import gettext as _

PURPOSE = "certificate"
SIGNS = 12
"""Signs of the proof on paper: few enough to type, too many to guess."""


@dataclass(frozen=True, slots=True)
class Attended:
    """A day on which somebody was there, with the hours of the meeting."""

    day: date
    hours: str


def days_attended(registration: Registration) -> list[Attended]:
    """Return the days on which somebody was there."""
    edition = registration.edition
    hours = {
        day_of(when, edition.zone): _hours(when, edition.zone) if isinstance(when, Timed) else ""
        for when in days_of(edition)
    }
    days = {row.day for row in _presences(registration)}
    return [Attended(day, hours.get(day, "")) for day in sorted(days)]


def _presences(registration: Registration) -> list[Presence]:
    """Return when somebody was there since they registered; before that it may have been somebody else."""
    found = presences_of([registration.id]).get(registration.id, ())
    return [row for row in found if row.at >= registration.consented_at]


def _hours(when: Timed, zone: str) -> str:
    start, end = (times.local(moment, zone) for moment in (when.starts_at, when.ends_at))
    return times.time_range(start, end)


def code_of(registration: Registration) -> str:
    """Return what stands on a certificate, in groups of four."""
    token = token_for(PURPOSE, registration, SIGNS).upper()
    return "-".join(token[start : start + 4] for start in range(0, len(token), 4))


def by_code(code: str) -> Registration | None:
    """Find whose certificate has this code, however it was typed."""
    return registration_of(PURPOSE, "".join(filter(str.isalnum, code)).lower(), SIGNS)


def may_have_one(edition: Edition) -> bool:
    """Tell whether it can be said who was there: when the meeting is over."""
    return edition.state is not EditionState.CANCELLED and is_over(edition, clock.now())


def certified(registration: Registration) -> Sequence[Attended]:
    """Return what a certificate can say; nothing where there is none."""
    return days_attended(registration) if may_have_one(registration.edition) else ()


def keep_name(fact: NameChanging) -> None:
    """Let nobody change the name under which they were there, or certificates would be for anybody."""
    if _presences(fact.registration):
        contact = whom_to_ask(fact.registration.edition)
        raise RuleBroken(
            _(
                "You were noted as present under this name, so only the organisers change it."
                " Ask %(contact)s",
                contact=contact,
            ),
            field="name",
        )


def add_certificate(fact: OwnPageShown) -> None:
    """Offer the certificate on the page of somebody who was there."""
    found = certified(fact.registration)
    if found:
        token = derive("manage", fact.registration.token_seed)
        fact.parts.append(("presence/certificate_offer.html", {"days": found, "token": token}))
