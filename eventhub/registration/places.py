"""Who has a place and who waits: the one way in which places are taken, given back and passed on.

All of this needs the lock of the edition. The decisions are in `rules`; here they meet the rows.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import record
from eventhub.registration import mails, queries, rules
from eventhub.registration.models import (
    TAKES_PLACE,
    TRANSITIONS,
    Attendance,
    Claim,
    Ending,
    ParticipantRole,
    Quota,
    QuotaKind,
    Registration,
    RegistrationState,
)
from eventhub.registration.rules import HOUSE, Limits, Needs, Places
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext

if TYPE_CHECKING:
    from eventhub.registration.service import Applicant

Quotas = Mapping[int, Quota]
LARGEST_BATCH = 100


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


# needs -------------------------------------------------------------------------------------------------


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
    for key in applicant.quota_ids:
        if key not in quotas or quotas[key].kind is not QuotaKind.OPTION:
            raise RuleBroken(_("This choice does not exist any more. Please choose again"))
        found.add(key)
    return frozenset(key for key in found if key is not None)


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


def make_room(edition: Edition, quotas: Quotas, needs: Needs) -> None:
    """Let house and quotas grow as far as somebody needs who gets a place in any case."""
    for key, number in needs.items():
        limited = edition if key == HOUSE else quotas[key]
        missing = number - limits_of(edition, quotas)[key].free
        if limited.capacity is not None and missing > 0:
            limited.capacity += int(missing)


# states ------------------------------------------------------------------------------------------------


def enter(
    edition: Edition,
    quotas: Quotas,
    registration: Registration,
    state: RegistrationState,
    waits_for: int | None = None,
) -> None:
    """Bring a registration into a state and count it there."""
    registration.state = state
    registration.state_changed_at = clock.now()
    if state in TAKES_PLACE:
        _count(edition, quotas, registration, 1)
    elif state is RegistrationState.WAITLISTED:
        edition.waiting_count += 1
        edition.last_in_line += 1
        registration.place_in_line = edition.last_in_line
        if waits_for:
            registration.waits_for = waits_for
            quotas[waits_for].waiting_count += 1


def move(
    edition: Edition,
    quotas: Quotas,
    registration: Registration,
    state: RegistrationState,
    *,
    waits_for: int | None = None,
    expires_at: datetime | None = None,
    because: Ending | None = None,
) -> None:
    """Bring a registration from its state into another and keep all counters right."""
    if state not in TRANSITIONS[registration.state]:
        raise ValueError(f"a registration that is {registration.state} can't become {state}")
    leave(edition, quotas, registration)
    registration.expires_at = expires_at
    registration.ended_because = because
    enter(edition, quotas, registration, state, waits_for)


def leave(edition: Edition, quotas: Quotas, registration: Registration) -> None:
    """Take a registration out of the numbers of its state."""
    if registration.takes_place:
        _count(edition, quotas, registration, -1)
    elif registration.state is RegistrationState.WAITLISTED:
        edition.waiting_count -= 1
        if registration.waits_for is not None:
            quotas[registration.waits_for].waiting_count -= 1
        registration.place_in_line = registration.waits_for = None


def _count(edition: Edition, quotas: Quotas, registration: Registration, number: int) -> None:
    edition.taken_count += number
    for key in claimed_by(registration, quotas):
        quotas[key].taken_count += number
        if quotas[key].kind is QuotaKind.RESERVE:
            edition.held_back_count -= number


# moving up ---------------------------------------------------------------------------------------------


def fill(edition: Edition) -> int:
    """Give free places to those who wait, in their order; return how many got one."""
    lock(edition)
    return pass_on(edition)


def pass_on(edition: Edition) -> int:
    """Do the same where the edition is locked already."""
    if not edition.waiting_count or edition.state is not EditionState.PUBLISHED:
        return 0
    if is_over(edition, clock.now()):
        return 0
    quotas = quotas_of(edition)
    promoted = 0
    for step, people in next_steps(edition, quotas, limits_of(edition, quotas)):
        if step.needs is None:
            _change_line(quotas, people, step.line or HOUSE)
            continue
        if step.needs is not step.party.needs:
            _go_online(quotas, people)
        for registration in people:
            _promote(edition, quotas, registration)
        promoted += len(people)
    return promoted


def next_steps(
    edition: Edition, quotas: Quotas, limits: Limits
) -> Iterator[tuple[rules.Step, list[Registration]]]:
    """Yield who would get places if these were the numbers; nothing is changed here."""
    parties: dict[int, list[Registration]] = {}
    lines = {
        key: _line(edition, quotas, key, limits, parties)
        for key in limits
        if limits[key].free > 0 and _may_move(key, quotas, limits)
    }
    for step in rules.moving_up(limits, lines):
        yield step, parties[step.party.place]


def _may_move(key: int, quotas: Quotas, limits: Limits) -> bool:
    """Tell whether somebody waits for this, or would take it instead of a place on site."""
    on_site = _on_site_instead_of(key, quotas)
    return bool(limits[key].waiting or (on_site and limits[on_site].waiting and limits[HOUSE].free > 0))


def _on_site_instead_of(key: int, quotas: Quotas) -> int | None:
    """Return the quota of places on site where the key is that of online places."""
    if key == HOUSE or quotas[key].kind is not QuotaKind.ATTENDANCE:
        return None
    return _by_attendance(quotas, Attendance.ON_SITE) if quotas[key].reference == Attendance.ONLINE else None


def _by_attendance(quotas: Quotas, attendance: Attendance) -> int | None:
    return next(
        (
            key
            for key, quota in quotas.items()
            if quota.kind is QuotaKind.ATTENDANCE and quota.reference == attendance
        ),
        None,
    )


def _line(
    edition: Edition, quotas: Quotas, key: int, limits: Limits, parties: dict[int, list[Registration]]
) -> Iterator[rules.Waiting]:
    """Read a line party by party, only as far as it is asked for."""
    rows = _rows(edition, quotas, key, int(min(limits[key].free, LARGEST_BATCH)))
    row = next(rows, None)
    while row is not None:
        people, row = [row], None
        if people[0].party_id is not None:
            while (row := next(rows, None)) is not None and row.party_id == people[0].party_id:
                people.append(row)
        party = _waiting(quotas, people)
        parties[party.place] = people
        yield party
        row = row or next(rows, None)


def _rows(edition: Edition, quotas: Quotas, key: int, number: int) -> Iterator[Registration]:
    last, found = 0, number
    while found == number:
        batch = queries.in_line(edition, key or None, _on_site_instead_of(key, quotas), last, number)
        # what is read may move while the next is asked for, so its place is noted before
        found, last = len(batch), max((row.place_in_line or 0 for row in batch), default=0)
        yield from batch


def _waiting(quotas: Quotas, people: Sequence[Registration]) -> rules.Waiting:
    needs = needs_of(quotas, [claimed_by(one, quotas) for one in people])
    return rules.Waiting(
        place=people[0].place_in_line or 0,
        line=people[0].waits_for or HOUSE,
        needs=needs,
        otherwise=online_instead(quotas, needs) if all(one.accepts_online for one in people) else None,
    )


def online_instead(quotas: Quotas, needs: Needs) -> Needs | None:
    """Return the same needs with online places in place of those on site, if there are such."""
    on_site = _by_attendance(quotas, Attendance.ON_SITE)
    online = _by_attendance(quotas, Attendance.ONLINE)
    if on_site is None or online is None or on_site not in needs:
        return None
    changed = Counter(needs)
    changed[online] += changed.pop(on_site)
    return changed


def _go_online(quotas: Quotas, people: Sequence[Registration]) -> None:
    for registration in people:
        go_online(quotas, registration)


def go_online(quotas: Quotas, registration: Registration) -> None:
    """Let somebody who is not counted yet, or waits, need an online place instead of one on site."""
    on_site = _by_attendance(quotas, Attendance.ON_SITE)
    online = _by_attendance(quotas, Attendance.ONLINE)
    registration.attendance = Attendance.ONLINE
    keys = {claim.quota_id for claim in registration.claims} - {on_site} | {online}
    claim_quotas(registration, frozenset(key for key in keys if key is not None))


def claim_quotas(registration: Registration, keys: frozenset[int]) -> None:
    """Say which quotas a registration needs; its place must not be counted at this moment."""
    kept = {claim.quota_id: claim for claim in registration.claims}
    registration.claims = [kept.get(key) or Claim(quota_id=key) for key in sorted(keys)]


def _change_line(quotas: Quotas, people: Sequence[Registration], line: int) -> None:
    for registration in people:
        if registration.waits_for is not None:
            quotas[registration.waits_for].waiting_count -= 1
        registration.waits_for = line or None
        if line:
            quotas[line].waiting_count += 1


def _promote(edition: Edition, quotas: Quotas, registration: Registration) -> None:
    """Give somebody who waits a place: at once, by offer, or until the address is confirmed."""
    registration.version += 1
    if registration.expires_at is not None:
        move(edition, quotas, registration, RegistrationState.HELD, expires_at=registration.expires_at)
        record("registration.promoted", edition_id=edition.id, registration_id=registration.id)
        mails.held(registration)
        return
    if edition.offer_hours is not None:
        until = offered_until(edition, clock.now())
        move(edition, quotas, registration, RegistrationState.OFFERED, expires_at=until)
        record("registration.offered", edition_id=edition.id, registration_id=registration.id)
        mails.offered(registration)
        return
    move(edition, quotas, registration, RegistrationState.CONFIRMED)
    record("registration.promoted", edition_id=edition.id, registration_id=registration.id)
    mails.promoted(registration)


def offered_until(edition: Edition, now: datetime) -> datetime:
    """Return the deadline of an offer made now; it does not outlast the start of the meeting."""
    until = now + timedelta(hours=edition.offer_hours or 0)
    return until if edition.starts_at is None else min(until, edition.starts_at)


# quotas ------------------------------------------------------------------------------------------------


def add_quota(
    edition: Edition, kind: QuotaKind, reference: str, capacity: int | None, label: str = ""
) -> Quota:
    """Limit something in an edition. Whoever is registered already needs nothing of it."""
    lock(edition)
    quota = Quota(edition_id=edition.id, kind=kind, reference=reference, capacity=capacity, label=label)
    db.session.add(quota)
    edition.quota_count += 1
    db.session.flush()  # claims name its key
    return quota


def set_capacity(edition: Edition, quota: Quota, capacity: int | None) -> None:
    """Change a limit; not below what is taken. Where it grows, people move up."""
    lock(edition)
    lock(quota)
    _require_at_least(quota.taken_count, capacity)
    if capacity == quota.capacity:
        return
    if quota.kind is QuotaKind.RESERVE:
        more = (capacity or 0) - (quota.capacity or 0)
        _require_free(edition, more)
        edition.held_back_count += more
    quota.capacity = capacity
    pass_on(edition)


def remove_quota(edition: Edition, quota: Quota) -> None:
    """Lift a limit: nobody needs it any more, and who waits for it waits for the house, or moves up."""
    lock(edition)
    lock(quota)
    if quota.kind is QuotaKind.RESERVE:
        edition.held_back_count -= (quota.capacity or 0) - quota.taken_count
    for registration in queries.all_in_line(quota):
        registration.waits_for = None
    for claim in queries.claims_on(quota):
        db.session.delete(claim)
    db.session.flush()  # nothing refers to it any more
    db.session.expire_all()
    db.session.delete(quota)
    edition.quota_count -= 1
    pass_on(edition)


def hold_back(edition: Edition, label: str, number: int, until: datetime | None = None) -> Quota:
    """Keep free seats for somebody in particular, until a moment or until they are released."""
    lock(edition)
    _require_free(edition, number)
    quota = add_quota(edition, QuotaKind.RESERVE, secrets.token_hex(8), number, label)
    quota.release_at = until
    edition.held_back_count += number
    return quota


def release(quota: Quota) -> None:
    """Give seats that are still held back to all; who has one of them keeps it."""
    remove_quota(db.session.get_one(Edition, quota.edition_id), quota)


def _require_at_least(taken: int, capacity: int | None) -> None:
    if capacity is not None and capacity < taken:
        raise RuleBroken(
            ngettext(
                "%(num)s place is taken already; there can’t be fewer",
                "%(num)s places are taken already; there can’t be fewer",
                taken,
            ),
            field="capacity",
        )


def _require_free(edition: Edition, number: int) -> None:
    free = edition.free_places
    if free is not None and number > free:
        raise RuleBroken(
            ngettext(
                "Only %(num)s place is free, so no more can be held back",
                "Only %(num)s places are free, so no more can be held back",
                max(free, 0),
            ),
            field="capacity",
        )


# what organisers decide --------------------------------------------------------------------------------


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
    )


def would_move_up(edition: Edition, plan: Plan) -> list[Registration]:
    """Return who would get a place by a plan, in their order; nothing is changed."""
    if not edition.waiting_count:
        return []
    quotas = quotas_of(edition)
    limits = limits_of(edition, quotas)
    wanted = {HOUSE: plan.capacity}
    for key, quota in quotas.items():
        if quota.kind is QuotaKind.ATTENDANCE and plan.attendance is not None:
            wanted[key] = plan.attendance.get(Attendance(quota.reference), quota.capacity)
        for role in plan.roles:
            if quota.kind is QuotaKind.ROLE and quota.reference == str(role.key):
                wanted[key] = role.capacity
    planned = {key: replace(limit, capacity=wanted.get(key, limit.capacity)) for key, limit in limits.items()}
    return [
        registration
        for step, people in next_steps(edition, quotas, planned)
        if step.needs is not None
        for registration in people
    ]


def carry_out(edition: Edition, plan: Plan) -> None:
    """Change the numbers of places as planned, and let people move up into new ones."""
    lock(edition)
    before = plan_of(edition)
    if plan == before:
        return
    used = edition.taken_count + edition.held_back_count
    _require_at_least(used, plan.capacity)
    edition.capacity = plan.capacity
    edition.offer_hours = plan.offer_hours
    edition.version += 1
    if plan.attendance != before.attendance:
        _plan_attendance(edition, plan.attendance)
    for role in plan.roles:
        _plan_role(edition, role)
    changes = {
        "capacity": (before.capacity, plan.capacity),
        "offer_hours": (before.offer_hours, plan.offer_hours),
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
