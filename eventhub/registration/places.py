"""Who has a place and who waits: the one way in which places are taken, given back and passed on.

All of this needs the lock of the edition. The decisions are in `rules`; here they meet the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from eventhub import clock
from eventhub.database import lock, note_lock
from eventhub.editions.models import Admission, Edition, EditionState
from eventhub.editions.rules import is_over
from eventhub.errors import Overtaken
from eventhub.extensions import db
from eventhub.history.service import record
from eventhub.registration import mails, queries, rules
from eventhub.registration.models import (
    TAKES_PLACE,
    TRANSITIONS,
    Attendance,
    Claim,
    Ending,
    Quota,
    QuotaKind,
    Registration,
    RegistrationState,
)
from eventhub.registration.needs import (
    Claimed,
    Quotas,
    attendance_key,
    claimed_by,
    is_unproven,
    limits_of,
    needs_of,
    quotas_of,
    ways,
    wish_of,
)
from eventhub.registration.rules import HOUSE, Limits, Needs

LARGEST_BATCH = 100

_houses, _quotas, _claims = (cast(Table, model.__table__) for model in (Edition, Quota, Claim))
_COUNTERS = _houses.c.taken_count, _houses.c.waiting_count, _houses.c.held_back_count
_COUNTING_IN_HOUSE = (
    update(_houses)
    .where(
        _houses.c.id == bindparam("house"),
        _houses.c.version == bindparam("seen"),
        _houses.c.quota_count == bindparam("quotas"),
    )
    .values(taken_count=_houses.c.taken_count + 1)
    .returning(*_COUNTERS)
)
_COUNTING_IN_QUOTAS = (
    update(_quotas)
    .where(
        _quotas.c.id.in_(select(_claims.c.quota_id).where(_claims.c.registration_id == bindparam("counted")))
    )
    .values(taken_count=_quotas.c.taken_count + 1)
)


def make_room(edition: Edition, quotas: Quotas, needs: Needs) -> None:
    """Let house and quotas grow as far as somebody needs who gets a place in any case.

    Free places for which others wait are theirs: a party waits until there are enough of them.
    """
    limits, changes = limits_of(edition, quotas), {}
    for key, number in needs.items():
        limited = edition if key == HOUSE else quotas[key]
        missing = number - (0 if limits[key].waiting else limits[key].free)
        if limited.capacity is not None and missing > 0:
            before = limited.capacity
            limited.capacity += int(missing)
            name = "capacity" if key == HOUSE else _name(edition, quotas[key])
            changes[name] = (before, limited.capacity)
    if changes:
        record("edition.places", edition_id=edition.id, changes=changes)


def _name(edition: Edition, quota: Quota) -> str:
    """Return how the history names what a quota limits."""
    if quota.kind is not QuotaKind.ROLE:
        return quota.label or quota.reference
    return next(role.title for role in queries.roles(edition) if str(role.id) == quota.reference)


def let_in(
    edition: Edition, quotas: Quotas, registration: Registration, keys: frozenset[int], until: datetime | None
) -> None:
    """Give somebody who waits a place in any case, at once and on their own; house and quotas grow by it.

    `until` is when they have to have confirmed their address, as far as they still have to.
    """
    line = registration.waits_for
    others = [one for one in waiting_with(registration) if one is not registration]
    with db.session.no_autoflush:  # halfway the row is nothing that the database would take
        leave(edition, quotas, registration)
        make_room(edition, quotas, needs_of(quotas, [keys]))
        take(quotas, registration, keys)
        registration.party_id, registration.expires_at = None, until
        enter(edition, quotas, registration, RegistrationState.HELD if until else RegistrationState.CONFIRMED)
    wait_rightly(quotas, others, line)


# states ------------------------------------------------------------------------------------------------


def enter(
    edition: Edition,
    quotas: Quotas,
    registration: Registration,
    state: RegistrationState,
    waits_for: int | None = None,
) -> None:
    """Bring a registration into a state and count it there."""
    bring_into(registration, state)
    if state in TAKES_PLACE:
        count(edition, quotas, registration, 1)
    elif state is RegistrationState.WAITLISTED:
        edition.waiting_count += 1
        edition.last_in_line += 1
        registration.place_in_line = edition.last_in_line
        if waits_for:
            registration.waits_for = waits_for
            quotas[waits_for].waiting_count += 1


def bring_into(registration: Registration, state: RegistrationState) -> None:
    """Bring a registration into a state in which it is still to be counted."""
    registration.state = state
    registration.state_changed_at = clock.now()


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


def end(edition: Edition, quotas: Quotas, registration: Registration, because: Ending) -> None:
    """Cancel a registration; those who waited together with it go on for what they need themselves."""
    line = registration.waits_for
    move(edition, quotas, registration, RegistrationState.CANCELLED, because=because)
    if line is not None:
        wait_rightly(quotas, waiting_with(registration), line)


def leave(edition: Edition, quotas: Quotas, registration: Registration) -> None:
    """Take a registration out of the numbers of its state."""
    if registration.takes_place:
        count(edition, quotas, registration, -1)
    elif registration.state is RegistrationState.WAITLISTED:
        edition.waiting_count -= 1
        if registration.waits_for is not None:
            quotas[registration.waits_for].waiting_count -= 1
        registration.place_in_line = registration.waits_for = None


def count(edition: Edition, quotas: Quotas, registration: Registration, number: int) -> None:
    """Count the place that somebody takes: 1 from now on, -1 no longer."""
    edition.taken_count += number
    for key in claimed_by(registration, quotas):
        quotas[key].taken_count += number
        if quotas[key].kind is QuotaKind.RESERVE:
            edition.held_back_count -= number


def count_last(edition: Edition, registration: Registration) -> None:
    """Lock an edition by counting somebody who was written down for a place that seemed to be free.

    The database refuses one that is not (IntegrityError). Raises Overtaken where somebody waits for it, or
    the organisers have changed the edition since it was read.
    """
    read = {"house": edition.id, "seen": edition.version, "quotas": edition.quota_count}
    counted = db.session.connection().execute(_COUNTING_IN_HOUSE, read).first()
    if counted is None:
        raise Overtaken
    note_lock(edition)
    for column, number in zip(_COUNTERS, counted, strict=True):
        set_committed_value(edition, column.key, number)
    keys = frozenset(claim.quota_id for claim in registration.claims)
    if keys:
        db.session.connection().execute(_COUNTING_IN_QUOTAS, {"counted": registration.id})
    if edition.waiting_count:
        quotas = quotas_of(edition)
        limits = limits_of(edition, quotas)
        if any(limits[key].waiting for key in needs_of(quotas, [keys])):
            raise Overtaken


# moving up ---------------------------------------------------------------------------------------------


def fill(edition: Edition) -> int:
    """Give free places to those who wait, in their order; return how many got one."""
    lock(edition)
    return pass_on(edition)


def pass_on(edition: Edition) -> int:
    """Do the same where the edition is locked already."""
    now = clock.now()
    if not edition.waiting_count or not passes_on(edition, edition.offer_hours, now):
        return 0
    quotas = quotas_of(edition)
    promoted = 0
    for step, party in next_steps(edition, quotas, limits_of(edition, quotas)):
        if step.needs is None:
            _change_line(quotas, party.people, step.line or HOUSE)
            continue
        for registration, keys in zip(party.people, party.claimed(step.needs), strict=True):
            take(quotas, registration, keys)
            _promote(edition, quotas, registration, keys, now)
        promoted += len(party.people)
    return promoted


def passes_on(edition: Edition, offer_hours: int | None, now: datetime) -> bool:
    """Tell whether free places still go to those who wait; an offer that nobody could answer is none."""
    if edition.state is not EditionState.PUBLISHED or is_over(edition, now):
        return False
    return offer_hours is None or rules.offered_until(offer_hours, edition.starts_at, now) is not None


@dataclass(frozen=True, slots=True)
class _Party:
    """People who wait together, and what each would claim in each of the ways that they take."""

    people: Sequence[Registration]
    ways: Sequence[tuple[Needs, Claimed]]

    def claimed(self, way: Needs) -> Claimed:
        return next(claimed for needs, claimed in self.ways if needs == way)


def next_steps(edition: Edition, quotas: Quotas, limits: Limits) -> Iterator[tuple[rules.Step, _Party]]:
    """Yield who would get places if these were the numbers; nothing is changed here."""
    parties: dict[int, _Party] = {}
    lines = {
        key: _line(edition, quotas, key, limits, parties)
        for key in limits
        if limits[key].free > 0 and _may_move(edition, key, quotas, limits)
    }
    for step in rules.moving_up(limits, lines):
        yield step, parties[step.party.place]


def _may_move(edition: Edition, key: int, quotas: Quotas, limits: Limits) -> bool:
    """Tell whether somebody waits for this, or may take it instead of what they wait for."""
    if key != HOUSE and quotas[key].kind is QuotaKind.RESERVE:
        return edition.waiting_count > 0
    on_site = _on_site_instead_of(key, quotas)
    return bool(limits[key].waiting or (on_site and limits[on_site].waiting and limits[HOUSE].free > 0))


def _on_site_instead_of(key: int, quotas: Quotas) -> int | None:
    """Return the quota of places on site where the key is that of online places."""
    if key == HOUSE or key != attendance_key(quotas, Attendance.ONLINE):
        return None
    return attendance_key(quotas, Attendance.ON_SITE)


def _line(
    edition: Edition, quotas: Quotas, key: int, limits: Limits, parties: dict[int, _Party]
) -> Iterator[rules.Waiting]:
    """Read a line party by party, only as far as it is asked for."""
    rows = _rows(edition, quotas, key, int(min(limits[key].free, LARGEST_BATCH)))
    row = next(rows, None)
    while row is not None:
        people, row = [row], None
        if people[0].party_id is not None:
            while (row := next(rows, None)) is not None and row.party_id == people[0].party_id:
                people.append(row)
        party, waiting = _waiting(quotas, people)
        if waiting.place in parties:  # it stands in two lines, and seats may have gone since it was read
            party = _Party(people, [*parties[waiting.place].ways, *party.ways])
        parties[waiting.place] = party
        yield waiting
        row = row or next(rows, None)


def _rows(edition: Edition, quotas: Quotas, key: int, number: int) -> Iterator[Registration]:
    last, found = 0, number
    reserved = key != HOUSE and quotas[key].kind is QuotaKind.RESERVE
    while found == number:
        if reserved:
            batch = queries.in_line_with_right(edition, key, last, number)
        else:
            batch = queries.in_line(edition, key or None, _on_site_instead_of(key, quotas), last, number)
        # what is read may move while the next is asked for, so its place is noted before
        found, last = len(batch), max((row.place_in_line or 0 for row in batch), default=0)
        yield from batch


def _waiting(quotas: Quotas, people: Sequence[Registration]) -> tuple[_Party, rules.Waiting]:
    wishes = [wish_of(quotas, one) for one in people]
    found = [
        (needs_of(quotas, claimed), claimed)
        for claimed in ways(quotas, wishes, online=all(one.accepts_online for one in people))
    ]
    waiting = rules.Waiting(
        place=people[0].place_in_line or 0,
        line=people[0].waits_for or HOUSE,
        needs=needs_of(quotas, [wish.keys for wish in wishes]),
        ways=[needs for needs, _claimed in found],
    )
    return _Party(people, found), waiting


def take(quotas: Quotas, registration: Registration, keys: frozenset[int]) -> None:
    """Let somebody who is not counted at this moment need these quotas, and take part where they say."""
    if not quotas:
        return
    claim_quotas(registration, keys)
    for key in keys:
        if quotas[key].kind is QuotaKind.ATTENDANCE:
            registration.attendance = Attendance(quotas[key].reference)


def claim_quotas(registration: Registration, keys: frozenset[int]) -> None:
    """Say which quotas a registration needs; its place must not be counted at this moment."""
    kept = {claim.quota_id: claim for claim in registration.claims}
    registration.claims = [kept.get(key) or Claim(quota_id=key) for key in sorted(keys)]


def claim_instead(edition: Edition, quotas: Quotas, registration: Registration, keys: frozenset[int]) -> None:
    """Let somebody need these quotas instead of those so far; one they waited for may be none of them."""
    if registration.takes_place:
        count(edition, quotas, registration, -1)
        claim_quotas(registration, keys)
        count(edition, quotas, registration, 1)
        return
    claim_quotas(registration, keys)
    wait_rightly(quotas, waiting_with(registration), registration.waits_for)


def to_the_end(edition: Edition, quotas: Quotas, registration: Registration) -> None:
    """Let somebody who waits go on waiting behind all others, and alone."""
    line = registration.waits_for
    others = [one for one in waiting_with(registration) if one is not registration]
    leave(edition, quotas, registration)
    registration.party_id = None
    enter(edition, quotas, registration, RegistrationState.WAITLISTED)
    wait_rightly(quotas, others, line)


def waiting_with(registration: Registration) -> list[Registration]:
    """Return who of a party waits, themselves included."""
    return [one for one in queries.party_of(registration) if one.state is RegistrationState.WAITLISTED]


def wait_rightly(quotas: Quotas, people: Sequence[Registration], line: int | None) -> None:
    """Let a party that has become another one no longer wait for what none of them needs."""
    if line is not None and people and not any(line in claimed_by(one, quotas) for one in people):
        _change_line(quotas, people, HOUSE)


def _change_line(quotas: Quotas, people: Sequence[Registration], line: int) -> None:
    for registration in people:
        if registration.waits_for is not None:
            quotas[registration.waits_for].waiting_count -= 1
        registration.waits_for = line or None
        if line:
            quotas[line].waiting_count += 1


def _promote(
    edition: Edition, quotas: Quotas, registration: Registration, keys: frozenset[int], now: datetime
) -> None:
    """Give somebody who waits a place: at once, by offer, or until the address is confirmed."""
    registration.version += 1
    until = registration.expires_at
    if until is None and edition.offer_hours is not None:
        until = rules.offered_until(edition.offer_hours, edition.starts_at, now)
        move(edition, quotas, registration, RegistrationState.OFFERED, expires_at=until)
        record("registration.offered", edition_id=edition.id, registration_id=registration.id)
        mails.offered(registration)
        return
    if until is None and asks_for_proof(edition) and is_unproven(quotas, registration.email, keys):
        until = now + timedelta(hours=rules.HOURS_TO_CONFIRM)
    state = RegistrationState.CONFIRMED if until is None else RegistrationState.HELD
    move(edition, quotas, registration, state, expires_at=until)
    record("registration.promoted", edition_id=edition.id, registration_id=registration.id)
    if until is None:
        mails.promoted(registration)
    else:
        mails.held(registration)


def asks_for_proof(edition: Edition) -> bool:
    """Tell whether an address must be confirmed before it opens seats held back: nobody else checks it."""
    return edition.admission not in {Admission.CONFIRM_ADDRESS, Admission.APPROVAL}
