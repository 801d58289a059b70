"""Whatever people and organisers do in whatever order, groups and teams stay right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.groups import queries, service, teams
from eventhub.groups.models import Balance, Group, Grouping, Membership
from eventhub.mail.models import OutboxMessage
from eventhub.registration import service as registrations
from eventhub.registration.models import ParticipantRole, Registration, RegistrationState
from tests.conftest import FrozenClock
from tests.effort import examples
from tests.registration.samples import add_edition, signed_up

HOMES = ("Bund", "Land", "")
KINDS = ("group", "group_changed", "group_gone")


class GroupsMachine(RuleBasedStateMachine):
    """Three groups that are divided, and teams on two challenges that people join; some are mentors."""

    app: Flask
    names = count()

    @initialize(capacity=st.integers(1, 2))
    def open(self, capacity: int) -> None:
        slug = f"groups-{next(self.names)}"
        self.edition_id = add_edition(self.app, series={"slug": slug, "title": slug})
        self.people: list[int] = []
        self.told: Counter[str] = Counter()
        with transaction():
            role = ParticipantRole(edition_id=self.edition_id, slug="mentor", title="Mentor:in")
            db.session.add(role)
            db.session.flush()
            self.role_id = role.id
            edition = db.session.get_one(Edition, self.edition_id)
            names = ["Rot", "Blau", "Grün"]
            made = service.create(edition, service.Settings("Werkstatt", names, Balance.ORGANISATION))
            plan = teams.Plan("Hackathon", ["Masken", "Nachbarn"], 1, capacity, role.id)
            found = teams.open_teams(edition, plan)
            self.divided_id, self.teams_id = made.id, found.id
        with transaction():
            service.publish(found)
        for home in HOMES:
            self.somebody_comes(home, mentors=False)
        self.somebody_comes("", mentors=True)

    @property
    def divided(self) -> Grouping:
        return db.session.get_one(Grouping, self.divided_id)

    @property
    def teams(self) -> Grouping:
        return db.session.get_one(Grouping, self.teams_id)

    def person(self, data: st.DataObject) -> Registration:
        return db.session.get_one(Registration, data.draw(st.sampled_from(self.people)))

    def a_team(self, data: st.DataObject) -> Group:
        return data.draw(st.sampled_from(queries.teams(self.teams)[:3]))

    # people --------------------------------------------------------------------------------------------

    @rule(home=st.sampled_from(HOMES), mentors=st.sampled_from([False, False, True]))
    def somebody_comes(self, home: str, mentors: bool) -> None:
        key = signed_up(self.edition_id, f"{next(self.names)}", organisation=home).registration.id
        if mentors:
            with transaction():
                db.session.get_one(Registration, key).role_id = self.role_id
        self.people.append(key)

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def somebody_cancels(self, data: st.DataObject) -> None:
        person = self.person(data)
        mentored = [team for team in queries.teams(self.teams) if team.mentor_id == person.id]
        self.told["group_changed"] += sum(team.taken_count for team in mentored)
        self.people.remove(person.id)
        with transaction():
            registrations.cancel(person, "participant")

    # groups that an organiser divides ------------------------------------------------------------------

    @rule()
    def an_organiser_proposes_anew(self) -> None:
        with suppress(RuleBroken), transaction():
            service.propose(self.divided)

    @rule()
    def an_organiser_publishes(self) -> None:
        with transaction():
            self.told["group"] += service.publish(self.divided)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), out=st.booleans(), stale=st.booleans())
    def an_organiser_moves_people(self, data: st.DataObject, out: bool, stale: bool) -> None:
        people = data.draw(st.sets(st.sampled_from(self.people), min_size=1, max_size=3))
        grouping = self.divided
        to = None if out else data.draw(st.sampled_from(grouping.groups)).id
        with suppress(RuleBroken):
            with transaction():
                moved = service.move(grouping, people, to, grouping.version - stale)
            assert not stale
            self.note(grouping, "group_gone" if out else "group_changed", moved)

    @precondition(lambda self: len(self.people) > 1)
    @rule(data=st.data())
    def an_organiser_swaps_two(self, data: st.DataObject) -> None:
        people = data.draw(st.sets(st.sampled_from(self.people), min_size=2, max_size=2))
        grouping = self.divided
        present = queries.memberships(grouping)
        with suppress(RuleBroken):
            with transaction():
                service.swap(grouping, people, grouping.version)
            inside = sum(key in present for key in people)  # who had no group gives that to the other
            self.note(grouping, "group_changed", inside)
            self.note(grouping, "group_gone", 2 - inside)

    @rule()
    def an_organiser_adds_the_late(self) -> None:
        with transaction():
            self.note(self.divided, "group_changed", service.add_late(self.divided))

    def note(self, grouping: Grouping, kind: str, number: int) -> None:
        if grouping.is_published:
            self.told[kind] += number

    # teams that people form ----------------------------------------------------------------------------

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def somebody_joins(self, data: st.DataObject) -> None:
        person, team = self.person(data), self.a_team(data)
        full, there = team.is_full, queries.team_of(person, self.teams) == team
        with suppress(RuleBroken):
            with transaction():
                joined = teams.join(person, self.teams, team.id)
            assert joined is not there
            assert there or not full
            self.told["group"] += joined

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def somebody_leaves(self, data: st.DataObject) -> None:
        with transaction():
            self.told["group_gone"] += teams.leave(self.person(data), self.teams)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), topic=st.sampled_from(["Masken", "Nachbarn", "Nichts"]))
    def somebody_founds_a_team(self, data: st.DataObject, topic: str) -> None:
        with suppress(RuleBroken):
            with transaction():
                teams.found(self.person(data), self.teams, f"Team {next(self.names)} neu", topic)
            self.told["group"] += 1

    @precondition(lambda self: self.people)
    @rule(data=st.data(), takes=st.booleans())
    def a_mentor_takes_a_team_or_gives_it_back(self, data: st.DataObject, takes: bool) -> None:
        person, team = self.person(data), self.a_team(data)
        verb = teams.look_after if takes else teams.stop_looking_after
        with suppress(RuleBroken):
            with transaction():
                done = verb(person, self.teams, team.id)
            self.told["group_changed"] += done * team.taken_count

    @rule(data=st.data(), capacity=st.integers(1, 4))
    def an_organiser_changes_the_size(self, data: st.DataObject, capacity: int) -> None:
        team = self.a_team(data)
        with suppress(RuleBroken), transaction():
            service.update_group(team, {"name": team.name, "capacity": capacity})

    # what always holds ---------------------------------------------------------------------------------

    @invariant()
    def counters_are_rows_and_no_team_is_overfull(self) -> None:
        if not hasattr(self, "people"):
            return
        db.session.rollback()
        for grouping_id in (self.divided_id, self.teams_id):
            for group in db.session.scalars(select(Group).where(Group.grouping_id == grouping_id)):
                rows = select(func.count()).where(Membership.group_id == group.id)
                assert group.taken_count == db.session.scalar(rows)
                assert group.capacity is None or group.taken_count <= group.capacity

    @invariant()
    def only_those_with_a_place_are_in_groups_and_mentors_in_no_team(self) -> None:
        if not hasattr(self, "people"):
            return
        rows = db.session.execute(
            select(Membership.grouping_id, Registration)
            .join(Membership.registration)
            .where(Membership.grouping_id.in_((self.divided_id, self.teams_id)))
        )
        seen = set()
        for grouping_id, person in rows:
            assert person.state is RegistrationState.CONFIRMED
            assert grouping_id == self.divided_id or person.role_id is None
            assert (grouping_id, person.id) not in seen
            seen.add((grouping_id, person.id))
        mentors = select(Group.mentor_id).where(
            Group.grouping_id == self.teams_id, Group.mentor_id.is_not(None)
        )
        assert set(db.session.scalars(mentors)) <= set(self.people)

    @invariant()
    def each_published_change_has_its_mail(self) -> None:
        if not hasattr(self, "people"):
            return
        rows = db.session.execute(
            select(OutboxMessage.kind, func.count())
            .where(OutboxMessage.edition_id == self.edition_id, OutboxMessage.kind.in_(KINDS))
            .group_by(OutboxMessage.kind)
        )
        assert Counter(dict(rows.all())) == self.told


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.mark.slow
@pytest.mark.both_databases
def test_groups_and_teams_stay_right(context: Flask) -> None:
    machine = type("Machine", (GroupsMachine,), {"app": context})
    few = settings(
        max_examples=examples(15),
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)  # type: ignore[no-untyped-call]
