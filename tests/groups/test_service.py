"""Groups: proposed, changed, published, and kept right while people come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventhub.database import transaction
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.groups import queries, service
from eventhub.groups.models import Balance, Grouping
from eventhub.history.models import HistoryEntry
from eventhub.organisations.models import Level, Organisation
from eventhub.questionnaires.models import Kind, Purpose, Question
from eventhub.registration import own_texts
from eventhub.registration import service as registrations
from eventhub.registration.download import personal_data
from eventhub.registration.models import Attendance, ParticipantRole, Registration
from eventhub.registration.own_texts import OwnText
from eventhub.web.languages import speaking
from eventhub.web.seen import Stale
from tests.conftest import FrozenClock
from tests.groups.workshop import add_workshop, answer, ask, divide, groups_of, told
from tests.mail.samples import mails_sent, text_of
from tests.registration.samples import signed_up

pytestmark = pytest.mark.both_databases


@pytest.fixture
def context(app: Flask, clock: FrozenClock) -> Iterator[Flask]:
    with app.app_context(), speaking("en"):
        yield app


def registration(key: int) -> Registration:
    return db.session.get_one(Registration, key)


def keys_of(edition_id: int) -> list[int]:
    rows = select(Registration.id).where(Registration.edition_id == edition_id).order_by(Registration.id)
    return list(db.session.scalars(rows))


def move(grouping: Grouping, people: set[int], to: str | None, seen: int | None = None) -> int:
    with transaction():
        group = next((one.id for one in grouping.groups if one.name == to), None)
        return service.move(grouping, people, group, grouping.version if seen is None else seen)


def publish(grouping: Grouping) -> int:
    with transaction():
        return service.publish(grouping)


# the proposal ------------------------------------------------------------------------------------------


def test_everybody_with_a_place_is_in_one_group_and_nobody_is_told(context: Flask) -> None:
    edition_id = add_workshop(context, 7, capacity=6)
    grouping = divide(edition_id, balance=Balance.ORGANISATION)
    found = groups_of(grouping)
    assert sorted(key for people in found.values() for key in people) == keys_of(edition_id)[:6]
    assert {len(people) for people in found.values()} == {3}
    assert told("group") == []
    assert queries.places_of(registration(keys_of(edition_id)[0])) == []


def test_the_same_seed_makes_the_same_groups_again(context: Flask) -> None:
    grouping = divide(add_workshop(context, 12))
    before, seed = groups_of(grouping), grouping.seed
    with transaction():
        service.propose(grouping)
    assert grouping.seed != seed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "_lot", lambda: seed)
        with transaction():
            service.propose(grouping)
    assert groups_of(grouping) == before


def test_answers_to_an_own_question_are_mixed(context: Flask) -> None:
    edition_id = add_workshop(context, 8)
    question = ask(edition_id, Kind.ONE_OF, "Neu", "Erfahren")
    people = keys_of(edition_id)
    answer(question, {key: "o1" if number < 4 else "o2" for number, key in enumerate(people)})
    grouping = divide(edition_id, balance=Balance.QUESTION, question_id=question)
    for members in groups_of(grouping).values():
        assert len(members & set(people[:4])) == 2


def test_levels_roles_and_attendances_are_mixed(context: Flask) -> None:
    edition_id = add_workshop(context, 8)
    people = keys_of(edition_id)
    with transaction():
        db.session.add(Organisation(slug="bund", name="Bund", level=Level.FEDERAL))
        db.session.add(
            Organisation(slug="koeln", name="Köln", short_name="Stadt Köln", level=Level.MUNICIPAL)
        )
        role = ParticipantRole(edition_id=edition_id, slug="guest", title="Gast")
        db.session.add(role)
        db.session.flush()
        for number, key in enumerate(people):
            registration(key).role_id = role.id if number < 4 else None
            registration(key).attendance = Attendance.ONLINE if number < 2 else Attendance.ON_SITE
    everyone = [registration(key) for key in people]
    words = {
        balance: Counter(
            queries.balanced(Grouping(edition_id=edition_id, balance=balance), everyone).values()
        )
        for balance in (Balance.LEVEL, Balance.ROLE, Balance.ATTENDANCE)
    }
    assert words == {
        Balance.LEVEL: {"federal": 2, "municipal": 2},
        Balance.ROLE: {"Gast": 4},
        Balance.ATTENDANCE: {"online": 2, "on site": 6},
    }
    grouping = divide(edition_id, balance=Balance.ROLE)
    for members in groups_of(grouping).values():
        assert len(members & set(people[:4])) == 2


def test_those_in_one_role_are_divided_alone(context: Flask) -> None:
    edition_id = add_workshop(context, 4)
    people = keys_of(edition_id)
    with transaction():
        role = ParticipantRole(edition_id=edition_id, slug="mentor", title="Mentor:in")
        db.session.add(role)
        db.session.flush()
        registration(people[0]).role_id = role.id
        role_id = role.id
    assert sum(map(len, groups_of(divide(edition_id, role_id=role_id)).values())) == 1


def test_a_ranking_whose_options_are_the_groups_counts_as_wish(context: Flask) -> None:
    edition_id = add_workshop(context, 4)
    question = ask(edition_id, Kind.RANKING, "Blau", "Rot", "Grün")
    first, second, *_rest = keys_of(edition_id)
    answer(question, {first: '["o1","o2","o3"]', second: '["o3","o2","o1"]'})
    found = groups_of(divide(edition_id, wish_id=question))
    assert first in found["Blau"]
    assert second in found["Rot"]


def test_a_title_is_used_once(context: Flask) -> None:
    edition_id = add_workshop(context, 2)
    divide(edition_id)
    with pytest.raises(RuleBroken, match="of this name already"):
        divide(edition_id)


def test_too_large_a_crowd_is_refused(context: Flask) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "MOST_PEOPLE", 3)
        edition_id = add_workshop(context, 4)
        with pytest.raises(RuleBroken, match="Choose those in one role"):
            divide(edition_id)


# changes -----------------------------------------------------------------------------------------------


def test_two_people_are_swapped_and_told_once_the_groups_are_published(context: Flask) -> None:
    grouping = divide(add_workshop(context, 6))
    before = groups_of(grouping)
    one, other = min(before["Rot"]), min(before["Blau"])
    with transaction():
        service.swap(grouping, {one, other}, grouping.version)
    after = groups_of(grouping)
    assert after["Rot"] == before["Rot"] - {one} | {other}
    assert told("group_changed") == []
    assert publish(grouping) == 6
    assert publish(grouping) == 0
    assert len(told("group")) == 6
    with transaction():
        service.swap(grouping, {one, other}, grouping.version)
    assert groups_of(grouping) == before
    assert sorted(told("group_changed")) == sorted([one, other])


def test_only_two_of_different_groups_can_be_swapped(context: Flask) -> None:
    grouping = divide(add_workshop(context, 6))
    red = groups_of(grouping)["Rot"]
    for people in (red, set(list(red)[:2]), {min(red)}):
        with pytest.raises(RuleBroken, match="Tick two people"), transaction():
            service.swap(grouping, people, grouping.version)


def test_who_stays_where_they_are_is_not_told(context: Flask) -> None:
    grouping = divide(add_workshop(context, 4))
    publish(grouping)
    red = groups_of(grouping)["Rot"]
    assert move(grouping, red, "Rot") == 0
    assert told("group_changed") == []
    assert move(grouping, {*red, *groups_of(grouping)["Blau"]}, "Blau") == 2
    assert sorted(told("group_changed")) == sorted(red)


def test_of_two_editors_the_second_is_shown_what_the_first_did(context: Flask) -> None:
    grouping = divide(add_workshop(context, 4))
    seen = grouping.version
    person = min(groups_of(grouping)["Rot"])
    move(grouping, {person}, "Blau", seen)
    with pytest.raises(Stale) as refused:
        move(grouping, {person}, None, seen)
    assert refused.value.lines == [(registration(person).name, "Blau")]
    assert person in groups_of(grouping)["Blau"]


def test_people_of_other_meetings_and_groups_of_others_are_refused(context: Flask) -> None:
    grouping = divide(add_workshop(context, 4))
    person = min(groups_of(grouping)["Rot"])
    for people, group, words in (
        ({999}, grouping.groups[0].id, "Tick at least one"),
        ({person, 999}, grouping.groups[0].id, "1 of those you ticked no longer has a place"),
        ({person}, 999, "Choose a group"),
    ):
        with pytest.raises(RuleBroken, match=words), transaction():
            service.move(grouping, people, group, grouping.version)


def test_a_new_room_is_told_to_the_group_alone(context: Flask) -> None:
    grouping = divide(add_workshop(context, 4))
    publish(grouping)
    values = {"name": "Rot", "room_id": 1, "link": ""}
    with transaction():
        assert service.update_group(grouping.groups[0], values)
    assert sorted(told("group_changed")) == sorted(groups_of(grouping)["Rot"])
    with transaction():
        assert not service.update_group(grouping.groups[0], values)
    for wrong, words in (({"room_id": 99}, "room of this meeting"), ({"name": "blau"}, "this name already")):
        with pytest.raises(RuleBroken, match=words), transaction():
            service.update_group(grouping.groups[0], values | wrong)


# people come and go ------------------------------------------------------------------------------------


def test_who_cancels_leaves_the_group_and_late_ones_join_the_smallest(context: Flask) -> None:
    edition_id = add_workshop(context, 6)
    grouping = divide(edition_id)
    publish(grouping)
    leaving = min(groups_of(grouping)["Rot"])
    with transaction():
        registrations.cancel(registration(leaving), "participant")
    assert leaving not in groups_of(grouping)["Rot"]
    late = signed_up(edition_id, "late").registration.id
    with transaction():
        assert service.add_late(grouping) == 1
    assert late in groups_of(grouping)["Rot"]
    assert told("group_changed") == [late]
    with transaction():
        assert service.add_late(grouping) == 0


def test_the_letter_names_group_room_and_link_as_they_stand(context: Flask) -> None:
    grouping = divide(add_workshop(context, 2))
    with transaction():
        values = {"name": "Rot", "room_id": 1, "link": "https://meet.example/rot"}
        service.update_group(grouping.groups[0], values)
    publish(grouping)
    [person] = groups_of(grouping)["Rot"]
    letter = letters_to(person, "group")[-1]
    for words in ("ROT", "Saal", "https://meet.example/rot"):
        assert words in letter
    move(grouping, {person}, None)
    assert "keiner Gruppe" in letters_to(person, "group_gone")[-1]


def test_deleting_published_groups_tells_everybody(context: Flask) -> None:
    grouping = divide(add_workshop(context, 3))
    publish(grouping)
    with transaction():
        service.remove(grouping)
    assert len(told("group_gone")) == 3
    assert db.session.scalars(select(Grouping)).all() == []
    assert "keiner Gruppe von „Werkstatt“" in letters_to(told("group_gone")[0], "group_gone")[0]


def test_after_the_meeting_nobody_is_bothered(context: Flask, clock: FrozenClock) -> None:
    grouping = divide(add_workshop(context, 4))
    publish(grouping)
    db.session.rollback()
    ends_at = db.session.get_one(Edition, grouping.edition_id).ends_at
    assert ends_at
    clock.set(ends_at)
    move(grouping, groups_of(grouping)["Rot"], "Blau")
    assert told("group_changed") == []


def letters_to(person: int, kind: str) -> list[str]:
    return [text_of(mail) for row, mail in mails_sent() if row.registration_id == person and row.kind == kind]


# one's own data ----------------------------------------------------------------------------------------


def test_names_are_shown_to_the_group_only_where_somebody_said_so(context: Flask) -> None:
    edition_id = add_workshop(context, 3)
    question = ask(edition_id, Kind.YES_NO)
    with transaction():
        db.session.execute(update(Question).values(purpose=Purpose.NAME_SHOWN))
    one, two, three = keys_of(edition_id)
    answer(question, {one: "yes", two: "no", three: "yes"})
    grouping = divide(edition_id, "Alle")
    publish(grouping)
    [place] = queries.places_of(registration(one))
    assert place.fellows == ["Person 2"]


def test_my_data_names_my_group_and_the_history_nobody(context: Flask) -> None:
    grouping = divide(add_workshop(context, 2))
    publish(grouping)
    [person] = groups_of(grouping)["Rot"]
    assert personal_data(registration(person))["groups"] == [{"division": "Werkstatt", "group": "Rot"}]
    move(grouping, {person}, "Blau")
    entry = db.session.scalars(select(HistoryEntry).filter_by(action="groups.moved")).one()
    assert (entry.registration_id, entry.details) == (person, {"title": "Werkstatt", "group": "Blau"})


def test_a_series_words_the_mail_about_a_group_and_the_group_stays_in_it(app: Flask) -> None:
    edition_id = add_workshop(app, 2)
    with app.app_context():
        with transaction():
            series = db.session.get_one(Edition, edition_id).series
            words = {"de": OwnText("Deine Gruppe bei {edition}", "Moin {name}, hier ist sie.")}
            own_texts.save(series, "group", words)
        grouping = divide(edition_id)
        with transaction():
            service.publish(grouping)
        mail = next(mail for row, mail in mails_sent() if row.kind == "group")
    assert mail["Subject"].startswith("Deine Gruppe bei LabCamp")
    assert "Moin Person" in text_of(mail)
    assert any(name in text_of(mail).lower() for name in ("rot", "blau"))
