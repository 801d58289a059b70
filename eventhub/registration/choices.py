"""What people can choose when they register: where they take part and what they come as, with free places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.registration import queries
from eventhub.registration.models import Attendance, ParticipantRole, Quota, QuotaKind
from eventhub.registration.service import Applicant
from eventhub.web.languages import gettext as _
from eventhub.web.languages import language, ngettext


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    hint: str
    """How many places are free, in words; empty where there is no limit."""
    name: str = ""
    """How questions name the role."""


@dataclass(frozen=True, slots=True)
class Offered:
    attendance: Sequence[Choice] = ()
    roles: Sequence[Choice] = ()

    @property
    def attendance_hints(self) -> dict[str, str]:
        return {one.value: one.hint for one in self.attendance if one.hint}

    @property
    def role_hints(self) -> dict[str, str]:
        return {one.value: one.hint for one in self.roles if one.hint}


def of(edition: Edition) -> Offered:
    """Return what an edition lets people choose; one without quotas is not asked."""
    if not edition.quota_count:
        return Offered()
    quotas = queries.quotas(edition)
    attendance = [quota for quota in quotas if quota.kind is QuotaKind.ATTENDANCE]
    by_role = {quota.reference: quota for quota in quotas if quota.kind is QuotaKind.ROLE}
    roles = queries.roles(edition) if by_role else []
    return Offered(
        [Choice(one.reference, attendance_name(Attendance(one.reference)), left(one)) for one in attendance],
        [
            Choice(str(role.id), role_title(role), left(by_role[str(role.id)]), role.slug)
            for role in roles
            if str(role.id) in by_role
        ],
    )


def require_choices(edition: Edition, applicant: Applicant) -> None:
    """Raise RuleBroken where somebody who was asked has not chosen."""
    offered = of(edition)
    if offered.attendance and applicant.attendance is None:
        raise RuleBroken(_("Choose whether you come or join online"), field="attendance")
    if offered.roles and applicant.role_id is None:
        raise RuleBroken(_("Choose what you come as"), field="role")


def attendance_name(attendance: Attendance) -> str:
    return _("on site") if attendance is Attendance.ON_SITE else _("online")


def role_title(role: ParticipantRole) -> str:
    """Return the title of a role in the language of the reader."""
    return role.title_en if role.title_en and language() == "en" else role.title


def left(quota: Quota) -> str:
    """Say how many places a quota has left."""
    if quota.capacity is None:
        return ""
    free = quota.capacity - quota.taken_count
    if free <= 0 or quota.waiting_count:
        if not quota.waiting_count:
            return _("Sold out, waitlist open")
        return ngettext(
            "Sold out, waitlist open, %(num)s waiting",
            "Sold out, waitlist open, %(num)s waiting",
            quota.waiting_count,
        )
    return ngettext(
        "%(num)s of %(capacity)s places left",
        "%(num)s of %(capacity)s places left",
        free,
        capacity=quota.capacity,
    )
