"""How many places an organiser wants there to be: shown before it is done, and then carried out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import record
from eventhub.registration import queries
from eventhub.registration.models import Attendance, ParticipantRole, Quota, QuotaKind
from eventhub.registration.needs import quotas_of
from eventhub.registration.places import pass_on
from eventhub.registration.quotas import add_quota, remove_quota, require_at_least, set_capacity
from eventhub.web.languages import gettext as _


@dataclass(frozen=True, slots=True)
class RolePlan:
    """What people can come as, as an organiser wants it; `key` is None for a new role."""

    key: int | None
    title: str
    title_en: str
    capacity: int | None
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How many places there are, and how free ones are passed on."""

    capacity: int | None
    offer_hours: int | None
    attendance: Mapping[Attendance, int | None] | None
    """The places on site and online; None where they are not counted apart."""
    roles: Sequence[RolePlan] = ()
    may_change_place: bool = False


def plan_of(edition: Edition) -> Plan:
    """Return what holds now."""
    quotas = list(quotas_of(edition).values())
    attendance = {
        Attendance(one.reference): one.capacity for one in quotas if one.kind is QuotaKind.ATTENDANCE
    }
    by_role = {one.reference: one.capacity for one in quotas if one.kind is QuotaKind.ROLE}
    roles = queries.roles(edition) if by_role else []
    return Plan(
        edition.capacity,
        edition.offer_hours,
        attendance or None,
        [RolePlan(role.id, role.title, role.title_en, by_role.get(str(role.id))) for role in roles],
        edition.may_change_place,
    )


def carry_out(edition: Edition, plan: Plan) -> None:
    """Change the numbers of places as planned, and let people move up into new ones."""
    lock(edition)
    before = plan_of(edition)
    if plan == before:
        return
    used = edition.taken_count + edition.held_back_count
    require_at_least(used, plan.capacity)
    edition.capacity = plan.capacity
    edition.offer_hours = plan.offer_hours
    edition.may_change_place = plan.may_change_place
    edition.version += 1
    if plan.attendance != before.attendance:
        _plan_attendance(edition, plan.attendance)
    for role in plan.roles:
        _plan_role(edition, role)
    changes = {
        "capacity": (before.capacity, plan.capacity),
        "offer_hours": (before.offer_hours, plan.offer_hours),
        "may_change_place": (before.may_change_place, plan.may_change_place),
    }
    record(
        "edition.places",
        edition_id=edition.id,
        version=edition.version,
        changes={name: pair for name, pair in changes.items() if pair[0] != pair[1]},
    )
    pass_on(edition)


def _plan_attendance(edition: Edition, wanted: Mapping[Attendance, int | None] | None) -> None:
    present = {
        Attendance(quota.reference): quota
        for quota in queries.quotas(edition)
        if quota.kind is QuotaKind.ATTENDANCE
    }
    if bool(wanted) != bool(present) and edition.taken_count + edition.waiting_count:
        raise RuleBroken(_("People are registered already, so this can’t be changed any more"), field="apart")
    for attendance in Attendance:
        quota = present.get(attendance)
        if wanted is None:
            if quota is not None:
                remove_quota(edition, quota)
        elif quota is None:
            add_quota(edition, QuotaKind.ATTENDANCE, attendance, wanted.get(attendance))
        else:
            _set_capacity(edition, quota, wanted.get(attendance), field=attendance)


def _plan_role(edition: Edition, plan: RolePlan) -> None:
    role = queries.role(edition, plan.key) if plan.key is not None else None
    if plan.key is not None and role is None:
        return  # somebody else has removed it
    if role is None:
        role = ParticipantRole(
            edition_id=edition.id,
            slug=secrets.token_hex(4),
            title=plan.title,
            position=len(queries.roles(edition)),
        )
        db.session.add(role)
        db.session.flush()  # its quota names its key
    role.title, role.title_en = plan.title, plan.title_en
    quota = queries.quota(edition, QuotaKind.ROLE, str(role.id))
    if plan.remove:
        _remove_role(edition, role, quota)
    elif quota is None:
        add_quota(edition, QuotaKind.ROLE, str(role.id), plan.capacity)
    else:
        _set_capacity(edition, quota, plan.capacity, field="roles")


def _remove_role(edition: Edition, role: ParticipantRole, quota: Quota | None) -> None:
    if quota is not None and quota.taken_count + quota.waiting_count:
        raise RuleBroken(
            _("Somebody comes as “%(role)s”, so the role can’t be removed", role=role.title), field="roles"
        )
    if quota is not None:
        remove_quota(edition, quota)
    db.session.delete(role)


def _set_capacity(edition: Edition, quota: Quota, capacity: int | None, field: str) -> None:
    try:
        set_capacity(edition, quota, capacity)
    except RuleBroken as broken:
        raise RuleBroken(broken.message, field=field) from None
