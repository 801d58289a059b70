"""Choosing on which days somebody comes. It changes no place: that is one in the whole edition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import PersonRefused, RuleBroken
from eventhub.history.service import PARTICIPANT, record
from eventhub.registration import days, mails
from eventhub.registration.models import ENDED, Registration, RegistrationState
from eventhub.web.languages import gettext as _

if TYPE_CHECKING:
    from eventhub.registration.applicants import Applicant


def with_days(edition: Edition, applicants: Sequence[Applicant]) -> list[Applicant]:
    """Return people with days that the edition has; raises where somebody who was asked ticked none."""
    if not days.are_chosen(edition):
        return [replace(one, days=frozenset()) if one.days else one for one in applicants]
    there = days.every(days.number_of(edition))
    for at, one in enumerate(applicants):
        if one.asked and not there & one.days:
            raise PersonRefused(_("Choose at least one day"), field="days", at=at)
    return [replace(one, days=there & one.days) for one in applicants]


def change(
    registration: Registration, wanted: Collection[int], by: Literal["participant", "organiser"]
) -> bool:
    """Let somebody come on exactly these days; their calendar hears of exactly those that changed."""
    edition = registration.edition
    lock(edition)  # so that it has as many days as are counted here
    lock(registration)
    if registration.state in ENDED:
        raise RuleBroken(_("This registration is cancelled, so it can’t be changed."))
    number = days.number_of(edition)
    after = days.every(number) & set(wanted)
    if not after:
        raise RuleBroken(_("Choose at least one day, or cancel the registration"), field="days")
    came, left = days.changes(days.chosen(registration.days, number), after)
    if not came and not left:
        return False
    if edition.state is not EditionState.PUBLISHED or is_over(edition, clock.now()):
        raise RuleBroken(
            _("The days can’t be changed any more: this meeting is over or cancelled."), field="days"
        )
    registration.days = days.kept_as(after, number)
    registration.days_changed_at = clock.now()
    registration.version += 1
    record(
        "registration.days",
        edition_id=edition.id,
        registration_id=registration.id,
        actor=PARTICIPANT if by == "participant" else None,  # None: the organiser who is signed in
        came=came,
        left=left,
    )
    if registration.state is RegistrationState.CONFIRMED:
        mails.days_changed(registration, came, left)
    return True
