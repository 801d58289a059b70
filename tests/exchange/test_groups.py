"""Divisions into groups in a file: their rules and rooms, never the people."""

from __future__ import annotations

import pytest
import yaml
from flask import Flask
from sqlalchemy import select

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import InvalidFile
from eventhub.exchange.service import export_series
from eventhub.extensions import db
from eventhub.groups import service
from eventhub.groups.models import Balance, Group, Grouping
from eventhub.questionnaires.models import Kind
from eventhub.registration import planning
from eventhub.registration.planning import Plan, RolePlan
from tests.conftest import FrozenClock
from tests.exchange.conftest import Bring
from tests.groups.workshop import ask, groups_of, told
from tests.registration.samples import signed_up

MEETING = """\
series: {slug: meeting, title: Meeting}
editions:
  - number: 1
    title: First
    state: published
    date: {start: 2026-06-10}
    time: {start: "10:00", end: "12:00"}
    mode: online
    rooms:
      - {name: Saal}
    agenda: []
    groups:
      - title: Café
        mix: organisation
        most_of_one: 2
        asks_companions: true
        groups:
          - {name: Rot, room: Saal}
          - {name: Blau, link: "https://meet.example/blue"}
      - title: Hackathon
        challenges: [Water, Energy]
        team_size: 4
"""
GROUPS = yaml.safe_load(MEETING)["editions"][0]["groups"]


@pytest.fixture
def imported(clock: FrozenClock, bring: Bring) -> Edition:
    bring(MEETING)
    return edition()


def edition() -> Edition:
    return db.session.scalars(select(Edition)).one()


def grouping(title: str) -> Grouping:
    return db.session.scalars(select(Grouping).filter_by(title=title)).one()


def exported() -> list[dict[str, object]]:
    found: list[dict[str, object]] = yaml.safe_load(export_series("meeting"))["editions"][0]["groups"]
    return found


def test_a_file_brings_divisions_that_nobody_is_in_yet(imported: Edition, bring: Bring) -> None:
    cafe = grouping("Café")
    assert (cafe.balance, cafe.most_of_one, cafe.asks_companions) == (Balance.ORGANISATION, 2, True)
    assert not cafe.is_published
    assert [(one.name, one.room.name if one.room else None, one.link) for one in cafe.groups] == [
        ("Rot", "Saal", ""),
        ("Blau", None, "https://meet.example/blue"),
    ]
    teams = grouping("Hackathon")
    assert [(one.name, one.topic, one.capacity) for one in teams.groups] == [
        ("Water", "Water", 4),
        ("Energy", "Energy", 4),
    ]
    assert exported() == GROUPS
    assert bring(MEETING).unchanged


def test_people_stay_in_their_groups_and_are_told_of_a_new_room(imported: Edition, bring: Bring) -> None:
    for number in range(4):
        signed_up(imported.id, number)
    cafe = grouping("Café")
    with transaction():
        service.propose(cafe)
        service.publish(cafe)
    before = groups_of(cafe)
    report = bring(MEETING.replace("{name: Rot, room: Saal}", "{name: Rot}"))
    assert dict(report.changed) == {"groups": 1}
    assert groups_of(cafe) == before
    assert sorted(told("group_changed")) == sorted(before["Rot"])
    text = export_series("meeting")
    assert "Person" not in text
    assert "lab.example" not in text


def test_what_is_no_longer_in_the_file_stays(imported: Edition, bring: Bring) -> None:
    bring(MEETING.replace('          - {name: Blau, link: "https://meet.example/blue"}\n', ""))
    assert [one.name for one in grouping("Café").groups] == ["Rot", "Blau"]
    assert dict(bring(MEETING.partition("    groups:\n")[0]).changed) == {"editions": 1}, "only what it says"
    assert len(db.session.scalars(select(Group)).all()) == 4


def test_new_groups_and_challenges_are_added(imported: Edition, bring: Bring) -> None:
    more = MEETING.replace("          - {name: Rot", "          - {name: Grün}\n          - {name: Rot")
    report = bring(more.replace("[Water, Energy]", "[Water, Energy, Soil]"))
    assert dict(report.changed) == {"groups": 2}
    assert [one.name for one in grouping("Café").groups] == ["Rot", "Blau", "Grün"]
    assert [one.topic for one in grouping("Hackathon").groups] == ["Water", "Energy", "Soil"]


def test_roles_and_questions_are_named_and_found_where_they_are(
    here: Flask, imported: Edition, bring: Bring
) -> None:
    named = MEETING.replace("mix: organisation", "mix_question: Frage\n        only: Mentor").replace(
        "team_size: 4", "team_size: 4\n        mentors: Mentor"
    )
    report = bring(named)
    assert [note for note in report.notes if "Mentor" in note or "Frage" in note] == [
        "groups “Café”: there is no “Mentor” here, so that is left as it is",
        "groups “Café”: there is no “Frage” here, so that is left as it is",
        "groups “Hackathon”: there is no “Mentor” here, so that is left as it is",
    ]
    assert grouping("Café").balance is Balance.ORGANISATION
    with transaction():
        planning.carry_out(edition(), Plan(None, None, None, [RolePlan(None, "Mentor", "", None)]))
    question = ask(edition().id, Kind.ONE_OF, "Neu", "Erfahren")
    assert not bring(named).notes
    assert grouping("Café").question_id == question
    assert grouping("Café").role_id == grouping("Hackathon").mentor_role_id is not None
    [cafe, teams] = exported()
    assert (cafe["mix_question"], cafe["only"], teams["mentors"]) == ("Frage", "Mentor", "Mentor")
    assert "mix" not in cafe
    assert bring(named).unchanged


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mix: organisation", "mix: shoe size", "must be one of"),
        ("mix: organisation", "mix: question", "mix_question"),
        ("most_of_one: 2", "most_of_one: 0", "whole number from 1"),
        ("room: Saal", "room: Keller", "“Keller” is no room of this edition"),
        ("https://meet", "javascript:meet", "must be a web address"),
        ("name: Blau", "name: rot", "the group “rot” stands here twice"),
        ("title: Hackathon", "title: café", "the groups “café” stand here twice"),
        ("[Water, Energy]", "[]", "name at least one challenge"),
        ("[Water, Energy]", '[Water, " "]', "leave none empty"),
        ("team_size: 4", "team_size: 0", "whole number from 1"),
        ("      - title: Café\n", "      - subtitle: Café\n", "title is missing"),
    ],
)
def test_what_is_wrong_is_named(here: Flask, bring: Bring, old: str, new: str, words: str) -> None:
    assert MEETING.count(old) == 1
    with pytest.raises(InvalidFile) as refused:
        bring(MEETING.replace(old, new))
    assert words in str(refused.value)
    assert db.session.scalars(select(Grouping)).all() == []


def test_people_who_join_teams_are_not_divided_by_a_file(imported: Edition, bring: Bring) -> None:
    with pytest.raises(InvalidFile, match="groups of the other kind"):
        bring(MEETING.replace("challenges: [Water, Energy]", "groups: [{name: Rot}]"))
    assert grouping("Hackathon").is_open
