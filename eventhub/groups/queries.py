"""Named reads of groups; their number does not grow with groups or people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from eventhub.database import kept
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.groups.models import Balance, CompanionWish, Group, Grouping, GroupingKind, Membership
from eventhub.groups.rules import Person
from eventhub.organisations.levels import LEVELS
from eventhub.organisations.queries import levels_by_name, plain
from eventhub.questionnaires import rules as questions
from eventhub.questionnaires.models import Answer, Purpose, Question, QuestionVersion
from eventhub.questionnaires.queries import asked
from eventhub.registration.choices import attendance_name, role_title
from eventhub.registration.models import Registration, RegistrationState

MOST_LISTED = 500
"""So many teams or mentors are read with one look."""
Words = Mapping[int, str]
"""What somebody answered, in words, by registration."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is in one division, with what their page and mails show of it."""

    grouping: Grouping
    group: Group
    fellows: Sequence[str]
    """Those of the same group who let others see their names."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A challenge with the number of its teams and of the places that are left in them."""

    title: str
    teams: int
    free: int


def groupings_of(edition: Edition) -> Sequence[Grouping]:
    """Return the divisions of an edition by title, with their groups."""
    return db.session.scalars(
        select(Grouping)
        .where(Grouping.edition_id == edition.id)
        .order_by(func.lower(Grouping.title), Grouping.id)
        .options(selectinload(Grouping.groups).joinedload(Group.room))
    ).all()


def grouping_of(edition: Edition, key: int) -> Grouping | None:
    """Find a division of this edition; one of another edition does not exist here."""
    return db.session.scalar(
        select(Grouping)
        .where(Grouping.edition_id == edition.id, Grouping.id == key)
        .options(selectinload(Grouping.groups).joinedload(Group.room))
    )


def memberships(grouping: Grouping) -> dict[int, Membership]:
    """Return who is in which group, by registration, in the order of their names."""
    rows = db.session.scalars(
        select(Membership)
        .join(Membership.registration)
        .where(Membership.grouping_id == grouping.id)
        .order_by(func.lower(Registration.name), Registration.id)
        .options(contains_eager(Membership.registration))
        .execution_options(populate_existing=True)
    )
    return {row.registration_id: row for row in rows}


def candidates(grouping: Grouping) -> Sequence[Registration]:
    """Return everybody who can be in a group of this division: those with a place, by name."""
    return db.session.scalars(
        _candidates(grouping)
        .order_by(func.lower(Registration.name), Registration.id)
        .options(joinedload(Registration.role))
    ).all()


def _candidates(grouping: Grouping) -> Select[Registration]:
    found = select(Registration).where(
        Registration.edition_id == grouping.edition_id, Registration.state == RegistrationState.CONFIRMED
    )
    return found if grouping.role_id is None else found.where(Registration.role_id == grouping.role_id)


def persons(grouping: Grouping, people: Sequence[Registration]) -> list[Person]:
    """Return what the rules want to know of these people."""
    mixed = balanced(grouping, people)
    wishes = _wishes(grouping)
    companions = _companions(grouping, people)
    return [
        Person(
            one.id,
            one.organisation,
            mixed.get(one.id, ""),
            tuple(wishes.get(one.id, ())),
            tuple(companions.get(one.id, ())),
        )
        for one in people
    ]


def companion_wishes(grouping: Grouping) -> dict[int, list[str]]:
    """Return whom people would like to be in a group with, by registration: addresses and numbers."""
    rows = db.session.execute(
        select(CompanionWish.registration_id, CompanionWish.sought)
        .where(CompanionWish.grouping_id == grouping.id)
        .order_by(CompanionWish.registration_id, CompanionWish.position)
    )
    found: dict[int, list[str]] = {}
    for person, sought in rows:
        found.setdefault(person, []).append(sought)
    return found


def known_as(people: Sequence[Registration]) -> dict[str, Registration]:
    """Return these people by what a wish can name them."""
    return {one.code: one for one in people} | {one.email_key: one for one in people}


def _companions(grouping: Grouping, people: Sequence[Registration]) -> dict[int, list[int]]:
    known = known_as(people)
    return {
        person: [known[one].id for one in sought if one in known]
        for person, sought in companion_wishes(grouping).items()
    }


def own_companions(registration: Registration, grouping: Grouping) -> list[str]:
    """Return whom somebody named, in their order."""
    rows = db.session.scalars(
        select(CompanionWish.sought)
        .where(CompanionWish.registration_id == registration.id, CompanionWish.grouping_id == grouping.id)
        .order_by(CompanionWish.position)
    )
    return list(rows)


def balanced(grouping: Grouping, people: Sequence[Registration]) -> Words:
    """Return in words what is mixed evenly, for each of these people who says something about it."""
    ways: dict[Balance | None, Callable[[], Words]] = {
        None: dict,
        Balance.LEVEL: lambda: _levels(people),
        Balance.ORGANISATION: lambda: {one.id: one.organisation for one in people},
        Balance.ROLE: lambda: {one.id: role_title(one.role) for one in people if one.role},
        Balance.ATTENDANCE: lambda: {
            one.id: attendance_name(one.attendance) for one in people if one.attendance
        },
        Balance.QUESTION: lambda: {
            person: questions.words(question, value)
            for person, (question, value) in _answers(grouping, grouping.question_id).items()
        },
    }
    return {person: words for person, words in ways[grouping.balance]().items() if words}


def _levels(people: Sequence[Registration]) -> Words:
    """Return the level of government of those whose organisation is known here by the name they gave."""
    known = levels_by_name()
    found = {one.id: known.get(plain(one.organisation)) for one in people}
    return {person: str(LEVELS[level]) for person, level in found.items() if level is not None}


def _wishes(grouping: Grouping) -> dict[int, list[int]]:
    """Return the positions of the groups that people wish for: those called like an option they chose."""
    positions = {plain(group.name): position for position, group in enumerate(grouping.groups)}
    found: dict[int, list[int]] = {}
    for person, (question, value) in _answers(grouping, grouping.wish_id).items():
        options = [question.option(key) for key in questions.chosen(value)]
        names = [plain(option.label) for option in options if option]
        found[person] = [positions[name] for name in names if name in positions]
    return found


def _answers(grouping: Grouping, question_id: int | None) -> dict[int, tuple[questions.Asked, str]]:
    if question_id is None:
        return {}
    version = and_(
        QuestionVersion.question_id == Answer.question_id, QuestionVersion.number == Answer.version
    )
    people = _candidates(grouping).with_only_columns(Registration.id)
    rows = db.session.execute(
        select(Answer.registration_id, Answer.value, Question, QuestionVersion)
        .join(Question, Question.id == Answer.question_id)
        .join(QuestionVersion, version)
        .where(Answer.question_id == question_id, Answer.registration_id.in_(people))
    )
    return {row[0]: (asked(row[2], row[3]), row[1]) for row in rows}


def places_of(registration: Registration) -> list[Place]:
    """Return in which published groups somebody is."""
    rows = db.session.execute(
        select(Grouping, Group)
        .join(Group, Group.grouping_id == Grouping.id)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.registration_id == registration.id, Grouping.published_at.is_not(None))
        .order_by(func.lower(Grouping.title), Grouping.id)
        .options(joinedload(Group.room), joinedload(Group.mentor))
        .execution_options(populate_existing=True)
    ).all()
    fellows = _fellows(registration, [group.id for _grouping, group in rows]) if rows else {}
    return [Place(grouping, group, fellows.get(group.id, [])) for grouping, group in rows]


def _fellows(registration: Registration, group_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return who else is in these groups and has said that others may see their name."""
    rows = db.session.execute(
        select(Membership.group_id, Registration.name)
        .join(Membership.registration)
        .join(Answer, Answer.registration_id == Registration.id)
        .join(Question, Question.id == Answer.question_id)
        .where(
            Membership.group_id.in_(group_ids),
            Registration.id != registration.id,
            Question.purpose == Purpose.NAME_SHOWN,
            Answer.value == questions.YES,
        )
        .order_by(func.lower(Registration.name), Registration.id)
    )
    found: dict[int, list[str]] = {}
    for group_id, name in rows:
        found.setdefault(group_id, []).append(name)
    return found


# teams -------------------------------------------------------------------------------------------------


def topics(grouping: Grouping) -> list[Topic]:
    """Return the challenges in the order in which they were set."""
    rows = db.session.execute(
        select(Group.topic, func.count(), func.sum(Group.capacity - Group.taken_count))
        .where(Group.grouping_id == grouping.id)
        .group_by(Group.topic)
        .order_by(func.min(Group.position))
    )
    return [Topic(title, number, int(free or 0)) for title, number, free in rows]


def team(grouping: Grouping, key: int) -> Group | None:
    """Find a team as it is now."""
    return db.session.scalar(_teams(grouping).where(Group.id == key))


def teams(grouping: Grouping, topic: str | None = None) -> Sequence[Group]:
    """Return the teams on one challenge, or all, as they are now."""
    found = _teams(grouping) if topic is None else _teams(grouping).where(Group.topic == topic)
    return db.session.scalars(found.order_by(Group.position, Group.id)).all()


def team_of(registration: Registration, grouping: Grouping) -> Group | None:
    """Return the team that somebody is in."""
    return db.session.scalar(
        _teams(grouping)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.registration_id == registration.id)
    )


def without_mentor(grouping: Grouping) -> Sequence[Group]:
    """Return the teams that have members and nobody who looks after them, those who wait longest first."""
    found = _teams(grouping).where(Group.mentor_id.is_(None), Group.taken_count > 0)
    return db.session.scalars(found.order_by(Group.position, Group.id).limit(MOST_LISTED)).all()


def looked_after(registration: Registration, grouping: Grouping) -> Sequence[Group]:
    """Return the teams that a mentor looks after."""
    found = _teams(grouping).where(Group.mentor_id == registration.id)
    return db.session.scalars(found.order_by(Group.position, Group.id)).all()


def _teams(grouping: Grouping) -> Select[Group]:
    return (
        select(Group)
        .where(Group.grouping_id == grouping.id)
        .options(joinedload(Group.room), joinedload(Group.mentor))
        .execution_options(populate_existing=True)
    )


def is_taken(grouping: Grouping, name: str) -> bool:
    """Tell whether a team has this name already."""
    found = select(Group.id).where(
        Group.grouping_id == grouping.id, func.lower(Group.name) == func.lower(name)
    )
    return db.session.scalar(found.limit(1)) is not None


def membership_of(registration: Registration, grouping: Grouping) -> Membership | None:
    """Return that somebody is in a group of this division."""
    return db.session.scalar(
        select(Membership)
        .where(Membership.registration_id == registration.id, Membership.grouping_id == grouping.id)
        .execution_options(populate_existing=True)
    )


def fellows_in(registration: Registration, group: Group) -> Sequence[str]:
    """Return who else is in a team and lets others see their name."""
    return _fellows(registration, [group.id]).get(group.id, [])


def members(group: Group) -> Sequence[Registration]:
    """Return who is in a group, by name."""
    return db.session.scalars(
        select(Registration)
        .join(Membership, Membership.registration_id == Registration.id)
        .where(Membership.group_id == group.id)
        .order_by(func.lower(Registration.name), Registration.id)
    ).all()


def open_teams(edition: Edition) -> Sequence[Grouping]:
    """Return the teams that participants of an edition form by themselves."""
    return db.session.scalars(
        select(Grouping)
        .where(
            Grouping.edition_id == edition.id,
            Grouping.kind == GroupingKind.OPEN,
            Grouping.published_at.is_not(None),
        )
        .order_by(func.lower(Grouping.title), Grouping.id)
    ).all()


def concern_people(edition_id: int) -> bool:
    """Tell whether people of an edition see groups or are asked about them; mostly known without a read."""

    def read() -> bool:
        shown = or_(Grouping.published_at.is_not(None), Grouping.asks_companions)
        found = exists().where(Grouping.edition_id == edition_id, shown)
        return bool(db.session.scalar(select(found)))

    return kept(("groups that concern people", edition_id), read)


def asking_companions(registration: Registration) -> Sequence[Grouping]:
    """Return the divisions for which somebody may name companions, as long as these are proposals."""
    of_role = or_(Grouping.role_id.is_(None), Grouping.role_id == registration.role_id)
    return db.session.scalars(
        select(Grouping)
        .where(
            Grouping.edition_id == registration.edition_id,
            Grouping.kind == GroupingKind.ALLOTTED,
            Grouping.asks_companions,
            Grouping.published_at.is_(None),
            of_role,
        )
        .order_by(func.lower(Grouping.title), Grouping.id)
    ).all()


def mentors(grouping: Grouping) -> Sequence[Registration]:
    """Return who comes to look after teams, by name."""
    if grouping.mentor_role_id is None:
        return ()
    return db.session.scalars(
        select(Registration)
        .where(
            Registration.edition_id == grouping.edition_id,
            Registration.role_id == grouping.mentor_role_id,
            Registration.state == RegistrationState.CONFIRMED,
        )
        .order_by(func.lower(Registration.name), Registration.id)
        .limit(MOST_LISTED)
    ).all()


def public_results(edition: Edition) -> Sequence[Grouping]:
    """Return the lists of results that everybody may read."""
    return db.session.scalars(
        select(Grouping)
        .where(Grouping.edition_id == edition.id, Grouping.results_public)
        .order_by(func.lower(Grouping.title), Grouping.id)
    ).all()


def results(grouping: Grouping) -> Sequence[Group]:
    """Return the teams that have named their project, by challenge."""
    return db.session.scalars(
        select(Group)
        .where(Group.grouping_id == grouping.id, Group.project != "")
        .order_by(Group.topic, func.lower(Group.project), Group.id)
    ).all()
