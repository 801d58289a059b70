"""The next edition divides its people as the one before: the same groups, empty and for nobody to see yet."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from eventhub.agenda.models import Room
from eventhub.database import lock
from eventhub.editions.models import Edition
from eventhub.extensions import db
from eventhub.facts import EditionCopied
from eventhub.groups.models import Group, Grouping
from eventhub.questionnaires.queries import definition_of
from eventhub.registration import queries

Keys = Mapping[int, int]
"""The keys of copies, by those of what they were copied from."""


def copy_groups(fact: EditionCopied) -> None:
    """Copy divisions with their groups, rooms and rules. People, links and results belong to one edition.

    Of teams that people form the challenges are copied, each with one team: what people founded is theirs.
    """
    found = db.session.scalars(
        select(Grouping)
        .where(Grouping.edition_id == fact.source.id)
        .order_by(Grouping.id)
        .options(selectinload(Grouping.groups))
    ).all()
    if not found:
        return
    lock(fact.edition)
    roles, questions, rooms = _roles(fact), _questions(fact), _rooms(fact)
    for grouping in found:
        copy = _copied(grouping, fact.edition, roles, questions)
        copy.groups = _teams(grouping) if grouping.is_open else _groups(grouping, rooms)
        db.session.add(copy)
    db.session.flush()
    fact.copied.append(f"groups:{len(found)}")


def _copied(grouping: Grouping, edition: Edition, roles: Keys, questions: Keys) -> Grouping:
    return Grouping(
        edition=edition,
        title=grouping.title,
        kind=grouping.kind,
        role_id=roles.get(grouping.role_id or 0),
        balance=grouping.balance,
        question_id=questions.get(grouping.question_id or 0),
        most_of_one=grouping.most_of_one,
        wish_id=questions.get(grouping.wish_id or 0),
        asks_companions=grouping.asks_companions,
        seed=None if grouping.is_open else secrets.randbits(32),
        capacity=grouping.capacity,
        mentor_role_id=roles.get(grouping.mentor_role_id or 0),
        results_public=grouping.results_public,
    )


def _groups(grouping: Grouping, rooms: Keys) -> list[Group]:
    return [
        Group(name=one.name, position=one.position, room_id=rooms.get(one.room_id or 0))
        for one in grouping.groups
    ]


def _teams(grouping: Grouping) -> list[Group]:
    first = {one.topic: one for one in reversed(grouping.groups)}
    topics = sorted(first.values(), key=lambda one: (one.position, one.id))
    return [
        Group(name=one.topic[:120], topic=one.topic, capacity=grouping.capacity, position=number)
        for number, one in enumerate(topics, 1)
    ]


def _roles(fact: EditionCopied) -> Keys:
    new = {role.slug: role.id for role in queries.roles(fact.edition)}
    return {role.id: new[role.slug] for role in queries.roles(fact.source) if role.slug in new}


def _questions(fact: EditionCopied) -> Keys:
    """Pair the questions: they are the same ones, or copies in the same order."""
    old, new = definition_of(fact.source.asks), definition_of(fact.edition.asks)
    if old is None or new is None:
        return {}
    return {one.id: other.id for one, other in zip(old.questions, new.questions, strict=False)}


def _rooms(fact: EditionCopied) -> Keys:
    def named(edition: Edition) -> dict[str, int]:
        rows = db.session.execute(select(Room.name, Room.id).where(Room.edition_id == edition.id))
        return {row[0]: row[1] for row in rows}

    new = named(fact.edition)
    return {key: new[name] for name, key in named(fact.source).items() if name in new}
