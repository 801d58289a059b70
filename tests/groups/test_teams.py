"""Teams: people join within the size, found others, mentors look after them, and results stay current."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.groups import queries, rules, service, teams
from eventhub.groups.models import Group, Grouping, Membership
from eventhub.groups.teams import Full, Plan
from eventhub.history.models import HistoryEntry
from eventhub.registration import handing_over
from eventhub.registration import service as registrations
from eventhub.registration.download import personal_data
from eventhub.registration.models import ParticipantRole, QuotaKind, Registration
from eventhub.web.languages import speaking
from tests.conftest import FrozenClock
from tests.groups.workshop import add_workshop, told
from tests.mail.samples import mails_sent, text_of
from tests.registration.samples import add_quota, applicant, signed_up

pytestmark = pytest.mark.both_databases


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def registration(key: int) -> Registration:
    return db.session.get_one(Registration, key)


def open_teams(app: Flask, people: int, capacity: int = 2, each: int = 2) -> tuple[Grouping, list[int]]:
    """Publish teams on two challenges; return them with so many people and, last, one mentor."""
    edition_id = add_workshop(app, people + 1)
    keys = list(db.session.scalars(select(Registration.id).order_by(Registration.id)))
    with transaction():
        role = ParticipantRole(edition_id=edition_id, slug="mentor", title="Mentor:in")
        db.session.add(role)
        db.session.flush()
        registration(keys[-1]).role_id = role.id
        edition = db.session.get_one(Edition, edition_id)
        grouping = teams.open_teams(
            edition, Plan("Hackathon", ["Masken", "Nachbarn"], each, capacity, role.id)
        )
    with transaction():
        assert service.publish(grouping) == 0
    return grouping, keys


def team_id(grouping: Grouping, name: str) -> int:
    found = select(Group.id).where(Group.grouping_id == grouping.id, Group.name == name)
    return db.session.scalars(found).one()


def join(key: int, grouping: Grouping, name: str) -> bool:
    with transaction():
        return teams.join(registration(key), grouping, team_id(grouping, name))


def test_whoever_comes_instead_is_in_the_same_team(context: Flask) -> None:
    grouping, (ada, _bo, mentor) = open_teams(context, people=2)
    name = next(iter(team.name for team in queries.teams(grouping)))
    assert join(ada, grouping, name)
    with transaction():
        teams.look_after(registration(mentor), grouping, team_id(grouping, name))
    with transaction():
        handing_over.hand_over(registration(ada), applicant("Cem"), "one")
    add_quota(grouping.edition_id, QuotaKind.ROLE, str(grouping.mentor_role_id), None)
    with transaction():
        handing_over.hand_over(registration(mentor), applicant("Dua"), "two")
    newcomers = select(Registration).where(Registration.id > mentor).order_by(Registration.id)
    cem, dua = db.session.scalars(newcomers).all()
    team = db.session.get_one(Group, team_id(grouping, name))
    assert [one.registration_id for one in db.session.scalars(select(Membership))] == [cem.id]
    assert (team.taken_count, team.mentor_id) == (1, dua.id)
    assert counts(grouping) == {name: 1}


def counts(grouping: Grouping) -> dict[str, int]:
    """Return the counters of the teams that have people, after comparing them with the rows."""
    db.session.rollback()
    found = {}
    for team in queries.teams(grouping):
        rows = db.session.scalars(select(Membership).where(Membership.group_id == team.id)).all()
        assert team.taken_count == len(rows)
        if rows:
            found[team.name] = len(rows)
    return found


def test_people_join_one_team_and_change_it(context: Flask) -> None:
    grouping, keys = open_teams(context, 2)
    assert join(keys[0], grouping, "Team 1")
    assert not join(keys[0], grouping, "Team 1")
    assert counts(grouping) == {"Team 1": 1}
    assert join(keys[0], grouping, "Team 3")
    assert counts(grouping) == {"Team 3": 1}
    with transaction():
        assert teams.leave(registration(keys[0]), grouping)
    assert counts(grouping) == {}
    with transaction():
        assert not teams.leave(registration(keys[0]), grouping)
    assert (len(told("group")), len(told("group_gone"))) == (2, 1)


def test_a_full_team_names_another_one_on_the_same_challenge(context: Flask) -> None:
    grouping, keys = open_teams(context, 5)
    for key in keys[:2]:
        join(key, grouping, "Team 1")
    with pytest.raises(
        Full, match=r"“Team 1” is full\. On the same challenge “Team 2” has 2 places left"
    ) as full:
        join(keys[2], grouping, "Team 1")
    assert full.value.instead is not None
    assert join(keys[2], grouping, full.value.instead.name)
    join(keys[3], grouping, "Team 2")
    with pytest.raises(Full, match="Choose another challenge, or found a team") as full:
        join(keys[4], grouping, "Team 1")
    assert full.value.instead is None
    assert counts(grouping) == {"Team 1": 2, "Team 2": 2}


def test_a_team_is_founded_on_a_challenge_under_a_name_of_its_own(context: Flask) -> None:
    grouping, keys = open_teams(context, 1)
    person = registration(keys[0])
    for name, topic, words in (("team 1", "Masken", "has this name"), ("Neu", "Anderes", "one of the chall")):
        with pytest.raises(RuleBroken, match=words), transaction():
            teams.found(person, grouping, name, topic)
    join(keys[0], grouping, "Team 1")
    with transaction():
        made = teams.found(person, grouping, "Neu", "Masken")
    assert (made.topic, made.capacity) == ("Masken", 2)
    assert counts(grouping) == {"Neu": 1}


def test_mentors_see_teams_without_one_and_look_after_them(context: Flask) -> None:
    grouping, keys = open_teams(context, 2)
    mentor = registration(keys[-1])
    with pytest.raises(RuleBroken, match="Mentors look after teams and join none"):
        join(mentor.id, grouping, "Team 1")
    with pytest.raises(RuleBroken, match="Only mentors"), transaction():
        teams.look_after(registration(keys[0]), grouping, team_id(grouping, "Team 1"))
    assert list(queries.without_mentor(grouping)) == []
    join(keys[0], grouping, "Team 1")
    join(keys[1], grouping, "Team 3")
    assert [team.name for team in queries.without_mentor(grouping)] == ["Team 1", "Team 3"]
    with transaction():
        assert teams.look_after(mentor, grouping, team_id(grouping, "Team 1"))
    with transaction():
        assert not teams.look_after(mentor, grouping, team_id(grouping, "Team 1"))
    assert [team.name for team in queries.without_mentor(grouping)] == ["Team 3"]
    assert [team.name for team in queries.looked_after(mentor, grouping)] == ["Team 1"]
    [mail] = [mail for row, mail in mails_sent() if row.kind == "group_changed"]
    assert "Person 2" in text_of(mail)
    with transaction():
        assert not teams.stop_looking_after(mentor, grouping, team_id(grouping, "Team 3"))
        assert teams.stop_looking_after(mentor, grouping, team_id(grouping, "Team 1"))
    assert told("group_changed") == [keys[0], keys[0]]


def test_a_mentor_who_cancels_leaves_the_team_to_another_one(context: Flask) -> None:
    grouping, keys = open_teams(context, 1)
    join(keys[0], grouping, "Team 1")
    with transaction():
        teams.look_after(registration(keys[-1]), grouping, team_id(grouping, "Team 1"))
    with transaction():
        registrations.cancel(registration(keys[-1]), "participant")
    assert [team.name for team in queries.without_mentor(grouping)] == ["Team 1"]
    assert told("group_changed") == [keys[0], keys[0]]


def test_who_cancels_frees_the_place_in_the_team(context: Flask) -> None:
    grouping, keys = open_teams(context, 3)
    for key in keys[:2]:
        join(key, grouping, "Team 1")
    with transaction():
        registrations.cancel(registration(keys[0]), "participant")
    assert counts(grouping) == {"Team 1": 1}
    assert join(keys[2], grouping, "Team 1")
    with pytest.raises(RuleBroken, match="as soon as you have a place"):
        join(keys[0], grouping, "Team 2")


def test_an_organiser_takes_somebody_out(context: Flask) -> None:
    grouping, keys = open_teams(context, 1)
    join(keys[0], grouping, "Team 1")
    first, second = (db.session.get_one(Group, team_id(grouping, name)) for name in ("Team 1", "Team 2"))
    with transaction():
        assert not teams.take_out(second, registration(keys[0]))
        assert teams.take_out(first, registration(keys[0]))
    assert counts(grouping) == {}
    assert told("group_gone") == [keys[0]]


def test_a_team_never_becomes_smaller_than_it_is(context: Flask) -> None:
    grouping, keys = open_teams(context, 2)
    for key in keys[:2]:
        join(key, grouping, "Team 1")
    team = db.session.get_one(Group, team_id(grouping, "Team 1"))
    with pytest.raises(RuleBroken, match="2 people are in the team already"), transaction():
        service.update_group(team, {"name": "Team 1", "capacity": 1})


def test_results_are_told_by_members_also_after_the_meeting(context: Flask, clock: FrozenClock) -> None:
    grouping, keys = open_teams(context, 2)
    join(keys[0], grouping, "Team 1")
    team = db.session.get_one(Group, team_id(grouping, "Team 1"))
    ends_at = grouping.edition.ends_at
    assert ends_at
    clock.set(ends_at)
    with transaction():
        assert teams.tell_result(
            registration(keys[0]), team, {"project": "Maske für alle", "status": "Prototyp"}
        )
        assert not teams.tell_result(registration(keys[0]), team, {"status": "Prototyp"})
    with pytest.raises(RuleBroken, match="Only members"), transaction():
        teams.tell_result(registration(keys[1]), team, {"project": "Anderes"})
    with pytest.raises(RuleBroken, match="over or cancelled"):
        join(keys[1], grouping, "Team 1")
    assert [(one.project, one.status) for one in queries.results(grouping)] == [
        ("Maske für alle", "Prototyp")
    ]


def test_groups_that_people_join_are_not_divided(context: Flask) -> None:
    grouping, keys = open_teams(context, 1)
    for verb in (service.propose, service.add_late):
        with pytest.raises(RuleBroken, match="by themselves"), transaction():
            verb(grouping)
    with pytest.raises(RuleBroken, match="by themselves"), transaction():
        service.move(grouping, {keys[0]}, team_id(grouping, "Team 1"), grouping.version)


def test_my_data_names_my_team_and_those_i_look_after(context: Flask) -> None:
    grouping, keys = open_teams(context, 1)
    join(keys[0], grouping, "Team 1")
    with transaction():
        teams.look_after(registration(keys[-1]), grouping, team_id(grouping, "Team 1"))
    assert personal_data(registration(keys[0]))["groups"] == [{"division": "Hackathon", "group": "Team 1"}]
    assert personal_data(registration(keys[-1]))["mentored_groups"] == [
        {"division": "Hackathon", "group": "Team 1"}
    ]
    actions = select(HistoryEntry.action, HistoryEntry.actor).where(HistoryEntry.action.like("groups.%"))
    assert {(action, actor) for action, actor in db.session.execute(actions)} >= {
        ("groups.joined", "participant"),
        ("groups.mentored", "participant"),
    }


def test_of_many_at_once_only_as_many_come_in_as_fit(context: Flask) -> None:
    grouping, keys = open_teams(context, 8, capacity=3, each=1)
    wanted, grouping_id = team_id(grouping, "Team 1"), grouping.id
    db.session.remove()
    refused: list[int] = []

    def try_to_join(key: int) -> None:
        with context.app_context(), speaking("en"):
            try:
                with transaction():
                    teams.join(registration(key), db.session.get_one(Grouping, grouping_id), wanted)
            except Full:
                refused.append(key)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=try_to_join, args=(key,)) for key in keys[:8]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts(db.session.get_one(Grouping, grouping_id)) == {"Team 1": 3}
    assert len(refused) == 5


def test_the_smallest_team_with_a_place_is_offered() -> None:
    some = [Group(capacity=3, taken_count=number) for number in (3, 2, 1, 2)]
    assert rules.instead(some) is some[2]
    assert rules.instead(some[:1]) is None


def test_late_people_may_join_too(context: Flask) -> None:
    grouping, _keys = open_teams(context, 1)
    late = signed_up(grouping.edition_id, "late").registration.id
    assert join(late, grouping, "Team 2")
