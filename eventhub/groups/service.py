"""The verbs of groups. Whoever enters or leaves a group does so here, under the lock of the edition."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from eventhub import clock
from eventhub.agenda.models import Room
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.errors import RuleBroken
from eventhub.extensions import db
from eventhub.facts import EditionErased, OwnDataAsked, PlaceGivenUp, QuestionsTakenOver
from eventhub.groups import mails, queries, rules
from eventhub.groups.models import Balance, Group, Grouping, Membership
from eventhub.history.service import record
from eventhub.registration.models import Registration
from eventhub.web.languages import gettext as _
from eventhub.web.languages import ngettext
from eventhub.web.seen import Stale

MOST_PEOPLE = 2000
"""A larger crowd is not divided by hand and eye."""


RESULT = ("project", "status", "result", "result_link")
"""What members write about their team."""
TOLD = frozenset({"name", "room_id", "link", "topic", "mentor_id"})
"""What members hear about when it changes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an organiser wants of a division."""

    title: str
    names: Sequence[str]
    """The names of the groups; there are as many as names."""
    balance: Balance | None = None
    question_id: int | None = None
    most_of_one: int | None = None
    wish_id: int | None = None
    role_id: int | None = None
    asks_companions: bool = False
    """People may say with whom they would like to be."""


def create(edition: Edition, settings: Settings) -> Grouping:
    """Divide those who have a place into groups; nobody is told before it is published."""
    lock(edition)
    require_free_title(edition, settings.title)
    grouping = Grouping(
        edition=edition,
        title=settings.title,
        balance=settings.balance,
        question_id=settings.question_id,
        most_of_one=settings.most_of_one,
        wish_id=settings.wish_id,
        role_id=settings.role_id,
        asks_companions=settings.asks_companions,
        seed=_lot(),
    )
    grouping.groups = [Group(name=name, position=position) for position, name in enumerate(settings.names)]
    db.session.add(grouping)
    db.session.flush()  # members refer to its key
    _fill(grouping)
    record("groups.proposed", edition_id=edition.id, title=grouping.title, seed=grouping.seed)
    return grouping


def propose(grouping: Grouping) -> None:
    """Divide people anew, with another lot and those who have a place now."""
    lock(grouping.edition)
    _require_allotted(grouping)
    _require_unpublished(grouping)
    grouping.seed = _lot()
    grouping.version += 1
    db.session.execute(delete(Membership).where(Membership.grouping_id == grouping.id))
    _fill(grouping)
    record("groups.proposed", edition_id=grouping.edition_id, title=grouping.title, seed=grouping.seed)


def move(grouping: Grouping, keys: Collection[int], group_id: int | None, seen: int) -> int:
    """Put people into a group, or out of all; return how many changed. `seen` is the version shown."""
    lock(grouping.edition)
    found = _chosen(grouping, keys, seen)
    group = next((one for one in grouping.groups if one.id == group_id), None)
    if group_id is not None and group is None:
        raise RuleBroken(_("Choose a group"), field="to")
    present = queries.memberships(grouping)
    moved = [one for one in found if _group_id(present.get(one.id)) != group_id]
    _put(grouping, moved, dict.fromkeys((one.id for one in moved), group_id))
    return len(moved)


def swap(grouping: Grouping, keys: Collection[int], seen: int) -> None:
    """Let two people change places."""
    lock(grouping.edition)
    found = _chosen(grouping, keys, seen)
    present = queries.memberships(grouping)
    groups = [_group_id(present.get(one.id)) for one in found]
    if len(set(groups)) != 2 or len(found) != 2:
        raise RuleBroken(_("Tick two people of different groups to swap them"))
    one, other = found
    _put(grouping, found, {one.id: groups[1], other.id: groups[0]})


def add_late(grouping: Grouping) -> int:
    """Put everybody who has a place and no group where they fit in; return how many."""
    lock(grouping.edition)
    _require_allotted(grouping)
    people = queries.candidates(grouping)
    present = queries.memberships(grouping)
    persons = {person.id: person for person in queries.persons(grouping, people)}
    late = [one for one in people if one.id not in present]
    filled: list[list[rules.Person]] = [
        [persons[key] for key, one in present.items() if one.group_id == group.id and key in persons]
        for group in grouping.groups
    ]
    targets = {}
    for one in late:
        position = rules.smallest(filled, persons[one.id], grouping.most_of_one)
        filled[position].append(persons[one.id])
        targets[one.id] = grouping.groups[position].id
    _put(grouping, late, targets)
    return len(late)


def update_group(group: Group, values: Mapping[str, Any]) -> bool:
    """Change name, room or link of a group; its members are told once it is published. False: no news."""
    grouping = group.grouping
    lock(grouping.edition)
    if values["name"].casefold() != group.name.casefold() and queries.is_taken(grouping, values["name"]):
        raise RuleBroken(_("Another group has this name already"), field="name")
    room_id = values.get("room_id")
    if room_id is not None and not _is_room_of(grouping.edition, room_id):
        raise RuleBroken(_("Choose a room of this meeting"), field="room_id")
    if values.get("capacity") is not None and values["capacity"] < group.taken_count:
        words = ngettext(
            "%(num)s person is in the team already.",
            "%(num)s people are in the team already.",
            group.taken_count,
        )
        raise RuleBroken(words, field="capacity")
    changed = {name: value for name, value in values.items() if getattr(group, name) != value}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(group, name, value)
    db.session.flush()  # room and mentor are read anew
    db.session.expire(group, ["room", "mentor"])
    grouping.version += 1
    record("groups.changed", edition_id=grouping.edition_id, title=grouping.title, group=group.name)
    if changed.keys() & TOLD:
        mails.changed(grouping, queries.members(group))
    return True


def publish(grouping: Grouping) -> int:
    """Show the groups to everybody in them, and tell them; return how many. Twice is once."""
    lock(grouping.edition)
    lock(grouping)
    if grouping.is_published:
        return 0
    grouping.published_at = clock.now()
    grouping.version += 1
    people = [one.registration for one in queries.memberships(grouping).values()]
    mails.published(grouping, people)
    record("groups.published", edition_id=grouping.edition_id, title=grouping.title, people=len(people))
    return len(people)


def remove(grouping: Grouping) -> None:
    """Delete a division; where it was published, those in a group are told."""
    lock(grouping.edition)
    people = [one.registration for one in queries.memberships(grouping).values()]
    mails.gone(grouping, people)
    record("groups.deleted", edition_id=grouping.edition_id, title=grouping.title)
    db.session.delete(grouping)


def follow_questions(fact: QuestionsTakenOver) -> None:
    """Divide people by the same answers as before."""
    for grouping in db.session.scalars(select(Grouping).where(Grouping.edition_id == fact.edition.id)):
        grouping.question_id = fact.keys.get(grouping.question_id or 0, grouping.question_id)
        grouping.wish_id = fact.keys.get(grouping.wish_id or 0, grouping.wish_id)


def follow_given_up(fact: PlaceGivenUp) -> None:
    """Take somebody who no longer comes out of their groups; their cancellation mail says enough."""
    own = Membership.registration_id == fact.registration.id
    left = select(Membership.group_id).where(own)
    _update_groups(Group.id.in_(left), taken_count=Group.taken_count - 1)
    db.session.execute(delete(Membership).where(own))
    teams = db.session.scalars(select(Group).where(Group.mentor_id == fact.registration.id)).all()
    for team in teams:
        team.mentor_id = None
    db.session.flush()  # the mails no longer name the mentor
    for team in teams:
        mails.changed(team.grouping, queries.members(team))


def _update_groups(which: ColumnElement[bool], **values: Any) -> None:
    db.session.execute(
        update(Group).where(which).values(**values).execution_options(synchronize_session="fetch")
    )


def add_own_groups(fact: OwnDataAsked) -> None:
    """Add the groups that somebody is in, and those that they look after."""
    registration = db.session.get_one(Registration, fact.registration_id)
    fact.found["groups"] = [
        _in_data(place.grouping, place.group) for place in queries.places_of(registration)
    ]
    looked_after = db.session.scalars(select(Group).where(Group.mentor_id == registration.id))
    fact.found["mentored_groups"] = [_in_data(group.grouping, group) for group in looked_after]


def forget_unpublished(fact: EditionErased) -> None:
    """Empty what members wrote about their teams; what everybody may read is published, and stays."""
    hidden = select(Grouping.id).where(
        Grouping.edition_id == fact.edition.id, Grouping.results_public.is_(False)
    )
    _update_groups(Group.grouping_id.in_(hidden), **dict.fromkeys(RESULT, ""))


def _in_data(grouping: Grouping, group: Group) -> dict[str, str]:
    return {"division": grouping.title, "group": group.name}


def _fill(grouping: Grouping) -> None:
    people = queries.candidates(grouping)
    if len(people) > MOST_PEOPLE:
        words = _("So many people can’t be divided into groups. Choose those in one role.")
        raise RuleBroken(words, field="role_id")
    persons = queries.persons(grouping, people)
    found = rules.divide(persons, len(grouping.groups), grouping.seed or 0, grouping.most_of_one)
    for key, position in found.items():
        group_id = grouping.groups[position].id
        db.session.add(Membership(registration_id=key, grouping_id=grouping.id, group_id=group_id))
    _count(grouping)


def _count(grouping: Grouping) -> None:
    db.session.flush()  # all members count
    number = select(func.count()).where(Membership.group_id == Group.id).scalar_subquery()
    _update_groups(Group.grouping_id == grouping.id, taken_count=number)


def _put(grouping: Grouping, people: Sequence[Registration], targets: Mapping[int, int | None]) -> None:
    """Give these people their groups, and tell them where that is published already."""
    if not people:
        return
    own = Membership.registration_id.in_([one.id for one in people])
    db.session.execute(delete(Membership).where(Membership.grouping_id == grouping.id, own))
    names = {group.id: group.name for group in grouping.groups}
    for one in people:
        group_id = targets[one.id]
        if group_id is not None:
            db.session.add(Membership(registration_id=one.id, grouping_id=grouping.id, group_id=group_id))
        record(
            "groups.moved",
            edition_id=grouping.edition_id,
            registration_id=one.id,
            title=grouping.title,
            group=names[group_id] if group_id is not None else None,
        )
    _count(grouping)
    grouping.version += 1
    mails.changed(grouping, [one for one in people if targets[one.id] is not None])
    mails.gone(grouping, [one for one in people if targets[one.id] is None])


def _chosen(grouping: Grouping, keys: Collection[int], seen: int) -> list[Registration]:
    """Return who was ticked, if nobody else has changed the groups since they were shown."""
    _require_allotted(grouping)
    db.session.refresh(grouping)
    found = [one for one in queries.candidates(grouping) if one.id in keys]
    if grouping.version != seen:
        present = queries.memberships(grouping)
        names = {group.id: group.name for group in grouping.groups}
        raise Stale(
            [(one.name, names.get(_group_id(present.get(one.id)) or 0, _("no group"))) for one in found]
        )
    if not found:
        raise RuleBroken(_("Tick at least one person"))
    if len(found) < len(set(keys)):
        number = len(set(keys)) - len(found)
        raise RuleBroken(
            ngettext(
                "%(num)s of those you ticked no longer has a place.",
                "%(num)s of those you ticked no longer have a place.",
                number,
            )
        )
    return found


def _group_id(membership: Membership | None) -> int | None:
    return None if membership is None else membership.group_id


def require_free_title(edition: Edition, title: str) -> None:
    """Raise RuleBroken where other groups of the edition have this title."""
    titles: Iterable[str] = db.session.scalars(
        select(Grouping.title).where(Grouping.edition_id == edition.id)
    )
    if title.casefold() in {one.casefold() for one in titles}:
        raise RuleBroken(_("There are groups of this name already"), field="title")


def _require_allotted(grouping: Grouping) -> None:
    if grouping.is_open:
        raise RuleBroken(_("People choose these teams by themselves."))


def _require_unpublished(grouping: Grouping) -> None:
    if grouping.is_published:
        raise RuleBroken(_("The groups are published. Move single people instead."))


def _is_room_of(edition: Edition, key: int) -> bool:
    return db.session.scalar(select(Room.id).where(Room.id == key, Room.edition_id == edition.id)) is not None


def _lot() -> int:
    return secrets.randbits(32)
