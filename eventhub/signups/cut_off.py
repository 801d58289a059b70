"""The cut-off: wishes become places; from then on it is first come, first served."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from eventhub import clock
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.history.service import record
from eventhub.registration.models import Registration
from eventhub.signups import mails, queries, rules, service
from eventhub.signups.allocation import allocate, by_lot
from eventhub.signups.models import Allotment, Alternatives, Signup, SlotPlaces
from eventhub.web.languages import gettext as _

AT_ONCE = 500
"""So many registrations are read with one statement."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an allocation would give, and from what it is made."""

    given: Mapping[int, int]
    """The slot that each person gets; who gets none of their wishes is missing."""
    wishes: Mapping[int, Mapping[int, int]]
    """The ranks that people gave to slots. One may be missing: its slot takes no wishes any more."""
    fitting: Mapping[int, list[int]]
    """The wishes without those that clash with what people have by now."""
    people: Sequence[int]
    """All who have wishes, in the order of their lots; last those none of whose wishes fit."""
    places: Mapping[int, int]
    """The places that are there to give, by slot."""

    def rank(self, person: int) -> int | None:
        """Return which of their wishes somebody gets."""
        slot = self.given.get(person)
        return None if slot is None else self.wishes[person][slot]

    def by_rank(self) -> dict[int | None, int]:
        """Count who gets which wish, the first wish first and nothing last."""
        ranks = [self.rank(person) for person in self.people]
        return {
            rank: ranks.count(rank) for rank in sorted(set(ranks), key=lambda rank: rank or len(ranks) + 1)
        }

    def first_wishes(self, slot: int) -> int:
        """Count whose first wish a slot is."""
        return sum(wanted.get(slot) == 1 for wanted in self.wishes.values())


def take_wishes(edition: Edition, alternatives: Alternatives, until: datetime | None) -> None:
    """Let participants rank these slots until the cut-off; None leaves the moment to the organiser."""
    lock(edition)
    if alternatives.allocated_at is not None:
        raise RuleBroken(_("The wishes are allocated already."))
    if until is not None and until <= clock.now():
        raise RuleBroken(_("Choose a moment in the future"), field="until")
    if not alternatives.ranked and _has_signups(alternatives):
        raise RuleBroken(_("People have places already, so it is too late to rank these sessions."))
    alternatives.ranked = True
    alternatives.allocates_at = until
    if alternatives.seed is None:  # one lot for life: nobody can draw until the result pleases them
        alternatives.seed = secrets.randbits(32)
    record("wishes.opened", edition_id=edition.id, title=alternatives.title, until=until)


def plan(alternatives: Alternatives) -> Plan:
    """Say what the allocation would give now; nothing changes."""
    places = {
        key: one
        for key, one in queries.places_of(alternatives.edition_id).items()
        if one.alternatives_id == alternatives.id
    }
    wishes = queries.all_wishes(alternatives)
    fitting = _that_fit(alternatives, wishes)
    free = {key: _free(one, len(fitting)) for key, one in places.items()}
    seed = alternatives.seed or 0
    left_out = sorted(wishes.keys() - fitting.keys())
    return Plan(allocate(fitting, free, seed), wishes, fitting, [*by_lot(fitting, seed), *left_out], free)


def allocate_wishes(edition: Edition, alternatives: Alternatives) -> Plan | None:
    """Turn wishes into places and tell everybody why they got what they got; None where it is done."""
    lock(edition)
    lock(alternatives)
    if not alternatives.undecided:
        return None
    found = plan(alternatives)
    alternatives.allocated_at = clock.now()
    alternatives.demand = {
        str(slot): {"places": number, "first": found.first_wishes(slot)}
        for slot, number in found.places.items()
    }
    places = queries.places_of(edition.id)
    registrations = _registrations(found.people)
    # who gets no wish waits for the dearest that fits, in the order of the lots, behind those with a place
    for person in sorted(found.people, key=lambda person: person not in found.given):
        if person in found.fitting:
            slot = found.given.get(person, found.fitting[person][0])
            service.sign_up(registrations[person], places[slot])
        rank = found.rank(person)
        db.session.add(Allotment(registration_id=person, alternatives_id=alternatives.id, rank=rank))
    db.session.flush()  # the mails follow what is written
    for person in found.people:
        mails.allotted(registrations[person], alternatives)
    record(
        "wishes.allocated",
        edition_id=edition.id,
        title=alternatives.title,
        people=len(found.people),
        seed=alternatives.seed,
    )
    return found


def _has_signups(alternatives: Alternatives) -> bool:
    found = (
        select(Signup.slot_id)
        .join(SlotPlaces, SlotPlaces.slot_id == Signup.slot_id)
        .where(SlotPlaces.alternatives_id == alternatives.id)
        .limit(1)
    )
    return db.session.scalar(found) is not None


def _that_fit(alternatives: Alternatives, wishes: Mapping[int, Mapping[int, int]]) -> dict[int, list[int]]:
    sessions = queries.sessions(queries.listed(alternatives.edition_id))
    held = queries.signups_of_those_who_wish(alternatives)
    found = {}
    for person, wanted in wishes.items():
        own = held.get(person, {})
        against = rules.against_wishes(sessions, own, dict.fromkeys(own, True), wanted)
        bad = {problem.id for problem in against}
        if len(bad) < len(wanted):
            found[person] = [key for key in wanted if key not in bad]
    return found


def _free(places: SlotPlaces, people: int) -> int:
    return people if places.capacity is None else places.capacity - places.taken_count


def _registrations(keys: Sequence[int]) -> dict[int, Registration]:
    found: dict[int, Registration] = {}
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        rows = db.session.scalars(select(Registration).where(Registration.id.in_(part)))
        found |= {row.id: row for row in rows}
    return found
