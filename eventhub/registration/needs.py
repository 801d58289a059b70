"""What registrations need a place of besides one in the house: attendance, role, options, kept seats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.questionnaires import rules as questions
from eventhub.questionnaires.service import Given
from eventhub.registration import queries
from eventhub.registration.models import Quota, QuotaKind, Registration
from eventhub.registration.rules import HOUSE, Places
from eventhub.web.languages import gettext as _

if TYPE_CHECKING:
    from eventhub.registration.service import Applicant

Quotas = Mapping[int, Quota]


def quotas_of(edition: Edition) -> Quotas:
    """Return the quotas of an edition by their keys; one without any is not asked."""
    return {quota.id: quota for quota in queries.quotas(edition)} if edition.quota_count else {}


def limits_of(edition: Edition, quotas: Quotas) -> dict[int, Places]:
    """Return the numbers of the house and of all its quotas."""
    in_quotas = sum(quota.waiting_count for quota in quotas.values())
    house = Places(
        edition.capacity, edition.taken_count, edition.waiting_count - in_quotas, edition.held_back_count
    )
    return {HOUSE: house} | {
        key: Places(quota.capacity, quota.taken_count, quota.waiting_count) for key, quota in quotas.items()
    }


def claims_for(
    quotas: Quotas, applicants: Sequence[Applicant], reserve_id: int | None = None
) -> list[frozenset[int]]:
    """Return which quotas each of a party needs; seats held back for them go to the first of them.

    Whoever was not asked where they take part, or as what, gets what was set up first.
    """
    seats = _seats_left(quotas, reserve_id)
    return [
        _quotas_for(quotas, applicant) | ({reserve_id} if reserve_id is not None and at < seats else set())
        for at, applicant in enumerate(applicants)
    ]


def _quotas_for(quotas: Quotas, applicant: Applicant) -> frozenset[int]:
    found = {_attendance_quota(quotas, applicant), _role_quota(quotas, applicant)}
    return frozenset(key for key in found if key is not None) | option_quotas(quotas, applicant.answers)


def option_quotas(quotas: Quotas, given: Given | None) -> frozenset[int]:
    """Return the quotas of the options that somebody has chosen, as far as their places are counted."""
    if given is None:
        return frozenset()
    chosen = {
        option_reference(question, key)
        for question, value in given.values.items()
        for key in questions.chosen(value)
    }
    return frozenset(
        key for key, one in quotas.items() if one.kind is QuotaKind.OPTION and one.reference in chosen
    )


def option_reference(question_id: int, key: str) -> str:
    """Return how the quota of an option names it."""
    return f"{question_id}:{key}"


def _attendance_quota(quotas: Quotas, applicant: Applicant) -> int | None:
    offered = {quota.reference: key for key, quota in quotas.items() if quota.kind is QuotaKind.ATTENDANCE}
    if not offered:
        return None
    if applicant.attendance is None:
        return next(iter(offered.values()))
    if applicant.attendance not in offered:
        raise RuleBroken(_("Choose whether you come or join online"), field="attendance")
    return offered[applicant.attendance]


def _role_quota(quotas: Quotas, applicant: Applicant) -> int | None:
    offered = {quota.reference: key for key, quota in quotas.items() if quota.kind is QuotaKind.ROLE}
    if not offered:
        return None
    if applicant.role_id is None:
        return next(iter(offered.values()))
    if str(applicant.role_id) not in offered:
        raise RuleBroken(_("Choose what you come as"), field="role")
    return offered[str(applicant.role_id)]


def _seats_left(quotas: Quotas, key: int | None) -> int:
    reserve = quotas.get(key or HOUSE)
    if reserve is None or reserve.kind is not QuotaKind.RESERVE:
        return 0
    return (reserve.capacity or 0) - reserve.taken_count


def needs_of(quotas: Quotas, claimed: Sequence[frozenset[int]]) -> Counter[int]:
    """Count what a party needs; a seat held back for somebody is none of the free seats of the house."""
    needs: Counter[int] = Counter()
    for keys in claimed:
        needs.update(keys)
        needs[HOUSE] += 0 if any(quotas[key].kind is QuotaKind.RESERVE for key in keys) else 1
    return needs


def claimed_by(registration: Registration, quotas: Quotas) -> frozenset[int]:
    """Return the keys of the quotas that somebody needs; without quotas no claims are read."""
    return frozenset(claim.quota_id for claim in registration.claims) if quotas else frozenset()
