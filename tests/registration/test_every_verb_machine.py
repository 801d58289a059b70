"""All that can happen to a registration, in whatever order: no overbooking, no overtaking, no silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from eventhub import clock
from eventhub.database import transaction
from eventhub.editions.models import Admission, Edition, EditionState
from eventhub.errors import Overtaken, RuleBroken
from eventhub.extensions import db
from eventhub.mail.models import OutboxMessage
from eventhub.registration import handing_over, held_back, needs, planning, queries, rules, service
from eventhub.registration.applicants import Applicant, Details, Place, Way
from eventhub.registration.held_back import Terms
from eventhub.registration.models import (
    TAKES_PLACE,
    Attendance,
    Claim,
    Ending,
    QuotaKind,
    Registration,
    RegistrationState,
)
from eventhub.registration.planning import Plan, RolePlan
from eventhub.registration.rules import HOUSE
from eventhub.web.languages import speaking
from tests.editions.making import make_edition
from tests.effort import examples
from tests.registration.racing import faster
from tests.registration.samples import add_edition, applicant

TOLD_BY = {
    RegistrationState.CONFIRMED: {"confirmed", "promoted"},
    RegistrationState.WAITLISTED: {"waitlisted", "held"},
    RegistrationState.HELD: {"held"},
    RegistrationState.OFFERED: {"offered"},
    RegistrationState.PENDING: {"pending"},
    RegistrationState.REJECTED: {"rejected"},
    RegistrationState.CANCELLED: {"cancelled", "expired"},
}
CITY = "city.example"
SMALL = st.none() | st.integers(0, 3)
ATTENDANCE = st.sampled_from(Attendance)
WHO = st.sampled_from(["participant", "organiser"])


@dataclass(frozen=True)
class Seen:
    """What somebody had at a moment."""

    edition: int
    state: RegistrationState
    line: int | None
    """What they waited for."""
    place: float
    needs: frozenset[int]
    """What they took a place of, the house included unless a seat was held back for them."""
    version: int


class EveryVerb(RuleBasedStateMachine):
    """A small hybrid meeting with visitors, speakers and seats held back; and the next date of its series."""

    app: Flask
    names = count()

    @initialize(
        capacity=st.sampled_from([1, 2, 3, 4, None]),
        on_site=SMALL,
        online=SMALL,
        speakers=SMALL,
        offers=st.booleans(),
        admission=st.sampled_from([Admission.OPEN, Admission.CONFIRM_ADDRESS, Admission.APPROVAL]),
        held=st.integers(0, 2),
        later=st.sampled_from([1, 2, None]),
    )
    def open(self, capacity: int | None, held: int, admission: Admission, offers: bool, **more: Any) -> None:
        slug = f"verbs-{next(self.names)}"
        self.edition_id = add_edition(
            self.app, series={"slug": slug, "title": slug}, capacity=capacity, admission=admission
        )
        with transaction():
            self.later_id = self.next_date(more["later"]).id
        self.forms = count()
        self.let_in: int | None = None
        self.before: dict[int, Seen] = {}
        self.freed: Counter[int] = Counter()
        places = {Attendance.ON_SITE: more["on_site"], Attendance.ONLINE: more["online"]}
        roles = [RolePlan(None, "Visitor", "", None), RolePlan(None, "Speaker", "", more["speakers"])]
        with transaction():
            planning.carry_out(self.edition, Plan(capacity, 24 if offers else None, places, roles))
        self.roles = [role.id for role in queries.roles(self.edition)]
        self.code = ""
        if held and (capacity is None or held <= capacity):
            with transaction():
                self.code = held_back.hold_back(self.edition, Terms("City", held, domains=CITY)).reference
        self.look()

    @property
    def edition(self) -> Edition:
        return db.session.get_one(Edition, self.edition_id)

    def next_date(self, capacity: int | None) -> Edition:
        here = self.edition
        later = timedelta(days=90)
        assert here.start_date
        assert here.starts_at
        return make_edition(
            here.series,
            6,
            state=EditionState.PUBLISHED,
            start_date=here.start_date + later,
            starts_at=here.starts_at + later,
            capacity=capacity,
        )

    def editions(self) -> list[Edition]:
        return [db.session.get_one(Edition, key) for key in (self.edition_id, self.later_id)]

    def rows(self, *edition_ids: int) -> list[Registration]:
        keys = edition_ids or (self.edition_id, self.later_id)
        found = select(Registration).where(Registration.edition_id.in_(keys)).order_by(Registration.id)
        return list(db.session.scalars(found))

    def seen(self, row: Registration) -> Seen:
        quotas = needs.quotas_of(row.edition)
        taken: frozenset[int] = frozenset()
        if row.takes_place:
            taken = frozenset(+needs.needs_of(quotas, [needs.claimed_by(row, quotas)]))
        line = (row.waits_for or HOUSE) if row.state is RegistrationState.WAITLISTED else None
        return Seen(row.edition_id, row.state, line, row.place_in_line or float("inf"), taken, row.version)

    def look(self) -> None:
        db.session.rollback()
        db.session.expire_all()
        self.before = {row.id: self.seen(row) for row in self.rows()}
        self.freed, self.let_in = Counter(), None

    def attempt(self, verb: Callable[[], object]) -> None:
        """Do something that the rules may refuse; then nothing has changed."""
        try:
            with suppress(RuleBroken), transaction():
                verb()
        finally:
            self.check()

    def somebody(self, data: st.DataObject, *states: RegistrationState) -> Registration | None:
        found = [row for row in self.rows() if row.state in states]
        return data.draw(st.sampled_from(found)) if found else None

    # what people and organisers do ---------------------------------------------------------------------

    @rule(
        size=st.sampled_from([1, 1, 1, 2, 3]),
        attendance=ATTENDANCE,
        accepts_online=st.booleans(),
        speaker=st.sampled_from([False, False, True]),
        by=st.sampled_from(["", "", "link", "address"]),
        later=st.sampled_from([False, False, True]),
    )
    def people_come(
        self, size: int, attendance: Attendance, accepts_online: bool, speaker: bool, by: str, later: bool
    ) -> None:
        edition = self.editions()[later]

        def person(at: int) -> Applicant:
            number = next(self.forms)
            host = CITY if by == "address" and at == 0 else "lab.example"
            return applicant(
                number,
                email=f"p{number}@{host}",
                attendance=attendance,
                accepts_online=accepts_online and attendance is Attendance.ON_SITE,
                role_id=self.roles[speaker],
                asked=True,
            )

        people = [person(at) for at in range(size)]
        way = Way(code=self.code if by == "link" else "")
        self.attempt(lambda: service.register_party(edition, people, f"form {people[0].email}", way))

    @rule(
        data=st.data(),
        attendance=ATTENDANCE,
        speaker=st.sampled_from([False, False, True]),
        by=st.sampled_from(["", "", "link", "address"]),
        meanwhile=st.sampled_from(["comes", "cancels", "resizes", ""]),
        capacity=st.none() | st.integers(1, 6),
    )
    def somebody_comes_by_the_form(
        self, data: st.DataObject, attendance: Attendance, speaker: bool, by: str, meanwhile: str, **more: Any
    ) -> None:
        """They are counted last: somebody else is faster where writers don't wait in line for each other."""
        number = next(self.forms)
        email = f"f{number}@{CITY if by == 'address' else 'lab.example'}"
        way = Way(code=self.code if by == "link" else "")
        person = applicant(
            number, email=email, attendance=attendance, role_id=self.roles[speaker], asked=True
        )
        other = self.somebody(data, *TAKES_PLACE, RegistrationState.WAITLISTED)
        verbs: dict[str, Callable[[], object]] = {
            "comes": lambda: service.register(
                self.edition, replace(person, email=f"other-{email}"), f"other {number}", way
            ),
            "resizes": lambda: planning.carry_out(
                self.edition, replace(planning.plan_of(self.edition), capacity=more["capacity"])
            ),
        }
        if other is not None:
            key = other.id
            verbs["cancels"] = lambda: service.cancel(db.session.get_one(Registration, key), "participant")

        def comes() -> None:
            with suppress(Overtaken), transaction():
                service.register_newcomer(self.edition, person, f"form {number}", way)
                return
            with transaction():
                service.register(self.edition, person, f"form {number}", way)

        act = verbs.get(meanwhile)
        race = faster(self.app, lambda: self.elsewhere(act)) if act else nullcontext()
        with race, suppress(RuleBroken):
            comes()
        self.check()

    def elsewhere(self, verb: Callable[[], object]) -> None:
        with speaking("en"):
            self.attempt(verb)

    @rule(
        data=st.data(),
        known=st.booleans(),
        attendance=ATTENDANCE,
        speaker=st.booleans(),
        approved=st.booleans(),
        proven=st.booleans(),
        beyond=st.booleans(),
    )
    def somebody_follows_an_invitation(
        self, data: st.DataObject, known: bool, attendance: Attendance, speaker: bool, **spared: bool
    ) -> None:
        """Whoever is let in beyond the house passes others, and takes nothing that these wait for."""
        row = self.somebody(data, *RegistrationState) if known else None
        number = next(self.forms)
        guest = applicant(
            number,
            email=row.email if row else f"g{number}@lab.example",
            attendance=attendance,
            role_id=self.roles[speaker],
            asked=row is None or row.edition_id == self.edition_id,
        )
        edition = row.edition if row else self.edition
        way = Way(
            invited=True,
            approved=spared["approved"],
            address_confirmed=spared["proven"],
            beyond=spared["beyond"],
        )
        if way.beyond:
            self.let_in = row.id if row else self.latest() + 1
        was, capacity = row and row.state, edition.capacity
        self.attempt(lambda: service.register(edition, guest, f"guest {number}", way))
        if row is not None and row.takes_place and was in TAKES_PLACE:
            assert row.edition.capacity == capacity, "nobody gets a second place"
        if row is not None and way.beyond and was is RegistrationState.WAITLISTED:
            assert row.takes_place

    def latest(self) -> int:
        return db.session.scalar(select(func.max(Registration.id))) or 0

    @rule(data=st.data(), attendance=st.none() | ATTENDANCE, waits=st.booleans())
    def somebody_changes_to_the_next_date(
        self, data: st.DataObject, attendance: Attendance | None, waits: bool
    ) -> None:
        here = [row for row in self.rows(self.edition_id) if row.state is RegistrationState.CONFIRMED]
        if not here:
            return
        row, later = data.draw(st.sampled_from(here)), self.editions()[1]
        place = self.place(attendance=attendance, asked=False)
        person = handing_over.same_person(row, place)
        key = f"move {row.id} {row.version}"
        self.attempt(lambda: handing_over.move_to(row, later, person, key, waits=waits))
        if row.ended_because is Ending.MOVED:
            there = queries.by_address(later, row.email)
            assert there is not None
            assert there.state is RegistrationState.CONFIRMED or waits

    @staticmethod
    def place(**values: Any) -> Place:
        usual: dict[str, Any] = {
            "attendance": None,
            "accepts_online": False,
            "role_id": None,
            "days": frozenset(),
            "asked": True,
            "answers": None,
        }
        return Place(**{**usual, **values})  # type: ignore[typeddict-item]

    @rule(data=st.data(), by=WHO)
    def somebody_cancels(self, data: st.DataObject, by: service.By) -> None:
        row = self.somebody(data, *TAKES_PLACE, RegistrationState.WAITLISTED, RegistrationState.PENDING)
        if row is not None:
            self.attempt(lambda: service.cancel(row, by))

    @rule(data=st.data(), accepts=st.booleans())
    def somebody_answers_an_offer(self, data: st.DataObject, accepts: bool) -> None:
        row = self.somebody(data, RegistrationState.OFFERED)
        if row is not None:
            self.attempt(lambda: (service.accept_offer if accepts else service.decline_offer)(row))

    @rule(data=st.data())
    def somebody_confirms_the_address(self, data: st.DataObject) -> None:
        row = self.somebody(data, RegistrationState.HELD, RegistrationState.WAITLISTED)
        if row is not None:
            self.attempt(lambda: service.confirm_address(row))

    @rule(data=st.data(), approves=st.sampled_from([True, True, False]))
    def an_organiser_decides(self, data: st.DataObject, approves: bool) -> None:
        row = self.somebody(data, RegistrationState.PENDING, RegistrationState.REJECTED)
        if row is not None:
            self.attempt(lambda: (service.approve if approves else service.reject)(row))

    @rule(data=st.data())
    def time_runs_out(self, data: st.DataObject) -> None:
        rows = [row for row in self.rows() if row.expires_at is not None]
        if not rows:
            return
        row = data.draw(st.sampled_from(rows))
        with transaction():
            row.expires_at = clock.now() - timedelta(seconds=1)
        self.attempt(lambda: service.expire(row.edition, [row.id]))

    @rule(data=st.data())
    def somebody_else_comes_instead(self, data: st.DataObject) -> None:
        row = self.somebody(data, RegistrationState.CONFIRMED)
        if row is None:
            return
        self.freed.update(self.before[row.id].needs)
        self.attempt(lambda: handing_over.hand_over(row, applicant(f"s{next(self.forms)}"), f"s {row.id}"))

    @rule(
        data=st.data(),
        attendance=st.none() | ATTENDANCE,
        role=st.none() | st.booleans(),
        accepts_online=st.booleans(),
        by=WHO,
    )
    def somebody_takes_part_in_another_way(
        self,
        data: st.DataObject,
        attendance: Attendance | None,
        role: bool | None,
        accepts_online: bool,
        by: Any,
    ) -> None:
        row = self.somebody(data, *TAKES_PLACE, RegistrationState.WAITLISTED, RegistrationState.PENDING)
        if row is None:
            return
        place = self.place(
            attendance=attendance,
            accepts_online=accepts_online,
            role_id=None if role is None or row.edition_id == self.later_id else self.roles[role],
        )
        self.attempt(lambda: service.change(row, self.details(row), by, place))

    @rule(
        data=st.data(),
        host=st.sampled_from([CITY, "lab.example"]),
        by=WHO,
    )
    def somebody_corrects_the_address(self, data: st.DataObject, host: str, by: Any) -> None:
        row = self.somebody(data, *TAKES_PLACE, RegistrationState.WAITLISTED, RegistrationState.PENDING)
        if row is not None:
            details = self.details(row) | {"email": f"c{next(self.forms)}@{host}"}
            self.attempt(lambda: service.change(row, details, by))  # type: ignore[arg-type]

    @staticmethod
    def details(row: Registration) -> Any:
        return {name: getattr(row, name) for name in Details.__annotations__}

    @rule(capacity=st.none() | st.integers(1, 6))
    def the_house_has_another_size(self, capacity: int | None) -> None:
        self.attempt(
            lambda: planning.carry_out(
                self.edition, replace(planning.plan_of(self.edition), capacity=capacity)
            )
        )

    @rule(kind=ATTENDANCE, capacity=SMALL)
    def a_kind_of_place_has_another_number(self, kind: Attendance, capacity: int | None) -> None:
        plan = planning.plan_of(self.edition)
        self.attempt(
            lambda: planning.carry_out(
                self.edition, replace(plan, attendance={**(plan.attendance or {}), kind: capacity})
            )
        )

    @rule(number=st.integers(1, 3))
    def seats_are_held_back(self, number: int) -> None:
        """More or fewer of them; new ones once they were released."""
        reserves = held_back.reserves(self.edition)
        if reserves:
            terms = replace(held_back.terms_of(reserves[0]), number=number)
            self.attempt(lambda: held_back.change(self.edition, reserves[0], terms))
            return
        self.attempt(lambda: held_back.hold_back(self.edition, Terms("City", number, domains=CITY)))
        self.code = next((one.reference for one in held_back.reserves(self.edition)), "")

    @rule()
    def seats_are_released(self) -> None:
        """Whoever has one of them keeps it, as a place of the house."""
        reserves = held_back.reserves(self.edition)
        if not reserves:
            return
        seat = reserves[0].id
        for key, seen in self.before.items():
            if seat in seen.needs:
                self.before[key] = replace(seen, needs=seen.needs - {seat} | {HOUSE})
        self.attempt(lambda: held_back.release(reserves[0]))

    # what holds then -----------------------------------------------------------------------------------

    def check(self) -> None:
        """Look at what one step has done, and remember how things are now."""
        db.session.rollback()
        db.session.expire_all()
        now = {row.id: self.seen(row) for row in self.rows()}
        self.nobody_overtakes(now)
        self.everybody_is_told(now)
        self.look()

    def nobody_overtakes(self, now: dict[int, Seen]) -> None:
        """Nobody gets something that a person earlier in line waited for before and still waits for."""
        gained = {
            key: seen.needs - (self.before[key].needs if key in self.before else frozenset())
            for key, seen in now.items()
        }
        gained.pop(self.let_in or 0, None)
        for key, got in gained.items():
            mine = self.before[key].place if key in self.before else float("inf")
            for other, was in self.before.items():
                still = now[other].line is not None and now[other].line == was.line
                together = was.edition == now[key].edition
                if other != key and together and still and was.place < mine and was.line in got:
                    assert self.freed[was.line or HOUSE], (key, other, was.line)

    def everybody_is_told(self, now: dict[int, Seen]) -> None:
        for key, seen in now.items():
            before = self.before.get(key)
            if before is not None and before.state is seen.state:
                continue
            versions = range((before.version if before else -1) + 1, seen.version + 1)
            dedupe = {f"{kind}:{key}:{version}" for kind in TOLD_BY[seen.state] for version in versions}
            told = select(func.count()).where(OutboxMessage.dedupe_key.in_(dedupe))
            assert db.session.scalar(told), (key, before, seen)

    @invariant()
    def nothing_is_overbooked_and_all_is_counted(self) -> None:
        for edition in self.editions() if hasattr(self, "later_id") else []:
            self.all_is_counted(edition, self.rows(edition.id))

    def all_is_counted(self, edition: Edition, rows: list[Registration]) -> None:
        quotas = needs.quotas_of(edition)
        taking = [row for row in rows if row.takes_place]
        assert edition.taken_count == len(taking)
        assert edition.waiting_count == sum(row.state is RegistrationState.WAITLISTED for row in rows)
        assert edition.capacity is None or edition.taken_count + edition.held_back_count <= edition.capacity
        assert edition.held_back_count == sum(
            (one.capacity or 0) - one.taken_count for one in quotas.values() if one.kind is QuotaKind.RESERVE
        )
        claims = Counter(
            claim.quota_id
            for claim in db.session.scalars(select(Claim))
            if claim.registration_id in {row.id for row in taking}
        )
        for key, quota in quotas.items():
            assert quota.taken_count == claims[key]
            assert quota.capacity is None or quota.taken_count <= quota.capacity
            assert quota.waiting_count == sum(row.waits_for == key for row in rows)

    @invariant()
    def whoever_waits_has_a_reason_and_a_party_is_whole(self) -> None:
        for edition in self.editions() if hasattr(self, "later_id") else []:
            self.all_wait_for_a_reason(edition, self.rows(edition.id))

    def all_wait_for_a_reason(self, edition: Edition, rows: list[Registration]) -> None:
        quotas = needs.quotas_of(edition)
        limits = needs.limits_of(edition, quotas)
        waiting = [row for row in rows if row.state is RegistrationState.WAITLISTED]
        for row in waiting:
            mates = [one for one in waiting if one is row or (row.party_id and one.party_id == row.party_id)]
            assert len({one.waits_for for one in mates}) == 1
            first = min(one.place_in_line or 0 for one in mates)
            earlier = {one.waits_for or HOUSE for one in waiting if (one.place_in_line or 0) < first}
            wishes = [needs.wish_of(quotas, one) for one in mates]
            for way in needs.ways(quotas, wishes, online=all(one.accepts_online for one in mates)):
                assert rules.bottleneck(limits, needs.needs_of(quotas, way), earlier) is not None


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


@pytest.mark.slow
@pytest.mark.both_databases
def test_whatever_happens_places_stay_right(context: Flask) -> None:
    machine = type("Machine", (EveryVerb,), {"app": context})
    few = settings(
        max_examples=examples(40),
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)  # type: ignore[no-untyped-call]
