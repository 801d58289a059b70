"""What registrations need a place of besides one in the house: attendance, role, options, kept seats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventhub.editions.models import Edition
from eventhub.errors import PersonRefused, RuleBroken
from eventhub.questionnaires import rules as questions
from eventhub.questionnaires.service import Given
from eventhub.registration import queries, rules
from eventhub.registration.models import Attendance, Quota, QuotaKind, Registration
from eventhub.registration.rules import HOUSE, Places
from eventhub.web.languages import gettext as _

if TYPE_CHECKING:
    from eventhub.registration.applicants import Applicant

Quotas = Mapping[int, Quota]
FIELDS = {QuotaKind.ATTENDANCE: "attendance", QuotaKind.ROLE: "role"}
"""The fields of forms in which these are chosen."""


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


Claimed = Sequence[frozenset[int]]
"""The quotas that each of a party needs."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody needs a place of, and the seats held back that they have a right to."""

    keys: frozenset[int]
    reserve: int | None = None

    @property
    def claims(self) -> frozenset[int]:
        """What somebody claims who has to wait: the right to a seat is kept."""
        return self.keys if self.reserve is None else self.keys | {self.reserve}


def wishes_for(quotas: Quotas, applicants: Sequence[Applicant], code: str = "") -> list[Wish]:
    """Return what each of a party needs; `code` is that of a link to seats held back."""
    found = []
    for at, applicant in enumerate(applicants):
        try:
            keys = _quotas_for(quotas, applicant)
        except RuleBroken as broken:
            raise PersonRefused(broken.message, field=broken.field, at=at) from None
        found.append(Wish(keys, right_of(quotas, applicant.email, code)))
    return found


def wish_of(quotas: Quotas, registration: Registration) -> Wish:
    """Return what somebody needs who is registered already."""
    claimed = claimed_by(registration, quotas)
    reserves = [key for key in claimed if quotas[key].kind is QuotaKind.RESERVE]
    return Wish(claimed.difference(reserves), reserves[0] if reserves else None)


def substituted(quotas: Quotas, registration: Registration, person: Applicant) -> frozenset[int]:
    """Return what somebody needs who comes instead of another: a seat held back goes on to them."""
    reserve = wish_of(quotas, registration).reserve
    return Wish(_quotas_for(quotas, person), reserve).claims


def require_places(edition: Edition, quotas: Quotas, keys: Collection[int]) -> None:
    """Refuse what has no place left for somebody who has a place already: all who wait for it come first."""
    limits = limits_of(edition, quotas)
    awaited = queries.awaited_quotas(edition) if keys and edition.waiting_count else {}
    for key in keys:
        if not rules.is_left(limits[key], awaited.get(key, 0)):
            field = None if key == HOUSE else FIELDS.get(quotas[key].kind)
            raise RuleBroken(_("There is no place left of this kind"), field=field)


def ways(quotas: Quotas, wishes: Sequence[Wish], *, online: bool) -> list[Claimed]:
    """Return how these people can have places together, the best way first.

    Seats held back for them come before those of the house; as few as there are go to the first of them.
    With `online` they also take online places instead of those on site.
    """
    left = {wish.reserve: _seats_left(quotas[wish.reserve]) for wish in wishes if wish.reserve is not None}
    seated = []
    for wish in wishes:
        if wish.reserve is None or left[wish.reserve] <= 0:
            seated.append(wish.keys)
        else:
            left[wish.reserve] -= 1
            seated.append(wish.claims)
    plain = [wish.keys for wish in wishes]
    found: list[Claimed] = [plain] if seated == plain else [seated, plain]
    return found + ([_online(quotas, claimed) for claimed in found] if online and _has_both(quotas) else [])


def right_of(quotas: Quotas, email: str, code: str = "") -> int | None:
    """Return seats held back that somebody has a right to, if possible some that are left."""
    found = [
        (_seats_left(quota) <= 0, quota.reference != code, key)
        for key, quota in quotas.items()
        if quota.kind is QuotaKind.RESERVE
        and (quota.reference == code or rules.is_from(email, quota.domains.split()))
    ]
    return min(found)[2] if found else None


def is_unproven(quotas: Quotas, email: str, claimed: frozenset[int], code: str = "") -> bool:
    """Tell whether a seat is claimed because of an address that anybody could have typed."""
    return any(
        quotas[key].reference != code and rules.is_from(email, quotas[key].domains.split())
        for key in claimed
        if quotas[key].kind is QuotaKind.RESERVE
    )


def _seats_left(reserve: Quota) -> int:
    return (reserve.capacity or 0) - reserve.taken_count


def attendance_key(quotas: Quotas, attendance: Attendance) -> int | None:
    """Return the quota of places on site, or online."""
    return next(
        (
            key
            for key, quota in quotas.items()
            if quota.kind is QuotaKind.ATTENDANCE and quota.reference == attendance
        ),
        None,
    )


def role_key(quotas: Quotas, role_id: int) -> int | None:
    """Return the quota of a role."""
    return next(
        (
            key
            for key, quota in quotas.items()
            if quota.kind is QuotaKind.ROLE and quota.reference == str(role_id)
        ),
        None,
    )


def _has_both(quotas: Quotas) -> bool:
    return all(attendance_key(quotas, one) is not None for one in Attendance)


def _online(quotas: Quotas, claimed: Claimed) -> Claimed:
    on_site = attendance_key(quotas, Attendance.ON_SITE)
    online = attendance_key(quotas, Attendance.ONLINE)
    return [frozenset(online if key == on_site else key for key in keys) for keys in claimed]  # type: ignore[misc]


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
    if applicant.attendance is None and not applicant.asked:
        return next(iter(offered.values()))
    if applicant.attendance is None or applicant.attendance not in offered:
        raise RuleBroken(_("Choose whether you come or join online"), field="attendance")
    return offered[applicant.attendance]


def _role_quota(quotas: Quotas, applicant: Applicant) -> int | None:
    offered = {quota.reference: key for key, quota in quotas.items() if quota.kind is QuotaKind.ROLE}
    if not offered:
        return None
    if applicant.role_id is None and not applicant.asked:
        return next(iter(offered.values()))
    if str(applicant.role_id) not in offered:
        raise RuleBroken(_("Choose what you come as"), field="role")
    return offered[str(applicant.role_id)]


def has_seat(quotas: Quotas, keys: Collection[int]) -> bool:
    """Tell whether a seat held back is among what somebody needs."""
    return any(quotas[key].kind is QuotaKind.RESERVE for key in keys)


def needs_of(quotas: Quotas, claimed: Sequence[frozenset[int]]) -> Counter[int]:
    """Count what a party needs; a seat held back for somebody is none of the free seats of the house."""
    needs: Counter[int] = Counter()
    for keys in claimed:
        needs.update(keys)
        needs[HOUSE] += 0 if has_seat(quotas, keys) else 1
    return needs


def claimed_by(registration: Registration, quotas: Quotas) -> frozenset[int]:
    """Return the keys of the quotas that somebody needs; without quotas no claims are read."""
    return frozenset(claim.quota_id for claim in registration.claims) if quotas else frozenset()
